"""Convolution as a matrix product: each place of the window becomes a column."""

from __future__ import annotations

from torch import Tensor

from cnn_tutorial.arithmetic import Padding, Pair
from cnn_tutorial.convolution._problem import check_problem
from cnn_tutorial.convolution.patches import as_columns

__all__ = ["conv2d_unfold"]


def conv2d_unfold(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve by :func:`unfold` and one matrix product.

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

    References
    ----------
    K. Chellapilla, S. Puri, P. Simard, "High performance convolutional neural networks
    for document processing", IWFHR 2006, section 3.1.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> weight = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])
    >>> conv2d_unfold(x, weight)  # 1 - 5, 2 - 6
    tensor([[[-4., -4.]]])
    """
    view = check_problem(x, weight, bias, stride, padding, dilation, groups)
    patches = as_columns(x, view)  # (N, p, L)
    kernels = weight.flatten(1)  # (C_out, p / groups)
    out = kernels @ patches if groups == 1 else _grouped(kernels, patches, groups)
    if bias is not None:
        out = out + bias.unsqueeze(1)
    return out.reshape(*out.shape[:-1], *view.output)


def _grouped(kernels: Tensor, patches: Tensor, groups: int) -> Tensor:
    """Multiply each group's kernels with its own rows of the patches."""
    (*batch, p, places), (out_channels, _) = patches.shape, kernels.shape
    split = kernels.reshape(groups, out_channels // groups, p // groups)
    out = split @ patches.reshape(*batch, groups, p // groups, places)
    return out.reshape(*batch, out_channels, places)
