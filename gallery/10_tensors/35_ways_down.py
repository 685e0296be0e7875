"""
Ten ways down, and some get lost
================================

The last lesson walked downhill from one start by one rule, and arrived. Was that skill
or luck? Here ten methods begin at the same place and fit the same curve. Some of the
cleverest are lost after a step or two. The cure, *damping*, was found in 1944.

You will

* send ten methods down the same hill and read their verdicts;
* write the Gauss-Newton step, watch it leap off the map, and hold it back;
* see paths on a map of the loss, and what a better start is worth.

**Before this:** the lesson on gradient descent.
"""

import warnings

import torch
from scipy.optimize import curve_fit
from torch import optim
from torch.func import jacfwd
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.teaching import expect_error, predict

noise = 2 * torch.randn(100, generator=torch.Generator().manual_seed(42)).double()
x = torch.linspace(0, 10, 100).double()

# %%
# The question
# ------------
# The same curve, points and start as before, this time as a function that returns the
# hundred *residuals*. What we minimise is the mean of their squares.


def curve(x, p):
    return p[0] * torch.sigmoid(p[1] * (x - p[2]))


def residuals(p):
    return curve(x, p) - y


def mse(p, f=residuals):
    return (f(p) ** 2).mean()


y = curve(x, torch.tensor([10.0, 1.5, 5.0]).double()) + noise  # A, k, x0
start = torch.tensor([5.0, 1.0, -2.0]).double()
print(f"at the start: MSE {mse(start):.2f}")

# %%
# A search that fails has to end *somewhere*. Two places are easy to fall into, and each
# has an MSE by which we know it: a horizontal line, with the sigmoid at 1 everywhere,
# and the zero line, with the sigmoid at 0 everywhere.

marks = {
    "arrived": 3.80,  # the last lesson's result
    "horizontal line": ((y - y.mean()) ** 2).mean().item(),
    "zero line": (y**2).mean().item(),
}
for name, value in marks.items():
    print(f"{name:15} MSE {value:5.2f}")


def verdict(p):
    return min(marks, key=lambda name: abs(marks[name] - mse(p).item()))


def short(p):
    return [round(value, 2) for value in p.tolist()]


# %%
# Eight from the shelf
# --------------------
# PyTorch's optimisers differ in one line of a program, so one function runs them all.
# It counts how often they ask for loss and gradient, because that is what a search
# costs. LBFGS asks several times in a step; 35 steps of it are 700 iterations.


def search(make, steps, f=residuals, start=start):
    p = start.clone().requires_grad_()
    optimizer, path, asked = make([p]), [start], []

    def closure():
        optimizer.zero_grad()
        loss = mse(p, f)
        loss.backward()
        asked.append(loss.item())
        return loss

    for _ in range(steps):
        optimizer.step(closure)
        path.append(p.detach().clone())
    return torch.stack(path), len(asked)


# %%
# The shelf: name, settings, number of steps.

