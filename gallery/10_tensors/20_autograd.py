"""
Every result remembers how it was made
======================================

Learning is changing numbers so that an error becomes smaller. For that we must know,
for each number, which way to change it: the *gradient* of the error. PyTorch finds it
without being told any derivative of our formula, and there is a picture of how it does
that. We draw that picture from PyTorch's own notes, then do the same by hand.

You will

* draw the graph that autograd records, and predict what is in it and what is not;
* derive the gradient of logistic regression on paper and check it in three ways;
* know what adds up in ``.grad``, and what ``no_grad`` and ``detach`` are for.

**Before this:** the lesson on shapes, and the chain rule from school.
"""

import warnings

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# One number, asked to be watched: ``requires_grad=True``. We compute with it as always.

w = torch.tensor(3.0, requires_grad=True)
square = w * w
y = square + 2 * w
print(y)

# %%
# The result is 15, and it carries something: ``grad_fn``. That is the last operation,
# and it knows which ones came before it. Follow the notes back, and draw them.

plotting.graph(
    y,
    names={"w": w, "square": square, "y": y},
    title="From w to y: two ways lead down, and the gradient will need both",
)

# %%
# Boxes are operations, orange is what we asked to watch, green is the result. Arrows go
# from operand to result and never in a circle: a *directed acyclic graph*, DAG. Nobody
# declared it. It grew line by line while Python ran.
#
# Now the gradient. On paper, :math:`y = w^2 + 2w` has the derivative
# :math:`2w + 2`.

y.backward()
predict(
    "`w` was 3. What stands in `w.grad` now?",
    w.grad.item(),
    because="2 * 3 + 2. Along one way the graph found 2w, along the other 2, and it "
    "added them where they met.",
)

# %%
# By hand
# -------
# ``backward`` knows no formula for :math:`y`. It walks the graph from the bottom up and
# multiplies, at each box, what arrives by the derivative of that one box. Where ways
# meet, it adds. All it needs is the derivative of each kind of box.

at_y = 1.0  # dy/dy
at_square, at_twice = at_y * 1, at_y * 1  # a sum hands on what it gets
at_w = at_square * 3 + at_square * 3 + at_twice * 2  # w*w holds w twice
assert at_w == w.grad == 8

# %%
# This is *reverse mode*, or backpropagation. A network of a hundred layers is a longer
# walk, not another method.
#
# A case worth the trouble
# ------------------------
# A hundred points with three features each, and an answer for each: 0 or 1. *Logistic
# regression* weighs the features, adds a bias, and squeezes the sum between 0 and 1:
# :math:`z = x \cdot w + b` and :math:`y = 1 / (1 + e^{-z})`.

generator = torch.Generator().manual_seed(1)
x = torch.randn(100, 3, generator=generator, dtype=torch.float64)  # N, features
noise = torch.randn(100, generator=generator, dtype=torch.float64)
rule = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
y_true = (x @ rule + noise > 0).double()  # (100,): 0 or 1
w = torch.zeros(3, dtype=torch.float64, requires_grad=True)
b = torch.zeros((), dtype=torch.float64, requires_grad=True)

# %%
# *Binary cross-entropy* is the price of each answer: :math:`-\log y` where the truth is
# 1, :math:`-\log (1 - y)` where it is 0. We sum over all points.


def price(y, y_true):
    return -(y_true * torch.log(y) + (1 - y_true) * torch.log(1 - y)).sum()


z = x @ w + b  # (100,)
y = torch.sigmoid(z)  # (100,)
loss = price(y, y_true)
assert_close(loss, F.binary_cross_entropy(y, y_true, reduction="sum"))
print(f"loss {loss.item():.3f} = 100 ln 2")

# %%
# The same picture, this time with arrows the way the gradient goes. ``Mv`` is matrix
# times vector, ``Rsub`` is ``1 - y``.

