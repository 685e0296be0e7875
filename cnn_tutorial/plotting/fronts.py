"""What is paid against what is got, and who is beaten by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from cnn_tutorial.arithmetic import pareto_front
from cnn_tutorial.plotting._chart import note
from cnn_tutorial.plotting._figure import (
    NARROW,
    Array,
    also_narrow,
    checked_title,
    new_figure,
    numbers,
    style,
)
from cnn_tutorial.plotting._placing import Names
from cnn_tutorial.plotting.colors import NEUTRAL, OUTPUT, PAPER

__all__ = ["pareto"]

WIDTH, HEIGHT = 6.4, 4.4
#: On a telephone: names need more room than points.
TALL = 5.4


def _checked(
    costs: Mapping[str, object], scores: Mapping[str, object]
) -> tuple[dict[str, float], dict[str, Array]]:
    """Return one cost and all scores of each name."""
    if not costs or set(costs) != set(scores):
        raise ValueError(
            f"`costs` {list(costs)} and `scores` {list(scores)} must have the same "
            "names, at least one."
        )
    paid, got = {}, {}
    for name in costs:
        cost = numbers(f"costs[{name!r}]", costs[name])
        score = numbers(f"scores[{name!r}]", scores[name])
        if cost.size != 1 or cost.min() <= 0:
            raise ValueError(
                f"`costs[{name!r}]` (={costs[name]!r}) must be one positive number."
            )
        if score.ndim > 1:
            raise ValueError(
                f"`scores[{name!r}]` of shape {score.shape} must be one number, or one "
                "for each seed."
            )
        paid[name], got[name] = float(cost.item()), score.reshape(-1)
    return paid, got


def pareto(
    costs: Mapping[str, object],
    scores: Mapping[str, object],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
) -> Figure:
    """Draw scores over costs, and the front: those that no other beats in both.

    Parameters
    ----------
    costs : mapping of name to number
        What is paid, positive; less is better. The axis is logarithmic.
    scores : mapping of name to number or numbers, shape (seeds,)
        What is got, 0-1; more is better. Several seeds become their mean and a line
        from the smallest to the largest.
    title
        What to see; it becomes the alternative text.
    xlabel, ylabel
        What the axes mean, with the unit.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.
        Full points and the line are the front; rings are beaten.

    Raises
    ------
    ValueError
        If names differ, a cost is not positive, or a score is not one number for each
        seed.

    Examples
    --------
    >>> figure = pareto(
    ...     {"small": 10, "slow": 1000, "large": 100},
    ...     {"small": 0.5, "slow": [0.6, 0.7], "large": 0.75},
    ...     title="Large beats slow: it costs less and scores more",
    ...     xlabel="parameters",
    ...     ylabel="accuracy",
    ... )
    >>> figure.axes[0].lines[0].get_xdata().tolist()  # the front goes up in steps
    [10.0, 100.0]
    """
    title, (paid, got) = checked_title(title), _checked(costs, scores)
    draw = partial(_chart, title, paid, got, (xlabel, ylabel))
    return also_narrow(draw(), partial(draw, narrow=True))


def _chart(
    title: str,
    paid: dict[str, float],
    got: dict[str, Array],
    labels: tuple[str, str],
    *,
    narrow: bool = False,
) -> Figure:
    means = {name: float(values.mean()) for name, values in got.items()}
    front = pareto_front(list(paid.values()), list(means.values()))
    names = Names()
    with style():
        width, height = (NARROW, TALL) if narrow else (WIDTH, HEIGHT)
        figure = new_figure(width, height, title, layout=names, known=not narrow)
        figure.set_figheight(height + 0.2 * figure.get_suptitle().count("\n"))
        axes = figure.add_subplot()
        axes.set(xlabel=labels[0], ylabel=labels[1])
        lines = _draw(axes, paid, got, [list(paid)[k] for k in front])
        _scales(axes, list(paid.values()))
        seeds = max(map(len, got.values()))
        spread = f"\nbar: range of {seeds} seeds" if seeds > 1 else ""
        note(axes, f"line: the front, beaten by none{spread}")
        points = np.array([(paid[name], means[name]) for name in paid])
        names.write(axes, points, list(paid), lines)
    return figure


def _short(value: float, _: object = None) -> str:
    """Write a number as it is said.

    >>> _short(20_000), _short(1_500_000), _short(0.5), _short(800)
    ('20k', '1.5M', '0.5', '800')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _scales(axes: Axes, costs: list[float]) -> None:
    """Set a logarithmic axis of costs with round numbers, and one of per cents."""
    axes.set_xscale("log")
    wide = max(costs) / min(costs) > 300
    axes.xaxis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_short))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.4g} %"))
    axes.margins(x=0.16, y=0.12)


def _draw(
    axes: Axes, paid: Mapping[str, float], got: Mapping[str, Array], front: list[str]
) -> Array:
    """Draw the front in steps, and each name as a full point or a ring.

    Returns
    -------
    array, shape (lines, 4)
        Ends of all lines, x and y.
    """
    at = [paid[name] for name in front]
    best = [float(got[name].mean()) for name in front]
    axes.plot(at, best, drawstyle="steps-post", color=OUTPUT, linewidth=1.5)
    corners = zip(at, at[1:], best, best[1:], strict=False)
    lines = [line for a, b, y, z in corners for line in ((a, y, b, y), (b, y, b, z))]
    for name, values in got.items():
        color = OUTPUT if name in front else NEUTRAL
        x, mean = paid[name], float(values.mean())
        if len(values) > 1:
            low, high = float(values.min()), float(values.max())
            axes.plot([x, x], [low, high], color=color, linewidth=1.2)
            lines.append((x, low, x, high))
        fill = color if name in front else PAPER
        axes.plot(x, mean, "o", color=color, markersize=7, markerfacecolor=fill)
    return np.array(lines).reshape(-1, 4)
