"""Blur, and the difference of two blurs."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.filters._bells import bell
from cnn_tutorial.filters._checks import check_image, positive, radius_of
from cnn_tutorial.filters._passes import along

__all__ = ["dog", "dog_kernel", "gaussian", "gaussian_kernel"]


def gaussian_kernel(
    sigma: float, *, radius: int | None = None, dtype: torch.dtype | None = None
) -> Tensor:
    """Return a Gaussian: a bell whose numbers add up to 1.

    Parameters
    ----------
    sigma
        Standard deviation, pixels, positive.
    radius
        Pixels on each side of the centre, at least 1; 4 sigma to the nearest pixel
        without it, as in SciPy.
    dtype
        A float type; PyTorch's default without it.

    Returns
    -------
    tensor, shape (2*radius + 1, 2*radius + 1)
        The product of two vectors.

    Raises
    ------
    ValueError
        If `sigma` or `radius` is out of its range.

    Examples
    --------
    >>> import math
    >>> sigma = 1 / math.sqrt(2 * math.log(2))  # exp(-1 / (2 sigma**2)) is 1/2
    >>> (gaussian_kernel(sigma, radius=1) * 16).round()  # 1/2 1 1/2 is 1 2 1 over 4
    tensor([[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]])
    """
    sigma = positive("sigma", sigma)
    vector = bell(sigma, radius_of(sigma, radius))
    return torch.outer(vector, vector).to(dtype or torch.get_default_dtype())


def gaussian(
    image: Tensor, sigma: float, *, border: str = "reflect", radius: int | None = None
) -> Tensor:
    """Blur an image: the mean around each pixel, weighted by a Gaussian.

    Two passes, down and across, instead of one with a large kernel.

    Parameters
    ----------
    image : float tensor, shape (..., H, W)
        Any brightness; each plane is filtered by itself.
    sigma, radius
        As in :func:`gaussian_kernel`.
    border
        One of `BORDERS`.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2*radius each way with border "valid"
        With the defaults what ``scipy.ndimage.gaussian_filter`` returns.
        ``skimage.filters.gaussian`` has border "nearest". Differentiable.

    Raises
    ------
    ValueError
        If `image` holds no floats or has no pixels, or another argument is out of its
        range.

    Examples
    --------
    >>> import math, torch
    >>> image = torch.zeros(3, 3)
    >>> image[1, 1] = 16
    >>> blurred = gaussian(image, 1 / math.sqrt(2 * math.log(2)), radius=1)
    >>> blurred[1].round()  # 1 2 1 down and across: 2 4 2 over 16
    tensor([2., 4., 2.])
    """
    image, sigma = check_image(image), positive("sigma", sigma)
    vector = bell(sigma, radius_of(sigma, radius))
    return along(along(image, vector, -2, border), vector, -1, border)


def _wide(sigma: float, ratio: float) -> float:
    """Return the larger sigma of a difference of Gaussians."""
    if positive("ratio", ratio) <= 1:
        raise ValueError(f"`ratio` (={ratio!r}) must be more than 1.")
    return ratio * positive("sigma", sigma)


def dog_kernel(
    sigma: float,
    ratio: float = 1.6,
    *,
    radius: int | None = None,
    dtype: torch.dtype | None = None,
) -> Tensor:
    r"""Return the difference of two Gaussians, wide minus narrow.

    For ratios near 1 it is :math:`(ratio - 1)\,\sigma^2` times the Laplacian of
    Gaussian: the Gaussian obeys the heat equation,
    :math:`\partial G / \partial \sigma = \sigma \nabla^2 G`.

    Parameters
    ----------
    sigma
        Standard deviation of the narrow one, pixels, positive.
    ratio
        How many times as wide the other one is, more than 1. 1.6 is Marr and
        Hildreth's best approximation of one Laplacian; Lowe's octaves have the third
        root of 2.
    radius
        As in :func:`gaussian_kernel`, for both; 4 times the larger sigma without it.
    dtype
        A float type; PyTorch's default without it.

    Returns
    -------
    tensor, shape (2*radius + 1, 2*radius + 1)
        Negative in the middle; the sum is 0.

    Raises
    ------
    ValueError
        If `sigma`, `ratio` or `radius` is out of its range.

    References
    ----------
    D. Marr, E. Hildreth, "Theory of edge detection", Proc. R. Soc. Lond. B 207, 1980,
    appendix B. D. Lowe, "Distinctive image features from scale-invariant keypoints",
    International Journal of Computer Vision 60, 2004, section 3.

    Examples
    --------
    >>> kernel = dog_kernel(1.0, radius=3)
    >>> kernel.shape, bool(kernel.sum().abs() < 1e-6), bool(kernel[3, 3] < 0)
    (torch.Size([7, 7]), True, True)
    """
    wide = _wide(sigma, ratio)
    radius = radius_of(wide, radius)
    narrow = gaussian_kernel(sigma, radius=radius, dtype=torch.float64)
    difference = gaussian_kernel(wide, radius=radius, dtype=torch.float64) - narrow
    return difference.to(dtype or torch.get_default_dtype())


def dog(
    image: Tensor,
    sigma: float,
    ratio: float = 1.6,
    *,
    border: str = "reflect",
    radius: int | None = None,
) -> Tensor:
    """Blur an image twice and subtract: wide minus narrow.

    Parameters
    ----------
    image, border
        As in :func:`gaussian`.
    sigma, ratio, radius
        As in :func:`dog_kernel`; without `radius` each blur has its own, 4 sigma.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2*radius each way with border "valid"
        Negative in the middle of a bright blob, as the Laplacian of Gaussian. SIFT's
        sign; ``skimage.feature.blob_dog`` has the other. Differentiable.

    Raises
    ------
    ValueError
        As :func:`gaussian` and :func:`dog_kernel`; border "valid" needs `radius`.

    Examples
    --------
    >>> import torch
    >>> image = torch.zeros(15, 15)
    >>> image[7, 7] = 1
    >>> response = dog(image, 1.0)
    >>> bool(response[7, 7] < 0), bool(response[7, 11] > 0)
    (True, True)
    """
    wide = _wide(sigma, ratio)
    if border == "valid" and radius is None:
        raise ValueError(
            "`radius` must be given with border 'valid': the two blurs would lose "
            "borders of different width."
        )
    settings = {"border": border, "radius": radius}
    return gaussian(image, wide, **settings) - gaussian(image, sigma, **settings)  # type: ignore[arg-type]
