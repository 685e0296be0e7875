"""
When two shapes meet
====================

Many of the error messages that you will see in your first weeks with PyTorch are about
shapes. There are two ways in which tensors meet. Element by element, where a short
axis may stretch. And in a matrix product, where two axes are used up. Each has one
rule, and both can be said in a sentence.

You will

* predict the shape of any sum or product of tensors, or that there is none;
* take an error message apart and fix what it complains about;
* see that a stretched tensor takes no memory, and where stretching hurts.

**Before this:** the lesson on strides.
"""

import torch
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# Element by element
# ------------------
# Signs and functions work on each element by itself. Two tensors of one shape pair off.

a = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
b = torch.tensor([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]])
print(a + b)
print(a * b)
print(a.sqrt())

# %%
# Note the product: ``*`` is no matrix product. Each number met the one in its own place.
# Comparisons work alike and give ``bool``, and a ``bool`` tensor picks elements:

print(a > 2.5)
print("the larger ones:", a[a > 2.5].tolist())

# %%
# The question
# ------------
# A number has no axis at all, and yet ``a + 1`` works: the 1 meets every element. Now
# between a number and a full table. A column of two meets a row of three.

column = torch.tensor([[10], [20]])  # (2, 1)
row = torch.tensor([1, 2, 3])  # (3,)
predict(
    "`column` has shape (2, 1), `row` has shape (3,). What is the shape of "
    "`column + row`? And what stands in its lower right corner?",
    f"{tuple((column + row).shape)}; {(column + row)[-1, -1]}",
    because="The column is repeated for each number of the row, the row for each of "
    "the column: 20 + 3.",
)

# %%
# This is *broadcasting*. What has a thick frame is there; the rest is read again.

plotting.broadcasting(
    column, row, title="A column and a row stretch until they have one shape"
)

# %%
# The rule: **write the shapes below each other, right-aligned; where a length is missing
# put 1; two lengths fit if they are equal or one of them is 1.** The 1 stretches.
#
# .. code-block:: text
#
#    column   2  1
#    row         3
#    sum      2  3
#
# By hand
# -------
# Three lines of Python say the same as the rule.


def broadcast_pair(first, second):
    """Return the length that two lengths of an axis make, or complain."""
    if first != second and 1 not in (first, second):
        raise ValueError(f"{first} and {second}: neither equal nor 1")
    return second if first == 1 else first


print([broadcast_pair(2, 1), broadcast_pair(1, 3)])

# %%
# The stretching costs no memory. In the last lesson a stride said how far the next
# element is. Where the next element is the same one, the stride is 0.

wide = column.expand(2, 3)
print("strides:", wide.stride(), "| numbers in memory:", column.numel())
assert wide.data_ptr() == column.data_ptr()
assert_close(wide + row, column + row)

# %%
# Why one would want it
# ---------------------
# Ten thousand pictures, one mean and one scale: nobody writes that loop. Here is the mean
# of each pixel over all pictures, taken away from all of them at once.

photos = datasets.for_role("colour").test.scaled()[:200]  # N, C, H, W
mean = photos.mean(dim=0)  # C, H, W
centred = photos - mean
print(tuple(photos.shape), "-", tuple(mean.shape), "->", tuple(centred.shape))
assert centred.mean(dim=0).abs().max() < 1e-5
lively = photos[photos.std(dim=(1, 2, 3)).argmax()]
plotting.images(
    torch.stack([lively, mean]),
    labels=["one picture", f"the mean of {len(photos)}"],
    title="What is taken away from every picture: hardly more than a tint",
)

# %%
# One mean for each *channel* needs more care.

per_channel = photos.mean(dim=(0, 2, 3))  # C
predict(
    f"`photos` is {tuple(photos.shape)} and `per_channel` is "
    f"{tuple(per_channel.shape)}. Which axis of `photos` would meet the "
    f"{len(per_channel)}?",
    f"the last one, of length {photos.shape[-1]}",
    because="Shapes are aligned at the right, whatever we had in mind.",
)

# %%
# So PyTorch does not do what we meant, and luckily says so:

with expect_error(RuntimeError):
    photos - per_channel

# %%
# Read it: tensor a has so many, tensor b so many, at dimension 3. Counting starts at 0,
# so that is the last axis. We meant axis 1. Two axes of length 1 push the channels
# there.

fixed = per_channel[:, None, None]  # C, 1, 1
centred = photos - fixed
assert centred.mean(dim=(0, 2, 3)).abs().max() < 1e-5
print(tuple(fixed.shape))

# %%
# ``None`` in an index makes an axis of length 1. So does ``keepdim=True``, which leaves
# the axes of a mean in place instead of dropping them. It is the safer habit:

assert_close(photos.mean(dim=(0, 2, 3), keepdim=True)[0], fixed)

# %%
# The first classic error
# -----------------------
# Twelve numbers as three rows of four, and twelve as four rows of three. As many on
# either side, surely they can be added?

tall, broad = torch.ones(4, 3), torch.ones(3, 4)
with expect_error(RuntimeError):
    broad + tall

# %%
# Aligned at the right: 4 meets 3, and neither is 1. The message names the *last* place
# that does not fit (dimension 1); the other is as bad. There are two fixes, and they
# mean different things. Which one is right depends on what the axes stand for, and
# PyTorch cannot know.

