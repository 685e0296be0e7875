"""A convolution as a product of matrices, at one place of the window."""

from __future__ import annotations

from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import checked_title, style
from cnn_tutorial.plotting._slide_picture import draw_slide
from cnn_tutorial.plotting._slides import Pair, slide

__all__ = ["unfold_steps"]


def unfold_steps(
    image: object,
    kernel: object,
    *,
    position: tuple[int, int],
    title: str,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> Figure:
    """Draw how one output pixel comes about: window, column, kernel, number.

    The input stands on the left with its window; the patches on the right, a column
    for each place. Under them the flat kernel times the patches makes the flat output,
    which is laid out in rows at the bottom. Small matrices show their numbers.

    Parameters
    ----------
    image : tensor or array, shape (H, W); leading axes of length 1 are dropped
        One channel.
    kernel : tensor or array, shape (kh, kw); leading axes of length 1 are dropped
        The kernel, which is not flipped.
    position : (row, column)
        Of the output pixel.
    title
        What to see; it becomes the alternative text.
    stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If there is more than one channel, no window fits, the output has no such pixel,
        or there are more places than can be drawn.

    Examples
    --------
    >>> figure = unfold_steps([[1, 2, 3]], [[1, -1]], position=(0, 1), title="One step")
    >>> figure.axes[0].texts[-1].get_text().split(" = ")[1:]
    ['2·1 + 3·(−1)', '−1']
    """
    title = checked_title(title)
    numbers = slide(image, kernel, stride, padding, dilation)
    row, column = position
    rows, columns = numbers.output.shape
    if not (0 <= row < rows and 0 <= column < columns):
        raise ValueError(
            f"`position` (={position!r}) is not in the output, which is {rows} x "
            f"{columns}."
        )
    with style():
        return draw_slide(numbers, row * columns + column, title)
