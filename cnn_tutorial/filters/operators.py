"""What an image answers Sobel's, Scharr's and Prewitt's kernels."""

from __future__ import annotations

from torch import Tensor

from cnn_tutorial.filters._checks import check_image
from cnn_tutorial.filters._passes import slide
from cnn_tutorial.filters.differences import difference_kernel

__all__ = ["prewitt", "respond", "scharr", "sobel"]


def respond(operator: str, image: Tensor, axis: int, border: str, scale: str) -> Tensor:
    """Slide the kernel of one of the operators over an image."""
    image = check_image(image)
    return slide(image, difference_kernel(operator, axis, scale, image.dtype), border)


def sobel(
    image: Tensor, axis: int, *, border: str = "reflect", scale: str = "integer"
) -> Tensor:
    """Slide Sobel's kernel over an image.

    Parameters
    ----------
    image : float tensor, shape (..., H, W)
        Any brightness; each plane is filtered by itself.
    axis, scale
        As in :func:`cnn_tutorial.filters.sobel_kernel`.
    border
        One of `BORDERS`.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2 each way with border "valid"
        Brighter below (axis 0) or to the right (axis 1): positive. With the defaults
        what ``scipy.ndimage.sobel`` returns; with scale "skimage" what
        ``skimage.filters.sobel`` returns for the same axis. Differentiable.

    Raises
    ------
    ValueError
        If `image` holds no floats or has no pixels, or there is no such axis, border
        or scale.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> sobel(image, 1, border="valid")  # (1 + 2 + 1) * (1 - 0), twice
    tensor([[4., 4.]])
    """
    return respond("sobel", image, axis, border, scale)


def scharr(
    image: Tensor, axis: int, *, border: str = "reflect", scale: str = "integer"
) -> Tensor:
    """Slide Scharr's kernel over an image.

    Parameters
    ----------
    image, axis, border, scale
        As in :func:`sobel`.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2 each way with border "valid"
        As :func:`sobel`, and as ``skimage.filters.scharr`` with scale "skimage".

    Raises
    ------
    ValueError
        As :func:`sobel`.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> scharr(image, 1, border="valid")  # 3 + 10 + 3
    tensor([[16., 16.]])
    """
    return respond("scharr", image, axis, border, scale)


def prewitt(
    image: Tensor, axis: int, *, border: str = "reflect", scale: str = "integer"
) -> Tensor:
    """Slide Prewitt's kernel over an image.

    Parameters
    ----------
    image, axis, border, scale
        As in :func:`sobel`.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2 each way with border "valid"
        As :func:`sobel`: with the defaults what ``scipy.ndimage.prewitt`` returns.

    Raises
    ------
    ValueError
        As :func:`sobel`.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> prewitt(image, 1, border="valid")  # 1 + 1 + 1
    tensor([[3., 3.]])
    """
    return respond("prewitt", image, axis, border, scale)
