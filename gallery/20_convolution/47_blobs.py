"""
A blob has a place and a size
=============================

A coin, a star, the nucleus of a cell: something round that is brighter or darker than
its ground. The Laplacian of Gaussian answers it, if sigma fits. Which sigma fits is not
known beforehand, and a picture has blobs of many sizes. So we try all of them and let
the blob choose. One factor, sigma squared, makes that choice fair.

You will

* find the radius of a disc from the sigma at which it answers most;
* write a blob detector, as a maximum over rows, columns and scales;
* run it on coins, galaxies, cells, gravel and a retina, and see what it takes for a
  blob and is none.

**Before this:** the lesson on the Laplacian of Gaussian.
"""

import math

import torch
import torch.nn.functional as F
from skimage import data
from skimage.feature import blob_log as skimage_blob_log
from torch.testing import assert_close

from cnn_tutorial import benchmarks, filters, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

coins = torch.from_numpy(data.coins()[8:296:2, ::2] / 255)  # (H, W), 0-1

# %%
# The question
# ------------
# Three white discs on black, of radius 4, 8 and 16. Each is filtered at many scales,
# and we read the answer in its middle. Bright blobs answer below zero, so we turn the
# sign.

x = torch.arange(-60.0, 61).double()
far = torch.hypot(x[:, None], x)  # distance from the middle
sigmas = torch.arange(1.0, 20.1, 0.25).tolist()
raw = {}
for radius in (4, 8, 16):
    disc = (radius + 0.5 - far).clamp(0, 1)  # the rim counts in part
    raw[radius] = torch.stack([-filters.log(disc, s)[60, 60] for s in sigmas])
predict(
    "All discs are equally bright. Is the largest answer of each the same?",
    ", ".join(f"radius {r}: {answers.max():.4f}" for r, answers in raw.items()),
    because="Twice the radius makes a quarter of the answer. A derivative halves when "
    "a picture is stretched to twice its size, a second derivative halves twice.",
)

# %%
# Whoever compares these numbers finds small things only.
#
# The idea
# --------
# Multiply by :math:`\sigma^2` and the shrinking is undone. In the middle of a disc of
# radius r, the integral of the kernel over the disc can be worked out:
#
# .. math::
#    -\sigma^2\, \nabla^2 (G * I) = \frac{r^2}{\sigma^2}\, e^{-r^2 / 2\sigma^2}
#
# It depends on :math:`r / \sigma` only, so every disc has the same curve, stretched.

fair = {f"radius {r}": torch.tensor(sigmas) ** 2 * raw[r] for r in raw}
plotting.lines(
    sigmas,
    fair,
    title="Times sigma squared: all discs answer alike, each at its own sigma",
    xlabel="sigma (pixels)",
    ylabel="answer in the middle",
)

# %%
# Where is the summit? Set the derivative to zero and find :math:`r^2 = 2\sigma^2`. It is
# the circle from the last lesson but one: the hole of the kernel fits the disc exactly.

best = sigmas[fair["radius 8"].argmax()]
assert abs(best - 8 / math.sqrt(2)) < 0.25
assert abs(fair["radius 8"].max() - 2 / math.e) < 0.01
predict(
    "At which sigma does the disc of radius 8 answer most, and how much?",
    f"sigma {best}, answer {fair['radius 8'].max():.3f}",
    because="8 / sqrt 2 = 5.66, to the nearest quarter. There the formula gives "
    "2 / e = 0.736, for every disc that is brighter than its ground by 1.",
)

# %%
# By hand
# -------
# Now a photograph. We stack its answers at several scales into a block with three axes:
# scale, row, column.

scales = torch.linspace(4, 12, 9).tolist()
cube = torch.stack([-(s**2) * filters.log(coins, s) for s in scales])  # (9, H, W)
plotting.feature_maps(
    cube[::4, ::2, ::2],  # every other pixel is enough to see it
    titles=[f"sigma {s:.0f}" for s in scales[::4]],
    columns=1,
    title="Small coins answer most in the middle, large ones below",
)

# %%
# A blob is where this block has a *maximum*, over all three axes: larger than its
# neighbours in the picture, and larger than the same place one scale up and down. Max
# pooling over 3 x 3 x 3 says what the largest neighbour is.


def detect(cube, scales, threshold):
    largest = F.max_pool3d(cube[None], kernel_size=3, stride=1, padding=1)[0]
    level, row, column = torch.where((cube == largest) & (cube > threshold))
    return torch.stack([row, column, torch.tensor(scales)[level]], dim=1)


predict(
    "Each place of the block is compared with how many neighbours?",
    3**3 - 1,
    because="Three scales, three rows, three columns, without itself.",
)

