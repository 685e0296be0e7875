"""How many zeros go to each side of an image."""

from __future__ import annotations

from cnn_tutorial._validation import choice, pair
from cnn_tutorial.arithmetic._forms import Padding, Pair, Sides

__all__ = ["padding_sides", "same_padding"]


def same_padding(kernel_size: Pair, *, dilation: Pair = 1) -> Sides:
    """Return the zeros that keep the size of an image at stride 1.

    The window spans D(K - 1) + 1 pixels, so D(K - 1) zeros are needed in all. When
    that is odd (an even kernel), one more goes to the bottom and the right, as in
    PyTorch.

    Parameters
    ----------
    kernel_size
        At least 1, pixels.
    dilation
        At least 1, pixels from one kernel element to the next.

    Returns
    -------
    tuple of two pairs
        ((top, bottom), (left, right)), pixels.

    Raises
    ------
    ValueError
        If an argument is not a positive integer or a pair of them.

    Examples
    --------
    Three rows need 2 zeros, one on each side; four columns need 3, which is odd:

    >>> same_padding((3, 4))
    ((1, 1), (1, 2))
    """
    kernel = pair("kernel_size", kernel_size, minimum=1)
    steps = pair("dilation", dilation, minimum=1)
    vertical, horizontal = (d * (k - 1) for k, d in zip(kernel, steps, strict=True))
    return _halves(vertical), _halves(horizontal)


def padding_sides(
    padding: Padding, kernel_size: Pair, *, stride: Pair = 1, dilation: Pair = 1
) -> Sides:
    """Return any form of `padding` as the zeros on each of the four sides.

    Parameters
    ----------
    padding
        A number or a pair, at least 0; "valid" for none; "same" for
        :func:`same_padding`, which needs stride 1.
    kernel_size, stride, dilation
        At least 1, pixels.

    Returns
    -------
    tuple of two pairs
        ((top, bottom), (left, right)), pixels.

    Raises
    ------
    ValueError
        If `padding` is negative or an unknown word, if it is "same" with a stride
        other than 1, or if another argument is not positive.

    Examples
    --------
    >>> padding_sides((1, 2), 3)
    ((1, 1), (2, 2))
    >>> padding_sides("same", 2)  # 2 - 1 = 1 zero, at the end
    ((0, 1), (0, 1))
    >>> padding_sides("same", 3, stride=2)
    Traceback (most recent call last):
    ValueError: `padding` (='same') needs `stride` 1, but `stride` (=2): with larger \
steps no padding keeps every size. Give the padding as numbers.
    """
    same = same_padding(kernel_size, dilation=dilation)
    steps = pair("stride", stride, minimum=1)
    if not isinstance(padding, str):
        vertical, horizontal = pair("padding", padding, minimum=0)
        return (vertical, vertical), (horizontal, horizontal)
    if choice("padding", padding, ["same", "valid"]) == "valid":
        return (0, 0), (0, 0)
    if steps != (1, 1):
        raise ValueError(
            f"`padding` (='same') needs `stride` 1, but `stride` (={stride!r}): with "
            "larger steps no padding keeps every size. Give the padding as numbers."
        )
    return same


def _halves(total: int) -> tuple[int, int]:
    return total // 2, total - total // 2