named = {"w": w, "b": b, "z": z, "y": y, "loss": loss}
plotting.graph(
    loss,
    names=named,
    backward=True,
    title="The loss sends its gradient up, and y collects it from two sides",
)

# %%
# ``x`` and ``y_true`` went into this loss, a few hundred numbers of them.

predict(
    "Where are `x` and `y_true` in the picture?",
    f"nowhere: requires_grad is {x.requires_grad} for both",
    because="Autograd notes only what leads to something it watches. Their values are "
    "kept where a derivative needs them, without a box.",
)

# %%
# On paper
# --------
# We do the walk in letters, for one point. The loss by :math:`y`, from
# :math:`(\log y)' = 1/y`:
#
# .. math::
#    \frac{\partial \mathcal{L}}{\partial y}
#    = -\frac{y_{true}}{y} + \frac{1 - y_{true}}{1 - y}
#
# Over a common denominator the products cancel, and what remains is
#
# .. math::
#    \frac{\partial \mathcal{L}}{\partial y} = \frac{y - y_{true}}{y\,(1 - y)}
#
# The squeezing, and the weighing:
#
# .. math::
#    \frac{\partial y}{\partial z} = y\,(1 - y)
#
# .. math::
#    \frac{\partial z}{\partial w_j} = x_j, \quad \frac{\partial z}{\partial b} = 1
#
# Multiply along the way, and the fraction cancels:
#
# .. math::
#    \frac{\partial \mathcal{L}}{\partial w_j} = (y - y_{true})\, x_j
#
# .. math::
#    \frac{\partial \mathcal{L}}{\partial b} = y - y_{true}
#
# For each *weight* the mistake times its feature, for the bias the mistake alone. Summed
# over all points, that is one matrix product and one sum.

by_paper = x.T @ (y - y_true), (y - y_true).sum()
loss.backward()
assert_close(w.grad, by_paper[0])
assert_close(b.grad, by_paper[1])
print("dloss/dw", w.grad.numpy().round(3), "dloss/db", b.grad.item())

# %%
# The second check uses neither paper nor graph. Nudge one weight and look at the loss:

step = torch.tensor([1e-6, 0.0, 0.0], dtype=torch.float64)
up, down = (price(torch.sigmoid(x @ (w + s) + b), y_true) for s in (step, -step))
print("by a nudge:  ", ((up - down) / 2e-6).item())
print("by autograd: ", w.grad[0].item())

# %%
# The third does that for every input of a function and compares: ``gradcheck``. It needs
# ``float64``; in ``float32`` the difference of two nearly equal losses drowns in
# rounding.


def total(w, b):
    return price(torch.sigmoid(x @ w + b), y_true)


assert torch.autograd.gradcheck(total, (w, b))

# %%
# Where gradients stay
# --------------------
# ``w`` and ``b`` have their ``.grad``. And ``y``, through which all of it went?

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(y.grad)
for sentence in str(caught[0].message).split(". ")[:3]:
    print("warning:", sentence)

# %%
# ``None``, and a warning. ``y`` is no *leaf*: we did not make it, an operation did. Its
# gradient is passed on and forgotten, or every layer's would stay in memory. Who wants to
# see it says so before the walk, by ``retain_grad``.

y = torch.sigmoid(x @ w + b)
y.retain_grad()
price(y, y_true).backward()
assert_close(y.grad, ((y - y_true) / (y * (1 - y))).detach())
print("leaves:", w.is_leaf, b.is_leaf, "| y:", y.is_leaf)

# %%
# That was our formula for :math:`\partial \mathcal{L} / \partial y`. The walk had a side
# effect, however. Since the gradients were last empty, it was the second one.

predict(
    "What is `w.grad` now, compared with the gradient on paper?",
    f"{(w.grad / by_paper[0]).mean().item():.0f} times as large",
    because="`backward` adds to what is there. It never empties.",
)

