"""Where a window stands on a padded image, and how large its output becomes."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial._validation import pair
from cnn_tutorial.plotting._figure import MARGIN, MAX_WIDTH, SMALL, checked_title, style
from cnn_tutorial.plotting._place_picture import (
    BETWEEN,
    GAP,
    Panel,
    cross,
    dot,
    fitted_side,
)
from cnn_tutorial.plotting._places import (
    Pair,
    Places,
    Setting,
    checked_settings,
    named,
    places,
    size_text,
)
from cnn_tutorial.plotting._sheet import LINE, new_sheet

__all__ = ["window_places", "window_settings"]

#: Inches: side of a pixel where there is room, alone and among others.
LARGEST, AMONG_OTHERS = 0.28, 0.18


def _legend(axes: Axes, y: float, found: Places) -> None:
    """Say what dots and crosses mean."""
    middle, words = y + LINE / 2, {"va": "center", "fontsize": SMALL}
    dot(axes, 0, y, LINE, [(0, 0)])
    axes.text(0.24, middle, "a window begins here", **words)  # type: ignore[arg-type]
    if found.unread():
        cross(axes, 1.75, y, LINE, [(0, 0)])
        axes.text(1.99, middle, "no window reads this", **words)  # type: ignore[arg-type]


def window_places(
    size: Pair,
    kernel_size: Pair,
    *,
    title: str,
    stride: Pair = 1,
    padding: Pair | str = 0,
    dilation: Pair = 1,
    position: tuple[int, int] = (0, 0),
) -> Figure:
    """Draw the places of a window on a padded image, and the output that they make.

    A dot marks the pixel on which each window begins: there are as many dots as output
    pixels. The window itself is drawn in one place. Zeros of the padding are white with
    a 0, and what no window reads is struck out.

    Parameters
    ----------
    size
        Of the image, pixels: one number, or (height, width).
    kernel_size, stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0; or "same" or "valid".
    position : (row, column)
        Of the output pixel whose window is drawn.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If an argument is out of its range, no window fits, the output has no such
        pixel, or the image is too wide for a page.

    Examples
    --------
    >>> figure = window_places(5, 3, stride=2, title="Two places each way")
    >>> figure.axes[0].texts[0].get_text()  # (5 - 3) // 2 + 1 = 2
    'input 5 × 5, output 2 × 2'
    """
    title = checked_title(title)
    found = places(size, kernel_size, stride, padding, dilation)
    row, column = pair("position", position, minimum=0)
    if row >= found.output[0] or column >= found.output[1]:
        raise ValueError(
            f"`position` (={position!r}) is not in the output, which is "
            f"{found.output[0]} x {found.output[1]}."
        )
    columns = found.padded[1] + found.output[1]
    side = fitted_side(columns, MAX_WIDTH - 2 * MARGIN - BETWEEN, LARGEST)
    name = f"input {size_text(found.size)}"
    if found.padded != found.size:
        name += f", with its zeros {size_text(found.padded)}"
    panel = Panel(f"{name}, output {size_text(found.output)}", found, side)
    with style():
        height = panel.height + 0.1 + LINE
        figure, axes = new_sheet(max(panel.width, 3.4), height, title)
        panel.draw(axes, 0, 0, row * found.output[1] + column)
        _legend(axes, panel.height + 0.1, found)
    return figure


def window_settings(
    size: Pair, settings: Mapping[str, Setting], *, title: str
) -> Figure:
    """Draw several settings below each other, on one image and in one scale.

    Each row has the padded image with its first window and a dot where each window
    begins, and on the right the output.

    Parameters
    ----------
    size
        Of the image, pixels: one number, or (height, width).
    settings : mapping of names to settings
        A setting has `kernel_size` and, where it is wanted, `stride`, `padding` and
        `dilation`: numbers, or (vertical, horizontal).
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If there is no setting, one lacks its kernel size or has an unknown argument, no
        window fits, or the image is too wide for a page.

    Examples
    --------
    >>> rows = {"K3": {"kernel_size": 3}, "K3, P1": {"kernel_size": 3, "padding": 1}}
    >>> figure = window_settings(8, rows, title="Padding keeps the size")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['K3: 8 × 8 → 6 × 6', 'K3, P1: 8 × 8 → 8 × 8']
    """
    title = checked_title(title)
    every = checked_settings(size, settings)
    left = max(found.padded[1] for found in every.values())
    right = max(found.output[1] for found in every.values())
    room = MAX_WIDTH - 2 * MARGIN - BETWEEN
    side = fitted_side(left + right, room, AMONG_OTHERS)
    panels = [Panel(named(name, f), f, side) for name, f in every.items()]
    height = sum(panel.height + GAP for panel in panels) - GAP
    start = left * side + BETWEEN
    with style():
        figure, axes = new_sheet(start + right * side, height, title)
        y = 0.0
        for panel in panels:
            panel.draw(axes, 0, y, 0, start=start)
            y += panel.height + GAP
    return figure
