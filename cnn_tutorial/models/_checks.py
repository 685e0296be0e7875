"""What a model says about images and depths that it cannot take."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from cnn_tutorial._validation import integer

__all__ = ["check_depths", "check_images"]


def check_images(
    x: Tensor, *, channels: int, size: tuple[int, int] | None = None
) -> None:
    """Refuse what is not a batch of images with these channels, and of this size.

    Parameters
    ----------
    x : tensor
        What was given to the model.
    channels
        The model's ``in_channels``.
    size : (H, W), optional
        Pixels; None where the model takes any size.

    Raises
    ------
    ValueError
        If the number of axes, the channels or the size differ.
    """
    shape = tuple(x.shape)
    if x.ndim != 4:
        advice = "; a single image needs a batch axis: x[None]" if x.ndim == 3 else ""
        raise ValueError(
            f"`x` (of shape {shape}) must have the four axes (N, C, H, W){advice}."
        )
    if shape[1] != channels:
        raise ValueError(
            f"`x` (of shape {shape}) has {shape[1]} channels, but the model was built "
            f"with in_channels={channels}."
        )
    if size is not None and shape[2:] != size:
        raise ValueError(
            f"`x` (of shape {shape}) must be of {size[0]} x {size[1]} pixels; "
            "pad or resize the images."
        )


def check_depths(depths: Sequence[int], *, stages: int | None = None) -> list[int]:
    """Return how many blocks each stage has, if that is a network.

    Parameters
    ----------
    depths
        One number for each stage, at least 1.
    stages
        How many stages the plan has; None: any number.

    Raises
    ------
    ValueError
        If a number is below 1, or there are more or fewer than there are stages.
    """
    found = [integer("depths", depth, minimum=1) for depth in depths]
    if not found or len(found) != (stages or len(found)):
        rule = f"{stages} numbers, one" if stages else "at least one number, one"
        raise ValueError(f"`depths` (={depths!r}) must be {rule} for each stage.")
    return found
