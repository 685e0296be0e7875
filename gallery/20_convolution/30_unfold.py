"""
Convolution is one matrix product
=================================

A convolution layer slides a small window over an image. Written down window by window,
the slide becomes a table, and the whole layer becomes one product of two matrices. On
this page we build that table, multiply, and arrive at ``nn.Conv2d``, first for sixteen
pixels and then for every setting the layer has.

You will

* turn an image into its matrix of patches, and say the size of that matrix before you
  see it;
* write a convolution with stride, padding, dilation, groups and bias that agrees with
  PyTorch;
* weigh the table against the image, and meet a view that shows the same windows and
  weighs nothing.

**Before this:** the lessons on the sliding dot product and on the output size.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, convolution, datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Our image has sixteen pixels, numbered 0 to 15, so that each one can be recognised
# wherever it turns up. The kernel is lopsided on purpose: a symmetric one would hide a
# flip.

x = torch.arange(16.0).reshape(1, 1, 4, 4)  # N, C, H, W
kernel = torch.tensor([[1.0, 2.0], [3.0, 4.0]])  # kh, kw
print(x[0, 0])

# %%
# The window covers 2 x 2 pixels and moves one pixel at a time. It never leaves the
# image.

places = arithmetic.conv_output_size((4, 4), (2, 2))
predict(
    "In how many places can the window stand? "
    "And how many numbers does it read in all of them together?",
    f"{places[0]} x {places[1]} = {places[0] * places[1]} places, "
    f"{places[0] * places[1] * kernel.numel()} numbers",
    because="There is room for 4 - 2 + 1 = 3 positions each way, and a window reads "
    "4 numbers. Most pixels are read more than once.",
)

# %%
# By hand
# -------
# We visit the places row by row, as one reads, and lay each window flat. Flat windows
# stand side by side as the *columns* of a matrix.

columns = []
for i in range(3):
    for j in range(3):
        window = x[0, 0, i : i + 2, j : j + 2]  # (2, 2)
        columns.append(window.flatten())  # (4,)
patches = torch.stack(columns, dim=1)  # (4, 9): elements of a window, places
print(patches)

# %%
# Read the first column from top to bottom: 0, 1, 4, 5, the upper left corner of the
# image. Each row holds one element of the window in all its places. PyTorch's word for
# this table is *unfold*, with the batch in front:

assert_close(patches[None], F.unfold(x, kernel_size=2))

# %%
# Lay the kernel flat in the same order. The dot product with a column is what the
# window sees at that place, and all nine dot products are one matrix product. The
# letters of ``einsum`` say which axis meets which: ``b`` image, ``p`` element of the
# window, ``l`` place, ``o`` output channel.

flat = kernel.reshape(1, 4)  # C_out, C_in*kh*kw
out = torch.einsum("bpl,op->bol", patches[None], flat)  # (1, 1, 9)
out = out.reshape(1, 1, 3, 3)  # places back into rows and columns
print(out[0, 0])

# %%
# The nine numbers are the output of the layer. Below, the window stands in the middle:
# its four pixels, their column, the kernel, the number they make.

plotting.unfold_steps(
    x,
    kernel,
    position=(1, 1),
    title="The middle window becomes a column, then one output pixel",
)

# %%
# The claim, checked
# ------------------
# ``nn.Conv2d`` with this kernel must give the same. It holds its kernel in a tensor of
# four axes, output channels first.

conv = nn.Conv2d(1, 1, kernel_size=2, bias=False)
conv.weight.data = kernel.reshape(1, 1, 2, 2)  # C_out, C_in, kh, kw
assert_close(out, conv(x))

# %%
# Watch it move. Step through the frames and say the next output pixel before it lights
# up.

plotting.unfold_animation(
    x,
    kernel,
    title="The window slides: its column, times the kernel, is the next output pixel",
)

# %%
# Every setting of the layer
# --------------------------
# Stride, padding and dilation only change *which* pixels go into a column, and
# ``F.unfold`` takes care of that. Groups cut the channels into parts that do not see
# each other: one more axis ``g`` in the product. That is the entire engine.


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    n, _, height, width = x.shape
    c_out, _, kh, kw = weight.shape
    patches = F.unfold(x, (kh, kw), dilation, padding, stride)  # N, C_in*kh*kw, L
    patches = patches.reshape(n, groups, -1, patches.shape[-1])  # N, G, p, L
    rows = weight.reshape(groups, c_out // groups, -1)  # G, C_out/G, p
    out = torch.einsum("ngpl,gop->ngol", patches, rows)
    h_out = (height + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    out = out.reshape(n, c_out, h_out, -1)
    return out if bias is None else out + bias.reshape(-1, 1, 1)


# %%
# A claim about every setting needs more than one example. Batch, channels and sides are
# different primes wherever they can be, so that a swapped axis cannot slip through.

for stride in (1, 2):
    for padding in (0, 1, 2):
        for dilation in (1, 2):
            for groups in (1, 2):
                image = torch.randn(3, 2 * groups, 11, 13, dtype=torch.float64)
                weight = torch.randn(10, 2, 3, 5, dtype=torch.float64)
                bias = torch.randn(10, dtype=torch.float64)
                setting = (stride, padding, dilation, groups)
                ours = conv2d(image, weight, bias, *setting)
                assert_close(ours, F.conv2d(image, weight, bias, *setting))

# %%
# Now turn one knob at a time, on sixteen pixels and a 2 x 2 window.

knobs = {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"dilation": 2, "padding": 1}
shapes = [tuple(F.unfold(x, 2, **knob).shape[1:]) for knob in knobs]
predict(
    "The table was (4, 9). What is it with stride 2? With padding 1? With dilation 2? "
    "With dilation 2 and padding 1?",
    ", ".join(map(str, shapes)),
    because="Places each way: (4 - 2)/2 + 1 = 2; 4 + 2 - 2 + 1 = 5; the dilated window "
    "spans 3 pixels, 4 - 3 + 1 = 2; 4 + 2 - 3 + 1 = 4.",
)

# %%
# The number of rows never moved: a window has four elements however its pixels are
# chosen. Stride and dilation leave fewer places, padding makes more.
#
# On a real image the same call finds edges. The digit below was written by hand; the
# kernel subtracts the pixel on the left from the one on the right, in three rows.

digit = datasets.for_role("digits").test.scaled()[:1]  # (1, 1, H, W), 0-1
edges = torch.tensor([[[[-1.0, 0.0, 1.0]] * 3]])  # (1, 1, 3, 3)
every = conv2d(digit, edges, padding=1)
plotting.feature_maps(
    every[0],
    titles=["response of the kernel"],
    title="Right neighbour minus left: where the digit's strokes begin and end",
)

# %%
# And stride? It leaves out the places between. The pixels that remain are the same.

assert_close(conv2d(digit, edges, stride=2, padding=1), every[:, :, ::2, ::2])

# %%
# Many channels
# -------------
# A colour image has three planes, and a window reads all of them. Here plane 0 holds
# zeros, plane 1 ones, plane 2 twos, so that a column shows where its numbers come from.

planes = torch.arange(3.0).reshape(1, 3, 1, 1).expand(1, 3, 4, 4)
column = F.unfold(planes, kernel_size=2)[0, :, 0]
print(column.int().tolist())
predict(
    "A layer reads 64 channels through a 3 x 3 window. "
    "How many rows has its patch matrix?",
    F.unfold(torch.zeros(1, 64, 8, 8), 3).shape[1],
    because="64 * 3 * 3. Rows count window elements in all channels, not channels.",
)

# %%
# The planes come one after the other: *channel-major* order. A kernel that is laid flat
# in another order has the right shape and gives wrong numbers, and no error tells you.

image, weight = torch.randn(1, 3, 5, 7), torch.randn(2, 3, 2, 2)
flat, other = weight.reshape(2, 12), weight.permute(0, 2, 3, 1).reshape(2, 12)
right = torch.einsum("bpl,op->bol", F.unfold(image, 2), flat)
wrong = torch.einsum("bpl,op->bol", F.unfold(image, 2), other)
assert right.shape == wrong.shape
print(f"same shape, largest difference {(right - wrong).abs().max():.1f}")

# %%
# Where it breaks
# ---------------
# Other mistakes do raise. The package's engine says what met what:

with expect_error(ValueError):
    convolution.conv2d_unfold(torch.randn(1, 3, 5, 7), torch.randn(2, 1, 2, 2))

with expect_error(ValueError):
    convolution.conv2d_unfold(
        torch.randn(1, 1, 4, 4), torch.randn(1, 1, 7, 7), padding=1
    )

# %%
# In the library
# --------------
# From here on we import the engine instead of writing it. ``cnn_tutorial.convolution``
# has the same one, with sides of its own for pairs, ``"same"`` padding and the errors
# you saw. It must agree with the function on this page, or this page would not have
# been built.

image, weight = torch.randn(2, 6, 11, 13), torch.randn(4, 3, 3, 3)
assert_close(
    convolution.conv2d_unfold(image, weight, stride=2, padding=1, groups=2),
    conv2d(image, weight, stride=2, padding=1, groups=2),
)

# %%
# The price of the table
# ----------------------
# Pixels are copied as often as they are read. This image has the size that the first
# block of a ResNet reads.

image = torch.randn(1, 64, 56, 56)
table = F.unfold(image, 3)
predict(
    "A 3 x 3 window with stride 1, no padding. "
    "How many times the image is its table, about?",
    f"{table.numel() / image.numel():.2f} times",
    because="Nearly every pixel is read by 9 windows; at the border by fewer. "
    f"{image.nbytes / 1e6:.1f} MB become {table.nbytes / 1e6:.1f} MB.",
)

# %%
# A *view* names the same windows without a copy. It walks the image's memory with a
# stride for each of its axes: one pixel on within a window, one pixel on from a place
# to the next.

view = convolution.unfold_view(image, 3)
predict(
    "The table is (N, C*kh*kw, L). A view does not flatten. Which six axes has it?",
    tuple(view.shape),
    because="N, C, kh, kw, H_out, W_out, with 56 - 3 + 1 = 54 places each way.",
)

# %%
# The view has no memory of its own. Lay it flat, and the copy is made after all: it is
# the table.

shared = view.untyped_storage().data_ptr() == image.untyped_storage().data_ptr()
print(f"strides {view.stride()}, own memory: {0 if shared else view.nbytes} bytes")
assert_close(view.reshape(table.shape), table)

# %%
# Takeaways
# ---------
# * A convolution is a matrix product between flat kernels and a table with one column
#   per window.
# * Stride, padding and dilation choose the pixels of a column; groups split the
#   product; the number of rows is :math:`C_{in} \cdot k_h \cdot k_w`, whatever the
#   others do.
# * Flat order matters: channel by channel, then row by row. A wrong order raises
#   nothing.
# * The table holds each pixel as often as it is read; a view holds none.
# * This is what a convolution *means*. How the gradient gets back through the table is
#   the next lesson; how a library computes without a table, the two after it.
#
# Check yourself
# --------------
# Work it out before you choose; each choice says what leads there.

ask("patch_table")

# %%
# Exercise
# --------
# Write a convolution of a batch through a table of patches, with stride and padding.
# Fill in the function, run the cell, and read the answer.


def unfold_convolution(x, weight, stride=1, padding=0):
    """Convolve x (N, C_in, H, W) with weight (C_out, C_in, kh, kw)."""
    raise NotImplementedError


check("unfold_convolution", unfold_convolution)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("unfold_convolution")

# %%
# References
# ----------
# 1. K. Chellapilla, S. Puri, P. Simard. *High Performance Convolutional Neural Networks
#    for Document Processing.* IWFHR 2006. The table of patches, used to train faster.
#    `Paper <https://inria.hal.science/inria-00112631>`__
# 2. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016.
#    `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
