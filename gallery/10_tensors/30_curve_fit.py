"""
Gradient descent finds a curve
==============================

Three numbers bend a curve. We are given a hundred noisy points of one curve, and none
of the three numbers. On this page a short loop finds them: ask which way is down, take
a small step, ask again. A network with millions of numbers is trained by the same loop.

You will

* derive the update of each parameter on paper, and check it against autograd;
* write gradient descent without an optimiser, with a rule for when to stop;
* break it in four ways: steps too long, steps too short, gradients never cleared,
  numbers too large for ``exp``.

**Before this:** the lesson on autograd.
"""

import numpy as np
import torch
from scipy.optimize import curve_fit
from scipy.special import expit
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

noise = 2 * torch.randn(100, generator=torch.Generator().manual_seed(42))  # sd 2
x = torch.linspace(0, 10, 100)

# %%
# The question
# ------------
# Something grows, fast at first and then no more: a population, a rumour, a market.
# The *logistic curve* has a final height :math:`A`, a steepness :math:`k`, and a place
# :math:`x_0` where half the height is reached:
#
# .. math::
#    f(x) = \frac{A}{1 + e^{-k (x - x_0)}} = A\, \sigma\big(k (x - x_0)\big)
#
# We choose the true numbers, add noise, and from here on pretend not to know them.


def curve(x, p):
    height, steepness, middle = p
    return height * torch.sigmoid(steepness * (x - middle))


true = torch.tensor([10.0, 1.5, 5.0])  # A, k, x0
y = curve(x, true) + noise
start = torch.tensor([5.0, 1.0, -2.0])
plotting.scatter(
    x,
    y,
    {"true curve": curve(x, true), "where we start": curve(x, start)},
    title="A hundred noisy points, the curve behind them, and a poor first guess",
    xlabel="x",
    ylabel="y",
    roles={"true curve": "neutral", "where we start": "output"},
)

# %%
# How poor is the guess? We ask the *mean squared error*, MSE: the distance from each
# point to the curve, squared, on average. Three points first, so that the numbers can
# be followed.

few = torch.tensor([0, 50, 99])
guess, point = curve(x, start)[few], y[few]
print(torch.stack([guess, point, (guess - point) ** 2]))  # rows: curve, points, squares


def mse(p):
    return ((curve(x, p) - y) ** 2).mean()


predict(
    "The noise has standard deviation 2. Which MSE should the true curve have, "
    "about? And is it larger or smaller for the first guess?",
    f"true curve {mse(true):.2f}, first guess {mse(start):.2f}",
    because="Squared noise is 4 on average. These hundred draws happen to have a "
    "little less. We call it the floor.",
)

# %%
# By hand
# -------
# Which way is down? Write :math:`s_i = \sigma(k(x_i - x_0))` and
# :math:`r_i = A s_i - y_i`. The sigmoid has the derivative :math:`s_i (1 - s_i)`, and
# the chain rule does the rest. A *learning rate* :math:`\eta` turns slopes into steps:
#
# .. math::
#    A &\leftarrow A - \eta\, \frac{2}{n} \sum_i r_i\, s_i \\
#    k &\leftarrow k - \eta\, \frac{2}{n} \sum_i r_i\, A s_i (1 - s_i)\,(x_i - x_0) \\
#    x_0 &\leftarrow x_0 + \eta\, \frac{2}{n} \sum_i r_i\, A s_i (1 - s_i)\, k
#
# The plus in the last line is no slip: moving the middle to the right lowers the curve.
# In code, the three slopes side by side, and the same from autograd:

height, steepness, middle = start
s = torch.sigmoid(steepness * (x - middle))  # (100,)
r = height * s - y  # (100,)
bend = height * s * (1 - s)  # (100,)
slopes = torch.stack([s, bend * (x - middle), -bend * steepness])  # (3, 100)
by_hand = 2 * (slopes * r).mean(dim=1)

p = start.clone().requires_grad_()
mse(p).backward()
assert_close(by_hand, p.grad)
predict(
    "`slopes` holds a number for each parameter and each point. "
    "Which shapes have `slopes * r` and `p.grad`?",
    f"{tuple((slopes * r).shape)} and {tuple(p.grad.shape)}",
    because="r is broadcast along the three rows; the mean over points leaves one "
    "number for each parameter.",
)

