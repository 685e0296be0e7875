"""
Blur, then ask who stands out
=============================

Sobel asks: is it brighter on the right? The Laplacian asks a question without a
direction: is this pixel darker or brighter than its neighbours? It is the most nervous
question one can ask, so we blur before we ask it. Blur and question together make one
kernel, the Laplacian of Gaussian, and it is less innocent than it looks.

You will

* tell the *filter*, a kernel, from the *response*, an image, and see why they are one
  thing in two orders;
* build the kernel in two ways that should agree, and find out why they do not quite;
* make its sum zero, and mark edges where the response changes sign.

**Before this:** the lesson on edges.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_laplace
from skimage import data
from torch.testing import assert_close

from cnn_tutorial import filters, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

photo = torch.from_numpy(data.coins()[8:140, 8:200] / 255)  # (H, W), 0-1

# %%
# The question
# ------------
# Once more the row that crosses an edge. Take both neighbours, and subtract the pixel
# itself twice.

row = torch.tensor([0.0, 0, 0, 9, 9, 9])
predict(
    "`left - 2 * middle + right`, for the four pixels that have both neighbours: which "
    "numbers?",
    (row[:-2] - 2 * row[1:-1] + row[2:]).int().tolist(),
    because="Last dark pixel: 0 - 0 + 9. First bright pixel: 0 - 18 + 9. Plus turns "
    "into minus, and the edge is where the sign changes.",
)

# %%
# Down and across together that is the Laplacian, a sum of two second differences:
# four neighbours minus four times the pixel.

laplacian = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]).double()
predict(
    "Noise of deviation 1, independent from pixel to pixel: which deviation has it "
    "after the Laplacian?",
    f"{laplacian.square().sum().sqrt():.2f}",
    because="Variances add up: 1 + 1 + 16 + 1 + 1 = 20, and the root of 20. A faint "
    "difference has little chance against that.",
)

# %%
# Blur first
# ----------
# A Gaussian blur replaces each pixel by a weighted mean of its surroundings. Its
# weights are a bell, and :math:`\sigma` says how wide the bell is.


def gaussian(sigma, radius):
    x = torch.arange(-radius, radius + 1, dtype=torch.float64)
    bell = torch.exp(-(x**2) / (2 * sigma**2))
    bell = bell / bell.sum()  # a mean: the weights add up to 1
    return torch.outer(bell, bell)


def slide(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


# %%
# Watch the Laplacian without the blur and with it. The coins are 30 to 40 pixels wide,
# and the bell has a :math:`\sigma` of 3.

alone = slide(photo, laplacian)[9:-9, 9:-9]  # where the blur has room
after = slide(slide(photo, gaussian(3, 9)), laplacian)
plotting.feature_maps(
    torch.stack([alone, 20 * after]),
    titles=["Laplacian", "blur first, times 20"],
    columns=1,
    title="Alone it answers every scratch, after a blur the rims of coins",
)

# %%
# Filter and response
# -------------------
# We slid two kernels, one after the other. Since every step only multiplies and adds,
# we may blur the *Laplacian* instead, once and for all, and slide the result.

once = slide(F.pad(gaussian(3, 9), (2, 2, 2, 2)), laplacian)  # (21, 21)
assert_close(slide(slide(photo, gaussian(3, 9)), laplacian), slide(photo, once))

# %%
# So :math:`\nabla^2 (G * I) = (\nabla^2 G) * I`. On the right stands the *filter*
# :math:`\nabla^2 G`, a kernel that knows of no image. On the left the *response*, an
# image. Both are called LoG; when something is odd, ask first which of them is meant.
#
# The kernel has a formula. Differentiate the Gaussian twice each way and add. With
# :math:`r^2 = x^2 + y^2`, the squared distance from the middle, it reads
#
# .. math::
#    \nabla^2 G = \frac{r^2 - 2\sigma^2}{\sigma^4} \cdot
#    \frac{1}{2\pi\sigma^2}\, e^{-r^2 / 2\sigma^2}


def sampled_log(sigma):
    radius = math.ceil(3 * sigma)
    x = torch.arange(-radius, radius + 1, dtype=torch.float64)
    far = x[:, None] ** 2 + x**2  # squared distance from the middle
    bell = torch.exp(-far / (2 * sigma**2)) / (2 * math.pi * sigma**2)
    return (far - 2 * sigma**2) / sigma**4 * bell


predict(
    "The kernel reaches three sigma to each side. How large is it for sigma 5, and for "
    "sigma 10?",
    f"{tuple(sampled_log(5).shape)} and {tuple(sampled_log(10).shape)}",
    because="2 * ceil(3 * sigma) + 1: 15 or 30 pixels on each side, and the middle.",
)

# %%
# Seen from the side it is a hole with a rim, or a Mexican hat upside down. Where is it
# zero?

plotting.surfaces(
    {f"sigma {sigma}": sampled_log(sigma) for sigma in (5, 10)},
    title="The same shape twice: as wide again, and a sixteenth as deep",
)

# %%
# It is zero where :math:`r^2 = 2\sigma^2`, on a circle of radius
# :math:`\sqrt 2\,\sigma`. Remember that circle: in the next lesson but one it becomes
# the size of a blob.
#
# Two ways that should agree
# --------------------------
# Any filter can be asked for its kernel: show it an *impulse*, one bright pixel on
# black, and its response is the kernel. We do so with SciPy's function, on an image as
# large as our kernel.

for sigma in (5, 10):
    ours = sampled_log(sigma)
    impulse = np.zeros(ours.shape)
    impulse[ours.shape[0] // 2, ours.shape[1] // 2] = 1
    theirs = torch.from_numpy(gaussian_laplace(impulse, sigma))
    gap = (ours - theirs).abs().max() / ours.abs().max()
    sums = f"{ours.sum():.1e} and {theirs.sum():.1e}"
    print(f"sigma {sigma:2}: sums {sums}, gap {gap:.1%} of the peak")
    known = {5: "-1.6e-03 and -5.7e-05", 10: "-4.6e-04 and -1.8e-05"}
    assert sums == known[sigma]
    assert 0.024 < gap < 0.032

# %%
# Both should add up to zero, neither does, and they differ by a few per cent of the
# peak. Where?

plotting.feature_maps(
    theirs - ours,
    titles=["SciPy minus formula"],
    title="All of the difference is at the border of the kernel",
)

# %%
# SciPy's Gaussian goes on to 4 sigma, our picture ends at 3. SciPy takes the border for
# a mirror, and so the tail from 3 to 4 sigma comes back and is added on top. Its sum is
# better for it, and its edge is wrong. Give it room, and both agree:

wide = np.zeros((201, 201))
wide[100, 100] = 1
roomy = torch.from_numpy(gaussian_laplace(wide, 10))[70:131, 70:131]
print(f"gap with room: {(roomy - ours).abs().max() / ours.abs().max():.2%}")

# %%
# Why the sum must be zero
# ------------------------
# On a flat wall nobody stands out, so the response should be 0. It is brightness times
# the sum of the kernel. A kernel with a sum below zero takes *every* bright wall for a
# very shallow blob, and a threshold cannot tell them apart.

kernel = sampled_log(5)
wall = torch.ones(31, 31, dtype=torch.float64)
x = torch.arange(-15, 16)
disc = x[:, None] ** 2 + x**2 <= 7**2
share = slide(wall, kernel) / slide(disc.double(), kernel)
print(f"a flat white wall answers {share.item():.1%} of what a white disc answers")

# %%
# The cure is cheap: subtract the mean. The wall falls silent, and the kernel has hardly
# changed.

corrected = kernel - kernel.mean()
assert abs(slide(wall, corrected).item()) < 1e-12
change = (corrected - kernel).abs().max() / kernel.abs().max()
print(f"largest change: {change:.2%} of the peak")

# %%
# Edges are where the sign changes
# --------------------------------
# Back to the row at the top: plus on the dark side, minus on the bright side, and the
# edge between. In an image we mark each pixel whose right or lower neighbour has the
# other sign. The response comes from the package, whose border reflects.

response = filters.log(photo, 3.0)  # (H, W)


def crossings(response, step):
    marks = torch.zeros(response.shape, dtype=torch.bool)
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        one, other = response[here], response[there]
        marks[here] |= (one * other < 0) & ((one - other).abs() > step)
    return marks


every, clear = crossings(response, 0), crossings(response, 0.003)
plotting.images(
    torch.stack([photo, every.double(), clear.double()])[:, None],
    labels=["photograph", "every change of sign", "large changes only"],
    columns=1,
    title="Where the sign changes: closed curves around each coin and each dent",
)

# %%
# On the flat cloth noise decides about the sign, so there are curves, too. A change that
# is large enough is an edge. Sobel can tell us whether that is so: how steep is the
# blurred photograph on the curves, and how steep elsewhere? And where are the hundred
# strongest responses?

steep = filters.gradient_magnitude(filters.gaussian(photo, 3.0))
ratio = steep[clear].mean() / steep[~clear].mean()
print(f"on the curves {ratio:.1f} times as steep")
strongest = response.abs().flatten().argsort()[-100:]
count = every.flatten()[strongest].sum()
print(f"of the 100 strongest {count} on a curve")

# %%
# .. note::
#    Zero-crossings mark *edges*, not blobs. In the middle of a blob the response is as
#    far from zero as it gets.
#
# A coarse map of answers
# -----------------------
# With a larger sigma the coins themselves answer, not their dents. Bright blobs answer
# below zero, so we turn the sign. Often we need not know the pixel: keep the largest
# answer of each 8 x 8 window. That is max pooling, which gets a lesson of its own.

answers = -filters.log(photo, 10.0)
pooled = F.max_pool2d(answers[None], kernel_size=8, stride=8)
predict(
    f"There are {tuple(answers.shape)} answers. Which shape has the map?",
    tuple(pooled.shape[1:]),
    because="132 // 8 and 192 // 8: four rows at the bottom fill no window.",
)

# %%
# The map has about a 64th of the numbers, and still shows where the coins lie.

plotting.feature_maps(
    pooled,
    titles=["largest answer in each window"],
    title="64 pixels become one, and the coins are still there",
)

# %%
# In the library
# --------------
# ``filters.log_kernel`` divides its Gaussian by the sum, as SciPy does; but for that
# factor it is the formula of this page. ``filters.log`` gives the response, equal to
# SciPy's. Both are corrected unless you ask them not to be.

plain = filters.log_kernel(5, radius=15, zero_sum=False, dtype=torch.float64)
factor = plain[15, 15] / kernel[15, 15]
assert_close(plain, kernel * factor)
theirs = torch.from_numpy(gaussian_laplace(photo.numpy(), 5))
assert_close(filters.log(photo, 5, zero_sum=False), theirs)
with expect_error(ValueError):
    filters.log_kernel(0)

# %%
# Takeaways
# ---------
# * The Laplacian compares a pixel with its neighbours. It multiplies noise, so blur
#   first.
# * Blur then Laplacian is one kernel, :math:`\nabla^2 G`: the filter. What it makes of
#   an image is the response.
# * Its sum must be zero, or flat bright regions answer. Cut-off tails spoil the sum;
#   subtracting the mean mends it.
# * Zero-crossings of the response mark edges. Blobs are at its extremes.
# * A 61 x 61 kernel is slow. What one does about it is the next lesson.
#
# Check yourself
# --------------
# Say which pixels the kernel reaches, then choose.

ask("response_sign")

# %%
# Two filters in a row, as one kernel:

ask("merged_kernel")

# %%
# Exercise
# --------
# Write the kernel: the formula on a grid that reaches three sigma, and the mean
# subtracted so that the sum is zero.


def log_kernel(sigma):
    """Return the Laplacian of Gaussian, side 2 * ceil(3 * sigma) + 1, sum zero."""
    raise NotImplementedError


check("log_kernel", log_kernel)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("log_kernel")

# %%
# References
# ----------
# 1. D. Marr, E. Hildreth. *Theory of Edge Detection.* Proceedings of the Royal Society
#    B 207, 1980. Zero-crossings of the Laplacian of Gaussian.
#    `doi:10.1098/rspb.1980.0020 <https://doi.org/10.1098/rspb.1980.0020>`__
# 2. R. Szeliski. *Computer Vision: Algorithms and Applications.* 2nd edition, 2022,
#    sections 3.2 and 7.2. `Book <https://szeliski.org/Book/>`__
# 3. The photograph: Greek coins from Pompeii, Brooklyn Museum Collection, which
#    `scikit-image <https://scikit-image.org/docs/stable/api/skimage.data.html>`__
#    ships.
