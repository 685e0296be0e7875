"""
Damping holds a leap back
=========================

Gradient descent knows which way is down. A sum of squares knows more: how each residual
bends to each parameter. The Gauss-Newton step uses it, and from a poor start it leaps
off the map. *Damping*, found in 1944, holds it back. The two together find the curve in
far fewer steps.

You will

* take the slopes of a hundred residuals in three passes, by forward mode;
* watch an undamped step get lost, and say why from two numbers;
* write Levenberg-Marquardt in ten lines, and compare it with gradient descent.

**Before this:** eight ways down the same hill.
"""

import warnings

import torch
from scipy.optimize import least_squares
from torch.func import grad, jacfwd
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

noise = 2 * torch.randn(100, generator=torch.Generator().manual_seed(42)).double()
x = torch.linspace(0, 10, 100).double()

# %%
# The question
# ------------
# The logistic curve, its points and the poor start once more. A search that is lost
# ends at the MSE of the zero line, where every sigmoid is 0.


def curve(x, p):
    return p[0] * torch.sigmoid(p[1] * (x - p[2]))


def residuals(p):
    return curve(x, p) - y


def mse(p, f=residuals):
    return (f(p) ** 2).mean()


def short(p):
    return [round(value, 2) for value in p.tolist()]


y = curve(x, torch.tensor([10.0, 1.5, 5.0]).double()) + noise  # A, k, x0
start = torch.tensor([5.0, 1.0, -2.0]).double()
print(f"start: MSE {mse(start):.2f}, zero line: MSE {(y**2).mean():.2f}")

# %%
# By hand: Gauss-Newton
# ---------------------
# A sum of squares has more to offer than its gradient. Near :math:`p`, each residual is
# nearly linear, :math:`r(p + d) \approx r + J d`, where :math:`J` holds the slope of
# each residual in each parameter. The best :math:`d` for the linear model solves
#
# .. math::
#    J^\top J\, d = -J^\top r
#
# We have three inputs and a hundred outputs. *Forward mode* needs one pass for each
# input, reverse mode one for each output.

with warnings.catch_warnings():  # of TorchScript, inside PyTorch
    warnings.simplefilter("ignore", FutureWarning)
    J = jacfwd(residuals)(start)
predict(
    "Which shapes have `J`, `J.T @ J` and `J.T @ r`? And how many passes does forward "
    "mode save?",
    f"{tuple(J.shape)}, {tuple((J.T @ J).shape)}, "
    f"{tuple((J.T @ residuals(start)).shape)}; {J.shape[1]} passes instead of "
    f"{J.shape[0]}",
    because="A row for each residual, a column for each parameter.",
)

# %%
# The step, with a term ``damping`` that is 0 for now:


def newton_step(f, p, damping=0.0):
    J, r = jacfwd(f)(p), f(p)
    return torch.linalg.solve(J.T @ J + damping * torch.eye(len(p)), -J.T @ r)


p = start + newton_step(residuals, start)
print(f"after one step: A, k, x0 = {short(p)}, MSE {mse(p):.2f}")

# %%
# One step, and the search is so far out that every sigmoid is exactly 0. All slopes are
# 0, and the next step would divide by them:

with expect_error(RuntimeError):
    newton_step(residuals, p)

# %%
# Why so far? Compare the curvature in its steepest and in its flattest direction.

flat, *_, steep = torch.linalg.eigvalsh(J.T @ J)
print(f"steepest {steep:.1f}, flattest {flat:.3f}: {steep / flat:.0f} times less")

# %%
# The step divides by curvature. Where there is hardly any, it is long, far longer than
# the linear model can be trusted.
#
# Damping
# -------
# Levenberg (1944) adds a number :math:`\lambda` to all curvatures:
#
# .. math::
#    (J^\top J + \lambda I)\, d = -J^\top r
#
# With a small :math:`\lambda` that is Gauss-Newton. And with a large one?

cautious = newton_step(residuals, start, 10_000.0)
downhill = -J.T @ residuals(start)
cosine = torch.cosine_similarity(cautious, downhill, dim=0)
predict(
    "With a damping of 10,000, how long is the step, and where does it point?",
    f"length {cautious.norm():.4f}; the cosine of its angle to the negative gradient "
    f"is {cosine:.4f}",
    because="Next to 10,000 the curvatures hardly count: d is nearly "
    "-J.T @ r / 10,000, a short step of gradient descent.",
)

# %%
# Between the two lies a whole family of steps:

for damping in (0.0, 1.0, 100.0, 10_000.0):
    d = newton_step(residuals, start, damping)
    print(f"damping {damping:7}: length {d.norm():8.4f}  MSE {mse(start + d):5.2f}")

# %%
# The rule that makes it a method: take the step if the loss falls, and trust the model
# more; otherwise stay, and trust it less.


def damped_search(f, p, damping=1.0, steps=40):
    path = [p]
    for _ in range(steps):
        trial = p + newton_step(f, p, damping)
        if mse(trial, f) < mse(p, f):
            p, damping = trial, damping / 10
        else:
            damping = damping * 10
        path.append(p)
    return torch.stack(path)


