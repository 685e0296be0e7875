"""
A large kernel is a few small vectors
=====================================

At sigma 10 the Laplacian of Gaussian has 61 x 61 numbers, and all of them are multiplied
at each pixel. Written as loops this takes seconds for one photograph, and the library
that trains your networks may not be the right tool either. SciPy goes another way. It
uses a property of the kernel, one that you can see in its singular values.

You will

* split a kernel into a column and a row, and count what that saves;
* tell from its rank whether a kernel can be split, and into how many parts;
* time loops, PyTorch, spectra, SciPy and vectors against each other, and see the order
  that many would not expect.

**Before this:** the lessons on the Laplacian of Gaussian and on five machines.
"""

from functools import partial

import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_laplace
from skimage import data
from torch.testing import assert_close

from cnn_tutorial import benchmarks, convolution, filters, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

photo = torch.from_numpy(data.camera() / 255).float()  # (512, 512), 0-1

# %%
# The question
# ------------
# A blur first. The Gaussian below reaches 30 pixels to each side.

x = torch.arange(-30.0, 31)
bell = torch.exp(-(x**2) / (2 * 10**2))
bell = bell / bell.sum()
blur = torch.outer(bell, bell)  # (61, 61)
predict(
    "How many multiplications does each pixel of the blurred image take?",
    f"{blur.numel():,}",
    because=f"61 * 61. The photograph has {photo.numel():,} pixels, so it is about "
    f"{blur.numel() * photo.numel() / 1e9:.0f} billion in all.",
)

# %%
# By hand
# -------
# The kernel is a column times a row, and that carries over to the sum:
#
# .. math::
#    \sum_u \sum_v a_u\, b_v\, x_{i+u,\, j+v} =
#    \sum_u a_u \Bigl( \sum_v b_v\, x_{i+u,\, j+v} \Bigr)
#
# The inner sum is a pass along the rows, the outer one a pass down the columns of what
# came out. Two kernels, 1 x 61 and 61 x 1.


def two_passes(image, column, row):
    out = F.conv2d(image[None, None], row[None, None, None, :])
    return F.conv2d(out, column[None, None, :, None])[0, 0]


small = photo[100:200, 180:300]
at_once = F.conv2d(small[None, None], blur[None, None])[0, 0]
assert_close(two_passes(small, bell, bell), at_once)
predict(
    "Same result. How many multiplications for each pixel now?",
    f"{2 * len(bell)}, which is {blur.numel() / (2 * len(bell)):.0f} times fewer",
    because="61 along the row and 61 down the column.",
)

# %%
# Which kernels can be split?
# ---------------------------
# In a product of a column and a row, every row of the kernel is a multiple of the same
# row. In the language of matrices: the *rank* is 1, only one singular value differs
# from 0. Such kernels are called *separable*. Sobel and the Gaussian are, by
# construction. What about the others?

disc = ((x[:, None] ** 2 + x**2) <= 20**2).double()
double = {"dtype": torch.float64}
kernels = {
    "Sobel": filters.sobel_kernel(1, **double),
    "Gaussian": filters.gaussian_kernel(10, radius=30, **double),
    "Laplacian": filters.laplacian_kernel(**double),
    "LoG": filters.log_kernel(10, radius=30, zero_sum=False, **double),
    "disc": disc,
}
for name, kernel in kernels.items():
    side, rank = len(kernel), torch.linalg.matrix_rank(kernel).item()
    print(f"{name:10}{side:2} x {side:<2}  rank {rank}")

# %%
# The Laplacian of Gaussian has rank 2, whatever its size. Its formula says why: the
# second derivative down, blurred across, plus the second derivative across, blurred
# down.
#
# .. math::
#    \nabla^2 G = g''(y)\, g(x) + g(y)\, g''(x)
#
# Two products, so two passes each.