# %%
# The loop
# --------
# Loss, gradients, step, clear. The step happens under ``no_grad``, because changing a
# parameter is no part of the curve. Gradients are *added* to what ``.grad`` holds, so
# we zero them by hand. And we stop when the slope is nearly level in all directions.


def descend(lr, steps=700, level=1e-3, clear=True, every=0):
    p = start.clone().requires_grad_()
    path, losses = [], []
    for step in range(steps + 1):
        loss = mse(p)
        path.append(p.detach().clone())
        losses.append(loss.item())
        if every and step % every == 0:
            print(f"step {step:3}: MSE {losses[-1]:6.3f}  A, k, x0 = {path[-1]}")
        loss.backward()
        if p.grad.norm() < level:
            break
        with torch.no_grad():
            p -= lr * p.grad
        if clear:
            p.grad.zero_()
    return torch.stack(path), losses


path, losses = descend(lr=0.05, every=50)
print(f"stopped after {len(losses) - 1} of 700 steps")

# %%
# Why not stop when the loss hardly falls any more? Because the way down is bumpy. That
# rule would have given up almost at once, on a steep slope:

gains = -torch.tensor(losses).diff()
early = int((gains < 0.1).nonzero()[0])
steepness_there = torch.func.grad(mse)(path[early]).norm()
print(f"step {early + 1}: MSE from {losses[early]:.2f} to {losses[early + 1]:.2f},")
print(f"while the gradient's norm is {steepness_there:.1f}")

# %%
# The fit
# -------
# Let all 700 steps run, without a stopping rule, and compare.

path, losses = descend(lr=0.05, level=0.0)
found = path[-1]
print("found", found, "true", true)
print(f"MSE {losses[-1]:.3f}, floor {mse(true):.3f}")
assert_close(losses[-1], 3.80, atol=0.01, rtol=0)
assert_close(mse(true).item(), 3.87, atol=0.01, rtol=0)

# %%
# The fit lies *below* the floor. Is it better than the truth? On these hundred points,
# yes: it was chosen as the best curve for them, the true curve was one of those it was
# chosen from, and the noise has been fitted a little as well. The honest question is
# how it does on points that it has not seen: a thousand new draws of the noise.

again = torch.Generator().manual_seed(0)
fresh = curve(x, true) + 2 * torch.randn(1000, 100, generator=again)
fitted, truth = (((curve(x, p) - fresh) ** 2).mean() for p in (found, true))
print(
    f"fresh points: MSE {fitted:.3f} of the fitted curve, {truth:.3f} of the true one"
)
assert truth < fitted

# %%
# There the truth wins. A training loss flatters whoever was trained on it; remember
# that when we train networks. Now watch the steps: at first they seem to lead nowhere,
# then the middle moves to the right place, and the height comes last.

shown = [0, 10, 30, 50, 60, 70, 80, 90, 100, 120, 150, 200, 300, 700]
plotting.fit_animation(
    x,
    y,
    torch.stack([curve(x, path[k]) for k in shown]),
    captions=[f"step {k}, MSE {losses[k]:.2f}" for k in shown],
    reference=curve(x, true),
    title="The curve bends, wanders to the points and settles",
    xlabel="x",
    ylabel="y",
    still=6,
)

# %%
# Turn one knob
# -------------
# The learning rate is the knob. Before you look: what does a smaller one cost, and what
# does a larger one risk?

rates = (0.001, 0.01, 0.05, 0.2)
runs = {f"{lr:g}": descend(lr, level=0.0) for lr in rates}
plotting.lines(
    range(701),
    {f"rate {name}": losses for name, (_, losses) in runs.items()},
    title="Loss at each step: a small rate crawls, a large one is thrown about",
    xlabel="step",
    ylabel="MSE",
)

# %%
# Where has each of them ended?

for name, (ends, losses) in runs.items():
    print(f"rate {name:5}  MSE {losses[-1]:6.2f}  A, k, x0 = {ends[-1]}")
flat = ((y - y.mean()) ** 2).mean()
print(f"a horizontal line through the mean of y: MSE {flat:.2f}")