path = damped_search(residuals, start)
for k in (0, 5, 10, 12, 14, 16, 18, 20):
    print(f"step {k:2}: MSE {mse(path[k]):6.3f}  A, k, x0 = {short(path[k])}")

# %%
# That is *Levenberg-Marquardt*, as curve-fitting programs use it. (Marquardt scales
# :math:`I` by the curvature of each parameter.) After a cautious beginning the end is
# quick, because near the minimum the linear model is nearly right. Beside it, as many
# steps of plain gradient descent:

walk = [start]
for _ in range(40):
    walk.append(walk[-1] - 0.05 * grad(mse)(walk[-1]))
plotting.lines(
    range(41),
    {
        "gradient descent": [mse(p) for p in walk],
        "Levenberg-Marquardt": [mse(p) for p in path],
    },
    title="Forty steps each: the damped search arrives, gradient descent is on its way",
    xlabel="step",
    ylabel="MSE",
)

# %%
# The damped curve never rises, because a step that would raise it is not taken.

predict(
    "`damped_search` made 40 trials for three parameters. Which shape has `path`, and "
    "in how many rows did nothing move?",
    f"{tuple(path.shape)}; {int((path.diff(dim=0) == 0).all(dim=1).sum())} rows",
    because="The start is a row too. Where the loss did not fall, the search stays; "
    "and at the end it cannot fall any more.",
)

# %%
# A map
# -----
# Again we hold :math:`A` at 10, search for the other two, and draw the ground. Gradient
# descent walks along for comparison.


def on_slice(q):
    return residuals(torch.cat([torch.tensor([10.0]), q]))


walk = [start[1:]]
for _ in range(700):
    walk.append(walk[-1] - 0.05 * grad(lambda q: mse(q, on_slice))(walk[-1]))
one_step = start[1:] + newton_step(on_slice, start[1:])
k, x0 = torch.linspace(-1, 4, 81).double(), torch.linspace(-4, 9, 81).double()
heights = [[mse(torch.stack([a, b]), on_slice) for a in k] for b in x0]
plotting.paths(
    k,
    x0,
    heights,
    {
        "gradient descent, 700 steps": torch.stack(walk),
        "Gauss-Newton, one step": torch.stack([start[1:], one_step]),
        "Levenberg-Marquardt, 40 steps": damped_search(on_slice, start[1:]),
    },
    title="On the slice A = 10: one leaps off the map, one is held back, one walks",
    xlabel="steepness k",
    ylabel="middle x0",
)

# %%
# A better start
# --------------
# From a start that the points suggest, their largest value and their middle, the linear
# model is good enough to be trusted at once:

p = torch.stack([y.max(), torch.tensor(1.0), x.median()])
for _ in range(10):
    p = p + newton_step(residuals, p)
print(f"undamped Gauss-Newton, ten steps: MSE {mse(p):.2f} at {short(p)}")
assert_close(p, path[-1], rtol=0, atol=1e-3)

# %%
# The method that could not take a second step is now done in ten. SciPy's
# Levenberg-Marquardt, on which ``curve_fit`` stands, needs no better start than we did:

by_scipy = least_squares(
    lambda q: residuals(torch.from_numpy(q)).numpy(), start.numpy(), method="lm"
)
print(f"SciPy: MSE {2 * by_scipy.cost / len(x):.2f} after {by_scipy.nfev} evaluations")
assert_close(torch.from_numpy(by_scipy.x), path[-1], rtol=0, atol=1e-3)

# %%
# Takeaways
# ---------
# * The residuals' slopes :math:`J` give a linear model, and the model a step. Where the
#   model has hardly any curvature, the step is far too long.
# * Damping adds curvature: with a lot of it, the step is a short one of gradient
#   descent; with none, it is Gauss-Newton's.
# * Levenberg-Marquardt moves between the two by itself: more trust when the loss falls,
#   less when it does not.
# * Few inputs and many outputs: forward mode.
# * Networks have millions of parameters and no room for :math:`J^\top J`. They use
#   first-order methods, small steps and careful starts; you know now what these
#   replace.
#
# Check yourself
# --------------
# The step, small enough for the head:

ask("damped_leap")

# %%
# And the rule that chooses the damping:

ask("damping_after")

# %%
# Exercise
# --------
# Write the damped step, from a Jacobian and residuals.


def damped_step(J, r, damping):
    """Return d of (J.T @ J + damping * I) d = -J.T @ r, for J (n, m) and r (n,)."""
    raise NotImplementedError


check("damped_step", damped_step)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("damped_step")

# %%
# References
# ----------
# 1. K. Levenberg. *A method for the solution of certain non-linear problems in least
#    squares.* Quarterly of Applied Mathematics 2, 1944.
# 2. D. Marquardt. *An algorithm for least-squares estimation of nonlinear parameters.*
#    Journal of SIAM 11, 1963.
# 3. J. Nocedal, S. Wright. *Numerical Optimization.* 2nd edition, Springer, 2006. Least
#    squares in chapter 10.
