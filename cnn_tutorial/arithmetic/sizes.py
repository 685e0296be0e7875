"""The size of what a convolution returns, before anything is computed."""

from __future__ import annotations

from cnn_tutorial._validation import pair
from cnn_tutorial.arithmetic._forms import Padding, Pair, SizeT, has_pair, in_form
from cnn_tutorial.arithmetic.padding import padding_sides

__all__ = ["conv_output_size", "get_area", "get_size"]


def conv_output_size(
    size: SizeT,
    kernel_size: SizeT | int,
    *,
    stride: SizeT | int = 1,
    padding: SizeT | int | str = 0,
    dilation: SizeT | int = 1,
) -> SizeT:
    r"""Return how many places a kernel takes on an image.

    .. math:: H_{out} = \left\lfloor \frac{H + 2P - D(K - 1) - 1}{S} \right\rfloor + 1

    Parameters
    ----------
    size
        Input size, at least 1, pixels: one number for both axes, or (height, width).
    kernel_size, stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0; or "same" (stride 1 only) or "valid".

    Returns
    -------
    int or tuple of int
        Output size, pixels; an integer when all arguments were.

    Raises
    ------
    ValueError
        If an argument is out of its range, or the window is larger than the padded
        input; the message shows the arithmetic.

    Examples
    --------
    >>> conv_output_size(32, 3, stride=2, padding=1)  # (32 + 2*1 - 3) // 2 + 1
    16
    >>> conv_output_size((5, 7), 3, dilation=(2, 1))  # 5 - 2*2 - 1 + 1, 7 - 2 - 1 + 1
    (1, 5)
    >>> conv_output_size(4, 7, padding=1)
    Traceback (most recent call last):
    ValueError: `kernel_size` (=7) spans 7 pixels, but the padded input has 4 + 2*1 = 6.
    """
    sizes = pair("size", size, minimum=1)
    kernel = pair("kernel_size", kernel_size, minimum=1)
    steps = pair("stride", stride, minimum=1)
    gaps = pair("dilation", dilation, minimum=1)
    sides = padding_sides(padding, kernel, stride=stride, dilation=dilation)
    named = has_pair(size, kernel_size, stride, padding, dilation)
    result = []
    for axis in (0, 1):
        where = ("vertically", "horizontally")[axis] if named else ""
        free = _room(sizes[axis], kernel[axis], sides[axis], gaps[axis], where)
        result.append(free // steps[axis] + 1)
    return in_form(size, result, kernel_size, stride, padding, dilation)


def get_size(
    height: int,
    width: int,
    kernel_size: Pair,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
) -> tuple[int, int]:
    """Predict (H_out, W_out) of a convolution on an image of `height` x `width`.

    Parameters
    ----------
    height, width
        At least 1, pixels.
    kernel_size, stride, padding, dilation
        As in :func:`conv_output_size`.

    Returns
    -------
    tuple of int
        (H_out, W_out), pixels.

    Raises
    ------
    ValueError
        As in :func:`conv_output_size`.

    Examples
    --------
    >>> get_size(28, 20, (5, 3), padding=(2, 0))  # 28 + 4 - 5 + 1, 20 - 3 + 1
    (28, 18)
    """
    size = pair("(height, width)", (height, width), minimum=1)
    return conv_output_size(
        size, kernel_size, stride=stride, padding=padding, dilation=dilation
    )


def get_area(
    height: int,
    width: int,
    kernel_size: Pair,
    *,
    stride: Pair = 1,
    padding: Padding = 0,
    dilation: Pair = 1,
) -> int:
    """Predict the number of patches that ``unfold`` makes: L = H_out * W_out.

    Parameters
    ----------
    height, width, kernel_size, stride, padding, dilation
        As in :func:`get_size`.

    Returns
    -------
    int
        Sliding locations, at least 1.

    Raises
    ------
    ValueError
        As in :func:`conv_output_size`.

    Examples
    --------
    >>> get_area(4, 5, 2)  # (4 - 2 + 1) * (5 - 2 + 1) = 3 * 4
    12
    """
    rows, columns = get_size(
        height, width, kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    return rows * columns


def _room(size: int, k: int, sides: tuple[int, int], d: int, where: str) -> int:
    """Return the pixels that a window can move, or show why it does not fit."""
    before, after = sides
    span, padded = d * (k - 1) + 1, before + size + after
    if span > padded:
        spread = f" with `dilation` (={d})" if d > 1 else ""
        spans = f"{d}*({k} - 1) + 1 = {span}" if d > 1 else f"{span}"
        added = f"2*{before}" if before == after else f"{before} + {after}"
        raise ValueError(
            f"`kernel_size` (={k}){spread} spans {spans} pixels"
            f"{f' {where}' if where else ''}, but the padded input has "
            f"{size} + {added} = {padded}."
        )
    return padded - span
