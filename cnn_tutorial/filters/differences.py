"""Sobel's, Scharr's and Prewitt's kernels: smooth across, difference along."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial._validation import choice

__all__ = [
    "SCALES",
    "SMOOTHING",
    "difference_kernel",
    "prewitt_kernel",
    "scharr_kernel",
    "sobel_kernel",
]

SCALES = ("integer", "skimage", "slope")
"""What a kernel of differences is divided by.

``integer``
    Nothing: whole numbers, as in textbooks and in SciPy.
``skimage``
    The sum of the smoothing part (Sobel 4, Scharr 16, Prewitt 3): a step of height 1
    gives 1, as in scikit-image.
``slope``
    Twice that (8, 32, 6): brightness that rises by 1 per pixel gives 1.
"""

SMOOTHING = {"sobel": (1, 2, 1), "scharr": (3, 10, 3), "prewitt": (1, 1, 1)}


def difference_kernel(
    operator: str, axis: int, scale: str, dtype: torch.dtype | None = None
) -> Tensor:
    """Return the kernel of an operator by name."""
    if isinstance(axis, bool) or axis not in (-2, -1, 0, 1):
        raise ValueError(
            f"`axis` (={axis!r}) must be 0 (down the rows) or 1 (along the columns); "
            "-2 and -1 mean the same."
        )
    smooth = torch.tensor(SMOOTHING[operator], dtype=dtype or torch.get_default_dtype())
    difference = torch.tensor([-1, 0, 1], dtype=smooth.dtype)
    total = sum(SMOOTHING[operator])
    divisors = {"integer": 1, "skimage": total, "slope": 2 * total}
    smooth = smooth / divisors[choice("scale", scale, SCALES)]
    if axis in (-1, 1):
        return torch.outer(smooth, difference)
    return torch.outer(difference, smooth)


def sobel_kernel(
    axis: int, *, scale: str = "integer", dtype: torch.dtype | None = None
) -> Tensor:
    """Return Sobel's kernel: smooth by 1 2 1 across, difference -1 0 1 along.

    Parameters
    ----------
    axis
        Along which brightness is compared: 0 (or -2) down the rows, positive where the
        lower side is brighter; 1 (or -1) along the columns, positive where the right
        side is brighter. The edges it finds run across this axis.
    scale
        One of `SCALES`.
    dtype
        A float type; PyTorch's default without it.

    Returns
    -------
    tensor, shape (3, 3)
        To be slid without a flip. scikit-image flips, and writes the kernel the other
        way round, to the same effect.

    Raises
    ------
    ValueError
        If there is no such axis or scale.

    References
    ----------
    I. Sobel, "An isotropic 3x3 image gradient operator", 2014, on the operator
    presented at the Stanford Artificial Intelligence Project in 1968.

    Examples
    --------
    >>> sobel_kernel(1)  # rows 1, 2, 1 times columns -1, 0, 1
    tensor([[-1.,  0.,  1.],
            [-2.,  0.,  2.],
            [-1.,  0.,  1.]])
    """
    return difference_kernel("sobel", axis, scale, dtype)


def scharr_kernel(
    axis: int, *, scale: str = "integer", dtype: torch.dtype | None = None
) -> Tensor:
    """Return Scharr's kernel: smooth by 3 10 3 across, difference -1 0 1 along.

    Its orientation is less wrong between the axes than Sobel's.

    Parameters
    ----------
    axis, scale, dtype
        As in :func:`sobel_kernel`.

    Returns
    -------
    tensor, shape (3, 3)
        To be slid without a flip.

    Raises
    ------
    ValueError
        If there is no such axis or scale.

    References
    ----------
    H. Scharr, "Optimale Operatoren in der digitalen Bildverarbeitung", dissertation,
    Heidelberg 2000.

    Examples
    --------
    >>> scharr_kernel(0)
    tensor([[ -3., -10.,  -3.],
            [  0.,   0.,   0.],
            [  3.,  10.,   3.]])
    """
    return difference_kernel("scharr", axis, scale, dtype)


def prewitt_kernel(
    axis: int, *, scale: str = "integer", dtype: torch.dtype | None = None
) -> Tensor:
    """Return Prewitt's kernel: smooth by 1 1 1 across, difference -1 0 1 along.

    Parameters
    ----------
    axis, scale, dtype
        As in :func:`sobel_kernel`.

    Returns
    -------
    tensor, shape (3, 3)
        To be slid without a flip.

    Raises
    ------
    ValueError
        If there is no such axis or scale.

    References
    ----------
    J. Prewitt, "Object enhancement and extraction", in B. Lipkin, A. Rosenfeld (eds.),
    Picture Processing and Psychopictorics, 1970.

    Examples
    --------
    >>> prewitt_kernel(1)
    tensor([[-1.,  0.,  1.],
            [-1.,  0.,  1.],
            [-1.,  0.,  1.]])
    """
    return difference_kernel("prewitt", axis, scale, dtype)
