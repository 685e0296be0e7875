"""Parameters and multiply-accumulate operations (MACs) of one layer."""

from __future__ import annotations

from cnn_tutorial._validation import integer, pair
from cnn_tutorial.arithmetic._forms import Pair

__all__ = ["conv_macs", "conv_parameters", "linear_macs", "linear_parameters"]


def conv_parameters(
    in_channels: int,
    out_channels: int,
    kernel_size: Pair,
    *,
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Return the number of parameters of a convolution.

    C_out (C_in/groups kh kw + 1): each output channel has a kernel for each input
    channel of its group, and one bias.

    Parameters
    ----------
    in_channels, out_channels
        At least 1 and divisible by `groups`.
    kernel_size
        At least 1, pixels.
    groups
        At least 1.
    bias
        Whether there is one number more per output channel.

    Returns
    -------
    int
        Numbers to learn.

    Raises
    ------
    ValueError
        If an argument is out of its range or the channels cannot be grouped.

    Examples
    --------
    >>> conv_parameters(3, 16, 3)  # 16 * (3*3*3 + 1)
    448
    >>> conv_parameters(5, 6, 3, groups=2)
    Traceback (most recent call last):
    ValueError: `in_channels` (=5) must be divisible by `groups` (=2).
    """
    fan_in = _fan_in(in_channels, out_channels, kernel_size, groups)
    return out_channels * (fan_in + bool(bias))


def conv_macs(
    in_channels: int,
    out_channels: int,
    kernel_size: Pair,
    output_size: Pair,
    *,
    groups: int = 1,
) -> int:
    """Return the MACs of a convolution for one image; the bias is not counted.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, groups
        As in :func:`conv_parameters`.
    output_size
        At least 1, pixels: one number for both axes, or (H_out, W_out).

    Returns
    -------
    int
        MACs per image.

    Raises
    ------
    ValueError
        If an argument is out of its range or the channels cannot be grouped.

    Examples
    --------
    >>> conv_macs(3, 16, 3, 32)  # 16*3*3*3 weights at each of 32*32 places
    442368
    """
    fan_in = _fan_in(in_channels, out_channels, kernel_size, groups)
    rows, columns = pair("output_size", output_size, minimum=1)
    return out_channels * fan_in * rows * columns


def linear_parameters(in_features: int, out_features: int, *, bias: bool = True) -> int:
    """Return the number of parameters of an affine map.

    Parameters
    ----------
    in_features, out_features
        At least 1.
    bias
        Whether there is one number more per output feature.

    Returns
    -------
    int
        Numbers to learn.

    Raises
    ------
    ValueError
        If a size is not a positive integer.

    Examples
    --------
    >>> linear_parameters(84, 10)  # 84*10 + 10
    850
    """
    return linear_macs(in_features, out_features) + bool(bias) * out_features


def linear_macs(in_features: int, out_features: int) -> int:
    """Return the MACs of an affine map for one input; the bias is not counted.

    Parameters
    ----------
    in_features, out_features
        At least 1.

    Returns
    -------
    int
        MACs per input vector.

    Raises
    ------
    ValueError
        If a size is not a positive integer.

    Examples
    --------
    >>> linear_macs(84, 10)
    840
    """
    return integer("in_features", in_features, minimum=1) * integer(
        "out_features", out_features, minimum=1
    )


def _fan_in(in_channels: int, out_channels: int, kernel_size: Pair, groups: int) -> int:
    """Return how many inputs one output pixel sees."""
    integer("groups", groups, minimum=1)
    for name, value in (("in_channels", in_channels), ("out_channels", out_channels)):
        if integer(name, value, minimum=1) % groups:
            raise ValueError(
                f"`{name}` (={value}) must be divisible by `groups` (={groups})."
            )
    height, width = pair("kernel_size", kernel_size, minimum=1)
    return in_channels // groups * height * width
