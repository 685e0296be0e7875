"""
Stamps, zeros and checkerboards
===============================

A transposed convolution makes small maps large. How it does so can be told in two ways:
each number stamps the kernel onto the result, or zeros are put between the numbers and
an ordinary convolution runs over them. Both are exact. One of them shows where the
checkerboards come from that many generated images have.

You will

* write a transposed convolution as stamps, and again as zeros and a flipped kernel;
* count the stamps on every pixel, and predict which kernels make a checkerboard;
* see the pattern on a real digit, and two ways to avoid it.

**Before this:** the transposed convolution as the transposed matrix, and its size.
"""

import itertools

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import arithmetic, datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

digit = datasets.for_role("digits").test.scaled()[:1]  # (1, 1, H, W), 0-1

# %%
# The question
# ------------
# Two numbers in a row, a kernel of three, stride 2, no padding. In the transposed matrix
# each column holds the kernel, so each number brings a copy of it along:

y = torch.tensor([1.0, 10.0])
kernel = torch.tensor([1.0, 2.0, 3.0])
first = torch.tensor([1.0, 2.0, 3.0, 0.0, 0.0]) * y[0]
second = torch.tensor([0.0, 0.0, 1.0, 2.0, 3.0]) * y[1]
up = F.conv_transpose1d(y.reshape(1, 1, 2), kernel.reshape(1, 1, 3), stride=2)
predict(
    "Which five numbers come out?",
    up.flatten().tolist(),
    because="1 * (1, 2, 3) and 10 * (1, 2, 3), two pixels further on. Where they "
    "overlap they add up: 3 + 10.",
)

# %%
# The stamps overlap in the middle and add up.

assert_close(up.flatten(), first + second)

# %%
# By hand
# -------
# On an image the stamps are small images. Stride says how far apart they are put down.


def stamp(y, kernel, stride):
    (rows, columns), (kh, kw) = y.shape, kernel.shape
    result = torch.zeros((rows - 1) * stride + kh, (columns - 1) * stride + kw)
    for i, j in itertools.product(range(rows), range(columns)):
        top, left = i * stride, j * stride
        result[top : top + kh, left : left + kw] += y[i, j] * kernel
    return result


small, kernel = torch.randn(4, 5), torch.randn(3, 2)
library = F.conv_transpose2d(small[None, None], kernel[None, None], stride=2)
assert_close(stamp(small, kernel, 2), library[0, 0])

# %%
# PyTorch has a function that puts stamps in their places. ``F.fold`` takes them as the
# columns of a matrix, one for each number of the map. (A later lesson meets it again, on
# the way of the gradient.)

columns = kernel.reshape(6, 1) @ small.reshape(1, 20)  # (elements, places)
size = arithmetic.conv_transpose_output_size((4, 5), (3, 2), stride=2)
folded = F.fold(columns[None], size, (3, 2), stride=2)
assert_close(folded, library)

# %%
# Zeros between the numbers
# -------------------------
# The other way to tell it: pull the numbers apart by :math:`S - 1` zeros, and slide the
# *flipped* kernel over them with stride 1.


def stuffed(y, stride):
    rows, columns = y.shape
    wide = torch.zeros((rows - 1) * stride + 1, (columns - 1) * stride + 1)
    wide[::stride, ::stride] = y
    return wide


numbers = torch.arange(1.0, 10.0).reshape(3, 3)
plotting.matrices(
    [numbers, "→", stuffed(numbers, 2)],
    titles=["3 x 3", "with zeros between"],
    roles=["input", "input"],
    title="Stride 2 of a transposed convolution: zeros between the numbers",
)

# %%
# With :math:`K - 1 - P` zeros around it, this is the same layer. It is why one reads of
# *fractional stride*: the window moves by one place, and with stride 2 that is half the
# way to the next number.

for k, s, p in itertools.product((2, 3, 4), (1, 2, 3), (0, 1)):
    kernel = torch.randn(1, 1, k, k)
    wide = stuffed(small, s)[None, None]
    by_zeros = F.conv2d(wide, kernel.flip(2, 3), padding=k - 1 - p)
    library = F.conv_transpose2d(small[None, None], kernel, stride=s, padding=p)
    assert_close(by_zeros, library)

# %%
# A library does not do it like this. It would multiply by zeros most of the time.

wide = stuffed(torch.ones(32, 32), 2)
predict(
    "A 32 x 32 map is stuffed for stride 2. Which share of the numbers is zero?",
    f"{(wide == 0).float().mean():.0%}",
    because="Only every second one in every second row is a number of ours.",
)

# %%
# Count the stamps
# ----------------
# Stamp a kernel of ones on a map of ones, and every pixel says how many stamps it got.
# First kernel 3 with stride 2:


