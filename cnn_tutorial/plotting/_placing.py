"""Names beside points, where they touch neither each other nor a point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Annotation

from cnn_tutorial.plotting._figure import SMALL, Array, text_width

__all__ = ["Names", "places"]

#: Half the height of a name, half the side of a point, half the width of a line, white
#: space around a name; in points.
HALF, POINT, LINE, AIR = 5.5, 4.0, 0.7, 1.0
#: How far from its point a name may be, in points.
REACH = (1.5, 5.0, 10.0, 16.0, 23.0, 31.0, 40.0, 52.0, 66.0)
#: Where on the rectangle around the point, in half sides, the best place first.
WAYS = np.array(
    [
        *((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)),
        *((0.5, 1), (0.5, -1), (-0.5, 1), (-0.5, -1)),
        *((1, 0.5), (1, -0.5), (-1, 0.5), (-1, -0.5)),
    ]
)
#: A name so far from its point, in points, is tied to it by a thin line.
FAR = 8.0
#: What a square point on a name or a mark costs, in points of distance; on a line; and
#: a point beyond the edge.
ON_MARK, ON_LINE, OUTSIDE = 2.0, 0.4, 50.0
#: After so many rounds hardly a name finds a better place; so many orders are tried.
ROUNDS, STARTS = 4, 7
#: Parts of a thin line that are kept free.
STEPS = np.array([0.25, 0.45, 0.65, 0.85])[:, None]


def _overlap(boxes: Array, others: Array) -> Array:
    """Return the area that each box shares with all others together.

    Parameters
    ----------
    boxes, others : array, shape (n, 4) and (m, 4)
        Middle and half sides: x, y, half width, half height.
    """
    apart = np.abs(boxes[:, None, :2] - others[None, :, :2])
    shared = np.clip(boxes[:, None, 2:] + others[None, :, 2:] - apart, 0, None)
    return np.asarray(shared.prod(axis=2).sum(axis=1))


def _along(ties: Array, others: Array) -> Array:
    """Return the area that the boxes of each line share with all others together."""
    each = _overlap(ties.reshape(-1, 4), others).reshape(len(ties), -1)
    return np.asarray(each.sum(1))


def _candidates(point: Array, width: float) -> tuple[Array, Array]:
    """Return places for a name around its point, and their prices; the nearer first."""
    half = np.array([width / 2, HALF]) + AIR
    around = [point + WAYS * (half + POINT + reach) for reach in REACH]
    middles = np.concatenate(around)
    prices = [2 * reach + 0.15 * np.arange(len(WAYS)) for reach in REACH]
    sides = np.broadcast_to(half, middles.shape)
    return np.hstack([middles, sides]), np.concatenate(prices)


def _ties(point: Array, boxes: Array) -> Array:
    """Return small boxes along the line from a point to each of its places.

    Returns
    -------
    array, shape (places, steps, 4)
        Without a size where the place is so near that there is no line.
    """
    middles, half = boxes[:, :2], boxes[:, 2:]
    way = np.clip(point, middles - half, middles + half) - point
    far = (np.abs(middles - point) - half).max(1) > POINT + FAR
    spots = point + STEPS * way[:, None]
    sides = np.where(far[:, None, None], 2.0, -1e9)  # They touch nothing.
    return np.concatenate([spots, np.broadcast_to(sides, spots.shape)], axis=2)


def places(
    points: Array, widths: Sequence[float], lines: Array, low: Array, high: Array
) -> Array:
    """Return the middle of a name for each point.

    One name after the other takes the cheapest place: near its point, and on top of
    nothing. Then each may move again, now that all are there.

    Parameters
    ----------
    points : array, shape (n, 2)
        Where the points are.
    widths
        Of their names.
    lines : array, shape (m, 4)
        Level and upright lines that names had better not lie on: their ends.
    low, high : array, shape (2,)
        The corners of the area that names stay in.

    Returns
    -------
    array, shape (n, 2)
        Middles.

    Examples
    --------
    Right of the point: 4 of the mark, 1.5 away, half of 20 wide, and 1 of air.

    >>> corners = np.zeros(2), np.full(2, 100.0)
    >>> places(np.array([[50.0, 50.0]]), [20], np.empty((0, 4)), *corners).tolist()
    [[66.5, 50.0]]
    """
    marks = np.hstack([points, np.full_like(points, POINT)])
    ends = lines.reshape(-1, 2, 2)
    strokes = np.hstack([ends.mean(1), np.abs(np.diff(ends, axis=1)[:, 0]) / 2 + LINE])
    found = [_candidates(*pair) for pair in zip(points, widths, strict=True)]
    # What does not depend on other names is counted once.
    fixed = [
        prices
        + ON_MARK * _overlap(boxes, marks)
        + ON_LINE * _overlap(boxes, strokes)
        + OUTSIDE * np.clip(low - boxes[:, :2] + boxes[:, 2:], 0, None).sum(1)
        + OUTSIDE * np.clip(boxes[:, :2] + boxes[:, 2:] - high, 0, None).sum(1)
        for boxes, prices in found
    ]
    ties = [
        _ties(*pair) for pair in zip(points, [boxes for boxes, _ in found], strict=True)
    ]
    for k, spots in enumerate(ties):
        others = np.delete(marks, k, axis=0)
        fixed[k] = fixed[k] + ON_MARK * _along(spots, others)
    # Those with the fewest good places choose first; then chance gives other orders.
    order = np.argsort([-np.sort(price)[3] for price in fixed], kind="stable")
    chance = np.random.default_rng(0)
    orders = [order, *(chance.permutation(order) for _ in range(STARTS))]
    tries = [
        _settled(one, [boxes for boxes, _ in found], ties, fixed) for one in orders
    ]
    return min(tries, key=lambda found: found[0])[1]


def _settled(
    order: Array, boxes: list[Array], ties: list[Array], fixed: list[Array]
) -> tuple[float, Array]:
    """Let each name choose in turn, some rounds long; return the price and the places.

    Parameters
    ----------
    order
        Who chooses when.
    boxes, ties, fixed
        Of each name: its candidates, their lines, and their prices but for other names.
    """
    nothing = np.empty((0, 4))
    taken, total = [nothing] * len(order), 0.0
    for _ in range(ROUNDS):
        total = 0.0
        for k in order:
            taken[k] = nothing
            others = np.concatenate(taken)
            over = _overlap(boxes[k], others) + _along(ties[k], others)
            prices = fixed[k] + ON_MARK * over
            best = int(np.argmin(prices))
            total += float(prices[best])
            taken[k] = np.concatenate([boxes[k][best, None], ties[k][best]])
    return total, np.stack([one[0, :2] for one in taken])


class Names(ConstrainedLayoutEngine):
    """A layout that puts the names of points anew for each size of the figure."""

    def __init__(self) -> None:
        super().__init__(w_pad=0.1, h_pad=0.1)
        self.written: list[Annotation] = []
        self.lines = np.empty((0, 4))
        self.known: dict[bytes, Array] = {}

    def write(
        self, axes: Axes, points: Array, names: Sequence[str], lines: Array
    ) -> None:
        """Write names beside points, clear of lines, all in data units."""
        self.lines = lines
        for point, name in zip(points, names, strict=True):
            line = {"arrowstyle": "-", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 4}
            one = axes.annotate(
                name,
                tuple(point),
                xytext=(0, 0),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=SMALL,
                arrowprops=line,
            )
            one.set_in_layout(False)  # The axes do not shrink to make room for names.
            self.written.append(one)

    def execute(self, fig: Figure) -> None:
        """Lay out the figure, then put the names where they have room."""
        super().execute(fig)
        if not self.written:
            return
        axes = self.written[0].axes
        assert axes is not None
        scale = 72 / fig.dpi
        points = scale * axes.transData.transform([one.xy for one in self.written])
        lines = scale * axes.transData.transform(self.lines.reshape(-1, 2))
        box = axes.get_window_extent()
        low, high = scale * np.array([[box.x0, box.y0], [fig.bbox.x1, box.y1]])
        widths = [72 * text_width(one.get_text(), SMALL) for one in self.written]
        # A figure is drawn several times at each size.
        where = np.concatenate([points, lines, [low, high]])
        key = where.round(1).tobytes()
        if key not in self.known:
            ends = lines.reshape(-1, 4)
            self.known[key] = places(points, widths, ends, low, high)
        found = self.known[key]
        for k, one in enumerate(self.written):
            across, up = found[k] - points[k]
            one.set_position((across, up))
            half = np.array([widths[k] / 2, HALF]) + AIR
            assert one.arrow_patch is not None
            place = np.concatenate([found[k], half])[None]
            one.arrow_patch.set_visible(bool(_ties(points[k], place)[0, 0, 2] > 0))