bent = bell * (x**2 - 10**2) / 10**4  # the bell's second derivative
down, across = torch.outer(bent, bell), torch.outer(bell, bent)
log = down + across
plotting.feature_maps(
    torch.stack([down, across, log]),
    titles=["g''(y) g(x)", "g(y) g''(x)", "their sum"],
    columns=3,
    title="Two kernels of rank 1 make a round one",
)

# %%
# Neither of the two is round; the sum is. Four passes do the work:

in_four = two_passes(small, bent, bell) + two_passes(small, bell, bent)
at_once = F.conv2d(small[None, None], log[None, None])[0, 0]
assert_close(in_four, at_once, atol=1e-6, rtol=1e-3)
predict(
    "Four passes with 61 numbers each: how many times fewer multiplications than with "
    "the square kernel?",
    f"{log.numel() / (4 * len(bell)):.2f} times",
    because="61 * 61 against 4 * 61. A kernel of rank r and side K costs 2 r K instead "
    "of K * K.",
)

# %%
# The disc has a sharp rim in every direction, and a rank to match. How much of it do the
# first few products catch, those with the largest singular values?

ranks = list(range(1, 13))
left = {}
for name in ("LoG", "disc"):
    squares = torch.linalg.svdvals(kernels[name]).square()
    shares = [1 - squares[:r].sum() / squares.sum() for r in ranks]
    left[name] = [max(share.item(), 0) ** 0.5 for share in shares]
plotting.lines(
    ranks,
    left,
    title="What the first r products of column and row miss of a kernel",
    xlabel="products r",
    ylabel="missing, as a share of the kernel",
)

# %%
# Where it breaks
# ---------------
# In the last lesson we made the sum zero by subtracting the mean. A constant is a
# product of two vectors of ones. Which rank has the corrected kernel?

kernel = kernels["LoG"]
corrected = filters.log_kernel(10, radius=30, **double)
assert abs(corrected.sum()) < 1e-12
three = (kernel, kernel - kernel.mean(), corrected)
predict(
    "Rank of the kernel, of the kernel minus its mean, and of the package's corrected "
    "kernel?",
    [torch.linalg.matrix_rank(k).item() for k in three],
    because="The mean adds a third product. The package corrects the vector `g''` "
    "instead, before any product is taken, and stays at two.",
)

# %%
# Loops against library
# ---------------------
# Now the clock. Loops at sigma 10 are too slow for a page that is built often, so we
# give them a small piece of the photograph and a sigma of 2, and everybody else the
# same. ``compare`` checks first that all return the same, then lets them take turns on
# one thread. SciPy and the vectors start from sigma, the others from the kernel.


def by_vectors(image, sigma):
    settings = {"radius": 3 * sigma, "border": "valid", "zero_sum": False}
    return filters.log(image, sigma, **settings)[None, None]


def by_scipy(image, sigma):
    inner = slice(3 * sigma, -3 * sigma)  # the part that no border touches
    response = gaussian_laplace(image.numpy(), sigma, truncate=3)
    return response[None, None, inner, inner]


def candidates(image, sigma):
    kernel = filters.log_kernel(sigma, radius=3 * sigma, zero_sum=False)
    given = image[None, None], kernel[None, None]
    return {
        "F.conv2d": partial(F.conv2d, *given),
        "spectra": partial(convolution.conv2d_fft, *given),
        "vectors": partial(by_vectors, image, sigma),
        "SciPy": partial(by_scipy, image, sigma),
        "patches": partial(convolution.conv2d_unfold, *given),
        "loops": partial(convolution.conv2d_loops, *given),
    }


# %%
# The last two of them only for the small piece:

side, sigmas, seconds = profiles.current().pick(
    smoke=(96, [1, 2], 0.05),
    docs=(512, [2, 5, 10], 0.5),
    full=(512, [2, 5, 10], 0.5),
)
calls = candidates(photo[100:164, 200:264], sigma=2)
settings = {"baseline": "F.conv2d", "seconds": seconds, "threads": 1}
race = benchmarks.compare(calls, **settings)
race