def stamps(kernel_size, stride, side=4):
    ones = torch.ones(side, side)
    return stamp(ones, torch.ones(kernel_size, kernel_size), stride)


plotting.matrix(
    stamps(3, 2),
    role="output",
    title="Kernel 3, stride 2: one, two or four stamps, a checkerboard",
)

# %%
# A kernel of three cannot lie evenly on steps of two. Every second row gets one stamp,
# the others two. Now a kernel that is a multiple of the stride:

plotting.matrix(
    stamps(4, 2),
    role="output",
    title="Kernel 4, stride 2: four stamps everywhere but at the border",
)

# %%
# Which kernels are even? Look at the inside only, away from the border:


def even(kernel_size, stride):
    counts = stamps(kernel_size, stride, side=12)
    inner = counts[kernel_size:-kernel_size, kernel_size:-kernel_size]
    return bool((inner == inner[0, 0]).all())


for stride in (2, 3):
    print(
        f"stride {stride}: even for K =", [k for k in range(2, 10) if even(k, stride)]
    )

# %%
# On a digit
# ----------
# Divide by the mean number of stamps, and the layer should only enlarge. Left, kernel
# 3; in the middle, kernel 4; right, the digit enlarged by its nearest neighbours and
# then blurred by a 3 x 3 mean.


def enlarge(image, kernel_size):
    kernel = torch.ones(1, 1, kernel_size, kernel_size) * 4 / kernel_size**2
    return F.conv_transpose2d(image, kernel, stride=2, padding=1)


side = 2 * digit.shape[-1] - 1  # what kernel 3 gives
nearest = F.interpolate(digit, scale_factor=2, mode="nearest")
resized = F.avg_pool2d(nearest, 3, stride=1, padding=1)
enlarged = [enlarge(digit, 3), enlarge(digit, 4), resized]
plotting.feature_maps(
    torch.cat([image[..., :side, :side] for image in enlarged], dim=1)[0],
    titles=["kernel 3", "kernel 4", "resized"],
    title="Kernel 3 lays a checkerboard over the digit, the other two do not",
)

# %%
# The pattern in one number: on a plain grey image, how far apart are the pixels?

grey = torch.ones(1, 1, 16, 16)
for k in (2, 3, 4, 5, 6):
    inner = enlarge(grey, k)[..., 6:-6, 6:-6]
    print(f"kernel {k}: from {inner.min():.2f} to {inner.max():.2f}")

# %%
# Our kernels were all ones. Training can even the stamps out, but nothing in the layer
# asks for it, and Odena and others (reference 1) found the pattern in the images of many
# trained networks. They name two remedies: a kernel size that the stride divides, or
# enlarging first and an ordinary convolution after it.
#
# Where it breaks
# ---------------
# A kernel smaller than the stride leaves pixels that nobody stamps:

gaps = stamps(2, 3)
predict(
    "Kernel 2, stride 3, a 4 x 4 map: how many pixels of the result get no stamp?",
    f"{(gaps == 0).sum().item()} of {gaps.numel()}",
    because="The result has 11 x 11 pixels, and 16 stamps of 4 pixels do not overlap.",
)

# %%
# They stay zero whatever the kernel learns. And a padding that is too large removes
# everything there is:

with expect_error(RuntimeError):
    F.conv_transpose2d(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 3, 3), padding=2)
with expect_error(ValueError):
    arithmetic.conv_transpose_output_size(1, 3, padding=2)

# %%
# Takeaways
# ---------
# * Each number of the map stamps the kernel, times itself, onto the result; overlaps add
#   up. ``F.fold`` puts stamps in their places.
# * Zeros between the numbers and a flipped kernel give the same, for about :math:`S^2`
#   times the multiplications.
# * A kernel that is no multiple of the stride stamps unevenly: a checkerboard, before
#   anything is learned.
#
# Check yourself
# --------------
# One kernel of several lies evenly on its steps.

ask("even_kernel")

# %%
# And once with zeros instead of stamps:

ask("zeros_around")

# %%
# Exercise
# --------
# Write a transposed convolution with channels. The weight is ``(C_in, C_out, kh, kw)``.


def conv_transpose(x, weight, stride=1, padding=0):
    """Transposed convolution of x (N, C_in, H, W), weight (C_in, C_out, kh, kw)."""
    raise NotImplementedError


check("conv_transpose", conv_transpose)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("conv_transpose")

# %%
# References
# ----------
# 1. A. Odena, V. Dumoulin, C. Olah. *Deconvolution and Checkerboard Artifacts.* Distill,
#    2016. `doi:10.23915/distill.00003 <https://doi.org/10.23915/distill.00003>`__
# 2. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016.
#    Chapter 4. `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
# 3. W. Shi and others. *Is the deconvolution layer the same as a convolutional layer?*
#    2016. `arXiv:1609.07009 <https://arxiv.org/abs/1609.07009>`__
