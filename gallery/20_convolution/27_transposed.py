"""
Transposed is not inverted
==========================

Some networks have to come back to the size they started from: to draw an image, or to
label every pixel. The layer for it is called *transposed convolution*, and by an older
name *deconvolution*, which promises too much. On this page we write a convolution as a
matrix and transpose it, and see what it gives back and what it cannot.

You will

* write a convolution as a matrix, and its transposed convolution as the same matrix,
  transposed;
* check that it is the adjoint and the gradient, and not the inverse;
* predict its size, and find out what ``output_padding`` is for.

**Before this:** the output size and what rounding throws away; a matrix and its
transpose.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Five pixels in a row, a kernel of three, stride 2, padding 1. The kernel is lopsided,
# so that no flip can hide.

x = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
kernel = torch.tensor([1.0, 2.0, 3.0])


def down(row):
    return F.conv1d(row.reshape(1, 1, -1), kernel.reshape(1, 1, 3), stride=2, padding=1)


print(down(x).flatten().tolist())

# %%
# Five numbers became three, by multiplications and additions only. So there is a matrix
# that does it.

predict(
    "How many rows and columns has that matrix?",
    f"{down(x).numel()} x {x.numel()}",
    because="One row for each output pixel, one column for each input pixel.",
)

# %%
# By hand
# -------
# Column :math:`j` of a matrix is what it makes of the :math:`j`-th unit vector: zeros
# with a single one. We send all five of them through the layer.

matrix = torch.stack([down(unit).flatten() for unit in torch.eye(5)], dim=1)
assert_close(matrix @ x, down(x).flatten())
plotting.matrices(
    [matrix, "*", x.reshape(5, 1), "=", down(x).reshape(3, 1)],
    titles=["matrix", "x", "y"],
    roles=["kernel", "input", "output"],
    title="Each row holds the kernel, two pixels further on than the row above",
)

# %%
# The kernel stands in every row. Where it hangs over the edge, the part that would meet
# the padding's zeros is cut off.
#
# Turn it round
# -------------
# Exchange rows and columns, and a matrix that made three numbers of five makes five of
# three. This is the whole layer:

y = torch.tensor([1.0, 0.0, 2.0])
up = F.conv_transpose1d(
    y.reshape(1, 1, 3), kernel.reshape(1, 1, 3), stride=2, padding=1
)
assert_close(up.flatten(), matrix.T @ y)
plotting.matrices(
    [matrix.T, "*", y.reshape(3, 1), "=", up.reshape(5, 1)],
    titles=["transposed", "y", "result"],
    roles=["kernel", "input", "output"],
    title="Now each column holds the kernel: a number of y stamps it into the result",
)

# %%
# Same kernel, same stride, same padding. They describe the convolution whose matrix is
# transposed, not what happens on the way back. That is why a larger padding makes the
# result of a transposed convolution *smaller*.
#
# The adjoint
# -----------
# For a matrix, :math:`\langle Ax, y\rangle = \langle x, A^{\top} y\rangle`. So for every
# setting of the layer, in two dimensions and with channels:
#
# .. math::
#    \langle \mathrm{conv}(x),\, y \rangle = \langle x,\, \mathrm{conv}^{\top}(y) \rangle

image = torch.randn(2, 3, 11, 13, dtype=torch.float64, requires_grad=True)
weight = torch.randn(5, 3, 3, 3, dtype=torch.float64)  # C_out, C_in, kh, kw
for stride, padding, dilation in itertools.product((1, 2), (0, 1), (1, 2)):
    setting = {"stride": stride, "padding": padding, "dilation": dilation}
    out = F.conv2d(image, weight, **setting)
    change = torch.randn_like(out)
    back = F.conv_transpose2d(change, weight, **setting)
    assert back.shape == image.shape
    assert_close((out * change).sum(), (image * back).sum())

# %%
# The same weight served both ways. For the way down its first axis is ``C_out``; on the
# way up that axis comes in.

predict(
    "Which shape has the weight of `nn.ConvTranspose2d(16, 8, kernel_size=3)`?",
    tuple(nn.ConvTranspose2d(16, 8, kernel_size=3).weight.shape),
    because="It is the weight of the convolution from 8 to 16 channels, whose matrix "
    "is transposed.",
)

# %%
# Backpropagation is made of adjoints. If the loss asks for a change at each output
# pixel, the gradient at the input is a transposed convolution. So training runs one for
# every convolution but the first.

(gradient,) = torch.autograd.grad(out, image, change)
assert_close(gradient, back)

# %%
# Not the inverse
# ---------------
# An inverse would give :math:`x` back. We go down and up again:

again = matrix.T @ (matrix @ x)
plotting.matrices(
    [matrix.T @ matrix, "*", x.reshape(5, 1), "=", again.reshape(5, 1)],
    titles=["down, then up", "x", "not x"],
    roles=["kernel", "input", "output"],
    title="Down and up again: were it an inverse, the matrix would have ones and zeros",
)

# %%
# No other kernel would help.

predict(
    "Which rank has this 5 x 5 matrix? Could any layer undo the convolution?",
    f"rank {torch.linalg.matrix_rank(matrix.T @ matrix).item()}, so no",
    because="Three numbers cannot hold five. Two directions of x go to zero, and "
    "nobody can tell afterwards what they were.",
)

# %%
# Real *deconvolution* is another thing: it estimates what was there before a known
# blur. A transposed convolution brings back a size, and it learns what to draw there.
#
# Which size?
# -----------
# Turn the formula of the output size round: :math:`(H - 1)` steps of :math:`S`, plus the
# span, less the zeros on both sides,
#
# .. math::
#    H_{out} = (H - 1)\,S - 2P + D(K - 1) + 1 .
#
# The floor makes trouble. Kernel 3, stride 2, padding 1:

sizes = {n: arithmetic.conv_output_size(n, 3, stride=2, padding=1) for n in (7, 8)}
assert sizes == {7: 4, 8: 4}
four = torch.ones(1, 1, 4, 4)
ones = torch.ones(1, 1, 3, 3)
predict(
    "7 and 8 pixels both become 4. To which of them does the way back lead?",
    F.conv_transpose2d(four, ones, stride=2, padding=1).shape[-1],
    because="3 * 2 - 2 + 2 + 1: the formula counts the steps that were made. What was "
    "left over on the way down is forgotten.",
)

# %%
# ``output_padding`` remembers it. It says how many pixels were left over, and the result
# is the adjoint for *that* input. It is no padding: the extra row is not filled with
# zeros, it gets what belongs there.

for n in (7, 8):
    wide = torch.ones(1, 1, n, n, requires_grad=True)
    (gradient,) = torch.autograd.grad(F.conv2d(wide, ones, None, 2, 1), wide, four)
    back = F.conv_transpose2d(four, ones, None, 2, 1, output_padding=n - 7)
    assert_close(back, gradient)
print("last row:", back[0, 0, -1].tolist())

# %%
# More than what can be left over makes no sense. The module can also count for itself
# when it is told the size:

with expect_error(RuntimeError):
    F.conv_transpose2d(four, ones, stride=2, padding=1, output_padding=2)
layer = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)
print([tuple(layer(four, output_size=(n, n)).shape[2:]) for n in (7, 8)])

# %%
# In the library
# --------------
# ``arithmetic.conv_transpose_output_size`` is the formula. Page, package and layer, and
# the way down again, agree over a grid:

count = 0
grid = itertools.product((3, 4, 5), (1, 2, 3, 4), (1, 2, 3), (0, 1), (1, 2))
for n, k, s, p, d in grid:
    setting = {"stride": s, "padding": p, "dilation": d}
    size = (n - 1) * s - 2 * p + d * (k - 1) + 1
    if size < 1:
        continue
    assert size == arithmetic.conv_transpose_output_size(n, k, **setting)
    layer = nn.ConvTranspose2d(1, 1, k, **setting, device="meta")
    assert layer(torch.empty(1, 1, n, n, device="meta")).shape[2] == size
    assert arithmetic.conv_output_size(size, k, **setting) == n
    count += 1
print(count, "settings agree, there and back")

# %%
# Takeaways
# ---------
# * A convolution is a matrix; the transposed convolution is that matrix transposed, with
#   the same kernel.
# * It is the adjoint, so it carries gradients back. It is not the inverse: where five
#   numbers became three, there is none.
# * It leads back to the smallest input with that output; ``output_padding`` adds what
#   was left over.
#
# Check yourself
# --------------
# Sizes first. Lay the stamps down in your head, then cut.

ask("enlarged_row")

# %%
# Then the matrix.

ask("matrix_of_the_way_back")

# %%
# Exercise
# --------
# A network shrinks an image and has to come back to exactly its size. Which
# ``output_padding`` does the way back need?


def needed_output_padding(size, kernel_size, stride=1, padding=0, dilation=1):
    """Return the output_padding that leads back to an axis of `size` pixels."""
    raise NotImplementedError


check("needed_output_padding", needed_output_padding)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("needed_output_padding")

# %%
# References
# ----------
# 1. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016.
#    Chapter 4. `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
# 2. M. Zeiler, D. Krishnan, G. Taylor, R. Fergus. *Deconvolutional Networks.* CVPR 2010.
#    Where the older name comes from.
# 3. J. Long, E. Shelhamer, T. Darrell. *Fully Convolutional Networks for Semantic
#    Segmentation.* CVPR 2015. Transposed convolution to label every pixel.
#    `arXiv:1411.4038 <https://arxiv.org/abs/1411.4038>`__
