"""
Fifty times the work, and nothing more to see
=============================================

A well-known recipe trains AlexNet on CIFAR-10 after "resize to 227": 227 is the side
that this network was built for, and 32 is the side of the images. An enlarged image
looks smoother and fills the screen. Does it hold more? On this page we get the small
image back out of the large one, count what the large one costs, and find out why the
recipe does it all the same.

You will

* write "enlarge" as a product with a matrix, and undo it;
* predict the cost of a layer on a larger image, and measure it;
* follow 32 pixels through the first layers of AlexNet until none are left.

**Before this:** the lessons on output sizes and on augmentation.
"""

from time import perf_counter

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, datasets, plotting, summary
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The smallest case
# -----------------
# Three pixels in a row become six. Each new pixel lies between two old ones, and takes
# a mean of both, weighted by how near they are. At the ends there is one to take.

row = torch.tensor([0.0, 8.0, 4.0])
longer = F.interpolate(row[None, None], 6, mode="linear")[0, 0]
predict(
    "The row 0, 8, 4, enlarged to six pixels. New pixel 1 has its centre a quarter of "
    "the way from old pixel 0 to old pixel 1. What are the six?",
    longer.tolist(),
    because="Weights are 3/4 and 1/4: 3/4 * 0 + 1/4 * 8 = 2, then 1/4 * 0 + 3/4 * 8 "
    "= 6.",
)

# %%
# Every new number is a weighted sum of old ones: a matrix with a row for each new
# pixel. Enlarge the three unit rows and read off its columns.

matrix = F.interpolate(torch.eye(3)[None], 6, mode="linear")[0].T  # (6, 3)
print(matrix)
assert_close(matrix @ row, longer)

# %%
# By hand: 32 to 227
# ------------------
# The same for an image: once for its columns, once for its rows. ``A x A.T``.

image = datasets.for_role("colour", size=32).validation.scaled()[0]  # (3, 32, 32), 0-1
matrix = F.interpolate(torch.eye(32)[None], 227, mode="linear")[0].T  # (227, 32)
large = matrix @ image @ matrix.T  # (3, 227, 227)
theirs = F.interpolate(image[None], (227, 227), mode="bilinear")[0]
assert_close(large, theirs, atol=1e-4, rtol=0)
plotting.images(large, title="Three times 32 x 32 numbers, drawn with 227 x 227 pixels")

# %%
# What is in it?
# --------------
# A matrix with more rows than columns can be undone if its columns do not depend on
# each other.

rank = int(torch.linalg.matrix_rank(matrix))
predict(
    f"The large image has {large[0].numel():,} numbers in each channel. How many of "
    "them are free, once it is known to be an enlarged one?",
    f"{rank} x {rank} = {rank**2:,}",
    because="The rank of the matrix is that of its smaller side. All others follow.",
)

# %%
# So the small image comes back, out of the large one alone:

undo = torch.linalg.pinv(matrix)  # (32, 227)
back = undo @ large @ undo.T
print(f"largest difference after the way back: {(back - image).abs().max():.1e}")
assert_close(back, image, atol=1e-4, rtol=0)

# %%
# Whatever can be learned from the large image can be learned from the small one.
#
# What it costs
# -------------
# Every layer now slides over many more places.

net = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(32, 32, 3, padding=1),
)
macs = {side: summary.trace(net, (3, side, side)).macs for side in (32, 227)}
predict(
    "Two layers of 3 x 3, images of 32 x 32 or of 227 x 227. How many times the "
    "multiplications?",
    f"{macs[227] / macs[32]:.1f} times",
    because="They grow with the area: (227 / 32) squared.",
)

# %%
# And in seconds, forwards and backwards, with four images:


def seconds(side):
    x = torch.rand(4, 3, side, side)
    start = perf_counter()
    net(x).square().mean().backward()
    return perf_counter() - start


seconds(32)  # the first call also sets things up
small, big = (min(seconds(side) for _ in range(3)) for side in (32, 227))
print(f"{1e3 * small:.1f} ms and {1e3 * big:.1f} ms: {big / small:.0f} times as long")

# %%
# Why the recipe does it
# ----------------------
# Because the first layers of AlexNet throw pixels away in handfuls. Follow 32 pixels
# through them:

side = arithmetic.conv_output_size((32, 32), 11, stride=4)
print("after conv1, 11 x 11, stride 4:", side)
side = arithmetic.pool_output_size(side, 3, stride=2)
print("after pool1, 3 x 3, stride 2:", side)
side = arithmetic.conv_output_size(side, 5, padding=2)
with expect_error(ValueError):
    arithmetic.pool_output_size(side, 3, stride=2)

# %%
# The network runs out of image. One can enlarge the image, at fifty times the cost, or
# make the first layers smaller, at none. The chapter on architectures does the second.
#
# Turn one knob
# -------------
# The other direction *does* lose something: to make an image smaller is a matrix with
# fewer rows than columns, and no product brings the rest back.

smaller = F.interpolate(image[None], 16, mode="bilinear", antialias=True)[0]
again = F.interpolate(smaller[None], 32, mode="bilinear")[0]
plotting.images(
    torch.stack([image, again]),
    labels=["32 x 32", "by way of 16 x 16"],
    title="Made smaller and enlarged again: fine detail is gone",
)

# %%
# In the library
# --------------
# An image of the course's data sets is never stretched: ``size=`` puts smaller ones
# into a frame of zeros, and the pixels in the middle are untouched.

framed = datasets.for_role("digits", size=40).validation.images[:1]
digit = datasets.for_role("digits", size=32).validation.images[:1]
assert torch.equal(framed[:, :, 4:36, 4:36], digit)
print("sum of what was added:", int(framed.sum()) - int(digit.sum()))

# %%
# Takeaways
# ---------
# * To enlarge is linear and can be undone: it adds numbers, and no information.
# * The cost of a convolution grows with the area, that is with the square of the side.
# * A network that was made for large images loses small ones in its first layers. The
#   cheap repair is in those layers, not in the image.
# * To make smaller does lose something.
#
# Check yourself
# --------------
# What the large image costs:

ask("price_of_enlarging")

# %%
# And what is left of it, a few layers on?

ask("pixels_left")

# %%
# Exercise
# --------
# Write the matrix that enlarges a row.


def enlarging_matrix(small, large):
    """Return the (large, small) matrix of linear interpolation, as a list of rows.

    New pixel i has its centre at (i + 1/2) * small / large - 1/2, in old pixels; beyond
    the first or last old centre it copies the nearest.
    """
    raise NotImplementedError


check("enlarging_matrix", enlarging_matrix)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("enlarging_matrix")

# %%
# References
# ----------
# 1. A. Krizhevsky, I. Sutskever, G. Hinton. *ImageNet Classification with Deep
#    Convolutional Neural Networks.* NeurIPS 2012. Built for sides of 224 (227, if one
#    counts what its first layer needs).
# 2. M. Tan, Q. Le. *EfficientNet: Rethinking Model Scaling for Convolutional Neural
#    Networks.* ICML 2019. What larger images bring when they *do* hold more.
#    `arXiv:1905.11946 <https://arxiv.org/abs/1905.11946>`__
