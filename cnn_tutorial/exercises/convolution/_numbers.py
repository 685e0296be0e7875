"""Small tensors for cases."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["varied"]


def varied(*shape: int, start: int = 1) -> Tensor:
    """Return whole numbers from -3 to 7 without a symmetry that hides a mistake.

    Parameters
    ----------
    *shape
        Of the tensor.
    start
        Another start gives other numbers.

    Returns
    -------
    float32 tensor
        Of that shape.

    Examples
    --------
    >>> varied(4).tolist()  # 7 - 3, 14 - 11 - 3, 21 - 11 - 3, 28 - 22 - 3
    [4.0, 0.0, 7.0, 3.0]
    """
    count = torch.Size(shape).numel()
    values = (torch.arange(start, start + count) * 7) % 11 - 3
    return values.float().reshape(shape)
