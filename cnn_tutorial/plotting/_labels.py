"""Names at the ends of lines, instead of a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import Array

__all__ = ["End", "label_ends", "spread"]

#: Height of a label in inches: 10 points and some air.
LABEL_HEIGHT = 0.2


@dataclass(frozen=True)
class End:
    """Where a drawn line ends, in data units, and what it is called."""

    x: float
    y: float
    name: str
    color: str
    marker: str = "o"


def spread(places: Sequence[float], gap: float) -> Array:
    """Move places apart by at least `gap`, as little as possible and in their order.

    Least squares under the constraint; with the gaps taken out it is isotonic
    regression, solved by pooling neighbours that violate the order [1]_. The result
    lies in 0-1 where there is room, and around the middle where there is not.

    References
    ----------
    .. [1] M. Ayer et al. An empirical distribution function for sampling with
       incomplete information. Annals of Mathematical Statistics 26, 1955.

    Examples
    --------
    >>> spread([0.5, 0.5, 0.9], 0.2).round(2).tolist()  # 0.5 - 0.1, 0.5 + 0.1
    [0.4, 0.6, 0.9]
    """
    if not len(places):
        return np.empty(0)
    order = np.argsort(places, kind="stable")
    free = np.asarray(places, dtype=float)[order] - gap * np.arange(len(order))
    pools: list[tuple[float, int]] = []
    for value in free:
        mean, count = float(value), 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean = (mean * count + other * more) / (count + more)
            count += more
        pools.append((mean, count))
    top = 1 - gap * (len(order) - 1)
    low, high = (0.0, top) if top > 0 else (top / 2, top / 2)
    moved = np.repeat([m for m, _ in pools], [c for _, c in pools]).clip(low, high)
    result = np.empty(len(order))
    result[order] = moved + gap * np.arange(len(order))
    return result


def _label(axes: Axes, end: End, height: float) -> None:
    """Name a line at the right edge, with a thin line to its end."""
    axes.annotate(
        end.name,
        xy=(end.x, end.y),
        xytext=(1.04, height),
        textcoords="axes fraction",
        va="center",
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-",
            "color": end.color,
            "linewidth": 0.8,
            "shrinkA": 1,
            "shrinkB": 3,
            "relpos": (0, 0.5),
        },
    )


def label_ends(axes: Axes, ends: Sequence[End]) -> None:
    """Write the name of each line beside its end; needs the final limits of the axes.

    Lines that go furthest have their names at the right edge, moved apart where they
    would touch. A line that ends before has its name right there.
    """
    figure = axes.figure
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()  # Constrained layout settles the height.
    to_axes = axes.transData + axes.transAxes.inverted()
    places = to_axes.transform([(end.x, end.y) for end in ends])
    rightmost = max(x for x, _ in places)
    outer = [k for k, (x, _) in enumerate(places) if x > rightmost - 0.06]
    height = axes.get_window_extent().height / figure.dpi
    moved = spread([float(places[k][1]) for k in outer], LABEL_HEIGHT / height)
    for k, y in zip(outer, moved, strict=True):
        _label(axes, ends[k], float(y))
    for k, end in enumerate(ends):
        axes.plot(end.x, end.y, end.marker, color=end.color, markersize=5)
        if k not in outer:
            offset = {"xytext": (7, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate(end.name, (end.x, end.y), **offset)  # type: ignore[arg-type]
