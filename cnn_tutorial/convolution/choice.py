"""One door to all machines, and the rule that picks one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import log2, prod

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial._validation import choice
from cnn_tutorial.arithmetic import Padding, Pair
from cnn_tutorial.convolution._problem import Window, check_problem
from cnn_tutorial.convolution.fourier import conv2d_fft, fast_length
from cnn_tutorial.convolution.loops import conv2d_loops
from cnn_tutorial.convolution.low_rank import conv2d_low_rank
from cnn_tutorial.convolution.unfolding import conv2d_unfold

__all__ = ["choose_method", "conv2d"]

MACHINES: dict[str, Callable[..., Tensor]] = {
    "loops": conv2d_loops,
    "unfold": conv2d_unfold,
    "fft": conv2d_fft,
    "low_rank": conv2d_low_rank,
}

METHODS = ("auto", "library", *MACHINES)

# The prices of the rule, in multiply-accumulates (MACs) of one lane.
LANES = 16  # output channels that a processor's vectors work on at once
PRODUCT = 16  # a product of two spectra at one frequency, with the copies it needs
START = 100_000  # what the calls of a Fourier convolution cost without any pixel
MOST_SPECTRA = 2**30  # bytes

VECTORISED = (torch.float32, torch.bfloat16, torch.complex64)


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
    method: str = "auto",
) -> Tensor:
    """Convolve by the method asked for, or by the one that the sizes suggest.

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
    method
        "auto", "loops", "unfold", "fft", "low_rank" or "library" (``F.conv2d``).
        "auto" asks :func:`choose_method`; where that says "fft" and an image holds NaN
        or infinity, which spectra would spread, it takes the library.

    Returns
    -------
    tensor, shape (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        What ``torch.nn.functional.conv2d`` returns, up to rounding, and as
        differentiable ("low_rank": not in `weight`).

    Raises
    ------
    ValueError
        If an argument breaks a rule above or one of the method's.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> weight = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> conv2d(x, weight)  # 1 - 5, 2 - 6
    tensor([[[-4., -4.]]])
    """
    view = check_problem(x, weight, bias, stride, padding, dilation, groups)
    if method == "auto":
        method = _choose(x, weight, view, groups)
        if method == "fft" and not (_finite(x) and _finite(weight)):
            method = "library"
    elif method not in METHODS:
        choice("method", method, METHODS)
    if method == "library":
        return _library(x, weight, bias, view, groups)
    return MACHINES[method](
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )


def choose_method(
    x: Tensor,
    weight: Tensor,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> str:
    """Return the method that `conv2d` takes on its own: "library" or "fft".

    It counts, it does not measure, and it looks at shapes, dtype and device only:

    * the library pays for each multiply-accumulate, N * C_out * C_in/groups * kh * kw *
      H_out * W_out in all. A processor multiplies 16 output channels at once (for a
      depthwise layer, 16 groups), if there are that many and the numbers are float32,
      bfloat16 or complex64; the count is divided by them.
    * Fourier pays F * log2(F) for each image, each kernel and each output, with F
      pixels in a transform; 16 for each frequency at which an output channel adds up
      several input channels; and 100,000 to start. Numbers of 8 or 16 bytes cost two
      or four times as much.

    The smaller bill wins. What is not on a CPU, holds whole numbers, or would need more
    than 1 GiB for spectra goes to the library. The prices lean to the library: where
    they are wrong, Fourier would have been faster, as for windows of 3 to 7 pixels on
    one channel of a large image, for float64 with many channels, and where padding is
    so wide that the library falls back to its slow path.

    Parameters
    ----------
    x, weight, stride, padding, dilation, groups
        As in :func:`conv2d`. The numbers in the tensors are not looked at.

    Raises
    ------
    ValueError
        As in :func:`conv2d`.

    Examples
    --------
    A layer of a network, and a large filter on one channel:

    >>> import torch
    >>> choose_method(torch.empty(8, 64, 56, 56), torch.empty(64, 64, 3, 3))
    'library'
    >>> choose_method(torch.empty(1, 1, 512, 512), torch.empty(1, 1, 61, 61))
    'fft'
    """
    view = check_problem(x, weight, None, stride, padding, dilation, groups)
    return _choose(x, weight, view, groups)


def _choose(x: Tensor, weight: Tensor, view: Window, groups: int) -> str:
    if x.device.type != "cpu" or not (x.is_floating_point() or x.is_complex()):
        return "library"
    return _cheaper(tuple(x.shape), tuple(weight.shape), view, groups, x.dtype)


@functools.lru_cache(maxsize=1024)
def _cheaper(
    shape: tuple[int, ...],
    kernels: tuple[int, ...],
    view: Window,
    groups: int,
    dtype: torch.dtype,
) -> str:
    """Compare the bills; remembered, since a network asks for the same again."""
    library = _library_bill(shape, kernels, view, groups, dtype)
    # Most layers are settled before the transforms are counted.
    if library <= START or library <= _fourier_bill(shape, kernels, view, dtype):
        return "library"
    return "fft"


def _library_bill(
    shape: tuple[int, ...],
    kernels: tuple[int, ...],
    view: Window,
    groups: int,
    dtype: torch.dtype,
) -> float:
    n = prod(shape[:-3])
    macs = n * prod(kernels) * prod(view.output)
    depthwise = kernels[1] == 1 and kernels[0] == groups
    side_by_side = groups if depthwise else kernels[0] // groups
    lanes = min(LANES, side_by_side) if dtype in VECTORISED else 1
    # PyTorch makes a complex convolution of three real ones.
    return macs * (3 if dtype.is_complex else 1) / lanes


def _fourier_bill(
    shape: tuple[int, ...],
    kernels: tuple[int, ...],
    view: Window,
    dtype: torch.dtype,
) -> float:
    sides = zip(shape[-2:], view.sides, strict=True)
    pixels = prod(fast_length(before + s + after) for s, (before, after) in sides)
    n, (c_out, per_group) = prod(shape[:-3]), kernels[:2]
    maps = n * shape[-3] + c_out * per_group + n * c_out
    size = max(4, dtype.itemsize)
    if maps * pixels * size > MOST_SPECTRA:
        return float("inf")
    products = n * c_out * per_group * pixels / 2 if per_group > 1 else 0
    return START + (maps * pixels * log2(pixels) + PRODUCT * products) * size / 4


def _finite(x: Tensor) -> bool:
    try:
        return bool(x.isfinite().all())
    except RuntimeError:  # torch.func.vmap has no single answer
        return False


def _library(
    x: Tensor, weight: Tensor, bias: Tensor | None, view: Window, groups: int
) -> Tensor:
    (top, bottom), (left, right) = view.sides
    padding = (top, left)
    if (top, left) != (bottom, right):
        x, padding = F.pad(x, (left, right, top, bottom)), (0, 0)
    return F.conv2d(x, weight, bias, view.stride, padding, view.dilation, groups)
