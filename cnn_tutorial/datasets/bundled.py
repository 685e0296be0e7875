"""The data sets that come with the installation."""

from __future__ import annotations

import functools
import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_tutorial import assets
from cnn_tutorial.assets.make_fashion_sample import unpack
from cnn_tutorial.datasets.info import DataError
from cnn_tutorial.datasets.installed import installed
from cnn_tutorial.datasets.patches import patches
from cnn_tutorial.datasets.photographs import check_files
from cnn_tutorial.datasets.sampling import Arrays, carve, stratified

__all__ = [
    "CHECKS",
    "READERS",
    "check_digits",
    "check_fashion_sample",
    "digits",
    "enlarge",
    "fashion_sample",
    "photo_patches",
]

# Of the text; how it is compressed is scikit-learn's business.
_DIGITS_SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def enlarge(images: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Turn 8x8 images of 0-16 into 32x32 images of 0-255.

    Each new pixel is a mean of its nearest neighbours, weighted by distance (bilinear;
    the border repeats). All in whole numbers, so every machine gets the same bytes.

    Parameters
    ----------
    images : int array, shape (N, 8, 8)
        Pixels, 0-16.

    Returns
    -------
    uint8 array, shape (N, 32, 32)
        Pixels, 0-255.

    Examples
    --------
    >>> enlarge(np.full((1, 8, 8), 4))[0, 0, :3]  # 255 * 4/16 = 63.75
    array([64, 64, 64], dtype=uint8)
    """
    # New pixel i has its centre at (i + 1/2)/4 - 1/2 = (2i - 3)/8 old pixels.
    position = np.clip(2 * np.arange(32) - 3, 0, 8 * 7)
    left, eighths = np.divmod(position, 8)
    weights = np.zeros((32, 8), dtype=np.int64)
    weights[np.arange(32), left] = 8 - eighths
    weights[np.arange(32), np.minimum(left + 1, 7)] += eighths
    # Two times eight eighths, and 16 levels: divide by 8 * 8 * 16, rounding half up.
    sums = weights @ images.astype(np.int64) @ weights.T
    return ((255 * sums + 512) // 1024).astype(np.uint8)


def digits() -> Arrays:
    """Return scikit-learn's 1,797 handwritten digits, enlarged to 32x32.

    Returns
    -------
    Arrays
        1,257 images to train, 180 to validate and 360 to test.
    """
    return _copy(_digits())


def fashion_sample() -> Arrays:
    """Return the bundled sample of Fashion-MNIST.

    Returns
    -------
    Arrays
        9,000 images to train, 1,000 to validate and 2,000 to test, 28x28.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    return _copy(_fashion_sample())


def photo_patches() -> Arrays:
    """Return patches cut from ten photographs.

    Returns
    -------
    Arrays
        6,000 patches to train, 1,000 to validate and 2,000 to test, 3x32x32.

    Raises
    ------
    DataError
        If a photograph is missing.
    """
    return _copy(patches())


def _copy(arrays: Arrays) -> Arrays:
    """Return a copy: who writes into a split must not write into the next one."""
    return {split: (x.copy(), y.copy()) for split, (x, y) in arrays.items()}


def check_digits() -> list[Path]:
    """Compare the file of digits with its checksum.

    Returns
    -------
    list of Path
        The file.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    path, text = _read_digits()
    if hashlib.sha256(text).hexdigest() != _DIGITS_SHA256:
        raise DataError(
            f"Data set 'digits': {path} holds other digits than those that this course "
            "was written with. Install scikit-learn again."
        )
    return [path]


def check_fashion_sample() -> list[Path]:
    """Compare the sample of Fashion-MNIST with its checksum.

    Returns
    -------
    list of Path
        The file.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    _fashion_content()
    filename = assets.describe("fashion-sample").filename
    return [installed("cnn_tutorial") / "assets" / filename]


def _read_digits() -> tuple[Path, bytes]:
    """Return where scikit-learn keeps the digits, and the text in that file."""
    path = installed("sklearn") / "datasets" / "data" / "digits.csv.gz"
    try:
        return path, gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"Data set 'digits': {path}, a file of scikit-learn, is missing or damaged "
            f"({error}). Install scikit-learn again."
        ) from None


def _fashion_content() -> bytes:
    try:
        return assets.read("fashion-sample")
    except assets.AssetError as error:
        raise DataError(f"Data set 'fashion-sample': {error}") from None


@functools.cache
def _digits() -> Arrays:
    # scikit-learn's own file: importing its reader takes longer than a small training.
    _, text = _read_digits()
    table = np.loadtxt(text.decode().splitlines(), delimiter=",", dtype=np.int64)
    images = enlarge(table[:, :-1].reshape(-1, 8, 8))[:, None]
    labels = table[:, -1].copy()
    held_out = np.zeros(len(labels), dtype=bool)
    held_out[stratified(labels, 360, seed=0)] = True
    rest = {
        "train": (images[~held_out], labels[~held_out]),
        "test": (images[held_out], labels[held_out]),
    }
    return carve(rest, 180)


@functools.cache
def _fashion_sample() -> Arrays:
    arrays = unpack(_fashion_content())
    published = {
        split: (
            arrays[f"{split}_images"][:, None],
            arrays[f"{split}_labels"].astype(np.int64),
        )
        for split in ("train", "test")
    }
    return carve(published, 1000)


READERS = {
    "digits": digits,
    "fashion-sample": fashion_sample,
    "photo-patches": photo_patches,
}
"""Name -> function that returns the splits."""

CHECKS = {
    "digits": check_digits,
    "fashion-sample": check_fashion_sample,
    "photo-patches": check_files,
}
"""Name -> function that compares the files with their checksums."""
