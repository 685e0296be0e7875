"""
An edge is where brightness changes
===================================

Before networks learned their kernels, people invented them. The most famous one has
nine numbers, finds the outlines of things, and resembles some of those that a trained
network has in its first layer. It is named after Irwin Sobel, and its construction is
not to be seen in the nine numbers: it smooths in one direction and subtracts in the
other.

You will

* build the kernel from two vectors, and say what each of them is for;
* take a photograph from bytes to edges in six steps, through the engine you know;
* turn two answers into the strength and the direction of an edge, and find out why two
  libraries disagree by a factor of 5.66.

**Before this:** the lesson on the patch matrix.
"""

import math

import torch
import torch.nn.functional as F
from skimage import data
from skimage.filters import sobel as skimage_sobel
from torch.testing import assert_close

from cnn_tutorial import datasets, filters, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

photo = torch.from_numpy(data.coins()[8:140, 8:200])  # (H, W), bytes
digit = datasets.for_role("digits").test.images[0, 0]  # (H, W), bytes

# %%
# The question
# ------------
# Here is a row of pixels that crosses an edge: dark, dark, dark, bright, bright,
# bright. To find the edge, subtract from the right neighbour the left one.

row = torch.tensor([0.0, 0, 0, 9, 9, 9])
predict(
    "Right neighbour minus left, for the four pixels that have both: which numbers?",
    (row[2:] - row[:-2]).int().tolist(),
    because="Where both neighbours are equal nothing remains. Both pixels beside the "
    "edge see all of it.",
)

# %%
# As a kernel that is ``-1 0 1``. It has one weakness: a photograph is never this clean,
# and a difference of two noisy pixels is noisier than either.
#
# The idea
# --------
# An edge continues from row to row; noise does not. So we take the difference in three
# rows and add the rows up, the middle one twice. One vector smooths *along* the edge,
# the other subtracts *across* it, and their outer product is Sobel's kernel.

smooth = torch.tensor([1.0, 2, 1])
difference = torch.tensor([-1.0, 0, 1])
right = torch.outer(smooth, difference)  # (3, 3)
plotting.matrices(
    [smooth[:, None], "*", difference[None], "=", right],
    titles=["smooth", "subtract", "Sobel"],
    roles=["kernel"] * 3,
    title="Smooth downwards, subtract to the right: nine numbers from six",
)

# %%
# Was it worth it? An edge of height 1 is worth as much as the positive numbers of the
# kernel add up to. Noise of deviation 1, independent from pixel to pixel, comes out
# with the root of the sum of squares. The higher the ratio, the clearer the edge.

for name, kernel in {"-1 0 1": difference, "Sobel": right}.items():
    edge, noise = kernel.clamp(min=0).sum(), kernel.square().sum().sqrt()
    print(f"{name:7} edge {edge:.0f}, noise {noise:.2f}, ratio {edge / noise:.2f}")

# %%
# Twenty-five pixels by hand
# --------------------------
# Before a photograph, an image on which you can follow every number.

small = torch.tensor(
    [
        [1.0, 2, 3, 0, 1],
        [0, 1, 2, 3, 1],
        [1, 2, 1, 0, 0],
        [2, 1, 0, 1, 1],
        [1, 0, 1, 2, 1],
    ]
)
first = (small[:3, :3] * right).sum()
predict(
    "The window lies in the upper left corner. What does Sobel's kernel answer?",
    int(first),
    because="Right column, weighted 1 2 1: 3 + 2*2 + 1 = 8. Left column: 1 + 2*0 + 1 "
    "= 2. And 8 - 2 = 6: brighter on the right.",
)

# %%
# There are three places each way. Slide the window in your head, then compare.

answer = F.conv2d(small[None, None], right[None, None])[0, 0]
assert_close(answer, torch.tensor([[6.0, 0, -5], [0, -2, -2], [-4, 0, 1]]))
plotting.matrices(
    [small, "*", right, "=", answer],
    titles=["image", "kernel", "answer"],
    roles=["input", "kernel", "output"],
    windows={0: (0, 2, 3, 3), 2: (0, 2)},
    title="Upper right corner: 3 on the right minus 8 on the left",
)

