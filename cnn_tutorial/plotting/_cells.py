"""A matrix drawn as cells with its numbers in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from cnn_tutorial.plotting._figure import (
    MARGIN,
    MAX_WIDTH,
    SMALL,
    Array,
    text_width,
)
from cnn_tutorial.plotting.colors import INPUT, KERNEL

__all__ = ["NUMBER", "Box", "Cells", "cell_texts", "fitted"]

#: Size of the numbers in points, and side of a cell in inches, where there is room.
NUMBER = 11.0
SIDE = 0.4

#: (row, column, height, width) in a matrix.
Box = tuple[int, int, int, int]
#: A colour and how much of it, 0-1.
Shade = tuple[str, float]


def _inside(row: int, column: int, box: Box) -> bool:
    top, left, height, width = box
    return top <= row < top + height and left <= column < left + width


def cell_texts(array: Array) -> list[list[str]]:
    """Write numbers alike: whole, or with one or two decimals, or with an exponent.

    >>> cell_texts(np.array([[1.0, -2.0], [0.5, 0.25]]))
    [['1.00', '−2.00'], ['0.50', '0.25']]
    """
    finite = array[np.isfinite(array)].astype(float)
    largest = np.abs(finite).max(initial=0)
    tolerance = 1e-6 * max(1.0, largest)
    digits = [d for d in (0, 1) if np.allclose(finite, finite.round(d), 0, tolerance)]
    form = f".{digits[0] if digits else 2}f"
    if largest >= 1e5 or (not digits and (largest >= 1e3 or largest < 0.05)):
        form = ".1e"

    def write(value: float) -> str:
        text = f"{value:{form}}"
        return text.removeprefix("-") if float(text) == 0 else text

    minus = "\N{MINUS SIGN}"
    return [[write(float(v)).replace("-", minus) for v in row] for row in array]


@dataclass(frozen=True)
class Cells:
    """A matrix drawn as cells: fills are transparent, so that they suit any page.

    What lies outside `inner` is padding.
    """

    texts: Sequence[Sequence[str]]
    color: str
    side: float = SIDE
    size: float = NUMBER
    inner: Box | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.texts), len(self.texts[0])

    @property
    def width(self) -> float:
        return self.shape[1] * self.side

    @property
    def height(self) -> float:
        return self.shape[0] * self.side

    def draw(
        self, axes: Axes, x: float, y: float, windows: Collection[Box] = ()
    ) -> None:
        """Draw with the upper left corner at (x, y), and some windows brought out.

        A window slides over an input and is orange there; in any other matrix it is a
        deeper shade of the matrix's own colour.
        """
        self._fill(axes, x, y, windows)
        place = {"ha": "center", "va": "center_baseline", "fontsize": self.size}
        for row, column, text in self._cells():
            middle = x + (column + 0.5) * self.side, y + (row + 0.5) * self.side
            if text:
                axes.text(*middle, text, **place)  # type: ignore[arg-type]
        self._lines(axes, x, y)
        self._frame(axes, x, y, self.inner or (0, 0, *self.shape), self.color, 1.5)
        for window in windows:
            self._frame(axes, x, y, window, self._window_color, 3)

    @property
    def _window_color(self) -> str:
        return KERNEL if self.color == INPUT else self.color

    def _shade(self, row: int, column: int, windows: Collection[Box]) -> Shade:
        if any(_inside(row, column, window) for window in windows):
            return self._window_color, 0.3
        padding = self.inner is not None and not _inside(row, column, self.inner)
        return self.color, 0.0 if padding else 0.12

    def _cells(self) -> list[tuple[int, int, str]]:
        return [
            (row, column, text)
            for row, line in enumerate(self.texts)
            for column, text in enumerate(line)
        ]

    def _fill(self, axes: Axes, x: float, y: float, windows: Collection[Box]) -> None:
        """Colour all cells; one collection is drawn faster than many rectangles."""
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
        squares = [
            (x, y) + self.side * (corners + np.array((column, row)))
            for row, column, _ in self._cells()
        ]
        colors = [to_rgba(*self._shade(r, c, windows)) for r, c, _ in self._cells()]
        fill = PolyCollection(squares, facecolors=colors, linewidths=0)
        axes.add_collection(fill, autolim=False)

    def _lines(self, axes: Axes, x: float, y: float) -> None:
        rows, columns = self.shape
        thin = {"colors": self.color, "linewidth": 0.6, "alpha": 0.5}
        inner = [y + r * self.side for r in range(1, rows)]
        axes.hlines(inner, x, x + self.width, **thin)  # type: ignore[arg-type]
        inner = [x + c * self.side for c in range(1, columns)]
        axes.vlines(inner, y, y + self.height, **thin)  # type: ignore[arg-type]

    def _frame(
        self, axes: Axes, x: float, y: float, window: Box, color: str, width: float
    ) -> None:
        row, column, rows, columns = window
        axes.add_patch(
            Rectangle(
                (x + column * self.side, y + row * self.side),
                columns * self.side,
                rows * self.side,
                fill=False,
                ec=color,
                lw=width,
                joinstyle="miter",
            )
        )


def fitted(
    tables: Iterable[Sequence[Sequence[str]]], columns: int, other: float = 0.0
) -> tuple[float, float] | None:
    """Return side of a cell and size of its number, or None where there is no room.

    Cells are as wide as the longest number of all tables asks for. They shrink until
    `columns` of them and `other` inches find room side by side on a page.
    """
    longest = max(
        text_width(t, NUMBER) for table in tables for row in table for t in row
    )
    side = max(SIDE, longest + 0.12)
    share = min(1.0, (MAX_WIDTH - 2 * MARGIN - other) / (columns * side))
    return None if NUMBER * share < SMALL else (side * share, NUMBER * share)
