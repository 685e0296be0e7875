"""What all filters ask of an image and of a scale."""

from __future__ import annotations

import math
from numbers import Real

import torch
from torch import Tensor

from cnn_tutorial._validation import integer

__all__ = ["check_finite", "check_grey", "check_image", "positive", "radius_of"]


def check_image(image: object, name: str = "image") -> Tensor:
    """Return an image (..., H, W) of real floats, or say what it should be.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(image, Tensor):
        raise ValueError(
            f"`{name}` must be a tensor, not {type(image).__name__}: "
            "torch.from_numpy() makes one of an array."
        )
    shape = tuple(image.shape)
    if not image.is_floating_point():
        raise ValueError(f"`{name}` ({image.dtype}) {_scaling(image)}")
    if image.ndim < 2 or 0 in shape:
        raise ValueError(
            f"`{name}` (shape {shape}) must have rows and columns: (..., H, W)."
        )
    if image.ndim == 3 and shape[-1] in (3, 4) and min(shape[:2]) > 4:
        raise ValueError(
            f"`{name}` (shape {shape}) looks like a colour image with its channels "
            "last. Rows and columns come last here: move the channels to the front, "
            f"`{name}.movedim(-1, 0)`, or make it grey, `{name}.mean(-1)`."
        )
    return image


def _scaling(image: Tensor) -> str:
    """Say how numbers that are no floats become brightness."""
    if image.is_complex():
        return "must be real: take its `.abs()` or `.real`."
    if image.dtype == torch.bool:
        return "must be floats: `.float()` makes 0 and 1 of it."
    if image.dtype == torch.uint8:
        return "must be floats: bytes become brightness 0-1 by `/ 255`."
    return (
        "must be floats: divide by the largest value that the format knows (255 for "
        "8 bits, 65535 for 16), so that brightness is 0-1."
    )


def check_grey(image: object) -> Tensor:
    """Return a single grey image (H, W).

    Raises
    ------
    ValueError
        If there are more axes.
    """
    if isinstance(image, Tensor) and image.ndim > 2:
        raise ValueError(
            f"`image` (shape {tuple(image.shape)}) must be one grey image (H, W). For "
            "a colour image take the mean over its channels, for a batch one image "
            "after the other."
        )
    return check_image(image)


def check_finite(image: Tensor) -> None:
    """Refuse NaN and infinity.

    Raises
    ------
    ValueError
        If there are any; the message says how many.
    """
    bad = int((~torch.isfinite(image)).sum())
    if bad:
        raise ValueError(
            f"`image` must be finite: {bad} of {image.numel()} pixels are NaN or "
            "infinite, and a blur would spread them."
        )


def positive(name: str, value: object) -> float:
    """Return a positive, finite number as a float.

    Raises
    ------
    ValueError
        If it is none.
    """
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not 0 < float(value) < math.inf:  # type: ignore[arg-type]
        raise ValueError(f"`{name}` (={value!r}) must be a positive number.")
    return float(value)  # type: ignore[arg-type]


def radius_of(sigma: float, radius: int | None) -> int:
    """Return a kernel's radius: as asked, or 4 sigma to the nearest pixel."""
    if radius is None:
        return max(1, int(4 * sigma + 0.5))
    return integer("radius", radius, minimum=1)