# %%
# The sign matters. Plus: brighter on the right. Minus: brighter on the left. Zero: no
# difference, or an edge that runs in the direction of the subtraction.
#
# From bytes to edges
# -------------------
# Now a photograph: coins on a dark cloth.

plotting.images(photo, title="Where would you draw the edges?")

# %%
# It goes through the engine of the lesson on patches. The steps are the same for any
# image and any kernel, so we spell them out once more.


def respond(image, kernel):
    x = image / 255  # normalise: bytes become 0-1
    x = x[None, None]  # add axes: (1, 1, H, W)
    patches = F.unfold(x, kernel.shape, padding=1)  # unfold: (1, 9, H*W)
    flat = kernel.reshape(1, 9)  # flatten: (1, 9)
    out = torch.einsum("bpl,op->bol", patches, flat)  # multiply: (1, 1, H*W)
    return out.reshape(image.shape)  # reshape: (H, W)


predict(
    f"The photograph has {photo.shape[0]} rows and {photo.shape[1]} columns. What is "
    "the shape of `patches`?",
    tuple(F.unfold(photo[None, None] / 255, 3, padding=1).shape),
    because="9 elements of a window; one place per pixel, as the padding of 1 makes up "
    f"for what a 3 x 3 window loses: {photo.shape[0]} * {photo.shape[1]}.",
)

# %%
# One kernel is not enough: an edge that runs from left to right has nothing to say to
# ``right``. Its transpose subtracts downwards. Which part of a coin's rim will each of
# them miss?

down = right.T
across, along = respond(photo, right), respond(photo, down)
plotting.feature_maps(
    torch.stack([across, along]),
    titles=["to the right", "downwards"],
    title="Red: brighter to the right, or below. Blue: darker",
)

# %%
# .. note::
#    Names differ here, and confuse. The kernel that subtracts to the *right* finds
#    edges that stand *upright*. Some call it horizontal, others vertical. We name the
#    direction in which brightness is compared.
#
# Strength and direction
# ----------------------
# Two answers per pixel are an arrow. Its length says how strong the edge is, whichever
# way it runs.

strength = torch.hypot(across, along)
plotting.feature_maps(
    strength,
    titles=["strength"],
    title="Length of the arrow: the whole rim, whatever its direction",
)

# %%
# Its angle says where the image becomes brighter. We measure from "to the right"
# towards "down", since rows are counted downwards.

angle = torch.rad2deg(torch.atan2(along, across))
coin = (slice(14, 74), slice(2, 66))  # rows, columns of the first coin
left = strength[coin][30, :20].argmax()  # on the left rim
predict(
    "A bright coin lies on a dark cloth. On its left rim, which angle has the arrow, "
    "roughly?",
    f"{angle[coin][30, left]:.0f} degrees",
    because="It gets brighter to the right, into the coin: about 0. On the upper rim "
    "it is about 90, downwards; on the right rim 180; on the lower rim -90.",
)

# %%
# All arrows of the rim agree on where the coin is.

plotting.arrows(
    photo[coin],
    along[coin],
    across[coin],
    every=4,
    title="Every arrow of the rim points into the coin",
)

# %%
# The same function takes a handwritten digit. A stroke has two edges, and their arrows
# meet in the ink. We leave out the outermost pixels; the next section says why.

inner = (slice(1, -1), slice(1, -1))
plotting.arrows(
    digit[inner],
    respond(digit, down)[inner],
    respond(digit, right)[inner],
    every=2,
    title="A stroke of a digit: arrows from both sides meet in the ink",
)

# %%
# Where it breaks: the border
# ---------------------------
# Our engine put zeros around the photograph. Zero is black, the ground is not, and so
# there is an edge all around the picture that nobody photographed. A *reflecting*
# border repeats the outermost pixels instead.

