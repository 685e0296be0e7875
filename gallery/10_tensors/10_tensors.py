"""
A tensor is a row of numbers and a way to walk it
=================================================

Pictures, sounds, the weights of a network: to PyTorch all of them are *tensors*. The
word sounds grander than the thing. A tensor is a row of numbers in memory, and a few
small integers that say how to walk along it. On this page we take that apart, and a
good part of what surprises people later stops being surprising.

You will

* make tensors from numbers, lists and NumPy arrays, and know whose memory they use;
* turn one row of 7,840 numbers into ten pictures without moving a single number;
* predict shapes and strides before PyTorch prints them.

**Before this:** you can read Python: lists, loops, functions. Nothing about PyTorch.
"""

import numpy as np
import torch

from cnn_tutorial import datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

clothes = datasets.for_role("grey").test.images[:10]
height, width = clothes.shape[-2:]
row = clothes.flatten()

# %%
# The question
# ------------
# Somebody sends us numbers, one after the other, and no word about what they are.

print(f"{len(row):,} numbers; eight of them:")
print(row[404:412].tolist())

# %%
# Let us guess that they are pixels, and that a new line of the picture begins every so
# often. Two guesses differ by one.

lines = height - 1  # so many lines of either length lie within the first picture
guesses = [row[: lines * k].view(lines, k) for k in (width - 1, width)]
plotting.images(
    guesses[1],
    title=f"A new line every {width} numbers: something to put on",
)

# %%
# With one number fewer in each line, nothing is lost, and yet:

plotting.images(
    guesses[0],
    title=f"A new line every {width - 1} numbers: the same row, walked wrongly",
)

# %%
# The numbers were the same. What differed was a rule: how many make a line. That rule
# is what a tensor adds to a row of numbers. Keep the picture in mind; we come back to
# it with ten times as many.
#
# Making tensors
# --------------
# ``torch.tensor`` takes a number, a list, a list of lists. Each level of nesting is one
# *axis*, and the lengths of the axes are the *shape*.

for data in (7, [1.5, 2.5, 3.5], [[1, 2, 3], [4, 5, 6]]):
    x = torch.tensor(data)
    print(f"{data!s:24} axes {x.ndim}, shape {tuple(x.shape)}, {x.dtype}")

# %%
# A single number has no axis, so its shape is empty: ``()``. Count brackets from the
# outside, and the next shape is yours.

nested = [[[1, 2]], [[3, 4]], [[5, 6]]]
predict(
    f"What is the shape of `torch.tensor({nested})`?",
    tuple(torch.tensor(nested).shape),
    because="Three entries, each a list of one list, which has two numbers.",
)

# %%
# The last word of each line above was the *dtype*: the kind of number, the same for all
# numbers of a tensor. Whole numbers become ``int64``, others ``float32``. Pixels come
# as ``uint8``, whole numbers from 0 to 255 in one byte. Such a byte counts like a clock:
# after 255 comes 0 again.

pixel = torch.tensor([250], dtype=torch.uint8)
print(pixel + 10, pixel.float() + 10)

# %%
# There was no error, and a bright pixel became a dark one. Hence the habit of this
# course: convert with ``.float()`` before you compute. For other contents there are
# ``zeros``, ``ones``, ``arange`` and ``randn``, each of which takes a shape or a length.
#
# Whose memory?
# -------------
# A NumPy array is a row of numbers with a rule, too. There are two ways over.

array = np.array([1.0, 2.0, 3.0])
copied = torch.tensor(array)
shared = torch.from_numpy(array)
array[0] = 99
print("copied:", copied.tolist(), " shared:", shared.tolist())

# %%
# ``torch.tensor`` copied the numbers. ``torch.from_numpy`` took them as they lie, and we
# wrote into both by writing into one. It works in the other direction:

shared[2] = -1
print("array:", array.tolist())
assert shared.data_ptr() == array.ctypes.data  # the same address in memory
assert copied.tolist() == [1, 2, 3]

# %%
# Sharing costs nothing and can hurt: if you are going to change one side, copy. (Both
# tensors are ``float64``, by the way. NumPy's numbers keep their kind.)
#
# Strides: the walk
# -----------------
# Six numbers, seen as two rows of three. Where in memory is the element in row
# :math:`i` and column :math:`j`? Go :math:`i` times the length of a row, and
# :math:`j` steps. These two factors are the *strides*.

x = torch.arange(6).view(2, 3)
memory = list(range(6))
print("strides:", x.stride())
for i in range(2):
    for j in range(3):
        assert x[i, j] == memory[3 * i + 1 * j]

# %%
# Now the trick that makes tensors fast. To *transpose* a table, swap rows and columns.
# Nobody carries six numbers around for that:

predict(
    "`x` has strides (3, 1). Which strides has its transpose, `x.T`?",
    x.T.stride(),
    because="Its next row is the old next column, one step away; its next column is "
    "the old next row, three steps away.",
)

# %%
# The memory below is drawn twice, but there is one. Follow the arrows from the first
# number.

