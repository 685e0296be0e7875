"""A padded image with a window on it, and beside it the output that the places make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from cnn_tutorial.plotting._figure import SMALL, text_width
from cnn_tutorial.plotting._places import Box, Places
from cnn_tutorial.plotting._sheet import LINE
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT

__all__ = [
    "BETWEEN",
    "GAP",
    "Panel",
    "cross",
    "dot",
    "fill",
    "fitted_side",
    "lines",
    "write_in",
]

#: Inches between an image and its output, and between panels.
BETWEEN, GAP = 0.35, 0.3
#: Pixels with a smaller side, in inches, cannot be told apart.
SMALLEST = 0.06
#: Pixels of at least this side have room for their zero.
ROOM_FOR_ZERO = 0.19
WORDS = 10.0

Cell = tuple[int, int]


def fitted_side(columns: int, room: float, largest: float) -> float:
    """Return the side of a pixel in inches, so that `columns` find room."""
    side = min(largest, room / columns)
    if side < SMALLEST:
        raise ValueError(
            f"{columns} columns of pixels are too many to be told apart: draw a "
            "smaller `size`."
        )
    return side


def fill(
    axes: Axes,
    x: float,
    y: float,
    side: float,
    box: Box,
    color: str,
    *,
    strength: float = 0.0,
    line: float = 0.0,
    dashed: bool = False,
) -> None:
    """Fill cells of a grid at (x, y), transparently, and frame them."""
    row, column, height, width = box
    common = {
        "xy": (x + column * side, y + row * side),
        "width": width * side,
        "height": height * side,
    }
    if strength:
        axes.add_patch(Rectangle(**common, fc=color, alpha=strength, lw=0))  # type: ignore[arg-type]
    if line:
        style = (0, (3, 2)) if dashed else "solid"
        frame = Rectangle(
            **common,  # type: ignore[arg-type]
            fill=False,
            ec=color,
            lw=line,
            linestyle=style,
            joinstyle="miter",
        )
        axes.add_patch(frame)


def lines(axes: Axes, x: float, y: float, side: float, shape: Cell, color: str) -> None:
    """Draw the lines between the cells of a grid, thin."""
    rows, columns = shape
    across = [
        ((x, y + i * side), (x + columns * side, y + i * side)) for i in range(rows + 1)
    ]
    down = [
        ((x + j * side, y), (x + j * side, y + rows * side)) for j in range(columns + 1)
    ]
    grid = LineCollection(across + down, colors=color, linewidths=0.6, alpha=0.5)
    axes.add_collection(grid, autolim=False)


def dot(axes: Axes, x: float, y: float, side: float, cells: Sequence[Cell]) -> None:
    """Put a dot on each cell: here a window begins."""
    axes.plot(
        [x + (j + 0.5) * side for _, j in cells],
        [y + (i + 0.5) * side for i, _ in cells],
        "o",
        color=OUTPUT,
        markersize=min(7.0, 72 * side * 0.34),
        markeredgewidth=0,
        zorder=4,
    )


def cross(axes: Axes, x: float, y: float, side: float, cells: Sequence[Cell]) -> None:
    """Strike cells out: no window reads them."""
    near, far = 0.3 * side, 0.7 * side
    strokes = []
    for i, j in cells:
        left, top = x + j * side, y + i * side
        for start, end in ((near, far), (far, near)):
            strokes.append([(left + near, top + start), (left + far, top + end)])
    marks = LineCollection(strokes, colors=NEUTRAL, linewidths=1.4)
    axes.add_collection(marks, autolim=False)


def write_in(
    axes: Axes, x: float, y: float, side: float, cell: Cell, text: str
) -> None:
    """Write a few letters into a cell."""
    middle = x + (cell[1] + 0.5) * side, y + (cell[0] + 0.5) * side
    axes.text(*middle, text, ha="center", va="center_baseline", fontsize=SMALL)


@dataclass(frozen=True)
class Panel:
    """One setting: its name, the padded image with a window, and the output."""

    name: str
    places: Places
    side: float
    words: int = 1

    @property
    def above(self) -> float:
        return self.words * LINE + 0.1

    @property
    def width(self) -> float:
        columns = self.places.padded[1] + self.places.output[1]
        return max(columns * self.side + BETWEEN, text_width(self.name, WORDS))

    @property
    def height(self) -> float:
        return self.above + self.side * max(
            self.places.padded[0], self.places.output[0]
        )

    def draw(
        self,
        axes: Axes,
        x: float,
        y: float,
        k: int,
        *,
        start: float | None = None,
        shown: int | None = None,
    ) -> None:
        """Draw the k-th place, and of the output the first `shown` pixels.

        `start` is where the output begins to the right of `x`, so that the outputs of
        panels can stand below each other.
        """
        count = self.places.count
        reached = count if shown is None else shown
        text = self.name
        if self.words > 1:
            text += f"\nplace {reached} of {count}"
        top = y + self.above
        axes.text(x, top - 0.07, text, va="bottom", fontsize=WORDS, linespacing=1.3)
        self._draw_image(axes, x, top, reached)
        self._draw_window(axes, x, top, k)
        if start is None:
            start = self.places.padded[1] * self.side + BETWEEN
        self._draw_output(axes, x + start, top, k, reached)

    def _draw_image(self, axes: Axes, x: float, y: float, reached: int) -> None:
        places, side = self.places, self.side
        whole = (0, 0, *places.padded)
        fill(axes, x, y, side, places.inner, INPUT, strength=0.2)
        lines(axes, x, y, side, places.padded, NEUTRAL)
        if places.inner != whole:
            fill(axes, x, y, side, whole, NEUTRAL, line=0.8)
            self._draw_zeros(axes, x, y)
        fill(axes, x, y, side, places.inner, INPUT, line=1.8)
        if reached == places.count:
            cross(axes, x, y, side, places.unread())
        dot(axes, x, y, side, [places.corner(k) for k in range(reached)])

    def _draw_zeros(self, axes: Axes, x: float, y: float) -> None:
        if self.side < ROOM_FOR_ZERO:
            return
        places, (rows, columns) = self.places, self.places.padded
        top, left, height, width = places.inner
        inside = {(top + i, left + j) for i in range(height) for j in range(width)}
        marked = {places.corner(k) for k in range(places.count)} | {*places.unread()}
        for i in range(rows):
            for j in range(columns):
                if (i, j) not in inside | marked:
                    write_in(axes, x, y, self.side, (i, j), "0")

    def _draw_window(self, axes: Axes, x: float, y: float, k: int) -> None:
        places, side = self.places, self.side
        row, column = places.corner(k)
        boxes: list[Box] = [(i, j, 1, 1) for i, j in places.elements(k)]
        if places.dilation == (1, 1):
            boxes = [(row, column, *places.kernel)]
        for box in boxes:
            fill(axes, x, y, side, box, KERNEL, strength=0.35, line=2.2)

    def _draw_output(
        self, axes: Axes, x: float, y: float, k: int, reached: int
    ) -> None:
        rows, columns = self.places.output
        full, rest = divmod(reached, columns)
        side = self.side
        fill(axes, x, y, side, (0, 0, full, columns), OUTPUT, strength=0.25)
        if rest:
            fill(axes, x, y, side, (full, 0, 1, rest), OUTPUT, strength=0.25)
        lines(axes, x, y, side, (rows, columns), OUTPUT)
        fill(axes, x, y, side, (0, 0, rows, columns), OUTPUT, line=1.8)
        here = (*self.places.position(k), 1, 1)
        fill(axes, x, y, side, here, OUTPUT, strength=0.5, line=2.2)