image = photo / 255
reflected = filters.gradient_magnitude(image, border="reflect")
for name, found in {"zeros": strength, "reflect": reflected}.items():
    print(f"{name:8} upper row: {found[0].mean():.2f}  whole: {found.mean():.2f}")

# %%
# Where two libraries disagree
# ----------------------------
# scikit-image has the filter, too. It reflects, so we compare with that.

theirs = torch.from_numpy(skimage_sobel(image.numpy()))
with expect_error(AssertionError):
    assert_close(reflected, theirs)
ratio = reflected[theirs > 0.1] / theirs[theirs > 0.1]
print(f"ours is {ratio.min():.4f} to {ratio.max():.4f} times theirs")

# %%
# A constant factor, so it is a convention, not a mistake. scikit-image divides the
# kernel by 4, so that ``1 2 1`` becomes a mean, and takes the root of the *mean* of
# both squares, which divides by the root of 2 once more.

assert_close(reflected / (4 * math.sqrt(2)), theirs)
predict(
    "Brightness rises by 1 from each pixel to the next. What does `right` answer, and "
    "by what must you divide to get the slope?",
    int((torch.arange(3.0) * right).sum()),
    because="(1 + 2 + 1) rows times a rise of 2 over two pixels. Divide by 8, and you "
    "have brightness per pixel; that is the third convention.",
)

# %%
# .. warning::
#    "reflect" has two meanings. SciPy and scikit-image repeat the outermost pixel
#    (c b a, a b c); NumPy and PyTorch do not (c b, a b c). The package uses SciPy's
#    words.
#
# In the library
# --------------
# ``cnn_tutorial.filters`` has this filter with its conventions as arguments: zeros as
# on this page, or scikit-image's scale.

zeros = filters.gradient_magnitude(image, border="constant")
assert_close(zeros, strength)
scaled = filters.gradient_magnitude(image, scale="skimage")
assert_close(scaled / math.sqrt(2), theirs)

# %%
# And it refuses bytes. Look at what they do when they are subtracted:

dark, bright = torch.tensor([10, 20], dtype=torch.uint8)
print("10 - 20 in bytes:", (dark - bright).item())
with expect_error(ValueError):
    filters.gradient_magnitude(photo)

# %%
# Takeaways
# ---------
# * Sobel's kernel is an outer product: it smooths along the edge and subtracts across
#   it. Smoothing is what makes the difference bearable in noise.
# * One kernel sees one direction. Two make an arrow, with a length (how strong) and an
#   angle (towards the bright side).
# * It is a convolution like any other: unfold, flatten, multiply, reshape.
# * Border, scale and the meaning of "magnitude" are conventions. Compare numbers from
#   two libraries only after you know all three.
#
# Check yourself
# --------------
# Column against column, or row against row: find out before you multiply.

ask("sobel_answer")

# %%
# And backwards, from the answers to the image:

ask("brighter_side")

# %%
# Exercise
# --------
# Write the strength of the edges of an image, without padding and without dividing.


def sobel_magnitude(image):
    """Return the length of Sobel's gradient of an image (H, W), as (H - 2, W - 2)."""
    raise NotImplementedError


check("sobel_magnitude", sobel_magnitude)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("sobel_magnitude")

# %%
# References
# ----------
# 1. I. Sobel. *An Isotropic 3x3 Image Gradient Operator.* 2014, on the operator
#    presented at Stanford in 1968.
#    `ResearchGate <https://www.researchgate.net/publication/239398674>`__
# 2. R. Szeliski. *Computer Vision: Algorithms and Applications.* 2nd edition, 2022,
#    sections 3.2 and 7.2. `Book <https://szeliski.org/Book/>`__
# 3. The photograph: Greek coins from Pompeii, Brooklyn Museum Collection, which
#    `scikit-image <https://scikit-image.org/docs/stable/api/skimage.data.html>`__
#    ships.