plotting.memory(
    {"x": x, "x.T": x.T},
    title="The same six numbers, walked along rows and along columns",
)

# %%
# Such a tensor is a *view*: a second rule for the same row of numbers. Slices are views,
# and ``view`` makes one with a new shape. Whoever writes into a view writes into all.

part = x.T[1:]  # (2, 2)
part[0, 0] = 100
print(x)
assert part.data_ptr() == x.data_ptr() + x.element_size()  # begins one number later

# %%
# Where it breaks
# ---------------
# A view must be a walk with fixed steps. Read ``x.T`` row by row: its numbers lie at
# 0, 3, 1, 4, 2, 5. No single stride does that, so this tensor is not *contiguous*, and
# ``view`` refuses to lay it flat.

print("contiguous:", x.is_contiguous(), x.T.is_contiguous())
with expect_error(RuntimeError):
    x.T.view(6)

# %%
# Read the message from its end: "Use .reshape(...) instead". ``reshape`` gives a view
# where it can, and where it cannot, it copies, without a word.

flat = x.T.reshape(6)
print("a copy:", flat.data_ptr() != x.data_ptr(), "| strides:", flat.stride())
assert x.reshape(6).data_ptr() == x.data_ptr()  # no copy where none is needed

# %%
# The wildcard
# ------------
# One length may be left to PyTorch: write ``-1``, and it divides.

numbers = torch.arange(7840)
predict(
    "`numbers` has 7,840 entries. What is the shape of `numbers.view(-1, 784)`? "
    "And of `numbers.view(-1, 28, 28)`?",
    f"{tuple(numbers.view(-1, 784).shape)} and {tuple(numbers.view(-1, 28, 28).shape)}",
    because="7,840 / 784 = 10, and 28 * 28 = 784: no number is added or lost.",
)

# %%
# Two unknowns are one too many, and a division must come out even:

assert numbers.view(-1, 784).shape == (10, 784)
with expect_error(RuntimeError):
    numbers.view(-1, -1)
with expect_error(RuntimeError):
    numbers.view(-1, 100)

# %%
# Back to the row that somebody sent. We know how long a line is and how many lines make
# a picture. The rest is one call.

pictures = row.view(-1, height, width)
assert pictures.data_ptr() == row.data_ptr()
plotting.images(
    pictures[:, None],
    title=f"One row of {len(row):,} numbers, walked as {len(pictures)} pictures",
)

# %%
# One more walk: take every second line and every second pixel. Smaller pictures, and
# still not a number copied. Predict the strides first.

small = pictures[:, ::2, ::2]
predict(
    f"`pictures` has strides {pictures.stride()}. And `pictures[:, ::2, ::2]`?",
    small.stride(),
    because="Steps down and to the right are twice as long. The way to the next "
    "picture is what it was.",
)

# %%
# In the library
# --------------
# All of these are one operation with different arguments. ``torch.as_strided`` takes the
# rule itself: a shape and strides.

by_hand = torch.as_strided(row, small.shape, (height * width, 2 * width, 2))
assert torch.equal(by_hand, small)
assert small.untyped_storage().data_ptr() == row.untyped_storage().data_ptr()

# %%
# It also checks little: with wrong strides it shows you wrong numbers, like the sheared
# picture at the top. Use it to understand, and the named methods to work.
#
# Takeaways
# ---------
# * A tensor is a row of numbers of one dtype, a shape, and strides: how far to go for
#   the next element along each axis.
# * ``from_numpy``, slices, ``T`` and ``view`` share memory. ``torch.tensor`` copies, and
#   ``reshape`` copies when it has to.
# * ``view`` needs a walk with fixed steps; a transposed tensor is not contiguous.
# * ``-1`` stands for the one length that follows from the others.
# * ``uint8`` wraps around at 256: convert pixels to float before you compute.
#
# Check yourself
# --------------
# Draw the memory in your head, and walk.

ask("view_strides")

# %%
# And who shares it with whom?

ask("written_through")

# %%
# Exercise
# --------
# A fresh tensor lies in memory row by row, the last axis densest. Write down its
# strides from its shape.


def strides_of(shape):
    """Return the strides of a contiguous tensor of this shape, as a tuple."""
    raise NotImplementedError


check("strides_of", strides_of)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("strides_of")

# %%
# References
# ----------
# 1. E. Yang. *PyTorch internals.* 2019. Tensors, storage and strides, drawn by one of
#    PyTorch's authors. `Article <http://blog.ezyang.com/2019/05/pytorch-internals/>`__
# 2. C. R. Harris and others. *Array programming with NumPy.* Nature 585, 2020. The same
#    idea in NumPy, which had it first.
#    `doi:10.1038/s41586-020-2649-2 <https://doi.org/10.1038/s41586-020-2649-2>`__
# 3. H. Xiao, K. Rasul, R. Vollgraf. *Fashion-MNIST.* 2017. The pictures.
#    `arXiv:1708.07747 <https://arxiv.org/abs/1708.07747>`__
