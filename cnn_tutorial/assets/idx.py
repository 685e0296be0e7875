"""The IDX format of MNIST and Fashion-MNIST: a shape, then bytes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["parse_idx"]

_UINT8 = 0x08


def parse_idx(data: bytes) -> NDArray[np.uint8]:
    """Return the array of bytes that an IDX file holds.

    Parameters
    ----------
    data : bytes
        The whole file, not compressed: two zeros, the type (8: bytes), the number of
        axes, the length of each axis as four bytes, big end first, then the values.

    Returns
    -------
    uint8 array
        A read-only view of `data`.

    Raises
    ------
    ValueError
        If this is no IDX file of bytes, or shorter or longer than its header says.

    Examples
    --------
    >>> parse_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9]))  # 1 x 3
    array([[7, 8, 9]], dtype=uint8)
    """
    if len(data) < 4 or data[:3] != bytes([0, 0, _UINT8]):
        raise ValueError(f"no IDX file of bytes: it starts with {data[:4]!r}.")
    start = 4 + 4 * data[3]
    shape = tuple(int.from_bytes(data[i : i + 4]) for i in range(4, start, 4))
    if len(data) != start + math.prod(shape):
        raise ValueError(
            f"its header says {math.prod(shape)} values {shape}, but "
            f"{len(data) - start} follow."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
