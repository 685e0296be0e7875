"""The size of what a transposed convolution returns."""

from __future__ import annotations

from cnn_tutorial._validation import pair
from cnn_tutorial.arithmetic._forms import SizeT, in_form

__all__ = ["conv_transpose_output_size"]


def conv_transpose_output_size(
    size: SizeT,
    kernel_size: SizeT | int,
    *,
    stride: SizeT | int = 1,
    padding: SizeT | int = 0,
    output_padding: SizeT | int = 0,
    dilation: SizeT | int = 1,
) -> SizeT:
    """Return the output size of a transposed convolution.

    It is an input size from which the convolution with the same settings makes
    `size`: (H - 1)S - 2P + D(K - 1) + 1. Several sizes do; `output_padding` picks one
    of them.

    Parameters
    ----------
    size
        Input size, at least 1, pixels: one number, or (height, width).
    kernel_size, stride, dilation
        At least 1, pixels; a number or a pair.
    padding
        Pixels removed from each side, at least 0.
    output_padding
        Pixels added to the bottom and the right, at least 0 and less than `stride` or
        `dilation`.

    Returns
    -------
    int or tuple of int
        Output size, pixels.

    Raises
    ------
    ValueError
        If an argument is out of its range or nothing would be left.

    Examples
    --------
    A convolution with kernel 3, stride 2, padding 1 makes 4 of both 7 and 8:

    >>> conv_transpose_output_size(4, 3, stride=2, padding=1)  # 3*2 - 2*1 + 2 + 1
    7
    >>> conv_transpose_output_size(4, 3, stride=2, padding=1, output_padding=1)
    8
    """
    names = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")
    values = (size, kernel_size, stride, padding, output_padding, dilation)
    pairs = [
        pair(name, value, minimum=0 if "padding" in name else 1)
        for name, value in zip(names, values, strict=True)
    ]
    result = []
    for n, k, s, p, extra, d in zip(*pairs, strict=True):
        if extra >= max(s, d):
            raise ValueError(
                f"`output_padding` (={output_padding!r}) must be less than `stride` "
                f"(={stride!r}) or `dilation` (={dilation!r})."
            )
        result.append(_transposed(n, k, s, p, extra, d))
    return in_form(size, result, *values)


def _transposed(n: int, k: int, s: int, p: int, extra: int, d: int) -> int:
    result = (n - 1) * s - 2 * p + d * (k - 1) + extra + 1
    if result < 1:
        raise ValueError(
            f"`padding` (={p}) removes everything: ({n} - 1)*{s} - 2*{p} + "
            f"{d}*({k} - 1) + {extra} + 1 = {result}."
        )
    return result
