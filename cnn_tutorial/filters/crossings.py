"""Where a response changes sign."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.filters._checks import check_image, positive

__all__ = ["zero_crossings"]


def zero_crossings(response: Tensor, *, threshold: float = 0.0) -> Tensor:
    """Mark the pixels where a response changes sign: edges, if it is a Laplacian.

    Parameters
    ----------
    response : float tensor, shape (..., H, W)
        For instance what :func:`log` returns.
    threshold
        How large the step from one sign to the other must be, at least 0: larger
        values leave out the crossings that noise makes.

    Returns
    -------
    bool tensor, shape (..., H, W)
        Of two neighbours (right or below) with opposite signs the one nearer to zero
        is marked, the first when both are as near; and every zero between opposite
        signs.

    Raises
    ------
    ValueError
        If `response` holds no floats or has no pixels, or `threshold` is negative.

    Examples
    --------
    >>> import torch
    >>> zero_crossings(torch.tensor([[-3.0, -1.0, 2.0, 0.0, -2.0]]))  # |-1| < |2|
    tensor([[False,  True, False,  True, False]])
    """
    response = check_image(response, "response").detach()
    if threshold != 0:
        positive("threshold", threshold)
    marks = torch.zeros_like(response, dtype=torch.bool)
    for axis in (-2, -1):
        _mark(response.movedim(axis, -1), marks.movedim(axis, -1), threshold)
    return marks


def _mark(response: Tensor, marks: Tensor, threshold: float) -> None:
    """Mark the crossings along the last axis, in place."""
    signs = response.sign()
    first, second = response[..., :-1], response[..., 1:]
    crosses = (signs[..., :-1] * signs[..., 1:] < 0) & (
        (first - second).abs() > threshold
    )
    nearer = first.abs() <= second.abs()
    marks[..., :-1] |= crosses & nearer
    marks[..., 1:] |= crosses & ~nearer
    before, after = response[..., :-2], response[..., 2:]
    opposite = signs[..., :-2] * signs[..., 2:] < 0
    large = (before - after).abs() > threshold
    marks[..., 1:-1] |= (response[..., 1:-1] == 0) & opposite & large