# %%
# The threshold is in units of brightness: 0.15 asks for blobs that stand out by about
# 0.2. Circles have the radius :math:`\sqrt 2\,\sigma` of the disc that would answer
# there.

blobs = detect(cube, scales, threshold=0.15)
plotting.circles(
    coins,
    blobs,
    title="Nobody said where the coins are, nor how large they are",
)

# %%
# Count. Six times four coins, and each has a circle of its own size. But there are
# circles too many, small ones on large coins: a bright part of a relief is a blob, too.
#
# In the library
# --------------
# ``filters.blob_log`` is this function with one more step. Of two blobs that share more
# than half of the smaller disc, the larger one stays. scikit-image has the same
# detector. Do they agree?

settings = {"min_sigma": 4, "max_sigma": 12, "num_sigma": 9, "threshold": 0.15}


def ours():
    return filters.blob_log(coins, **settings)


def theirs():
    return torch.from_numpy(skimage_blob_log(coins.numpy(), **settings))


def in_order(blobs):
    return torch.tensor(sorted(blobs.tolist()))


assert_close(in_order(ours()), in_order(theirs()))
print(f"{len(blobs)} maxima, {len(ours())} blobs, the same as scikit-image's")

# %%
# They do, and here is how long both take.

times = benchmarks.compare(
    {"filters": ours, "scikit-image": theirs},
    baseline="scikit-image",
    tolerance=None,  # in another order
    seconds=profiles.current().pick(smoke=0.1, docs=1.0, full=1.0),
    threads=1,
)
times

# %%
# Galaxies
# --------
# Astronomers find stars this way. Most objects below are a few pixels wide, a few are
# large, so the scales grow by factors instead of steps.

field = torch.from_numpy(data.hubble_deep_field()[350:460, 345:475])  # (H, W, 3)
sky = field.double().mean(2) / 255
found = filters.blob_log(
    sky, min_sigma=1, max_sigma=12, num_sigma=12, log_scale=True, threshold=0.1
)
plotting.circles(
    field.movedim(2, 0),
    found,
    title="Hubble eXtreme Deep Field: from points of light to whole galaxies",
)

# %%
# Cells
# -----
# In stained tissue the nuclei are *darker* than their ground. A dark blob is a bright
# one in the negative.

slide = torch.from_numpy(data.immunohistochemistry()[210:290, 265:355])
cells = filters.blob_log(
    1 - slide.double().mean(2) / 255,
    min_sigma=2,
    max_sigma=6,
    num_sigma=9,
    threshold=0.1,
)
plotting.circles(
    slide.movedim(2, 0),
    cells,
    title="Blue nuclei are found; so are dark spots in the brown stain",
)

# %%
# The detector asks for dark and round. It does not know what a nucleus is. In practice
# one separates the stains first, and lets a trained network judge each candidate.
#
# Gravel
# ------
# A texture has no ground between its blobs: stone lies on stone. The threshold decides
# how much a stone must stand out from those around it. How many do?

gravel = torch.from_numpy(data.gravel()[:160, :200] / 255)
settings = {"min_sigma": 3, "max_sigma": 20, "num_sigma": 9, "log_scale": True}
for threshold in (0.05, 0.1, 0.2):
    stones = filters.blob_log(gravel, threshold=threshold, **settings)
    print(f"threshold {threshold}: {len(stones):3} blobs")

plotting.circles(
    gravel,
    filters.blob_log(gravel, threshold=0.1, **settings),
    title="Gravel: bright stones and bright faces of stones",
)

# %%
# None of these is the number of stones. A stone with two bright faces counts twice, a
# dark one not at all.
#
# Where it breaks
# ---------------
# Tiny bulges of blood vessels in the retina, round and dark, are an early sign of
# diabetes. Vessels run through the picture as well. How many circles do you expect?

retina = torch.from_numpy(data.microaneurysms() / 255)
retina = (retina - retina.min()) / (retina.max() - retina.min())
suspects = filters.blob_log(
    1 - retina, min_sigma=1, max_sigma=6, num_sigma=11, threshold=0.15
)
plotting.circles(
    retina,
    suspects,
    title="Blobs in a retina: most circles sit on vessels, not on bulges",
)

# %%
# Across a vessel the picture goes bright, dark, bright: a large second derivative. Along
# it nothing changes. The Laplacian adds the two and cannot tell them apart, so *lines
# answer, too*, about two thirds as loudly as discs. Detectors that must not fall for
# them look at both derivatives.
#
# Other failures are caught before they happen. One missing pixel would spread over the
# whole picture in a blur, and three colours are not one brightness:

