"""Bars from top to bottom, each with its number."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cnn_tutorial.plotting._chart import WIDTH, new_chart, note, plain_log
from cnn_tutorial.plotting._figure import (
    NARROW,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    wrapped,
)
from cnn_tutorial.plotting.colors import INK, role_color

__all__ = ["bars"]

#: Height in inches of a bar with the space to the next, and with its name above it.
BAR, NAMED_BAR = 0.36, 0.5
#: Thickness of a bar as a part of that, in the same order.
THICK, NAMED_THICK = 0.62, 0.4
WORDS = 10.0


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


def _draw_bar(
    axes: Axes, y: float, values: Array, color: str, thick: float, *, log: bool
) -> Annotation:
    """Draw a bar to the mean, its number, and a ring for each seed.

    A log scale has no zero for a bar to begin at, so there a dot marks the place.
    """
    mean = float(values.mean())
    if log:
        axes.plot(mean, y, "o", color=color, markersize=9)
    else:
        axes.barh(y, mean, thick, color=color)
    if len(values) > 1:
        rings = {"markerfacecolor": "none", "markeredgecolor": INK, "markersize": 5}
        axes.plot(values, np.full(len(values), y), "o", **rings)  # type: ignore[arg-type]
    end = float(values.max() if mean >= 0 else values.min())
    return axes.annotate(
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
    draw = partial(_draw, title, found, colors, xlabel, log)
    return also_narrow(draw(), partial(draw, narrow=True))


def _draw(
    title: str,
    found: Mapping[str, Array],
    colors: list[str],
    xlabel: str,
    log: bool,
    *,
    narrow: bool = False,
) -> Figure:
    """Draw the bars with their names before or, on a telephone, above them."""
    with style():
        width, each = (NARROW, NAMED_BAR) if narrow else (WIDTH, BAR)
        height = each * len(found) + 1.0
        figure, (axes,) = new_chart(title, width=width, height=height, known=not narrow)
        axes.set_xlabel(wrapped(xlabel, WORDS, width - 0.4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _number(v)))
        plain_log(axes, "x" if log else "")
        thick = NAMED_THICK if narrow else THICK
        ends = [
            _draw_bar(axes, y, one, color, thick, log=log)
            for y, (one, color) in enumerate(zip(found.values(), colors, strict=True))
        ]
        axes.set_yticks(range(len(found)), [] if narrow else list(found))
        axes.set_ylim(len(found) - (0.6 if narrow else 0.4), -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        if any(len(v) > 1 for v in found.values()):
            note(axes, f"{'dot' if log else 'bar'}: mean; ring: one seed")
        _make_room(figure, axes, ends)
        for y, name in enumerate(found if narrow else ()):
            place = {"transform": axes.get_yaxis_transform(), "va": "bottom"}
            axes.text(0.01, y - thick / 2 - 0.04, name, **place)  # type: ignore[arg-type]
        if not log:
            _thin_out(figure, axes)
    return figure


def _make_room(figure: Figure, axes: Axes, ends: list[Annotation]) -> None:
    """Widen the axis so that the numbers at the ends of the bars lie inside."""
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ends]
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