# %%
# So each new step needs an empty ``.grad``: ``w.grad = None``, or ``zero_grad`` of an
# optimiser. Adding up has its use, too: a batch that does not fit into memory goes in two
# halves, and the sum is the gradient of the whole.

w.grad = b.grad = None
for half in (slice(0, 50), slice(50, 100)):
    price(torch.sigmoid(x[half] @ w + b), y_true[half]).backward()
assert_close(w.grad, by_paper[0])

# %%
# Where it breaks
# ---------------
# Three errors that everybody meets. No one asked for a gradient; a graph was walked twice
# (it gives back its memory on the way); a watched leaf was overwritten.

with expect_error(RuntimeError):
    price(torch.full((2,), 0.5), torch.ones(2)).backward()
with expect_error(RuntimeError):
    again = price(torch.sigmoid(x @ w + b), y_true)
    again.backward()
    again.backward()
with expect_error(RuntimeError):
    w -= 0.01 * w.grad

# %%
# Not watching
# ------------
# The last error forbids what learning must do: change the weights. The change is no
# part of the formula, so we say that nobody is watching: ``no_grad``. With it, the five
# lines of every training are complete.

losses = []
for _ in range(40):
    loss = total(w, b)
    w.grad = b.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.02 * w.grad
        b -= 0.02 * b.grad
    losses.append(loss.item())
plotting.lines(
    range(40),
    {"loss": losses},
    title="Forty steps against the gradient: the loss falls",
    xlabel="step",
    ylabel="loss, summed over 100 points",
)

# %%
# ``detach`` is for a single tensor: the same numbers, without a past. To autograd it is a
# constant from then on, and whatever came before gets no gradient through it.

z = x @ w + b
frozen = torch.sigmoid(z).detach()
assert not frozen.requires_grad
plotting.graph(
    (frozen * z).sum(),
    names={"w": w, "b": b, "z": z},
    title="sigmoid(z) was detached: only the way through z is left",
)

# %%
# In the library
# --------------
# ``torch.autograd.grad`` returns gradients instead of adding them to ``.grad``. The rest
# of the walk is the same one.

found = torch.autograd.grad(total(w, b), (w, b))
y = torch.sigmoid(x @ w + b).detach()
assert_close(found, (x.T @ (y - y_true), (y - y_true).sum()))

# %%
# Takeaways
# ---------
# * Each result notes the operation that made it; together they are a DAG that grows
#   while the program runs.
# * ``backward`` walks it from the result up: multiply by each box's derivative, add where
#   ways meet.
# * For logistic regression the gradient is (y - y_true) x for each weight and
#   y - y_true for the bias.
# * Leaves keep their gradients, and ``backward`` adds to them. Other tensors forget,
#   unless ``retain_grad``.
# * ``no_grad`` is for a stretch of code that nobody watches, ``detach`` for one tensor.
#
# Check yourself
# --------------
# Which terms are watched, and along how many ways?

ask("gradient_of_parts")

# %%
# Read line by line, and keep count:

ask("gradient_that_adds_up")

# %%
# Exercise
# --------
# Be autograd: write the gradient of this loss, for any points, without ``backward``.


def logistic_gradient(x, y_true, w, b):
    """Return the gradients (dw, db) of the summed binary cross-entropy."""
    raise NotImplementedError


check("logistic_gradient", logistic_gradient)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("logistic_gradient")

# %%
# References
# ----------
# 1. D. E. Rumelhart, G. E. Hinton, R. J. Williams. *Learning representations by
#    back-propagating errors.* Nature 323, 1986.
#    `doi:10.1038/323533a0 <https://doi.org/10.1038/323533a0>`__
# 2. A. Paszke and others. *Automatic differentiation in PyTorch.* 2017.
#    `OpenReview <https://openreview.net/forum?id=BJJsrmfCZ>`__
# 3. PyTorch. *Autograd mechanics.* Leaves, saved tensors, ``no_grad``.
#    `Documentation <https://docs.pytorch.org/docs/stable/notes/autograd.html>`__
