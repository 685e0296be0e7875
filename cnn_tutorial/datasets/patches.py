"""Patches cut from photographs: "which photograph is this from?".

A photograph is divided into blocks of 64x64 pixels; each block belongs to one split,
and a patch of 32x32 pixels lies inside one block. So no pixel of a test patch was ever
seen in training.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from cnn_tutorial.datasets.photographs import PHOTOGRAPHS, read_photograph
from cnn_tutorial.datasets.sampling import Arrays

__all__ = ["BLOCK", "PATCH", "PER_CLASS", "block_corners", "patch_corners", "patches"]

BLOCK = 64
"""Side of a block, pixels."""

PATCH = 32
"""Side of a patch, pixels."""

PER_CLASS = {"train": 600, "validation": 100, "test": 200}
"""Patches of each photograph in each split."""

# Of eight blocks in a row five, one and two. A shift by three from row to row keeps the
# blocks of one split from standing in columns.
_SPLIT_OF_BLOCK = ("test", "train", "validation", "train") + ("test",) + ("train",) * 3
_SHIFT = 3


def block_corners(height: int, width: int, split: str) -> list[tuple[int, int]]:
    """Return the blocks of a split in a photograph.

    Parameters
    ----------
    height, width : int
        Size of the photograph, pixels.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.

    Returns
    -------
    list of (int, int)
        Top and left of each block.

    Examples
    --------
    >>> block_corners(70, 520, "validation")  # one row of eight: the third one
    [(0, 128)]
    """
    return [
        (BLOCK * row, BLOCK * column)
        for row in range(height // BLOCK)
        for column in range(width // BLOCK)
        if _SPLIT_OF_BLOCK[(column + _SHIFT * row) % 8] == split
    ]


def patch_corners(
    height: int, width: int, split: str, *, seed: int
) -> NDArray[np.int64]:
    """Return where the patches of a split lie: evenly over its blocks, else by chance.

    Parameters
    ----------
    height, width : int
        Size of the photograph, pixels.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    seed : int
        The same seed gives the same places, with every version of NumPy.

    Returns
    -------
    int array, shape (patches, 2)
        Top and left of each patch.

    Examples
    --------
    >>> patch_corners(512, 512, "test", seed=0).shape
    (200, 2)
    """
    blocks = np.array(block_corners(height, width, split))
    count = PER_CLASS[split]
    offsets = np.random.RandomState(seed).randint(0, BLOCK - PATCH + 1, (count, 2))
    return blocks[np.arange(count) % len(blocks)] + offsets


@functools.cache
def patches() -> Arrays:
    """Return the patches of all photographs; kept for the next call.

    Returns
    -------
    dict of str to (uint8 array, int64 array)
        For ``"train"``, ``"validation"`` and ``"test"``: images, shape (N, 3, 32, 32),
        and labels, shape (N,), which are indices into `PHOTOGRAPHS`. In mixed order;
        read-only.

    Raises
    ------
    DataError
        If a photograph is missing.
    """
    pixels = [read_photograph(photograph) for photograph in PHOTOGRAPHS]
    result = {}
    for split, count in PER_CLASS.items():
        cut = [_cut(photo, split, seed) for seed, photo in enumerate(pixels)]
        images = np.concatenate(cut)
        labels = np.repeat(np.arange(len(PHOTOGRAPHS), dtype=np.int64), count)
        order = np.random.RandomState(0).permutation(len(labels))
        result[split] = images[order], labels[order]
        for array in result[split]:
            array.flags.writeable = False
    return result


def _cut(pixels: NDArray[np.uint8], split: str, seed: int) -> NDArray[np.uint8]:
    """Return the patches of one photograph, shape (patches, 3, 32, 32)."""
    height, width, _ = pixels.shape
    top, left = patch_corners(height, width, split, seed=seed).T
    windows: NDArray[np.uint8] = np.lib.stride_tricks.sliding_window_view(
        pixels, (PATCH, PATCH), (0, 1)
    )
    cut: NDArray[np.uint8] = windows[top, left]
    return cut