broken = coins.clone()
broken[50, 50] = math.nan
with expect_error(ValueError):
    filters.blob_log(broken)
with expect_error(ValueError):
    filters.blob_log(field.movedim(2, 0) / 255)

# %%
# The difference of two blurs
# ---------------------------
# One more economy. Blur spreads brightness as heat spreads, and the equation of heat
# says how the blurred picture changes with sigma:
#
# .. math::
#    \frac{\partial G}{\partial \sigma} = \sigma\, \nabla^2 G
#
# So from :math:`\sigma` to a larger :math:`k\sigma`, a step of :math:`(k - 1)\,\sigma`,
# it changes by about
#
# .. math::
#    G_{k\sigma} - G_\sigma \approx (k - 1)\, \sigma^2\, \nabla^2 G
#
# Two blurs and a subtraction, and the factor :math:`\sigma^2` is already in it. How
# good is that?

exact = 5**2 * filters.log_kernel(5.0, radius=30, dtype=torch.float64)
for k in (1.6, 2 ** (1 / 3), 1.05):
    close = filters.dog_kernel(5.0, k, radius=30, dtype=torch.float64) / (k - 1)
    gap = (close - exact).abs().max() / exact.abs().max()
    like = torch.cosine_similarity(close.flatten(), exact.flatten(), dim=0)
    print(f"k = {k:.2f}: gap {gap:4.0%} of the peak, likeness {like:.3f}")

# %%
# Not the same size, but nearly the same shape. SIFT, for years the usual way to match
# objects, finds its points as extrema of such differences: three to an octave, each
# blur serving two of them.
#
# Takeaways
# ---------
# * Responses at different scales can be compared after multiplying by
#   :math:`\sigma^2`. A disc of radius r then answers most at
#   :math:`\sigma = r / \sqrt 2`.
# * Blobs are maxima over rows, columns *and* scales. Zero-crossings are edges.
# * The threshold is in units of brightness, and overlapping finds are pruned.
# * Lines, halves of objects and dirt answer, too. The filter knows one shape and no
#   meaning; that is what networks add.
# * A difference of two Gaussians is the Laplacian of Gaussian at a lower price.
#
# Check yourself
# --------------
# Two things can change, the size and the contrast. Keep them apart.

ask("enlarged_blob")

# %%
# The third axis of the block:

ask("scale_maxima")

# %%
# Exercise
# --------
# A bright blob lies at a given place. Find its radius: try each sigma, and let the
# answers decide. You may use ``filters.log``.


def blob_radius(image, row, column, sigmas):
    """Return the radius of the bright blob at (row, column) of an image (H, W)."""
    raise NotImplementedError


check("blob_radius", blob_radius)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("blob_radius")

# %%
# References
# ----------
# 1. T. Lindeberg. *Feature Detection with Automatic Scale Selection.* International
#    Journal of Computer Vision 30, 1998. Why sigma squared.
#    `doi:10.1023/A:1008045108935 <https://doi.org/10.1023/A:1008045108935>`__
# 2. D. Lowe. *Distinctive Image Features from Scale-Invariant Keypoints.* IJCV 60,
#    2004. SIFT.
#    `doi:10.1023/B:VISI.0000029664.99615.94
#    <https://doi.org/10.1023/B:VISI.0000029664.99615.94>`__
# 3. P. Stetson. *DAOPHOT: A Computer Program for Crowded-Field Stellar Photometry.*
#    PASP 99, 1987. Stars. `doi:10.1086/131977 <https://doi.org/10.1086/131977>`__
# 4. Y. Al-Kofahi and others. *Improved Automatic Detection and Segmentation of Cell
#    Nuclei in Histopathology Images.* IEEE TBME 57(4), 2010. Cells, by the Laplacian of
#    Gaussian at many scales.
#    `doi:10.1109/TBME.2009.2035102 <https://doi.org/10.1109/TBME.2009.2035102>`__
# 5. W. K. Moon and others. *Computer-Aided Tumor Detection Based on Multi-Scale Blob
#    Detection Algorithm in Automated Breast Ultrasound Images.* IEEE TMI 32(7), 2013.
#    Tumours, by both second derivatives.
#    `doi:10.1109/TMI.2012.2230403 <https://doi.org/10.1109/TMI.2012.2230403>`__
# 6. The photographs come with `scikit-image
#    <https://scikit-image.org/docs/stable/api/skimage.data.html>`__: Brooklyn Museum
#    Collection (coins), NASA (Hubble), Center for Microscopy and Molecular Imaging
#    (tissue), CC0 Textures (gravel), High-Resolution Fundus Image Database (retina).
