"""What carries the input of a residual block past it."""

from __future__ import annotations

from torch import nn

from cnn_tutorial.blocks.conv import ConvNormAct

__all__ = ["needs_projection", "shortcut"]


def needs_projection(
    in_channels: int, out_channels: int, *, stride: int, projection: bool | None
) -> bool:
    """Return whether a convolution has to stand between a block's input and its sum.

    Parameters
    ----------
    in_channels, out_channels
        Of the block, at least 1.
    stride
        Of the block, at least 1.
    projection
        What was asked for; None: where shapes differ.

    Raises
    ------
    ValueError
        If `projection` is False, and the input cannot be added as it is.

    Examples
    --------
    >>> needs_projection(8, 8, stride=1, projection=None)
    False
    >>> needs_projection(8, 8, stride=2, projection=False)
    Traceback (most recent call last):
    ValueError: `projection` (=False) needs an output of the input's shape, but 8 ...
    """
    differs = stride != 1 or in_channels != out_channels
    if projection is False and differs:
        raise ValueError(
            f"`projection` (=False) needs an output of the input's shape, but "
            f"{in_channels} channels become {out_channels} with stride {stride}: the "
            "input could not be added."
        )
    return differs if projection is None else projection


def shortcut(
    in_channels: int, out_channels: int, *, stride: int, projection: bool | None = None
) -> nn.Module:
    """Return what carries the input past a block to its output.

    Parameters
    ----------
    in_channels, out_channels
        At least 1.
    stride
        At least 1.
    projection
        Whether to convolve. None: where shapes differ.

    Returns
    -------
    module
        The identity, or a 1x1 convolution and a norm.

    Raises
    ------
    ValueError
        If `projection` is False, and the input cannot be added as it is.

    References
    ----------
    K. He and others, "Deep residual learning for image recognition", CVPR 2016, section
    4.1: option B convolves where shapes differ, option C always.
    """
    if needs_projection(
        in_channels, out_channels, stride=stride, projection=projection
    ):
        return ConvNormAct(in_channels, out_channels, 1, stride=stride, act=None)
    return nn.Identity()
