"""Convolution as its definition says it: one window after the other."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.arithmetic import Padding, Pair
from cnn_tutorial.convolution._problem import check_problem

__all__ = ["conv2d_loops"]


def conv2d_loops(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve by four nested loops: image, output channel, row, column.

    Slow, and easy to believe: the other convolutions are tested against it. As in all
    of deep learning the kernel is not flipped.

    Parameters
    ----------
    x : tensor, shape (N, C_in, H, W) or (C_in, H, W)
        Any dtype but bool and complex32.
    weight : tensor, shape (C_out, C_in/groups, kh, kw)
        dtype and device of `x`.
    bias : tensor, shape (C_out,), optional
        dtype and device of `x`.
    stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0; or "same" (stride 1 only) or "valid".
    groups
        At least 1; divides C_in and C_out.

    Returns
    -------
    tensor, shape (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        What ``torch.nn.functional.conv2d`` returns, and as differentiable.

    Raises
    ------
    ValueError
        If an argument breaks a rule above.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> weight = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> conv2d_loops(x, weight)  # 1 - 5, 2 - 6
    tensor([[[-4., -4.]]])
    """
    view = check_problem(x, weight, bias, stride, padding, dilation, groups)
    top_bottom, left_right = view.sides
    padded = F.pad(x, (*left_right, *top_bottom))
    per_group = weight.shape[0] // groups
    shape = (*x.shape[:-3], weight.shape[0], *view.output)
    pixels = []
    for image in padded if x.ndim == 4 else [padded]:
        channels = image.chunk(groups)
        for o, kernel in enumerate(weight):
            seen = channels[o // per_group]
            for i in range(view.output[0]):
                for j in range(view.output[1]):
                    patch = _patch(seen, i, j, view.stride, view.span, view.dilation)
                    pixel = (patch * kernel).sum(dtype=x.dtype)
                    pixels.append(pixel if bias is None else pixel + bias[o])
    return torch.stack(pixels).reshape(shape) if pixels else x.new_zeros(shape)


def _patch(
    image: Tensor,
    i: int,
    j: int,
    stride: tuple[int, int],
    span: tuple[int, int],
    dilation: tuple[int, int],
) -> Tensor:
    """Return what the window sees at output pixel (i, j), shape (C, kh, kw)."""
    top, left = i * stride[0], j * stride[1]
    return image[
        :,
        top : top + span[0] : dilation[0],
        left : left + span[1] : dilation[1],
    ]