# %%
# What would the loops need for the whole photograph and sigma 10? Their time grows with
# the number of multiplications.

work = (452**2 * 61**2) / (52**2 * 13**2)  # places times elements, then and now
print(f"loops, extrapolated: {race['loops'].seconds * work:.0f} seconds")

# %%
# The kernel grows
# ----------------
# The others can have the whole photograph. Before you look: whose multiplications grow
# with the square of sigma, whose with sigma, whose not at all?

image = photo[:side, :side]
tables = {}
for sigma in sigmas:
    fast = dict(list(candidates(image, sigma).items())[:4])
    tables[sigma] = benchmarks.compare(fast, **settings)
plotting.lines(
    sigmas,
    {name: [1e3 * tables[s][name].seconds for s in sigmas] for name in fast},
    title=f"One response of {side} x {side} pixels, as sigma grows",
    xlabel="sigma (pixels)",
    ylabel="milliseconds",
    log="both",
)

# %%
# The square kernel has about :math:`36\sigma^2` elements, a vector about
# :math:`6\sigma`. Spectra know only the image. At the largest sigma, in the run that
# built this page:

largest = tables[sigmas[-1]]
for name in ("SciPy", "vectors", "spectra"):
    ratio = largest.ratio("F.conv2d", to=name)
    print(f"F.conv2d takes {ratio:.1f} times as long as {name}")

# %%
# ``F.conv2d`` does what it is asked, at sigma 10 with 3,721 multiplications a pixel, and
# is made for layers with many channels and small kernels. SciPy was told that the
# kernel is a Gaussian's, so it knows the vectors. Where it wins above, it wins by
# knowing more about the problem, not by computing faster.
#
# In the library
# --------------
# ``convolution.conv2d_low_rank`` finds the vectors by itself, from the singular values,
# and refuses kernels that have too many.

weight, pixels = kernels["LoG"][None, None], small[None, None].double()
found = convolution.conv2d_low_rank(pixels, weight, max_rank=2)
assert_close(found, F.conv2d(pixels, weight))
with expect_error(ValueError):
    convolution.conv2d_low_rank(pixels, disc[None, None], max_rank=2)

# %%
# Takeaways
# ---------
# * A kernel of rank 1 is a column times a row: two short passes instead of one long one.
# * The Laplacian of Gaussian is a sum of two such products at every size. Subtracting
#   its mean adds a third.
# * A kernel of rank r costs 2 r K multiplications a pixel instead of K * K.
# * Which tool is fast depends on what it knows. A general convolution knows nothing of
#   your kernel.
#
# Check yourself
# --------------
# Products first, passes second, multiplications last.

ask("passes_price")

# %%
# And the property itself, by eye:

ask("can_be_split")

# %%
# Exercise
# --------
# Split a separable kernel: find a column and a row whose outer product it is.


def split_kernel(kernel):
    """Return a column and a row whose outer product is the kernel (kh, kw)."""
    raise NotImplementedError


check("split_kernel", split_kernel)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("split_kernel")

# %%
# References
# ----------
# 1. J. Canny. *A Computational Approach to Edge Detection.* IEEE PAMI 8(6), 1986.
#    Gaussian filters by passes along rows and columns.
#    `doi:10.1109/TPAMI.1986.4767851 <https://doi.org/10.1109/TPAMI.1986.4767851>`__
# 2. P. Perona. *Deformable Kernels for Early Vision.* IEEE PAMI 17(5), 1995. Kernels as
#    sums of few products, by singular values.
#    `doi:10.1109/34.391394 <https://doi.org/10.1109/34.391394>`__
# 3. The photograph: L. R. Varshney, CC0, which
#    `scikit-image <https://scikit-image.org/docs/stable/api/skimage.data.html>`__
#    ships.
