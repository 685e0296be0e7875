"""Every convolution on one channel, by size of image and kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial import convolution
from cnn_tutorial.benchmarks.clock import Method
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.grids import Grid, compare_grid
from cnn_tutorial.benchmarks.suite import Suite
from cnn_tutorial.benchmarks.targets import Target

__all__ = ["BASELINE", "SUITE", "candidates", "grid", "random_kernel"]

BASELINE = "F.conv2d"
#: The loops take about ten microseconds for each output pixel.
LOOPS = 64**2
#: Most numbers in a table of patches: 1 GB of float32. SciPy's direct method, which
#: takes some nanoseconds for each, stops there too.
TABLE = 250_000_000
SIDES = (32, 64, 128, 256, 512)
KERNELS = (3, 7, 15, 31, 61)
QUICK = (64, 256), (3, 15)


def random_kernel(side: int, rank: int | None, *, seed: int = 0) -> Tensor:
    """Return a random kernel that is a sum of `rank` separable ones.

    Parameters
    ----------
    side
        Pixels.
    rank
        At least 1; None: numbers that follow no rule, so that no sum of a few separable
        kernels gives them.
    seed
        Of the numbers.

    Returns
    -------
    float32 tensor, shape (side, side)
        With deviation about 1.

    Examples
    --------
    >>> int(torch.linalg.matrix_rank(random_kernel(7, 2)))
    2
    """
    generator = torch.Generator().manual_seed(seed)
    if rank is None:
        return torch.randn(side, side, generator=generator)
    columns = torch.randn(side, rank, generator=generator)
    rows = torch.randn(rank, side, generator=generator)
    return torch.mm(columns, rows) / math.sqrt(rank)


def _foreign(image: Tensor, kernel: Tensor) -> dict[str, Method]:
    """Return what other libraries offer; they work on arrays."""
    import scipy.ndimage
    import scipy.signal
    import skimage.filters

    sparse: Any = skimage.filters.correlate_sparse
    picture, window = image.numpy(), kernel.numpy()
    side, width = picture.shape[0], window.shape[0]
    low, high = width // 2, width // 2 + side - width + 1

    def inside(filtered: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> object:
        # These filters answer for pixels at the border too.
        return filtered[low:high, low:high]

    correlate = partial(scipy.signal.correlate, picture, window, mode="valid")
    found = {
        "scipy.ndimage": lambda: inside(scipy.ndimage.correlate(picture, window)),
        "scipy.signal fft": lambda: correlate(method="fft"),
        "skimage": lambda: inside(sparse(picture, window)),
    }
    if (side - width + 1) ** 2 * width**2 <= TABLE:
        found["scipy.signal direct"] = lambda: correlate(method="direct")
    return found


def candidates(
    side: int, width: int, *, rank: int | None = 2, others: bool = True
) -> dict[str, Method]:
    """Return every convolution of an image with a kernel, ready to be called.

    Parameters
    ----------
    side, width
        Of the image and of the kernel, pixels; an odd `width`.
    rank
        Of the kernel, as in :func:`random_kernel`; the method for low rank takes part
        if it is given.
    others
        Whether SciPy and scikit-image take part.

    Returns
    -------
    dict of str to function
        Without the loops, the table of patches and SciPy's direct method where they
        would take too long or too much memory; empty where the kernel is larger than
        the image.
    """
    if width > side:
        return {}
    image = torch.randn(side, side, generator=torch.Generator().manual_seed(1))
    kernel = random_kernel(width, rank)
    x, w = image[None, None], kernel[None, None]
    places = (side - width + 1) ** 2

    def of(function: Callable[..., Tensor], **settings: object) -> Method:
        return lambda: function(x, w, **settings)[0, 0]

    found: dict[str, Method] = {BASELINE: of(F.conv2d)}
    if places <= LOOPS:
        found["loops"] = of(convolution.conv2d_loops)
    if places * width**2 <= TABLE:
        found["unfold"] = of(convolution.conv2d_unfold)
    found["fft"] = of(convolution.conv2d_fft)
    if rank is not None:
        found["low_rank"] = of(convolution.conv2d_low_rank, max_rank=rank)
    found["auto"] = of(convolution.conv2d)
    return found | _foreign(image, kernel) if others else found


def grid(
    sides: Sequence[int] = SIDES,
    widths: Sequence[int] = KERNELS,
    *,
    rank: int | None = 2,
    others: bool = True,
    without: Sequence[str] = (),
    **settings: float,
) -> Grid:
    """Compare every convolution for images and kernels of many sizes.

    Parameters
    ----------
    sides, widths
        Of images and kernels, pixels.
    rank, others
        As in :func:`candidates`.
    without
        Names of candidates to leave out.
    **settings
        ``rounds``, ``seconds``, ``shortest``, ``threads`` of
        :func:`cnn_tutorial.benchmarks.compare`.

    Returns
    -------
    Grid
        Images in rows, kernels in columns, ratios to ``F.conv2d``.
    """

    def those(side: int, width: int) -> Mapping[str, Method]:
        found = candidates(side, width, rank=rank, others=others)
        return {name: one for name, one in found.items() if name not in without}

    return compare_grid(
        those,
        sides,
        widths,
        baseline=BASELINE,
        row_name="image",
        column_name="kernel",
        **settings,
    )


def _measure(quick: bool) -> Iterator[Comparison]:
    sides, widths = QUICK if quick else (SIDES, KERNELS)
    seconds = 0.3 if quick else 2.0
    # One by one, so that each can be shown as soon as it is there.
    for side in sides:
        for width in widths:
            yield from grid([side], [width], seconds=seconds).comparisons


SUITE = Suite(
    title="One channel: every convolution, by size of image and kernel",
    measure=_measure,
    targets=(
        Target(
            "unfold at least 200 times as fast as loops",
            name="loops",
            to="unfold",
            at_least=200,
            where="image 64, kernel 3",
        ),
    ),
)