swapped = broad + tall.T  # (3, 4): rows and columns change roles
rewalked = broad + tall.reshape(3, 4)  # (3, 4): the same walk, other line breaks
assert swapped.shape == rewalked.shape
tall = torch.arange(12).view(4, 3)
print(tall.T)
print(tall.reshape(3, 4))

# %%
# A transpose moves axes, a reshape counts out anew. Whoever takes the reshape because it
# silences the error has mixed up rows and columns, and no message will ever say so.
#
# Matrix multiplication
# ---------------------
# The sign is ``@``. A row of the first meets a column of the second; their elements are
# multiplied and added. Watch one number come about, 64 = 4*1 + 5*0 + 6*10.

rows = torch.tensor([[1, 2, 3], [4, 5, 6]])  # (2, 3)
columns = torch.tensor([[1, 0], [0, 1], [10, 100]])  # (3, 2)
plotting.matrices(
    [rows, "@", columns],
    roles=["input", "kernel"],
    windows={0: (1, 0, 1, 3), 1: (0, 0, 3, 1)},
    title="Row 1 meets column 0: 64",
)
print(rows @ columns)

# %%
# The axis along which they meet is used up: (2, **3**) @ (**3**, 2) is (2, 2). That
# axis must have one length on both sides, and here nothing stretches. By hand:

product = torch.zeros(2, 2, dtype=torch.int64)
for i in range(2):
    for j in range(2):
        product[i, j] = (rows[i] * columns[:, j]).sum()
assert torch.equal(product, rows @ columns)
assert product[1, 0] == 64

# %%
# The second classic error
# ------------------------
# Two tables of one shape can be multiplied element by element. With ``@``:

left, right = torch.ones(3, 4), torch.ones(3, 4)
with expect_error(RuntimeError):
    left @ right

# %%
# Read the two pairs from the inside: "3x4 and 3x4", and the inner numbers are 4 and 3.
# Transposing one of them makes them meet. Once more, which one is a decision:

predict(
    "`left` and `right` are (3, 4). Which shapes have `left @ right.T` and "
    "`left.T @ right`?",
    f"{tuple((left @ right.T).shape)} and {tuple((left.T @ right).shape)}",
    because="(3, 4) @ (4, 3): the 4 is used up. (4, 3) @ (3, 4): the 3 is.",
)

# %%
# Both rules at once
# ------------------
# A batch of pictures, a matrix for each or one for all: ``@`` multiplies the last two
# axes, and broadcasts whatever stands before them.

batch = torch.randn(7, 2, 3)
assert_close((batch @ torch.ones(3, 5))[4], batch[4] @ torch.ones(3, 5))
predict(
    "What is the shape of (7, 2, 3) @ (3, 5)?",
    tuple((batch @ torch.ones(3, 5)).shape),
    because="Each of the 7 tables is multiplied by the one matrix: (2, 3) @ (3, 5).",
)

# %%
# Where it breaks in silence
# --------------------------
# The dangerous case is the one that raises nothing. A network gives its predictions as
# a column, the true values lie in a row, and we want the error of each.

predicted, true = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([1.0, 2.0, 3.0])
wrong = (predicted - true) ** 2
print(f"shape: {tuple(wrong.shape)} | mean error: {wrong.mean():.2f}")

# %%
# Every prediction is right, and the error is not 0. The column met the row:

plotting.broadcasting(
    predicted,
    true,
    operation="-",
    title="Nine differences come out of three predictions, all of them right",
)

# %%
# A glance at the shape would have shown it. One line repairs it:

right = (predicted.squeeze(1) - true) ** 2  # (3,)
assert right.shape == true.shape
assert right.mean() == 0

# %%
# In the library
# --------------
# ``torch.broadcast_shapes`` knows the rule. It needs no tensors, only shapes.

assert torch.broadcast_shapes((2, 1), (3,)) == (column + row).shape
print(tuple(torch.broadcast_shapes((200, 3, 32, 32), (3, 1, 1))))

# %%
# Takeaways
# ---------
# * Element by element: align shapes at the right; lengths must be equal or 1, and a
#   missing axis counts as 1.
# * A stretched axis has stride 0 and takes no memory.
# * A matrix product uses up the inner axis: (n, k) @ (k, m) is (n, m). Axes before the
#   last two are broadcast.
# * Transpose and reshape both silence errors. They mean different things.
# * Broadcasting a column against a row raises nothing. Look at the shape.
#
# Check yourself
# --------------
# Two shapes below each other: what do they make?

ask("sum_shape")

# %%
# The other rule, where an axis is used up:

ask("product_shape")

# %%
# Exercise
# --------
# Put the rule into a function: from two shapes the shape of their sum, or an error.


def broadcast_shape(first, second):
    """Return the shape of the sum of two tensors; ValueError if there is none."""
    raise NotImplementedError


check("broadcast_shape", broadcast_shape)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("broadcast_shape")

# %%
# References
# ----------
# 1. NumPy. *Broadcasting.* The rule, by those who made it popular.
#    `Documentation <https://numpy.org/doc/stable/user/basics.broadcasting.html>`__
# 2. PyTorch. *Broadcasting semantics.* The same rule, and what happens in place.
#    `Documentation <https://docs.pytorch.org/docs/stable/notes/broadcasting.html>`__
