"""The places of a window in one row of pixels, and the lengths that count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial._validation import integer
from cnn_tutorial.arithmetic import (
    conv_output_size,
    padding_sides,
    pool_output_size,
)
from cnn_tutorial.plotting._figure import (
    MARGIN,
    MAX_WIDTH,
    SMALL,
    checked_title,
    style,
    text_width,
)
from cnn_tutorial.plotting._place_picture import (
    cross,
    fill,
    fitted_side,
    lines,
    write_in,
)
from cnn_tutorial.plotting._sheet import LINE, new_sheet
from cnn_tutorial.plotting.colors import INK, INPUT, KERNEL, NEUTRAL, OUTPUT

__all__ = ["window_row"]

LARGEST = 0.32
GAP = 0.08
#: Inches to the right of the row, for the numbers of the output.
RIGHT = 0.9
WORDS = 10.0


@dataclass(frozen=True)
class _Row:
    """One row of pixels with all places of a window."""

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int
    count: int

    @property
    def padded(self) -> int:
        return self.before + self.size + self.after

    @property
    def span(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    @property
    def columns(self) -> int:
        """Pixels of the row and of what hangs over its end."""
        return max(self.padded, (self.count - 1) * self.stride + self.span)

    def elements(self, place: int) -> list[int]:
        start = place * self.stride
        return [start + self.dilation * k for k in range(self.kernel)]

    def unread(self) -> list[int]:
        read = {i for place in range(self.count) for i in self.elements(place)}
        return [i for i in range(self.padded) if i not in read]


def _draw_row(axes: Axes, row: _Row, side: float) -> None:
    """Draw the pixels with their zeros."""
    fill(axes, 0, 0, side, (0, row.before, 1, row.size), INPUT, strength=0.2)
    lines(axes, 0, 0, side, (1, row.padded), NEUTRAL)
    fill(axes, 0, 0, side, (0, 0, 1, row.padded), NEUTRAL, line=0.8)
    fill(axes, 0, 0, side, (0, row.before, 1, row.size), INPUT, line=1.8)
    unread = row.unread()
    cross(axes, 0, 0, side, [(0, i) for i in unread])
    inside = range(row.before, row.before + row.size)
    for i in {*range(row.padded)} - {*inside} - {*unread}:
        write_in(axes, 0, 0, side, (0, i), "0")


def _draw_places(axes: Axes, row: _Row, side: float, top: float) -> None:
    """Draw a window for each place, one below the other, and the output beside."""
    for place in range(row.count):
        y = top + place * (side + GAP)
        for i in row.elements(place):
            beyond = i >= row.padded
            fill(
                axes,
                0,
                y,
                side,
                (0, i, 1, 1),
                KERNEL,
                strength=0.0 if beyond else 0.35,
                line=1.8,
                dashed=beyond,
            )
        x = row.columns * side + 0.3
        fill(axes, x, y, side, (0, 0, 1, 1), OUTPUT, strength=0.25, line=1.8)
        write_in(axes, x, y, side, (0, 0), str(place))


def _measure(
    axes: Axes, start: float, end: float, y: float, text: str, color: str
) -> None:
    """Draw a length with its name below, moved to the left where it needs to be."""
    axes.plot([start, end], [y, y], color=color, linewidth=2)
    for x in (start, end):
        axes.plot([x, x], [y - 0.05, y + 0.05], color=color, linewidth=2)
    edge = axes.get_xlim()[1] - MARGIN
    x = max(0.0, min(start, edge - text_width(text, WORDS)))
    axes.text(x, y + 0.09, text, va="top", fontsize=WORDS)


def _lengths(row: _Row) -> Sequence[tuple[int, int, str, str]]:
    """Return start, end, name and colour of what the formula is made of."""
    room = row.padded - row.span
    spread = f"D(K − 1) + 1 = {row.dilation}·{row.kernel - 1} + 1 = {row.span}"
    zeros = (
        f"{row.before} + {row.after}" if row.before != row.after else f"2·{row.before}"
    )
    whole = f"H + 2P = {row.size} + {zeros} = {row.padded}"
    rest = f"{row.padded} − {row.span} = {room}"
    steps, left = divmod(room, row.stride)
    times = f"{steps} step{'s' * (steps != 1)} of S = {row.stride}"
    over = f", {left} left over" if left else ""
    return (
        (0, row.padded, whole, INPUT),
        (0, row.span, f"span of the window: {spread}", KERNEL),
        (row.span, row.padded, f"room to move: {rest}: {times}{over}", INK),
    )


def window_row(
    size: int,
    kernel_size: int,
    *,
    title: str,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> Figure:
    """Draw the places of a window in one row, and the lengths that count them.

    At the top are the pixels with their zeros; below, the window in each of its places,
    and beside it the number of its output pixel. Under them lie the three lengths of
    the formula: the padded row, the span of the window, and the room that is left to
    move in. What no window reads is struck out.

    Parameters
    ----------
    size
        Of the row, pixels.
    kernel_size, stride, dilation
        At least 1, pixels.
    padding
        Zeros on each side, at least 0; or "same" or "valid".
    ceil_mode
        Whether a last window may hang over the end, as in pooling: what hangs over is
        dashed.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If an argument is out of its range, no window fits, or the row is too wide for
        a page.

    Examples
    --------
    >>> figure = window_row(7, 3, stride=2, title="Three places")
    >>> figure.axes[0].texts[-1].get_text()  # 3 + 2 + 2 = 7
    'room to move: 7 − 3 = 4: 2 steps of S = 2'
    """
    title = checked_title(title)
    row = _counted(size, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode)
    room = MAX_WIDTH - 2 * MARGIN - RIGHT
    side = fitted_side(row.columns, room, LARGEST)
    top = side + 2 * GAP
    under = top + row.count * (side + GAP) + 0.1
    lengths = _lengths(row)
    with style():
        height = under + len(lengths) * (LINE + 0.2)
        widest = max(text_width(text, WORDS) for _, _, text, _ in lengths)
        width = max(row.columns * side + RIGHT, widest)
        figure, axes = new_sheet(width, height, title)
        _draw_row(axes, row, side)
        axes.text(
            row.columns * side + 0.3, side / 2, "output", va="center", fontsize=SMALL
        )
        _draw_places(axes, row, side, top)
        for k, (start, end, text, color) in enumerate(lengths):
            y = under + k * (LINE + 0.2)
            _measure(axes, start * side, end * side, y, text, color)
    return figure


def _counted(
    size: int,
    kernel_size: int,
    stride: int,
    padding: int | str,
    dilation: int,
    *,
    ceil_mode: bool,
) -> _Row:
    """Count the places with the course's own arithmetic."""
    values = {"size": size, "kernel_size": kernel_size}
    values |= {"stride": stride, "dilation": dilation}
    for name, value in values.items():
        integer(name, value, minimum=1)
    sides = padding_sides(padding, kernel_size, stride=stride, dilation=dilation)
    if ceil_mode:
        count = pool_output_size(
            size,
            kernel_size,
            stride=stride,
            padding=integer("padding", padding, minimum=0),
            dilation=dilation,
            ceil_mode=True,
        )
    else:
        count = conv_output_size(
            size, kernel_size, stride=stride, padding=padding, dilation=dilation
        )
    return _Row(size, kernel_size, stride, *sides[1], dilation, count)
