"""What lies outside an image."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial._validation import choice

__all__ = ["BORDERS", "extended"]

BORDERS = ("reflect", "mirror", "nearest", "wrap", "constant", "valid")
"""What filters may take for the pixels outside, by SciPy's names.

For a row ``a b c d`` and two pixels on each side:

=============  ===================  ========================  ====================
name           what is read         ``numpy.pad``             ``F.pad``
=============  ===================  ========================  ====================
``reflect``    b a a b c d d c      symmetric                 none
``mirror``     c b a b c d c b      reflect                   reflect
``nearest``    a a a b c d d d      edge                      replicate
``wrap``       c d a b c d a b      wrap                      circular
``constant``   0 0 a b c d 0 0      constant                  constant
``valid``      only a b c d         none: the output shrinks  none
=============  ===================  ========================  ====================

``reflect`` is the default here, in SciPy and in scikit-image's filters. Note that NumPy
and PyTorch mean ``mirror`` when they say "reflect".
"""


def _sources(size: int, radius: int, border: str) -> Tensor:
    """Return which pixel is read at -radius, ..., size - 1 + radius."""
    places = torch.arange(-radius, size + radius)
    if border == "nearest":
        return places.clamp(0, size - 1)
    if border == "wrap":
        return places % size
    if border == "mirror":
        period = max(1, 2 * size - 2)
        return torch.minimum(places % period, -places % period)
    return torch.minimum(places % (2 * size), (-1 - places) % (2 * size))


def extended(image: Tensor, radius: int, axis: int, border: str) -> Tensor:
    """Add `radius` pixels on both sides of one axis, whatever the size of the image.

    Parameters
    ----------
    image : tensor, shape (..., H, W)
        The image.
    radius
        Pixels.
    axis
        -2 or -1.
    border
        One of `BORDERS`.

    Raises
    ------
    ValueError
        If there is no such border, or with "valid" the kernel does not fit.
    """
    size = image.shape[axis]
    if choice("border", border, BORDERS) == "valid":
        if size <= 2 * radius:
            raise ValueError(
                f"`image` (shape {tuple(image.shape)}) is smaller than the kernel, "
                f"whose side is 2*{radius} + 1 = {2 * radius + 1}: with border "
                "'valid' nothing is left."
            )
        return image
    if border == "constant":
        sides = (radius, radius) if axis == -1 else (0, 0, radius, radius)
        return F.pad(image, sides)
    sources = _sources(size, radius, border).to(image.device)
    return image.index_select(axis, sources)
