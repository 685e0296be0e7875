"""Line charts with spread over seeds, and bars."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cnn_tutorial._validation import choice
from cnn_tutorial.plotting._chart import (
    draw_line,
    new_chart,
    note,
    plain_log,
    whole_ticks,
)
from cnn_tutorial.plotting._figure import Array, checked_title, numbers, style
from cnn_tutorial.plotting._labels import End, label_ends
from cnn_tutorial.plotting.colors import INK, SERIES, role_color

__all__ = ["bars", "lines"]

DASHES = ("-", "--", ":")
MOST = len(SERIES) * len(DASHES)
#: Height in inches of a bar with the space to the next.
BAR = 0.36


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
    with style():
        figure, (axes,) = new_chart(title)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        plain_log(axes, log_axes, places)
        whole_ticks(axes, places)
        ends: list[End] = []
        for k, (name, values) in enumerate(found.items()):
            role = (roles or {}).get(name)
            color = role_color(role) if role else SERIES[k % len(SERIES)]
            dash = DASHES[k // len(SERIES)]
            ends.append(draw_line(axes, places, values, name, color, dash))
        seeds = {len(values) for values in found.values() if values.ndim == 2} - {1}
        if seeds:
            many = " or ".join(map(str, sorted(seeds)))
            note(axes, f"line: mean of {many} seeds; band: range")
        label_ends(axes, ends)
    return figure


def _bar_values(values: Mapping[str, object]) -> dict[str, Array]:
    """Return the numbers of each bar, (seeds,)."""
    if not values:
        raise ValueError("`values` is empty: there is nothing to draw.")
    found = {}
    for name, value in values.items():
        array = found[name] = np.atleast_1d(numbers(f"values[{name!r}]", value))
        if array.ndim != 1:
            raise ValueError(
                f"`values[{name!r}]` of shape {array.shape} must be one number, or one "
                "for each seed."
            )
    return found


def _number(value: float) -> str:
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _draw_bar(axes: Axes, y: float, values: Array, color: str, log: bool) -> None:
    """Draw a bar to the mean, its number, and a ring for each seed.

    A log scale has no zero for a bar to begin at, so there a dot marks the place.
    """
    mean = float(values.mean())
    if log:
        axes.plot(mean, y, "o", color=color, markersize=9)
    else:
        axes.barh(y, mean, 0.62, color=color)
    if len(values) > 1:
        rings = {"markerfacecolor": "none", "markeredgecolor": INK, "markersize": 5}
        axes.plot(values, np.full(len(values), y), "o", **rings)  # type: ignore[arg-type]
    end = float(values.max() if mean >= 0 else values.min())
    axes.annotate(
        _number(mean),
        (end, y),
        xytext=(8 if mean >= 0 else -8, 0),
        textcoords="offset points",
        va="center",
        ha="left" if mean >= 0 else "right",
    )


def bars(
    values: Mapping[str, object],
    *,
    title: str,
    xlabel: str,
    roles: str | Mapping[str, str] = "neutral",
    log: bool = False,
) -> Figure:
    """Draw a bar for each name, from top to bottom, with its number at its end.

    Parameters
    ----------
    values : mapping of name to a number or to numbers, shape (seeds,)
        What to draw. Several seeds become a bar to their mean and a ring for each.
    title
        What to see; it becomes the alternative text.
    xlabel
        What the numbers are, with the unit.
    roles
        What the bars are, which gives their colours: a key of `colors.ROLES` for all,
        or one for each name.
    log
        Dots on a logarithmic axis instead of bars, which would need a zero.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If there is nothing to draw, a number is not finite, or not positive on a log
        scale.

    Examples
    --------
    >>> figure = bars(
    ...     {"conv": 880, "fc": [69000, 69480]},  # (69,000 + 69,480) / 2 = 69,240
    ...     title="Parameters",
    ...     xlabel="number",
    ... )
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['880', '69,240']
    """
    title, found = checked_title(title), _bar_values(values)
    low = min(float(v.min()) for v in found.values())
    if log and low <= 0:
        raise ValueError(f"`values` must be positive on a log scale; one is {low:g}.")
    chosen = dict.fromkeys(found, roles) if isinstance(roles, str) else dict(roles)
    colors = [role_color(chosen.get(name, "neutral")) for name in found]
    with style():
        figure, (axes,) = new_chart(title, height=BAR * len(found) + 1.0)
        axes.set(xlabel=xlabel)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _number(v)))
        plain_log(axes, "x" if log else "")
        for y, (one, color) in enumerate(zip(found.values(), colors, strict=True)):
            _draw_bar(axes, y, one, color, log)
        axes.set_yticks(range(len(found)), list(found))
        axes.set_ylim(len(found) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        if any(len(v) > 1 for v in found.values()):
            note(axes, f"{'dot' if log else 'bar'}: mean; ring: one seed")
        _make_room(figure, axes)
        if not log:
            _thin_out(figure, axes)
    return figure


def _make_room(figure: Figure, axes: Axes) -> None:
    """Widen the axis so that the numbers at the ends of the bars lie inside."""
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    frame = axes.get_window_extent()
    right = max(0.0, max(box.x1 for box in boxes) - frame.x1)
    left = max(0.0, frame.x0 - min(box.x0 for box in boxes))
    (x0, _), (x1, _) = axes.transData.inverted().transform(
        [(frame.x0 - left * 2.5, 0), (frame.x1 + right * 1.3, 0)]
    )
    axes.set_xlim(x0, x1)


def _thin_out(figure: Figure, axes: Axes) -> None:
    """Leave out numbers of the axis until none touches its neighbour."""
    for most in range(8, 0, -1):
        axes.xaxis.set_major_locator(MaxNLocator(most))
        figure.draw_without_rendering()
        labels = [text for text in axes.get_xticklabels() if text.get_text()]
        boxes = [text.get_window_extent() for text in labels]
        gaps = (b.x0 - a.x1 for a, b in itertools.pairwise(boxes))
        if all(gap > boxes[0].height / 2 for gap in gaps):
            return