# %%
# The smallest rate is on its way and needs patience. A run that ends at the MSE of the
# horizontal line has jumped too far: its curve has done all its bending before the
# first point. There every :math:`s_i` is 1, so that :math:`s_i (1 - s_i)` is 0 in the
# formulas above: no slope in :math:`k` nor in :math:`x_0`, and no way back. The loss is
# not low there. It is flat.
#
# Where it breaks
# ---------------
# Forget to clear the gradients, and each step adds all slopes since the beginning.

lost, _ = descend(lr=0.05, steps=100, level=0.0, clear=False)
predict(
    "Same start, same rate, gradients never zeroed. Where is the search after a "
    "hundred steps: near 3.80, somewhat above, or lost?",
    f"MSE {mse(lost[-1]):.2f} at A, k, x0 = {[round(v) for v in lost[-1].tolist()]}",
    because="The sum of old slopes keeps pushing where they once pointed. No error is "
    "raised: a loop that learns nothing is all that one sees.",
)

# %%
# The other trap is in the formula itself. Written as it stands, :math:`e^{-k(x - x_0)}`
# leaves the range of numbers, however harmless the result would be.

steep = 150.0 * (0.0 - 5.0)  # k = 150, x = 0, x0 = 5
with expect_error(FloatingPointError), np.errstate(over="raise"):
    10.0 / (1 + np.exp(-steep))
print("expit gives", 10.0 * expit(steep))

# %%
# ``torch.sigmoid`` and SciPy's ``expit`` choose the form that cannot overflow.
#
# In the library
# --------------
# For three parameters nobody would descend by hand. SciPy's ``curve_fit`` asks for the
# function and a start, and finds the same minimum.


def stable(x, height, steepness, middle):
    return height * expit(steepness * (x - middle))


by_scipy, covariance = curve_fit(stable, x.numpy(), y.numpy(), p0=start.tolist())
errors = covariance.diagonal() ** 0.5
for name, value, error in zip(("A", "k", "x0"), by_scipy, errors, strict=True):
    print(f"{name:2} = {value:7.4f} +- {error:.2f}")
assert_close(found.double(), torch.from_numpy(by_scipy), rtol=0, atol=1e-3)

# %%
# The last column is worth having: a standard error for each parameter. The true values
# should lie within two or so. How SciPy got there in far fewer steps is the subject of
# the lesson on damping.
#
# PyTorch's optimiser for plain gradient descent takes the very steps of our loop:

p = start.clone().requires_grad_()
optimizer = torch.optim.SGD([p], lr=0.05)
for _ in range(10):
    optimizer.zero_grad()
    mse(p).backward()
    optimizer.step()
assert_close(p.detach(), path[10])

# %%
# Takeaways
# ---------
# * Gradient descent is four lines: loss, backward, step, clear. Only the loss knows
#   what is being fitted.
# * The loss may stall or rise for a while on the way down. A level slope is a better
#   sign to stop than a small gain.
# * A fit beats the true curve on the points it was fitted to, and loses to it on fresh
#   ones.
# * A learning rate that is too small wastes steps. One that is too large may land where
#   the gradient is zero, and stay.
# * Uncleared gradients and overflowing exponentials raise nothing unless you ask.
#
# Check yourself
# --------------
# Two steps of the loop, by head.

ask("two_steps")

# %%
# And many steps: what decides how they end?

ask("fate_by_rate")

# %%
# Exercise
# --------
# A straight line has two parameters. Fit it with a loop of your own, from (0, 0).


def fit_line(x, y, lr, steps):
    """Fit y = a*x + b by gradient descent from (0, 0): return tensor([a, b])."""
    raise NotImplementedError


check("fit_line", fit_line)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("fit_line")

# %%
# References
# ----------
# 1. P.-F. Verhulst. *Notice sur la loi que la population suit dans son accroissement.*
#    Correspondance mathématique et physique 10, 1838. The logistic curve.
# 2. A. Cauchy. *Méthode générale pour la résolution des systèmes d'équations
#    simultanées.* Comptes rendus 25, 1847. Gradient descent, for astronomy.
# 3. SciPy. `scipy.optimize.curve_fit
#    <https://docs.scipy.org/doc/scipy/reference/generated/scipy.optimize.curve_fit.html>`__
