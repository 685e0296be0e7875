"""Paths of a search on the contour lines of what it searches."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial.plotting._chart import MARKERS, new_chart
from cnn_tutorial.plotting._figure import SMALL, Array, checked_title, numbers, style
from cnn_tutorial.plotting.colors import INK, NEUTRAL, SERIES

__all__ = ["paths"]

#: Inches: a map is as wide as a telephone can show without laying it out anew, which
#: would flatten it. Each name below it takes a line.
WIDTH, HEIGHT, NAME = 4.0, 3.7, 0.2
#: Contour lines, of which every other one has its number.
LEVELS = 12
#: Paths of up to so many steps show each of them.
STEPS = 60


def _grid(x: object, y: object, heights: object) -> tuple[Array, Array, Array]:
    columns, rows = numbers("x", x), numbers("y", y)
    table = numbers("heights", heights)
    if columns.ndim != 1 or rows.ndim != 1 or min(len(columns), len(rows)) < 2:
        raise ValueError(
            f"`x` of shape {columns.shape} and `y` of shape {rows.shape} must each "
            "have one axis and at least two numbers."
        )
    if (np.diff(columns) <= 0).any() or (np.diff(rows) <= 0).any():
        raise ValueError("`x` and `y` must ascend.")
    if table.shape != (len(rows), len(columns)):
        raise ValueError(
            f"`heights` of shape {table.shape} must be {(len(rows), len(columns))}: a "
            "row for each of `y`, a column for each of `x`."
        )
    if table.min() == table.max():
        raise ValueError("`heights` are all the same: there are no contour lines.")
    return columns, rows, table


def _track(name: str, value: object) -> Array:
    """Return a path up to its last finite point."""
    track = numbers(f"tracks[{name!r}]", value, finite=False).astype(np.float64)
    if track.ndim != 2 or track.shape[1] != 2:
        raise ValueError(
            f"`tracks[{name!r}]` of shape {track.shape} must be (steps, 2): x and y."
        )
    bad = np.flatnonzero(~np.isfinite(track).all(axis=1))
    track = track[: bad[0]] if len(bad) else track
    if not len(track):
        raise ValueError(f"`tracks[{name!r}]` does not begin at a finite point.")
    return track


def _levels(heights: Array) -> Array:
    """Return contour lines that are dense where the ground is low and flat."""
    return np.unique(np.quantile(heights, np.linspace(0.01, 0.99, LEVELS)))


def _height(value: float) -> str:
    """Return a height with three digits, and never as a power of ten.

    >>> _height(4093.1), _height(0.5531)
    ('4,093', '0.553')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _draw_ground(axes: Axes, x: Array, y: Array, heights: Array) -> None:
    levels = _levels(heights)
    lines = axes.contour(
        x, y, heights, levels, colors=NEUTRAL, linewidths=0.8, alpha=0.7
    )
    texts = axes.clabel(lines, levels[::2], fontsize=SMALL, fmt=_height, colors=INK)
    for text in texts:
        text.set_clip_on(True)


def _draw_track(axes: Axes, track: Array, name: str, k: int) -> None:
    color, mark = SERIES[k], MARKERS[k]
    dots = {"marker": ".", "markersize": 5} if len(track) <= STEPS else {}
    axes.plot(*track.T, color=color, linewidth=1.8, **dots)  # type: ignore[arg-type]
    axes.plot(*track[-1], mark, color=color, markersize=9, zorder=4)
    axes.plot([], [], color=color, marker=mark, label=name)


def paths(
    x: object,
    y: object,
    heights: object,
    tracks: Mapping[str, object],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
) -> Figure:
    """Draw contour lines and the paths that went over them.

    Parameters
    ----------
    x : tensor, array or list, shape (columns,)
        Places of the columns, ascending.
    y : tensor, array or list, shape (rows,)
        Places of the rows, ascending.
    heights : tensor, array or list, shape (rows, columns)
        How high the ground is at ``(y, x)``; the lines are quantiles of it.
    tracks : mapping of name to points, shape (steps, 2)
        Up to five paths as ``(x, y)``, from a ring to a mark; a single point is a mark
        alone. One that leaves the map or finite numbers is cut there.
    title
        What to see; it becomes the alternative text.
    xlabel, ylabel
        What the axes mean, with the unit.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If shapes do not fit together, the ground is level, or there are no paths or
        more than five.

    Examples
    --------
    >>> figure = paths(
    ...     [-1, 0, 1],
    ...     [-1, 0, 1],
    ...     [[2, 1, 2], [1, 0, 1], [2, 1, 2]],  # x*x + y*y
    ...     {"straight": [(1, 1), (0.5, 0.5), (0, 0)]},
    ...     title="Down into the bowl",
    ...     xlabel="x",
    ...     ylabel="y",
    ... )
    >>> figure.axes[0].lines[0].get_xdata().tolist()
    [1.0, 0.5, 0.0]
    """
    title, (columns, rows, ground) = checked_title(title), _grid(x, y, heights)
    if not 1 <= len(tracks) <= len(SERIES):
        raise ValueError(f"`tracks` must be 1 to {len(SERIES)}, not {len(tracks)}.")
    found = {name: _track(name, track) for name, track in tracks.items()}
    with style():
        height = HEIGHT + NAME * len(found)
        figure, (axes,) = new_chart(title, width=WIDTH, height=height)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        axes.grid(visible=False)
        _draw_ground(axes, columns, rows, ground)
        for k, (name, track) in enumerate(found.items()):
            _draw_track(axes, track, name, k)
        for start in {tuple(track[0]) for track in found.values() if len(track) > 1}:
            axes.plot(*start, "o", markersize=10, mfc="none", mec=INK, zorder=5)
        axes.set(xlim=columns[[0, -1]], ylim=rows[[0, -1]])
        size = mpl.rcParams["legend.fontsize"]
        figure.legend(loc="outside lower left", frameon=False, fontsize=size)
    return figure
