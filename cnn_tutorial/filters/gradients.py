"""How fast brightness changes, and in which direction."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial._validation import choice
from cnn_tutorial.filters.differences import SMOOTHING
from cnn_tutorial.filters.operators import respond

__all__ = ["gradient", "gradient_magnitude", "orientation"]


def gradient(
    image: Tensor,
    *,
    operator: str = "sobel",
    border: str = "reflect",
    scale: str = "integer",
) -> tuple[Tensor, Tensor]:
    """Return how brightness changes down and to the right.

    Parameters
    ----------
    image, border, scale
        As in :func:`cnn_tutorial.filters.sobel`.
    operator
        "sobel", "scharr" or "prewitt".

    Returns
    -------
    down, right : tensors
        The responses along axis 0 and axis 1.

    Raises
    ------
    ValueError
        As :func:`cnn_tutorial.filters.sobel`, or if there is no such operator.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 0, 1], [0, 0, 1], [0, 0, 1]])
    >>> gradient(image, border="valid")  # nothing changes downwards
    (tensor([[0.]]), tensor([[4.]]))
    """
    choice("operator", operator, SMOOTHING)
    down, right = (respond(operator, image, axis, border, scale) for axis in (0, 1))
    return down, right


def gradient_magnitude(
    image: Tensor,
    *,
    operator: str = "sobel",
    border: str = "reflect",
    scale: str = "integer",
) -> Tensor:
    r"""Return the length of the gradient, whatever its direction.

    Parameters
    ----------
    image, operator, border, scale
        As in :func:`gradient`.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2 each way with border "valid"
        :math:`\sqrt{down^2 + right^2}`, at least 0. ``skimage.filters.sobel`` takes
        the root of the *mean* square: with scale "skimage" this is
        :math:`\sqrt{2}` times what it returns. Differentiable; where it is 0 the
        gradient is taken as 0.

    Raises
    ------
    ValueError
        As :func:`gradient`.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 1, 1]])
    >>> gradient_magnitude(image, border="valid")  # 2 + 1 each way, sqrt(9 + 9)
    tensor([[4.2426]])
    """
    both = gradient(image, operator=operator, border=border, scale=scale)
    # Of sqrt and hypot the gradient would be NaN wherever the image is flat.
    length: Tensor = torch.linalg.vector_norm(torch.stack(both), dim=0)
    return length


def orientation(
    image: Tensor,
    *,
    operator: str = "sobel",
    border: str = "reflect",
    degrees: bool = False,
) -> Tensor:
    """Return the direction in which an image becomes brighter.

    Parameters
    ----------
    image, operator, border
        As in :func:`gradient`.
    degrees
        Whether to return degrees instead of radians.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2 each way with border "valid"
        Angle from the direction "right" (growing columns) towards "down" (growing
        rows), so clockwise on a screen: right 0, down 90, left 180, up -90 degrees. In
        (-pi, pi], and 0 where the image is flat. The edge itself runs at a right
        angle to it.

    Raises
    ------
    ValueError
        As :func:`gradient`.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 0, 0], [0, 0, 1], [0, 1, 1]])
    >>> orientation(image, border="valid", degrees=True)  # right and down alike
    tensor([[45.]])
    """
    down, right = gradient(image, operator=operator, border=border)
    angle = torch.atan2(down, right)
    return torch.rad2deg(angle) if degrees else angle
