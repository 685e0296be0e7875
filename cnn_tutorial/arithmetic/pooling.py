"""The size of what a pooling layer returns."""

from __future__ import annotations

from cnn_tutorial._validation import pair
from cnn_tutorial.arithmetic._forms import SizeT, in_form

__all__ = ["pool_output_size"]


def pool_output_size(
    size: SizeT,
    kernel_size: SizeT | int,
    *,
    stride: SizeT | int | None = None,
    padding: SizeT | int = 0,
    dilation: SizeT | int = 1,
    ceil_mode: bool = False,
) -> SizeT:
    """Return the output size of a pooling layer.

    As for a convolution, but the stride is the kernel size unless given, and with
    `ceil_mode` a last window may hang over the end, if it starts before the end of
    the input.

    Parameters
    ----------
    size
        Input size, at least 1, pixels: one number, or (height, width).
    kernel_size, dilation
        At least 1, pixels; a number or a pair.
    stride
        At least 1, pixels; `kernel_size` when None.
    padding
        Pixels on each side, at least 0 and at most half of `kernel_size`.
    ceil_mode
        Round up instead of down.

    Returns
    -------
    int or tuple of int
        Output size, pixels.

    Raises
    ------
    ValueError
        If an argument is out of its range or no window fits.

    Examples
    --------
    >>> pool_output_size(7, 2), pool_output_size(7, 2, ceil_mode=True)  # 7 / 2 = 3.5
    (3, 4)
    """
    sizes = pair("size", size, minimum=1)
    kernel = pair("kernel_size", kernel_size, minimum=1)
    steps = pair("stride", kernel if stride is None else stride, minimum=1)
    edges = pair("padding", padding, minimum=0)
    gaps = pair("dilation", dilation, minimum=1)
    result = []
    for n, k, s, p, d in zip(sizes, kernel, steps, edges, gaps, strict=True):
        if 2 * p > k:
            raise ValueError(
                f"`padding` (={padding!r}) must be at most half of `kernel_size` "
                f"(={kernel_size!r}), or a window could see padding only."
            )
        result.append(_pooled(n, k, s, p, d, ceil_mode=ceil_mode))
    return in_form(size, result, kernel_size, stride, padding, dilation)


def _pooled(n: int, k: int, s: int, p: int, d: int, *, ceil_mode: bool) -> int:
    free = n + 2 * p - d * (k - 1) - 1
    windows = (-(-free // s) if ceil_mode else free // s) + 1
    if ceil_mode and (windows - 1) * s >= n + p:
        windows -= 1  # it would start in the padding after the end
    if windows < 1:
        rounded = "ceil" if ceil_mode else "floor"
        raise ValueError(
            f"`kernel_size` (={k}) leaves no window: {rounded}(({n} + 2*{p} - "
            f"{d}*({k} - 1) - 1)/{s}) + 1 = {windows}."
        )
    return windows