shelf = {
    "gradient descent": (lambda p: optim.SGD(p, 0.05), 700),
    "momentum 0.9": (lambda p: optim.SGD(p, 0.05, momentum=0.9), 700),
    "Nesterov 0.9": (lambda p: optim.SGD(p, 0.05, momentum=0.9, nesterov=True), 700),
    "momentum, rate / 10": (lambda p: optim.SGD(p, 0.005, momentum=0.9), 700),
    "RMSprop": (lambda p: optim.RMSprop(p, 0.05), 700),
    "Adam": (lambda p: optim.Adam(p, 0.05), 700),
    "LBFGS": (optim.LBFGS, 35),
    "LBFGS, Wolfe": (lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe"), 35),
}
searches = {name: search(make, steps) for name, (make, steps) in shelf.items()}
ends = {name: path[-1] for name, (path, _) in searches.items()}
predict(
    "Plain gradient descent arrives. LBFGS also learns how the slope bends, and is the "
    "usual choice for small smooth problems. Which of the two gets nearer with its "
    "default settings?",
    f"gradient descent: MSE {mse(ends['gradient descent']):.2f}, "
    f"LBFGS: {mse(ends['LBFGS']):.2f}",
    because="LBFGS trusts its model of the bend, takes the step that follows from it, "
    "and by default nobody checks whether the loss fell.",
)

# %%
# The verdicts:

for name, (path, asked) in searches.items():
    print(f"{name:20} {asked:4} calls  MSE {mse(path[-1]):5.2f}  {verdict(path[-1])}")
for name in ("gradient descent", "Adam", "LBFGS, Wolfe"):
    assert verdict(ends[name]) == "arrived"

# %%
# Momentum keeps the speed of the first steps and can fly past the point where the curve
# still bends; the same with a tenth of the rate is slower and safer. What saves LBFGS
# is a *line search* that checks each step: the strong Wolfe conditions accept it only
# if the loss has fallen enough and the slope has become flatter.
#
# Here is what the end points look like as curves.

plotting.scatter(
    x,
    y,
    {name: curve(x, ends[name]) for name in ("Adam", "momentum 0.9", "LBFGS")},
    title="Three ends of a search: at the points, on a horizontal line, nearly at zero",
    xlabel="x",
    ylabel="y",
)

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
print(f"after one step: A, k, x0 = {short(p)}, MSE {mse(p):.2f}: {verdict(p)}")

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
    because="Next to 10,000 the curvatures hardly count: d is nearly -J.T @ r / 10,000, "
    "a short step of gradient descent.",
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
assert_close(path[-1], ends["LBFGS, Wolfe"], rtol=0, atol=1e-2)

# %%
# That is *Levenberg-Marquardt*, the tenth way. (Marquardt scales :math:`I` by the
# curvature of each parameter.) After a cautious beginning the end is quick, because
# near the minimum the linear model is nearly right.
#
# A map
# -----
# Three parameters make no map. We hold :math:`A` at 10 and let the methods search for
# the other two, so that the lines below are their true heights and the paths lie on the
# ground.


def on_slice(q):
    return residuals(torch.cat([torch.tensor([10.0]), q]))


ways = {"Levenberg-Marquardt": damped_search(on_slice, start[1:])}
for name in ("gradient descent", "momentum 0.9", "Adam"):
    ways[name], _ = search(*shelf[name], on_slice, start[1:])
one_step = start[1:] + newton_step(on_slice, start[1:])
ways["Gauss-Newton, one step"] = torch.stack([start[1:], one_step])
k, x0 = torch.linspace(-1, 4, 81).double(), torch.linspace(-4, 9, 81).double()
heights = [[mse(torch.stack([a, b]), on_slice) for a in k] for b in x0]
plotting.paths(
    k,
    x0,
    heights,
    ways,
    title="Five ways down on the slice A = 10: lines of equal MSE, ring at the start",
    xlabel="steepness k",
    ylabel="middle x0",
)

# %%
# Follow one path at a time. Near :math:`k = 0` runs a ravine with steep walls, and a
# step that is too long for it bounces from wall to wall. Whoever is thrown over the
# left wall lands on a plain that goes on for ever. Who was?

for name, track in ways.items():
    q = torch.cat([torch.tensor([10.0]), track[-1]])
    print(f"{name:22} MSE {mse(q):5.2f}  k, x0 = {short(track[-1])}")

# %%
# A better start
# --------------
# All this trouble came from a start at which the curve is flat over the points. The
# points themselves suggest a better one: the largest is a height, the place in the
# middle a middle.

informed = torch.stack([y.max(), torch.tensor(1.0), x.median()])
p = informed
for _ in range(10):
    p = p + newton_step(residuals, p)
print(f"undamped Gauss-Newton, ten steps: MSE {mse(p):.2f}, {verdict(p)}")

# %%
# The method that could not take a second step is now done in ten. And SciPy's
# ``curve_fit``, which uses Levenberg-Marquardt, has a default start too: ones.


def stable(x, *p):
    return curve(torch.as_tensor(x), p).numpy()


for name, first in {"ones": [1.0, 1.0, 1.0], "informed": informed.tolist()}.items():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns that it knows no standard errors.
        by_scipy = torch.from_numpy(curve_fit(stable, x, y, p0=first)[0])
    print(f"curve_fit from {name:8} MSE {mse(by_scipy):5.2f}, {verdict(by_scipy)}")
assert_close(by_scipy, path[-1], rtol=0, atol=1e-3)

# %%
# Takeaways
# ---------
# * The same loss and the same start, and the method decides whether a search arrives.
#   So does the start, with the same method.
# * A long step needs somebody who checks it: a line search, or damping that grows when
#   the loss did not fall.
# * Levenberg-Marquardt is between gradient descent and Gauss-Newton, and moves from one
#   to the other by itself.
# * Flat ground is the danger, not hills: where a sigmoid saturates, no gradient leads
#   back.
# * Networks have millions of parameters and no room for :math:`J^\top J`. They use
#   first-order methods, small steps and careful starts; you know now what these
#   replace.
#
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
# 3. J. Nocedal, S. Wright. *Numerical Optimization.* 2nd edition, Springer, 2006.
#    Wolfe's conditions in chapter 3, least squares in chapter 10.
# 4. I. Sutskever and others. *On the importance of initialization and momentum in deep
#    learning.* ICML 2013. `Paper <https://proceedings.mlr.press/v28/sutskever13.html>`__
