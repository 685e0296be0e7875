"""Where the panels of a grid go, in inches."""

from __future__ import annotations

from dataclasses import dataclass

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import MARGIN, NARROW

__all__ = ["GAP", "NARROW_ROOM", "ROOM", "Grid", "columns_of", "fewer_columns"]

GAP = 0.14
#: Room for panels: the widest figure without its margins.
ROOM = 6.75
#: The same on a telephone.
NARROW_ROOM = NARROW - 2 * MARGIN


def columns_of(
    count: int, width: float, columns: int | None = None, room: float = ROOM
) -> int:
    """Columns as asked, or few empty places and then as many as have room.

    >>> columns_of(10, 0.95), columns_of(16, 0.95)  # 2 rows of 5; 4 rows of 4
    (5, 4)
    """
    if columns is not None:
        return min(integer("columns", columns, minimum=1), count)
    most = max(1, int((room + GAP) / (width + GAP)))
    if count <= most:
        return count
    return min(range((most + 1) // 2, most + 1), key=lambda c: (-count % c, -c))


def fewer_columns(count: int, width: float, columns: int | None) -> int:
    """Columns on a telephone; a part of those asked for, so that rows stay together.

    >>> fewer_columns(10, 0.95, 5), fewer_columns(12, 0.6, 8)  # 2 of 5 fit; 4 of 8
    (2, 4)
    """
    found = columns_of(count, width, None, NARROW_ROOM)
    if columns is not None and columns <= found:
        return columns
    whole = (c for c in range(found, 1, -1) if columns and columns % c == 0)
    return next(whole, found)


@dataclass(frozen=True)
class Grid:
    """Panels of `side` x `tall` with `above` and `below` each for words."""

    count: int
    columns: int
    side: float
    tall: float
    above: float = 0.0
    below: float = 0.0

    @classmethod
    def fitted(
        cls,
        count: int,
        shape: tuple[int, int],
        *,
        side: float,
        columns: int | None = None,
        above: float = 0.0,
        below: float = 0.0,
        room: float = ROOM,
    ) -> Grid:
        """Choose columns for panels (height, width); shrink them where they must."""
        across = columns_of(count, side, columns, room)
        side = min(side, (room + GAP) / across - GAP)
        return cls(count, across, side, side * shape[0] / shape[1], above, below)

    @property
    def width(self) -> float:
        return self.columns * (self.side + GAP) - GAP

    @property
    def height(self) -> float:
        return -(-self.count // self.columns) * self._step - GAP

    @property
    def _step(self) -> float:
        return self.above + self.tall + self.below + GAP

    def box(self, i: int) -> tuple[float, float, float, float]:
        """Return (x, y, width, height) of panel `i`."""
        row, column = divmod(i, self.columns)
        return (
            column * (self.side + GAP),
            row * self._step + self.above,
            self.side,
            self.tall,
        )
