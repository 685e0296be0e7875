"""Convolution as a product of spectra."""

from __future__ import annotations

import functools
import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.arithmetic import Padding, Pair
from cnn_tutorial.convolution._problem import Window, check_problem

__all__ = ["conv2d_fft", "fast_length"]

# MKL and cuFFT have transforms of their own for these factors.
FACTORS = (2, 3, 5, 7)


def conv2d_fft(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve by a product of Fourier transforms.

    The work grows with the logarithm of the image and hardly with the kernel, so it
    pays for large kernels and few channels. What it costs: with stride S it computes
    every place and keeps one of S*S; it holds the spectra of all kernels, each as large
    as an image; and its rounding error follows the *largest* number of the image, so
    that one NaN or infinity spoils all pixels of that image.

    Parameters
    ----------
    x : tensor, shape (N, C_in, H, W) or (C_in, H, W)
        Floating or complex. float16 and bfloat16 are computed in float32.
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
        What ``torch.nn.functional.conv2d`` returns, up to rounding, and as
        differentiable.

    Raises
    ------
    ValueError
        If an argument breaks a rule above, or `x` holds whole numbers, which spectra
        do not keep exact.

    References
    ----------
    M. Mathieu, M. Henaff, Y. LeCun, "Fast training of convolutional networks through
    FFTs", ICLR 2014, arXiv:1312.5851.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> weight = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> conv2d_fft(x, weight).round(decimals=4)  # 1 - 5, 2 - 6
    tensor([[[-4., -4.]]])
    """
    view = check_problem(x, weight, bias, stride, padding, dilation, groups)
    if not (x.is_floating_point() or x.is_complex()):
        raise ValueError(
            f"`x` (dtype {x.dtype}) must be floating or complex: a Fourier transform "
            "rounds. Use conv2d_unfold, or convert with `x.to(...)`."
        )
    wide = _wide(x.dtype)
    batch = x if x.ndim == 4 else x.unsqueeze(0)
    out = _correlate(batch.to(wide), weight.to(wide), view, groups)
    out = out if x.ndim == 4 else out.squeeze(0)
    if bias is not None:
        out = out + bias.to(wide).reshape(-1, 1, 1)
    return out.to(x.dtype)


@functools.lru_cache(maxsize=1024)
def fast_length(n: int) -> int:
    """Return the least length from `n` on that has no prime factor above 7.

    A transform of prime length takes several times as long as one of its neighbours.

    Parameters
    ----------
    n
        At least 1, pixels.

    Examples
    --------
    >>> fast_length(571), fast_length(572)  # 576 = 2**6 * 3**2
    (576, 576)
    """
    return next(length for length in itertools.count(n) if _is_smooth(length))


def _is_smooth(rest: int) -> bool:
    for factor in FACTORS:
        while rest % factor == 0:
            rest //= factor
    return rest == 1


def _wide(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype in which the transforms are computed."""
    return torch.float32 if dtype in (torch.float16, torch.bfloat16) else dtype


def _correlate(x: Tensor, weight: Tensor, view: Window, groups: int) -> Tensor:
    """Return the windows' dot products, shape (N, C_out, H_out, W_out)."""
    top_bottom, left_right = view.sides
    x = F.pad(x, (*left_right, *top_bottom))
    height, width = x.shape[-2:]
    size = (fast_length(height), fast_length(width))
    kernels = weight
    if view.span != view.kernel:  # D - 1 zeros between the elements
        kernels = weight.new_zeros(*weight.shape[:2], *view.span)
        kernels[..., :: view.dilation[0], :: view.dilation[1]] = weight
    out: Tensor
    # The conjugate turns the flip of a Fourier convolution round. What wraps round the
    # border lies behind the last place of the window.
    if x.is_complex():
        images = torch.fft.fft2(x, s=size)
        spectra = torch.fft.fft2(kernels.conj(), s=size).conj()
        out = torch.fft.ifft2(_product(images, spectra, groups))
    else:
        images = torch.fft.rfft2(x, s=size)
        spectra = torch.fft.rfft2(kernels, s=size).conj()
        out = torch.fft.irfft2(_product(images, spectra, groups), s=size)
    (sh, sw), (rows, columns) = view.stride, view.output
    return out[..., : (rows - 1) * sh + 1 : sh, : (columns - 1) * sw + 1 : sw]


def _product(images: Tensor, kernels: Tensor, groups: int) -> Tensor:
    """Multiply at each frequency and add over the input channels of each group."""
    images = images.unflatten(1, (groups, -1))  # (N, G, C_in/G, *F)
    kernels = kernels.unflatten(0, (groups, -1))  # (G, C_out/G, C_in/G, *F)
    if kernels.shape[2] == 1:
        out = images * kernels[:, :, 0]
    else:
        out = torch.einsum("ngcuv,gocuv->ngouv", images, kernels)
    return out.flatten(1, 2)
