"""Filter along one axis, or with a small kernel along both."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.convolution import conv2d
from cnn_tutorial.filters._borders import extended

__all__ = ["along", "slide"]

#: Rows that one product makes: fewer multiply more small matrices, more multiply zeros.
BLOCK = 32


def _band(vector: Tensor, rows: int) -> Tensor:
    """Return the matrix (rows, rows + K - 1) with `vector` one step on in each row."""
    size = rows + len(vector) - 1
    return F.pad(vector, (rows - 1, rows - 1)).unfold(0, size, 1).flip(0)


def along(image: Tensor, vector: Tensor, axis: int, border: str) -> Tensor:
    """Correlate each row (axis -1) or column (axis -2) with a vector of odd length.

    A filter along one axis is a product with a band matrix. Cut into blocks of rows, it
    meets hardly any of the zeros, and no table of patches is needed.
    """
    vector = vector.to(image)
    padded = extended(image, len(vector) // 2, axis, border)
    if axis == -1:
        return _down(padded.mT, vector).mT
    return _down(padded, vector)


def _down(padded: Tensor, vector: Tensor) -> Tensor:
    """Correlate the columns of an image whose border is there already."""
    reach = len(vector) - 1
    rows = padded.shape[-2] - reach
    band = _band(vector, min(BLOCK, rows))
    parts = []
    for top in range(0, rows, BLOCK):
        count = min(BLOCK, rows - top)
        read = padded[..., top : top + count + reach, :]
        parts.append(band[:count, : count + reach] @ read)
    return torch.cat(parts, dim=-2)


def slide(image: Tensor, kernel: Tensor, border: str) -> Tensor:
    """Correlate each plane of an image with a square kernel of odd side."""
    for axis in (-2, -1):
        image = extended(image, len(kernel) // 2, axis, border)
    planes = image.reshape(-1, 1, *image.shape[-2:])
    out = conv2d(planes, kernel.to(image)[None, None])
    return out.reshape(*image.shape[:-2], *out.shape[-2:])
