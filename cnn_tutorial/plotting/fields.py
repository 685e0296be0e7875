"""What some outputs see of an image: windows, and the rest of it faintly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnn_tutorial.plotting._figure import (
    SMALL,
    Array,
    checked_title,
    style,
    text_width,
)
from cnn_tutorial.plotting._grid import Grid
from cnn_tutorial.plotting._sheet import ABOVE, name_above, new_sheet, panel
from cnn_tutorial.plotting.colors import KERNEL
from cnn_tutorial.plotting.pictures import _as_images

__all__ = ["field_windows"]

Interval = tuple[int, int]


def _checked_windows(
    windows: Mapping[str, Sequence[Interval]], shape: tuple[int, ...]
) -> dict[str, tuple[int, int, int, int]]:
    """Return the rectangles (top, left, height, width) that lie in the image."""
    if not windows:
        raise ValueError("`windows` is empty: there is nothing to draw.")
    found = {}
    for name, window in windows.items():
        if len(window) != 2 or any(len(interval) != 2 for interval in window):
            raise ValueError(
                f"`windows[{name!r}]` (={window!r}) must be (first, last) row and "
                "(first, last) column."
            )
        (top, low), (left, right) = window
        low, right = min(low, shape[0] - 1), min(right, shape[1] - 1)
        top, left = max(top, 0), max(left, 0)
        if low < top or right < left:
            raise ValueError(
                f"`windows[{name!r}]` (={window!r}) does not meet the image of "
                f"{shape[0]} x {shape[1]} pixels."
            )
        found[name] = top, left, low - top + 1, right - left + 1
    return found


def field_windows(
    image: object,
    windows: Mapping[str, Sequence[Interval]],
    *,
    title: str,
    columns: int | None = None,
) -> Figure:
    """Draw what each of some outputs sees of an image, and the rest of it faintly.

    Parameters
    ----------
    image : tensor or array, shape (1, C, H, W), (C, H, W) or (H, W)
        A grey (C = 1) or colour (C = 3) image: uint8, or float 0-1.
    windows : mapping of name to ((first, last) row, (first, last) column)
        What is seen; both ends are included. What lies outside the image is cut off.
    title
        What to see; it becomes the alternative text.
    columns
        Panels in a row; without it, a number that leaves few places empty.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If the image is none, or a window does not meet it.

    Examples
    --------
    >>> image = [[0.0] * 8] * 8
    >>> seen = {"conv1": ((0, 2), (4, 6))}
    >>> figure = field_windows(image, seen, title="A corner")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['conv1: 3 × 3']
    """
    title, pictures = checked_title(title), _as_images(image)
    if len(pictures) != 1:
        raise ValueError(f"`image` holds {len(pictures)} images; one is drawn.")
    picture = pictures[0]
    boxes = _checked_windows(windows, picture.shape)
    words = [f"{n}: {h} × {w}" for n, (_, _, h, w) in boxes.items()]
    with style():
        wide = max(text_width(word, SMALL) for word in words) + 0.05
        shape = picture.shape[:2]
        side = max(wide, 1.5)
        grid = Grid.fitted(len(words), shape, side=side, columns=columns, above=ABOVE)
        figure, axes = new_sheet(grid.width, grid.height, title)
        for i, (word, box) in enumerate(zip(words, boxes.values(), strict=True)):
            _draw_window(axes, picture, grid.box(i), box)
            name_above(axes, *grid.box(i)[:2], word)
    return figure


def _draw_window(
    axes: Axes,
    picture: Array,
    place: tuple[float, float, float, float],
    window: tuple[int, int, int, int],
) -> None:
    x, y, width, height = place
    top, left, rows, columns = window
    faint = 0.65 + 0.35 * picture
    lit = (slice(top, top + rows), slice(left, left + columns))
    faint[lit] = picture[lit]
    panel(axes, faint, place, norm=Normalize(0, 1))
    across, down = width / picture.shape[1], height / picture.shape[0]
    corner = (x + left * across, y + top * down)
    frame = {"fill": False, "ec": KERNEL, "lw": 2.5, "joinstyle": "miter"}
    axes.add_patch(Rectangle(corner, columns * across, rows * down, **frame))  # type: ignore[arg-type]
