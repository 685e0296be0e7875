"""Filters with large kernels, against SciPy's and scikit-image's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from cnn_tutorial import convolution, filters
from cnn_tutorial._validation import choice
from cnn_tutorial.benchmarks.clock import Method
from cnn_tutorial.benchmarks.comparing import compare
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.suite import Suite
from cnn_tutorial.benchmarks.targets import Target

__all__ = ["SUITE", "blob_candidates", "log_candidates", "same_blobs"]

SCIPY, SKIMAGE = "scipy gaussian_laplace", "skimage blob_log"
SIDE = 512
SCALES = {
    "coins": {"min_sigma": 5, "max_sigma": 30, "num_sigma": 11},
    "stars": {"min_sigma": 3, "max_sigma": 30, "num_sigma": 10},
}


def log_candidates(sigma: float, side: int = SIDE) -> dict[str, Method]:
    """Return ways to the Laplacian of a smoothed image, ready to be called.

    Parameters
    ----------
    sigma
        Of the Gaussian, pixels. The kernel reaches to three times that, also SciPy's.
    side
        Of the image, pixels.

    Returns
    -------
    dict of str to function
        The same kernel through PyTorch and through ``conv2d(method="auto")``; and
        SciPy's, which builds its own.
    """
    import scipy.ndimage

    image = torch.rand(side, side, generator=torch.Generator().manual_seed(0))
    x, picture = image[None, None], image.numpy()
    kernel = torch.as_tensor(filters.log_kernel(sigma)).to(x.dtype)
    weight, radius = kernel[None, None], kernel.shape[0] // 2

    def scipys() -> NDArray[np.float32]:
        found: NDArray[np.float32] = scipy.ndimage.gaussian_laplace(
            picture, sigma, mode="constant", radius=radius
        )
        return found

    return {
        "F.conv2d": lambda: F.conv2d(x, weight, padding="same")[0, 0],
        "auto": lambda: convolution.conv2d(x, weight, padding="same")[0, 0],
        SCIPY: scipys,
    }


def blob_candidates(picture: str) -> dict[str, Method]:
    """Return both blob detectors on a photograph, ready to be called.

    Parameters
    ----------
    picture
        "coins" or "stars".

    Returns
    -------
    dict of str to function
        Blobs that stand out: of faint ones, and of those that overlap, each library
        keeps a few that the other drops.
    """
    import skimage.data
    import skimage.feature

    theirs: Any = skimage.feature.blob_log
    read: Any = {"coins": skimage.data.coins, "stars": skimage.data.hubble_deep_field}
    grey = read[choice("picture", picture, read)]() / 255.0
    if grey.ndim == 3:
        grey = grey[:300, :384].mean(-1)
    image = torch.from_numpy(grey)  # coins (303, 384), stars (300, 384)
    settings: dict[str, Any] = {**SCALES[picture], "threshold": 0.15, "overlap": 0.5}
    return {
        SKIMAGE: lambda: theirs(grey, **settings),
        "blob_log": lambda: filters.blob_log(image, **settings),
    }


def same_blobs(
    found: object, expected: object, *, pixels: float = 1.5, sigmas: float = 0.01
) -> bool:
    """Return whether two lists name the same blobs, in whatever order.

    Parameters
    ----------
    found, expected
        Rows of (row, column, sigma).
    pixels, sigmas
        How far apart two places, and two scales, may be.

    Examples
    --------
    >>> same_blobs([(5, 7, 2), (1, 1, 3)], [(1, 1, 3), (5, 8, 2)])  # one pixel apart
    True
    >>> same_blobs([(5, 7, 2)], [(5, 7, 3)])
    False
    """
    ours, theirs = (np.asarray(blobs).reshape(-1, 3) for blobs in (found, expected))
    if len(ours) != len(theirs):
        return False
    gap = np.abs(ours[:, None] - theirs[None])  # (ours, theirs, 3)
    near = (gap[..., :2].max(-1) <= pixels) & (gap[..., 2] <= sigmas)
    return bool(near.any(0).all() and near.any(1).all())


def _close(result: object, expected: object) -> bool:
    """Compare responses: SciPy's own kernel, an array, need not be ours to a digit."""
    tolerance = 0.02 if isinstance(result, np.ndarray) else 1e-4
    theirs = torch.as_tensor(expected)
    difference = (torch.as_tensor(result) - theirs).abs().max()
    return bool(difference <= tolerance * theirs.abs().max())


def _measure(quick: bool) -> Iterator[Comparison]:
    for sigma in (5,) if quick else (5, 10):
        yield compare(
            log_candidates(sigma),
            baseline="F.conv2d",
            title=f"Laplacian of Gaussian, sigma {sigma}",
            rounds=3 if quick else 7,
            seconds=0 if quick else 20,
            agree=_close,
        )
    for picture in SCALES:
        yield compare(
            blob_candidates(picture),
            baseline=SKIMAGE,
            title=f"Blobs in a photograph: {picture}",
            rounds=3 if quick else 15,
            seconds=10,
            agree=same_blobs,
        )


SUITE = Suite(
    title="Large filters: PyTorch, SciPy and scikit-image",
    measure=_measure,
    targets=(
        Target(
            "auto at least 20 times as fast as F.conv2d, sigma 10",
            name="F.conv2d",
            to="auto",
            at_least=20,
            where="Laplacian of Gaussian, sigma 10",
        ),
        Target(
            "auto at most 3 times gaussian_laplace, sigma 10",
            name="auto",
            to=SCIPY,
            at_most=3,
            where="Laplacian of Gaussian, sigma 10",
        ),
        Target(
            "blob_log at most 2 times scikit-image's",
            name="blob_log",
            to=SKIMAGE,
            at_most=2,
        ),
    ),
)
