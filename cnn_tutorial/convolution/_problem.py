"""What all convolutions check before they start, and what they then know."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from cnn_tutorial._validation import integer, pair
from cnn_tutorial.arithmetic import (
    Padding,
    Pair,
    get_size,
    padding_sides,
)

__all__ = ["Window", "check_image", "check_problem", "window"]

INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
FLOATING = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
# PyTorch has no matrix product for the others.
DTYPES = (*INTEGERS, *FLOATING, torch.complex64, torch.complex128)


class Window(NamedTuple):
    """A window that slides over an image; each field is (vertical, horizontal)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    sides: tuple[tuple[int, int], tuple[int, int]]
    """((top, bottom), (left, right)) zeros."""
    output: tuple[int, int]
    """How many places the window takes."""

    @property
    def span(self) -> tuple[int, int]:
        """Pixels from the first kernel element to the last, both included."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1


def window(
    size: Sequence[int],
    kernel_size: Pair,
    stride: Pair,
    padding: Padding,
    dilation: Pair,
) -> Window:
    """Check the settings and work out where the window goes.

    Parameters
    ----------
    size
        (H, W) of the image, pixels.
    kernel_size, stride, padding, dilation
        As in :func:`cnn_tutorial.arithmetic.conv_output_size`.

    Raises
    ------
    ValueError
        If a setting is out of its range or no window fits.
    """
    settings = (tuple(size), kernel_size, stride, padding, dilation)
    try:
        return _remembered(*settings)
    except TypeError:  # a list has no hash
        return _window(*settings)


def _window(
    size: tuple[int, ...],
    kernel_size: Pair,
    stride: Pair,
    padding: Padding,
    dilation: Pair,
) -> Window:
    height, width = size
    return Window(
        pair("kernel_size", kernel_size),
        pair("stride", stride),
        pair("dilation", dilation),
        padding_sides(padding, kernel_size, stride=stride, dilation=dilation),
        get_size(
            height,
            width,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
        ),
    )


# On one small image the checks would take as long as the convolution.
_remembered = functools.lru_cache(maxsize=1024, typed=True)(_window)


def check_image(x: Tensor) -> None:
    """Check that `x` is an image or a batch of images, with channels first.

    Raises
    ------
    ValueError
        If it is not; the message says which axes are meant.
    """
    if not isinstance(x, Tensor):
        raise ValueError(f"`x` must be a tensor, not {type(x).__name__}.")
    if x.ndim not in (3, 4):
        raise ValueError(
            f"`x` (shape {tuple(x.shape)}) must have 3 axes (C, H, W) or 4 "
            f"(N, C, H, W), not {x.ndim}."
        )
    if 0 in x.shape[-3:]:
        raise ValueError(
            f"`x` (shape {tuple(x.shape)}) must have channels, rows and columns."
        )


def check_problem(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Pair,
    padding: Padding,
    dilation: Pair,
    groups: int,
) -> Window:
    """Check all arguments of a convolution and work out where the window goes.

    Raises
    ------
    ValueError
        If ``F.conv2d`` would fail, in clearer words.
    """
    check_image(x)
    if not isinstance(weight, Tensor):
        raise ValueError(f"`weight` must be a tensor, not {type(weight).__name__}.")
    if weight.ndim != 4 or 0 in weight.shape:
        raise ValueError(
            f"`weight` (shape {tuple(weight.shape)}) must have 4 axes "
            "(C_out, C_in/groups, kh, kw), none of them empty."
        )
    _check_channels(x, weight, integer("groups", groups, minimum=1))
    _check_kind("weight", weight, x)
    if bias is not None:
        _check_bias(bias, weight, x)
    kh, kw = weight.shape[2:]
    return window(x.shape[-2:], (kh, kw), stride, padding, dilation)


def _check_channels(x: Tensor, weight: Tensor, groups: int) -> None:
    in_channels, (out_channels, per_group) = x.shape[-3], weight.shape[:2]
    if out_channels % groups:
        problem = f"the {out_channels} output channels must be divisible by"
        raise ValueError(f"{_shapes(x, weight)}: {problem} `groups` (={groups}).")
    if per_group * groups != in_channels:
        raise ValueError(
            f"{_shapes(x, weight)}: with `groups` (={groups}) the kernels see "
            f"{groups}*{per_group} = {per_group * groups} input channels, but `x` has "
            f"{in_channels}."
        )


def _shapes(x: Tensor, weight: Tensor) -> str:
    return f"`x` (shape {tuple(x.shape)}), `weight` (shape {tuple(weight.shape)})"


def _check_bias(bias: Tensor, weight: Tensor, x: Tensor) -> None:
    if not isinstance(bias, Tensor):
        raise ValueError(f"`bias` must be a tensor or None, not {type(bias).__name__}.")
    if tuple(bias.shape) != (weight.shape[0],):
        raise ValueError(
            f"`bias` (shape {tuple(bias.shape)}) must have shape "
            f"({weight.shape[0]},): one number for each output channel of `weight` "
            f"(shape {tuple(weight.shape)})."
        )
    _check_kind("bias", bias, x)


def _check_kind(name: str, value: Tensor, x: Tensor) -> None:
    if x.dtype not in DTYPES:
        raise ValueError(f"`x` must not be {x.dtype}: convert it with `x.to(...)`.")
    for kind in ("dtype", "device"):
        ours, theirs = getattr(value, kind), getattr(x, kind)
        if ours != theirs:
            raise ValueError(
                f"`{name}` ({kind} {ours}) must have the {kind} of `x` ({theirs}): "
                "move one of them with `.to(...)`."
            )
