"""Axes and lines of charts; no raster, so that the site may recolour them."""

from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import (
    FuncFormatter,
    MaxNLocator,
    NullLocator,
    ScalarFormatter,
)

from cnn_tutorial.plotting._figure import SMALL, Array, new_figure
from cnn_tutorial.plotting._labels import End
from cnn_tutorial.plotting.colors import SERIES

__all__ = ["draw_line", "new_chart", "note", "plain_log", "whole_ticks"]

WIDTH, HEIGHT = 5.6, 3.4
#: Lines of up to so many points show the points.
FEW = 12
#: Shapes that go with the colours of a series, for eyes that see fewer hues.
MARKERS = ("o", "s", "^", "D", "v")


def new_chart(
    title: str,
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
    panels: int = 1,
    known: bool = True,
) -> tuple[Figure, list[Axes]]:
    """Make a figure of panels side by side; lines of the title add to its height."""
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    figure = new_figure(width, height, title, layout=layout, known=known)
    figure.set_figheight(height + 0.2 * figure.get_suptitle().count("\n"))
    axes = list(figure.subplots(1, panels, squeeze=False)[0])
    for one in axes:
        # Said here, or the number of ticks would follow the settings at drawing time.
        one.tick_params(labelsize=mpl.rcParams["xtick.labelsize"])
        for axis in (one.xaxis, one.yaxis):
            axis.set_major_formatter(Thousands())
    return figure, axes


def note(axes: Axes, text: str) -> None:
    """Write a remark above the axes, below the title."""
    axes.set_title(text, fontsize=SMALL, loc="left")


class Thousands(ScalarFormatter):
    """Writes whole thousands apart, and all else as matplotlib does.

    >>> axis = Figure().subplots().xaxis
    >>> axis.set_major_formatter(Thousands())
    >>> axis.get_major_formatter().format_ticks([0, 50_000, 100_000])
    ['0', '50,000', '100,000']
    """

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the number of a tick as text."""
        whole, dot, part = super().__call__(x, pos).partition(".")
        return re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole) + dot + part


def plain_log(axes: Axes, which: str, x: Array | None = None) -> None:
    """Make axes logarithmic, with numbers instead of powers where they are short."""
    short = FuncFormatter(lambda v, _: _short(v))
    for letter in which:
        getattr(axes, f"set_{letter}scale")("log")
        axis = axes.xaxis if letter == "x" else axes.yaxis
        axis.set_major_formatter(short)
        if letter == "x" and x is not None and len(x) <= FEW:
            axis.set_ticks(x)
            axis.set_minor_locator(NullLocator())


def _short(value: float) -> str:
    """Write a number of a logarithmic axis.

    >>> _short(0.001), _short(20_000), _short(1e-5), _short(1e12)
    ('0.001', '20,000', '1e-5', '1e12')
    """
    if 1e-4 <= value < 1e6:
        return f"{value:,g}"
    digits, _, power = f"{value:.0e}".partition("e")
    return f"{digits}e{int(power)}"


def whole_ticks(axes: Axes, x: Array) -> None:
    """Put whole numbers below a linear x axis whose places are all whole."""
    locator = axes.xaxis.get_major_locator()
    if isinstance(locator, MaxNLocator) and (x == np.round(x)).all():
        locator.set_params(integer=True)


def draw_line(
    axes: Axes, x: Array, values: Array, name: str, color: str, dash: str = "-"
) -> End:
    """Draw a line, or the mean of (seeds, points) and the band they fill.

    The points have the shape that goes with the colour.
    """
    table = np.ma.masked_invalid(np.atleast_2d(values).astype(np.float64))
    mean = table.mean(axis=0)
    shape = MARKERS[SERIES.index(color)] if color in SERIES else "o"
    marker = shape if len(x) <= FEW and dash == "-" else ""
    axes.plot(x, mean.filled(np.nan), dash, color=color, marker=marker, label=name)
    if len(table) > 1:
        low, high = table.min(axis=0).filled(np.nan), table.max(axis=0).filled(np.nan)
        axes.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
    last = int(np.flatnonzero(~np.ma.getmaskarray(mean))[-1])
    return End(float(x[last]), float(mean[last]), name, color, shape)
