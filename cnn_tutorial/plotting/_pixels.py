"""A matrix drawn as pixels, for matrices too large for their numbers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from cnn_tutorial.plotting._cells import Box
from cnn_tutorial.plotting._figure import Array
from cnn_tutorial.plotting._sheet import panel
from cnn_tutorial.plotting.colors import INPUT, KERNEL, PAPER

__all__ = ["Pixels"]

#: Frames of windows stand so far outside, in inches, not to hide what they frame.
AIR = 0.03


@dataclass(frozen=True)
class Pixels:
    """A matrix as a picture; NaN is a place that is still empty."""

    array: Array
    color: str
    width: float
    height: float
    norm: Normalize
    cmap: str
    inner: Box | None = None

    @property
    def side(self) -> float:
        """Width of a pixel."""
        return self.width / float(self.array.shape[1])

    def draw(
        self, axes: Axes, x: float, y: float, windows: Collection[Box] = ()
    ) -> None:
        """Draw with the upper left corner at (x, y), and some windows framed."""
        box = (x, y, self.width, self.height)
        hidden = np.ma.masked_invalid(self.array)
        panel(axes, hidden, box, norm=self.norm, cmap=self.cmap)
        self._frame(
            axes, x, y, self.inner or (0, 0, *self.array.shape), self.color, 1.5
        )
        color = KERNEL if self.color == INPUT else self.color
        for window in windows:
            # White around the line keeps it apart from whatever it lies on.
            self._frame(axes, x, y, window, PAPER, 4.5, AIR)
            self._frame(axes, x, y, window, color, 2.5, AIR)

    def _frame(
        self,
        axes: Axes,
        x: float,
        y: float,
        window: Box,
        color: str,
        line: float,
        air: float = 0.0,
    ) -> None:
        row, column, rows, columns = window
        down = self.height / self.array.shape[0]
        corner = (x + column * self.side - air, y + row * down - air)
        size = (columns * self.side + 2 * air, rows * down + 2 * air)
        axes.add_patch(
            Rectangle(corner, *size, fill=False, ec=color, lw=line, joinstyle="miter")
        )
