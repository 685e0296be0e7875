"""Measured points with the curves that should go through them, still and moving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial.plotting._chart import draw_line, new_chart
from cnn_tutorial.plotting._figure import Array, checked_title, numbers, style
from cnn_tutorial.plotting._labels import End, label_ends
from cnn_tutorial.plotting.animation import MOST_FRAMES, Animation
from cnn_tutorial.plotting.colors import INPUT, NEUTRAL, OUTPUT, SERIES, role_color
from cnn_tutorial.plotting.moving import animate

__all__ = ["fit_animation", "scatter"]

#: Most curves in one picture: one for each colour without a meaning.
MOST = len(SERIES)


def _points(x: object, y: object) -> tuple[Array, Array, Array]:
    """Return x in ascending order, its y, and the order itself."""
    places, heights = numbers("x", x), numbers("y", y)
    if places.ndim != 1 or heights.shape != places.shape:
        raise ValueError(
            f"`x` of shape {places.shape} and `y` of shape {heights.shape} must have "
            "one axis of the same length."
        )
    order = np.argsort(places, kind="stable")
    return places[order], heights[order], order


def _curve(name: str, values: object, order: Array) -> Array:
    """Return the heights of a curve at the places of the points, in their order."""
    array = numbers(name, values)
    if array.shape != order.shape:
        raise ValueError(
            f"`{name}` of shape {array.shape} must be {order.shape}, a height for each "
            "of `x`."
        )
    return array[order]


def _dots(axes: Axes, x: Array, y: Array) -> None:
    axes.plot(x, y, "o", color=INPUT, markersize=4, alpha=0.45, markeredgewidth=0)


def scatter(
    x: object,
    y: object,
    curves: Mapping[str, object] | None = None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    roles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw measured points, and curves with their names at their ends.

    Parameters
    ----------
    x, y : tensor, array or list, shape (points,)
        What was measured, in any order.
    curves : mapping of name to values, shape (points,), optional
        Heights of up to five curves at the places `x`.
    title
        What to see; it becomes the alternative text.
    xlabel, ylabel
        What the axes mean, with the unit.
    roles : mapping of name to role, optional
        Curves that have the colour of a role: a key of `colors.ROLES`.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If lengths differ, a number is not finite, or there are too many curves.

    Examples
    --------
    >>> figure = scatter(
    ...     [2, 0, 1],
    ...     [4.1, -0.1, 2.2],
    ...     {"twice": [4, 0, 2]},  # drawn from left to right: at 0, 1, 2
    ...     title="A line through three points",
    ...     xlabel="x",
    ...     ylabel="y",
    ... )
    >>> figure.axes[0].lines[1].get_ydata().tolist()
    [0.0, 2.0, 4.0]
    """
    title, (places, heights, order) = checked_title(title), _points(x, y)
    given = curves or {}
    if len(given) > MOST:
        raise ValueError(f"`curves` must be at most {MOST}, not {len(given)}.")
    found = {n: _curve(f"curves[{n!r}]", v, order) for n, v in given.items()}
    with style():
        figure, (axes,) = new_chart(title)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        _dots(axes, places, heights)
        ends: list[End] = []
        for k, (name, values) in enumerate(found.items()):
            role = (roles or {}).get(name)
            color = role_color(role) if role else SERIES[k]
            ends.append(draw_line(axes, places, values, name, color))
        if ends:
            label_ends(axes, ends)
    return figure


def fit_animation(
    x: object,
    y: object,
    curves: object,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    captions: Sequence[str],
    reference: object = None,
    still: int | None = None,
    interval: int = 400,
) -> Animation:
    """Let a curve find its way to the points: a frame for each curve.

    Parameters
    ----------
    x, y : tensor, array or list, shape (points,)
        What was measured, in any order.
    curves : tensor, array or list, shape (frames, points)
        Heights of the curve at the places `x`, one row for each frame.
    title
        What to see; it stands above each frame and becomes the alternative text.
    xlabel, ylabel
        What the axes mean, with the unit.
    captions
        What to say about each frame.
    reference : tensor, array or list, shape (points,), optional
        A curve that stays, dashed.
    still
        Index of the frame that stands for all; without it, the last.
    interval
        Milliseconds for which a frame is shown.

    Returns
    -------
    animation
        The frames, 1280 pixels wide, all with the same limits.

    Raises
    ------
    ValueError
        If lengths differ, a number is not finite, or there are more than 100 frames.

    Examples
    --------
    >>> animation = fit_animation(
    ...     [0, 1, 2],
    ...     [0, 2, 4],
    ...     [[0, 0, 0], [0, 1, 2], [0, 2, 4]],  # slopes 0, 1 and 2
    ...     title="A line turns until it fits",
    ...     xlabel="x",
    ...     ylabel="y",
    ...     captions=["slope 0", "slope 1", "slope 2"],
    ... )
    >>> len(animation.frames)
    3
    """
    title, (places, heights, order) = checked_title(title), _points(x, y)
    table = numbers("curves", curves)
    if table.ndim != 2 or table.shape[1:] != places.shape:
        raise ValueError(
            f"`curves` of shape {table.shape} must be (frames, {len(places)}), a "
            "height for each of `x` in each frame."
        )
    if not len(captions) == len(table) <= MOST_FRAMES:
        raise ValueError(
            f"`captions` has {len(captions)} entries for {len(table)} frames, of which "
            f"there may be {MOST_FRAMES}."
        )
    dashed = None if reference is None else _curve("reference", reference, order)
    low, high = float(heights.min()), float(heights.max())
    room = 0.06 * (high - low or 1.0)

    def draw(axes: Axes, k: int) -> None:
        axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(low - room, high + room))
        _dots(axes, places, heights)
        if dashed is not None:
            axes.plot(places, dashed, "--", color=NEUTRAL, linewidth=1.4)
        axes.plot(places, table[k][order], color=OUTPUT, linewidth=2.6)
        axes.set_title(captions[k], loc="left")

    return animate(draw, range(len(table)), title=title, still=still, interval=interval)
