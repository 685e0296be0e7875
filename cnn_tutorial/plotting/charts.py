"""Line charts with spread over seeds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import partial
from typing import Literal

import numpy as np
from matplotlib.figure import Figure

from cnn_tutorial._validation import choice
from cnn_tutorial.plotting._chart import (
    HEIGHT,
    WIDTH,
    draw_line,
    new_chart,
    note,
    plain_log,
    whole_ticks,
)
from cnn_tutorial.plotting._figure import (
    NARROW,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    text_width,
    wrapped,
)
from cnn_tutorial.plotting._labels import End, label_ends
from cnn_tutorial.plotting.colors import SERIES, role_color

__all__ = ["lines"]

DASHES = ("-", "--", ":")
MOST = len(SERIES) * len(DASHES)
#: Points of a name; inches that names may take beside a chart on a telephone.
WORDS, BESIDE = 10.0, 0.95


def _log_axes(log: object) -> str:
    """Return "", "x", "y" or "xy"."""
    if isinstance(log, bool):
        return "y" if log else ""
    return choice("log", log, ("x", "y", "both")).replace("both", "xy")


def _checked(x: Array, series: Mapping[str, object], log: str) -> dict[str, Array]:
    """Return the values of each line, (points,) or (seeds, points)."""
    if x.ndim != 1:
        raise ValueError(f"`x` of shape {x.shape} must have one axis.")
    if not 1 <= len(series) <= MOST:
        raise ValueError(f"`series` must have 1 to {MOST} lines, not {len(series)}.")
    if "x" in log and x.min() <= 0:
        raise ValueError(f"`x` must be positive on a log scale; it has {x.min():g}.")
    found = {}
    for name, y in series.items():
        values = found[name] = numbers(f"series[{name!r}]", y, finite=False)
        if values.ndim not in (1, 2) or values.shape[-1] != len(x):
            raise ValueError(
                f"`series[{name!r}]` of shape {values.shape} must be ({len(x)},) or "
                f"(seeds, {len(x)}), like `x`."
            )
        if not np.isfinite(values).any():
            raise ValueError(f"`series[{name!r}]` holds no finite number.")
        if "y" in log and (values <= 0).any():
            raise ValueError(f"`series[{name!r}]` must be positive on a log scale.")
    return found


def lines(
    x: object,
    series: Mapping[str, object],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    log: bool | Literal["x", "y", "both"] = False,
    roles: Mapping[str, str] | None = None,
) -> Figure:
    """Draw lines with their names at their ends.

    Parameters
    ----------
    x : tensor, array or list, shape (points,)
        Where the points are.
    series : mapping of name to values, shape (points,) or (seeds, points)
        What to draw. Several seeds become a line through their mean and a band from the
        smallest to the largest. NaN leaves a gap; a line may end early with NaN.
    title
        What to see; it becomes the alternative text.
    xlabel, ylabel
        What the axes mean, with the unit.
    log
        Which axes are logarithmic: ``"x"``, ``"y"``, ``"both"``; True is ``"y"``.
    roles : mapping of name to role, optional
        Lines that have the colour of a role: a key of `colors.ROLES`.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If lengths differ, there is nothing to draw, or a log scale meets a number that
        is not positive.

    Examples
    --------
    >>> figure = lines(
    ...     [1, 2, 3],
    ...     {"squares": [[1, 4, 9], [3, 4, 11]]},  # means 4 / 2, 8 / 2, 20 / 2
    ...     title="Squares, measured twice",
    ...     xlabel="side",
    ...     ylabel="area",
    ... )
    >>> figure.axes[0].lines[0].get_ydata().tolist()
    [2.0, 4.0, 10.0]
    """
    title, places, log_axes = checked_title(title), numbers("x", x), _log_axes(log)
    found = _checked(places, series, log_axes)
    colors = {
        name: role_color(role) if (role := (roles or {}).get(name)) else color
        for name, color in zip(found, itertools.cycle(SERIES))
    }
    draw = partial(_draw, title, places, found, colors, (xlabel, ylabel), log_axes)
    figure = draw()
    if max(text_width(name, WORDS) for name in found) > BESIDE:
        also_narrow(figure, partial(draw, narrow=True))
    return figure


def _draw(
    title: str,
    x: Array,
    found: Mapping[str, Array],
    colors: Mapping[str, str],
    labels: tuple[str, str],
    log: str,
    *,
    narrow: bool = False,
) -> Figure:
    """Draw the lines, with their names at the ends or, on a telephone, below."""
    with style():
        width = NARROW if narrow else WIDTH
        figure, (axes,) = new_chart(title, width=width, known=not narrow)
        axes.set(xlabel=wrapped(labels[0], WORDS, width - 1), ylabel=labels[1])
        plain_log(axes, log, x)
        whole_ticks(axes, x)
        ends: list[End] = []
        for k, (name, values) in enumerate(found.items()):
            dash = DASHES[k // len(SERIES)]
            ends.append(draw_line(axes, x, values, name, colors[name], dash))
        seeds = {len(values) for values in found.values() if values.ndim == 2} - {1}
        if seeds:
            many = " or ".join(map(str, sorted(seeds)))
            note(axes, f"line: mean of {many} seeds; band: range")
        if narrow:
            figure.legend(loc="outside lower left", frameon=False)
            figure.set_figheight(HEIGHT - 0.6 + 0.2 * len(found))
        else:
            label_ends(axes, ends)
    return figure
