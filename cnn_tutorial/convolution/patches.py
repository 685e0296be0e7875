"""Every patch of an image: as a view, as columns, and back."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial._validation import pair
from cnn_tutorial.arithmetic import Padding, Pair
from cnn_tutorial.convolution._problem import (
    Window,
    check_image,
    window,
)

__all__ = ["as_columns", "fold", "unfold", "unfold_view"]


def unfold_view(
    x: Tensor, kernel_size: Pair, *, stride: Pair = 1, dilation: Pair = 1
) -> Tensor:
    """Return every patch of an image without copying a number.

    The view steps through the memory of `x`, so that a pixel under nine windows
    appears nine times and is stored once. Padding would need new memory: pad first.

    Parameters
    ----------
    x : tensor, shape (N, C, H, W) or (C, H, W)
        Any dtype.
    kernel_size, stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).

    Returns
    -------
    tensor, shape (N, C, kh, kw, H_out, W_out) or (C, kh, kw, H_out, W_out)
        Element (n, c, u, v, i, j) is what kernel element (u, v) sees from output pixel
        (i, j). A view: writing to it writes to `x`, several times over.

    Raises
    ------
    ValueError
        If a setting is out of its range or no window fits.

    Examples
    --------
    >>> import torch
    >>> x = torch.arange(6.0).reshape(1, 2, 3)
    >>> view = unfold_view(x, 2)
    >>> view.shape  # 1 channel, kernel 2 x 2, output 1 x 2
    torch.Size([1, 2, 2, 1, 2])
    >>> view[0, :, :, 0, 0]  # the first window
    tensor([[0., 1.],
            [3., 4.]])
    >>> view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    True
    """
    check_image(x)
    return _view(x, window(x.shape[-2:], kernel_size, stride, 0, dilation))


def unfold(
    x: Tensor,
    kernel_size: Pair,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
) -> Tensor:
    """Return every patch of an image as a column (im2col).

    Parameters
    ----------
    x : tensor, shape (N, C, H, W) or (C, H, W)
        Any dtype.
    kernel_size, stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0; or "same" (stride 1 only) or "valid".

    Returns
    -------
    tensor, shape (N, C*kh*kw, L) or (C*kh*kw, L)
        L = H_out * W_out columns, row after row; in a column first all elements of
        channel 0, then of channel 1. About kh*kw/stride**2 times the memory of `x`.

    Raises
    ------
    ValueError
        If a setting is out of its range or no window fits.

    Examples
    --------
    >>> import torch
    >>> x = torch.arange(9.0).reshape(1, 3, 3)
    >>> unfold(x, 2)  # the first column is the window 0 1 / 3 4
    tensor([[0., 1., 3., 4.],
            [1., 2., 4., 5.],
            [3., 4., 6., 7.],
            [4., 5., 7., 8.]])
    """
    check_image(x)
    view = window(x.shape[-2:], kernel_size, stride, padding, dilation)
    return as_columns(x, view)


def fold(
    columns: Tensor,
    output_size: Pair,
    kernel_size: Pair,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
) -> Tensor:
    """Put the columns back to where they came from, and add where they overlap.

    This is the adjoint of :func:`unfold`, not its inverse: the inner products
    <unfold(x), y> and <x, fold(y)> are equal, which makes it the gradient.

    Parameters
    ----------
    columns : tensor, shape (N, C*kh*kw, L) or (C*kh*kw, L)
        As :func:`unfold` returns them.
    output_size
        (H, W) of the image, pixels; a number or a pair.
    kernel_size, stride, padding, dilation
        Those that :func:`unfold` had.

    Returns
    -------
    tensor, shape (N, C, H, W) or (C, H, W)
        Each pixel is the sum of all places where it stands in the columns.

    Raises
    ------
    ValueError
        If a setting is out of its range, or the columns do not have the rows and the
        number that :func:`unfold` would give them.

    Examples
    --------
    The middle of a 3 x 3 image is under all four 2 x 2 windows:

    >>> import torch
    >>> fold(torch.ones(4, 4), 3, 2)
    tensor([[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]])
    """
    size = pair("output_size", output_size, minimum=1)
    view = window(size, kernel_size, stride, padding, dilation)
    patches = _as_patches(columns, view)
    (top, bottom), (left, right) = view.sides
    height, width = top + size[0] + bottom, left + size[1] + right
    image = columns.new_zeros(*patches.shape[:-4], height, width)
    for u in range(view.kernel[0]):
        for v in range(view.kernel[1]):
            # One element of the kernel meets each pixel once at most, so `+=` is safe.
            rows = _places(view, 0, u)
            image[..., rows, _places(view, 1, v)] += patches[..., u, v, :, :]
    return image[..., top : top + size[0], left : left + size[1]]


def as_columns(x: Tensor, view: Window) -> Tensor:
    """Return the columns of a checked image, shape (..., C*kh*kw, L).

    Parameters
    ----------
    x : tensor, shape (..., C, H, W)
        Any dtype.
    view
        From :func:`cnn_tutorial.convolution._problem.window`.

    Returns
    -------
    tensor, shape (..., C*kh*kw, L)
        A copy, unless the window is one pixel that takes every place.
    """
    top_bottom, left_right = view.sides
    if any((*top_bottom, *left_right)):
        x = F.pad(x, (*left_right, *top_bottom))
    return _view(x, view).flatten(-5, -3).flatten(-2)


def _view(x: Tensor, view: Window) -> Tensor:
    """Return the patches, shape (..., C, kh, kw, H_out, W_out)."""
    (dh, dw), (sh, sw) = view.dilation, view.stride
    span_h, span_w = view.span
    x = x.unfold(-2, span_h, sh)  # (..., H_out, W, span_h)
    x = x.unfold(-2, span_w, sw)  # (..., H_out, W_out, span_h, span_w)
    if view.span != view.kernel:
        x = x[..., ::dh, ::dw]
    return x.movedim((-2, -1), (-4, -3))


def _as_patches(columns: Tensor, view: Window) -> Tensor:
    """Return columns in the shape of a view, or say what does not fit."""
    if not isinstance(columns, Tensor):
        raise ValueError(f"`columns` must be a tensor, not {type(columns).__name__}.")
    shape, (kh, kw), (rows, width) = tuple(columns.shape), view.kernel, view.output
    if columns.ndim not in (2, 3):
        raise ValueError(
            f"`columns` (shape {shape}) must have 2 axes (C*kh*kw, L) or 3 "
            f"(N, C*kh*kw, L), not {columns.ndim}."
        )
    if shape[-2] % (kh * kw) or not shape[-2]:
        raise ValueError(
            f"`columns` (shape {shape}) has {shape[-2]} rows, which must be a multiple "
            f"of kh*kw = {kh}*{kw} = {kh * kw}."
        )
    if shape[-1] != rows * width:
        raise ValueError(
            f"`columns` (shape {shape}) has {shape[-1]} columns, but these settings "
            f"make H_out*W_out = {rows}*{width} = {rows * width}."
        )
    channels = shape[-2] // (kh * kw)
    return columns.reshape(*shape[:-2], channels, kh, kw, rows, width)


def _places(view: Window, axis: int, element: int) -> slice:
    """Return the pixels that one kernel element meets along an axis."""
    first = element * view.dilation[axis]
    step = view.stride[axis]
    return slice(first, first + step * (view.output[axis] - 1) + 1, step)
