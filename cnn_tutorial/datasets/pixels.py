"""Bytes of images: padding, and mean and deviation without rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["channel_statistics", "pad_to"]


def pad_to(images: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Put images in the middle of larger ones that are zero elsewhere.

    Parameters
    ----------
    images : uint8 array, shape (N, C, H, W)
        The images.
    size : (int, int)
        Height and width to reach, pixels. Where the rest is odd, the bottom and the
        right get one more.

    Returns
    -------
    uint8 array, shape (N, C, *size)
        The padded images.

    Raises
    ------
    ValueError
        If the images are larger than `size`.

    Examples
    --------
    >>> pad_to(
    ...     np.full((1, 1, 1, 1), 9, dtype=np.uint8), (2, 3)
    ... )  # 0+1 rows, 1+1 columns
    array([[[[0, 9, 0],
             [0, 0, 0]]]], dtype=uint8)
    """
    rows, columns = size[0] - images.shape[2], size[1] - images.shape[3]
    if rows < 0 or columns < 0:
        raise ValueError(
            f"`size` (={size}) must be at least {images.shape[2:]}, the size of the "
            "images: they are padded, never shrunk."
        )
    margins = [(rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)]
    return np.pad(images, [(0, 0), (0, 0), *margins])


def channel_statistics(
    images: NDArray[np.uint8],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation of each channel, 0-1.

    Parameters
    ----------
    images : uint8 array, shape (N, C, H, W)
        The images.

    Returns
    -------
    mean : tuple of float, length C
        Mean of all pixels of the channel.
    std : tuple of float, length C
        Their deviation from it, root mean square (divided by N, not N - 1).

    Notes
    -----
    A byte has 256 values, so it is enough to count them: no copy as floats, and no sum
    of millions of rounded numbers.

    Examples
    --------
    >>> channel_statistics(np.array([[[[0, 255]], [[51, 51]]]], dtype=np.uint8))
    ((0.5, 0.2), (0.5, 0.0))
    """
    levels = np.arange(256) / 255
    means, deviations = [], []
    for channel in images.swapaxes(0, 1):
        share = np.bincount(channel.ravel(), minlength=256) / channel.size
        mean = float(share @ levels)
        means.append(mean)
        deviations.append(float(np.sqrt(share @ (levels - mean) ** 2)))
    return tuple(means), tuple(deviations)
