"""The two vectors that Gaussian filters are made of."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["bell", "curvature"]


def bell(sigma: float, radius: int) -> Tensor:
    """Return a Gaussian at -radius, ..., radius, divided by its sum; float64."""
    x = torch.arange(-radius, radius + 1, dtype=torch.float64)
    values = torch.exp(-(x**2) / (2 * sigma**2))
    return values / values.sum()


def curvature(sigma: float, radius: int, *, zero_sum: bool) -> Tensor:
    """Return the second derivative of the Gaussian at the same places; float64.

    It is the Gaussian times ``(x**2 - sigma**2) / sigma**4``. Summed over all x that
    is 0, as sigma**2 is the variance. The vector ends at `radius`, where the variance
    is a little less: with `zero_sum` we subtract the variance that is there.
    """
    values = bell(sigma, radius)
    squares = torch.arange(-radius, radius + 1, dtype=torch.float64) ** 2
    variance = (values * squares).sum() if zero_sum else sigma**2
    return values * (squares - variance) / sigma**4
