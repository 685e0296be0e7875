"""Convolution by columns and rows, for kernels that are sums of a few products."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial._validation import integer
from cnn_tutorial.arithmetic import Padding, Pair
from cnn_tutorial.convolution._problem import Window, check_problem

__all__ = ["conv2d_low_rank", "low_rank_factors"]

# In half precision the rounding of its numbers gives every kernel full rank.
PRECISE = (torch.float32, torch.float64, torch.complex64, torch.complex128)


def low_rank_factors(
    kernel: Tensor, *, max_rank: int | None = None
) -> tuple[Tensor, Tensor]:
    """Write a kernel as a sum of products of a column and a row, as few as there are.

    By singular values; those below max(kh, kw) * eps times the largest are rounding
    (the rule of ``torch.linalg.matrix_rank``). A Gaussian or Sobel kernel needs one
    product and is called *separable*; a Laplacian of a Gaussian needs two.

    Parameters
    ----------
    kernel : tensor, shape (..., kh, kw)
        float32, float64 or complex; a whole ``weight`` at once, or one kernel.
    max_rank
        At least 1; kernels that need more products are refused.

    Returns
    -------
    columns : tensor, shape (..., r, kh)
        r is the rank of the kernel, of several the highest, and at least 1.
    rows : tensor, shape (..., r, kw)
        The kernel is the sum over r of the outer products of columns and rows. Neither
        has a gradient: one step of training would change the rank.

    Raises
    ------
    ValueError
        If a kernel has a higher rank than `max_rank` (it is named), holds a NaN or
        infinity, or is of another dtype.

    Examples
    --------
    >>> import torch
    >>> sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    >>> columns, rows = low_rank_factors(sobel)
    >>> columns.shape, rows.shape  # smooth in one direction, difference in the other
    (torch.Size([1, 3]), torch.Size([1, 3]))
    >>> torch.allclose(columns.mT @ rows, sobel, atol=1e-6)
    True
    """
    if not isinstance(kernel, Tensor):
        raise ValueError(f"`kernel` must be a tensor, not {type(kernel).__name__}.")
    shape = tuple(kernel.shape)
    if kernel.ndim < 2 or 0 in shape:
        raise ValueError(f"`kernel` (shape {shape}) must have rows and columns.")
    if kernel.dtype not in PRECISE:
        raise ValueError(
            f"`kernel` (dtype {kernel.dtype}) must be float32, float64 or complex: "
            "coarser numbers hide the rank."
        )
    kernel = kernel.detach()
    if not kernel.isfinite().all():
        raise ValueError(f"`kernel` (shape {shape}) must not hold NaN or infinity.")
    u, s, vh = torch.linalg.svd(kernel, full_matrices=False)
    rounding = max(shape[-2:]) * torch.finfo(kernel.dtype).eps
    ranks = (s > rounding * s[..., :1]).sum(-1)
    if max_rank is not None:
        _check_ranks(ranks, integer("max_rank", max_rank, minimum=1), shape)
    r = max(1, int(ranks.max()))
    share = s[..., :r].sqrt().unsqueeze(-1)  # half of the weight to each factor
    return u[..., :r].mT * share, vh[..., :r, :] * share


def _check_ranks(ranks: Tensor, max_rank: int, shape: tuple[int, ...]) -> None:
    high = (ranks > max_rank).nonzero()
    if len(high):
        where = f" at {high[0].tolist()}" if ranks.ndim else ""
        found = int(ranks[tuple(high[0])])
        others = f" ({len(high)} of {ranks.numel()} kernels do)" if ranks.ndim else ""
        raise ValueError(
            f"`kernel` (shape {shape}) has rank {found}{where}, more than `max_rank` "
            f"(={max_rank}){others}. Allow more, or use conv2d_fft or conv2d_unfold."
        )


def conv2d_low_rank(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    max_rank: int = 2,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve down the columns, then along the rows: kh + kw instead of kh * kw.

    For filters of image processing, not for learned kernels, which have full rank. Each
    pair of an input and an output channel takes `max_rank` maps of its own in between.

    Parameters
    ----------
    x : tensor, shape (N, C_in, H, W) or (C_in, H, W)
        float32, float64, complex64 or complex128.
    weight : tensor, shape (C_out, C_in/groups, kh, kw)
        dtype and device of `x`; without a gradient.
    bias : tensor, shape (C_out,), optional
        dtype and device of `x`.
    max_rank
        At least 1: how many products of a column and a row a kernel may need; see
        :func:`low_rank_factors`. 1 for separable kernels, 2 for a Laplacian of a
        Gaussian.
    stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0; or "same" (stride 1 only) or "valid".
    groups
        At least 1; divides C_in and C_out.

    Returns
    -------
    tensor, shape (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        What ``torch.nn.functional.conv2d`` returns, up to rounding; differentiable in
        `x` and `bias`.

    Raises
    ------
    ValueError
        If an argument breaks a rule above, if a kernel has a higher rank (it is named),
        or if `weight` requires a gradient.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> weight = torch.tensor([[[[1.0, 2.0], [2.0, 4.0]]]])  # (1, 2) times (1, 2)
    >>> conv2d_low_rank(x, weight).round(decimals=4)  # 1 + 4 + 8 + 20, 2 + 6 + 10 + 24
    tensor([[[33., 42.]]])
    """
    view = check_problem(x, weight, bias, stride, padding, dilation, groups)
    if weight.requires_grad and torch.is_grad_enabled():
        raise ValueError(
            "`weight` requires a gradient, which leads away from low rank: pass "
            "`weight.detach()`, or use conv2d_unfold."
        )
    columns, rows = low_rank_factors(weight, max_rank=max_rank)
    batch = x if x.ndim == 4 else x.unsqueeze(0)
    out = _two_passes(batch, columns, rows, bias, view, groups)
    return out if x.ndim == 4 else out.squeeze(0)


def _two_passes(
    x: Tensor,
    columns: Tensor,
    rows: Tensor,
    bias: Tensor | None,
    view: Window,
    groups: int,
) -> Tensor:
    """Slide the columns, then the rows; (C_out, C_in/G, r, k) each."""
    (sh, sw), (dh, dw) = view.stride, view.dilation
    top_bottom, left_right = view.sides
    x = F.pad(x, (*left_right, *top_bottom))
    # One map for each input channel c, output channel o and product r, in this order.
    columns = columns.unflatten(0, (groups, -1)).transpose(1, 2)  # (G, c, o, r, kh)
    down = columns.flatten(0, -2)[:, None, :, None]
    maps = F.conv2d(x, down, None, (sh, 1), 0, (dh, 1), x.shape[1])
    # Each output channel adds its own maps, c and r.
    maps = maps.unflatten(1, columns.shape[:-1]).transpose(2, 3).flatten(1, 4)
    along = rows.flatten(1, 2).unsqueeze(2)  # (C_out, c*r, 1, kw)
    return F.conv2d(maps, along, bias, (1, sw), 0, (1, dw), len(rows))
