"""
Eight ways down, and some get lost
==================================

The last lesson walked downhill from one start by one rule, and arrived. Was that skill
or luck? Here eight methods begin at the same place and fit the same curve. Some of the
best-known get lost, and a map of the loss shows where they were thrown off.

You will

* write the momentum step, and check it against PyTorch's;
* send eight methods down the same hill and read their verdicts;
* see paths on a map of the loss, and what a better start is worth.

**Before this:** the lesson on gradient descent.
"""

import warnings

import torch
from scipy.optimize import curve_fit
from torch import optim
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

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
# By hand: momentum
# -----------------
# Gradient descent forgets each step at once. *Momentum* keeps a velocity :math:`v`: it
# is multiplied by 0.9, the new slope is added, and the step goes against the velocity.

p, v = start.clone(), torch.zeros(3).double()
for _ in range(20):
    v = 0.9 * v + torch.func.grad(mse)(p)
    p = p - 0.05 * v

q = start.clone().requires_grad_()
optimizer = optim.SGD([q], lr=0.05, momentum=0.9)
for _ in range(20):
    optimizer.zero_grad()
    mse(q).backward()
    optimizer.step()
assert_close(p, q.detach())
predict(
    "The slope stays 1 for a long time. Which velocity does momentum 0.9 approach?",
    f"{sum(0.9**k for k in range(1000)):.0f}",
    because="1 + 0.9 + 0.81 + ... = 1 / (1 - 0.9). On a steady slope the steps become "
    "ten times as long.",
)

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
# A map
# -----
# Three parameters make no map. We hold :math:`A` at 10 and let the methods search for
# the other two, so that the lines below are their true heights and the paths lie on the
# ground.


def on_slice(q):
    return residuals(torch.cat([torch.tensor([10.0]), q]))


ways = {}
for name in ("gradient descent", "momentum 0.9", "Adam"):
    ways[name], _ = search(*shelf[name], on_slice, start[1:])
k, x0 = torch.linspace(-1, 4, 81).double(), torch.linspace(-4, 9, 81).double()
heights = [[mse(torch.stack([a, b]), on_slice) for a in k] for b in x0]
plotting.paths(
    k,
    x0,
    heights,
    ways,
    title="Three ways down on the slice A = 10: lines of equal MSE, ring at the start",
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
# middle a middle. SciPy's ``curve_fit`` has a default start too: ones.


def stable(x, *p):
    return curve(torch.as_tensor(x), p).numpy()


informed = [y.max().item(), 1.0, x.median().item()]
for name, first in {"ones": [1.0, 1.0, 1.0], "the points": informed}.items():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns that it knows no standard errors.
        by_scipy = torch.from_numpy(curve_fit(stable, x, y, p0=first)[0])
    print(f"curve_fit from {name:10} MSE {mse(by_scipy):5.2f}, {verdict(by_scipy)}")
assert_close(by_scipy, ends["LBFGS, Wolfe"], rtol=0, atol=1e-2)

# %%
# And the eight from the shelf, with the settings they had before?

lost = 0
for make, steps in shelf.values():
    path, _ = search(make, steps, start=torch.tensor(informed).double())
    lost += verdict(path[-1]) != "arrived"
predict(
    "Of the eight from the shelf, how many are lost from the better start?",
    f"{lost} of {len(shelf)}",
    because="Near enough to the valley, the loss is a bowl, and all of them can walk "
    "down a bowl.",
)

# %%
# Takeaways
# ---------
# * The same loss and the same start, and the method decides whether a search arrives.
#   So does the start, with the same method.
# * Momentum makes steps ten times as long on a steady slope: the rate that suits plain
#   gradient descent may be too large for it.
# * A long step needs somebody who checks it, such as a line search.
# * Flat ground is the danger, not hills: where a sigmoid saturates, no gradient leads
#   back.
#
# Check yourself
# --------------
# First gather speed on a steady slope:

ask("momentum_place")

# %%
# Then look for flat ground.

ask("who_moves")

# %%
# Exercise
# --------
# Write one step of momentum.


def momentum_step(p, v, slope, lr, momentum):
    """Return (p, v) after one step: new velocity first, then a step against it."""
    raise NotImplementedError


check("momentum_step", momentum_step)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("momentum_step")

# %%
# References
# ----------
# 1. B. Polyak. *Some methods of speeding up the convergence of iteration methods.* USSR
#    Computational Mathematics and Mathematical Physics 4, 1964. Momentum.
# 2. D. Kingma, J. Ba. *Adam: A Method for Stochastic Optimization.* ICLR 2015.
#    `arXiv:1412.6980 <https://arxiv.org/abs/1412.6980>`__
# 3. J. Nocedal, S. Wright. *Numerical Optimization.* 2nd edition, Springer, 2006. Line
#    searches and Wolfe's conditions in chapter 3.
# 4. I. Sutskever and others. *On the importance of initialization and momentum in deep
#    learning.* ICML 2013. `Paper <https://proceedings.mlr.press/v28/sutskever13.html>`__
