"""A model as a tower: maps to scale, and where its parameters and its work are.

From the input at the top to the scores at the bottom, every part is a slab as wide as
its maps are and as thick as they are many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import (
    MARGIN,
    NARROW,
    SMALL,
    also_narrow,
    checked_title,
    style,
    text_width,
)
from cnn_tutorial.plotting._sheet import LINE, MIN_WIDTH, new_sheet
from cnn_tutorial.plotting._tower_parts import Part, parts_of, shape_of
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT, tint

if TYPE_CHECKING:
    from cnn_tutorial.summary import Trace

__all__ = ["architecture"]

#: Thinnest and thickest slab, way between slabs, in inches.
THIN, THICK, WAY = 0.07, 0.42, 0.2


@dataclass(frozen=True)
class Widths:
    """Of the widest slab, the longest bar and the gap beside them, in inches."""

    slab: float
    bar: float
    gap: float

    @property
    def column(self) -> float:
        """From the start of one column of bars to that of the next."""
        return self.gap + max(self.bar, text_width("parameters", SMALL))

    def across(self, words: float) -> float:
        """Width of a tower beside names of a width."""
        return words + self.slab + 2 * self.gap + self.column + self.bar


WIDE = Widths(slab=1.3, bar=0.8, gap=0.16)
#: On a telephone; the slabs take the room that is left.
PHONE = Widths(slab=0.35, bar=0.45, gap=0.1)


def architecture(trace: Trace, *, title: str, depth: int | None = None) -> Figure:
    """Draw a model from its trace, to scale, from the input down to the scores.

    Beside each slab stand its share of the parameters (orange) and of the
    multiplications (grey).

    Parameters
    ----------
    trace
        From `cnn_tutorial.summary.trace`.
    title
        What to see; it becomes the alternative text.
    depth
        How many parts of the layers' names count: at 1 all of ``stages.0.conv1`` is
        ``stages``. None: as many as give at most 14 slabs.

    Returns
    -------
    figure
        The figure: vectors only.

    Raises
    ------
    ValueError
        If the trace has no rows, or `depth` is less than 1.

    Examples
    --------
    >>> from cnn_tutorial import models, summary
    >>> figure = architecture(summary.trace(models.LeNet(), (1, 32, 32)), title="LeNet")
    >>> [text.get_text() for text in figure.axes[0].texts][-2:]
    ['fc3', '10']
    """
    title = checked_title(title)
    if not trace.rows:
        raise ValueError("`trace` has no rows: there is nothing to draw.")
    if depth is not None:
        integer("depth", depth, minimum=1)
    given = Part("input", trace.input_shape[1:], 0, 0)
    parts = [given, *parts_of(trace, depth)]
    words = max(
        text_width(word, SMALL)
        for part in parts
        for word in (part.name, shape_of(part))
    )
    draw = partial(_tower, title, parts, words)
    room = NARROW - 2 * MARGIN - PHONE.across(words)
    phone = replace(PHONE, slab=PHONE.slab + max(0.0, room))
    return also_narrow(draw(WIDE), partial(draw, phone, known=False))


def _tower(
    title: str, parts: Sequence[Part], words: float, widths: Widths, known: bool = True
) -> Figure:
    with style():
        heights = [_thickness(part) for part in parts]
        rows = [max(height, 2 * LINE) + WAY for height in heights]
        size = widths.across(words), sum(rows) + LINE
        least = MIN_WIDTH if known else NARROW - 2 * MARGIN
        figure, axes = new_sheet(*size, title, known=known, narrowest=least)
        _draw(axes, parts, rows, words + widths.gap, widths)
    return figure


def _thickness(part: Part) -> float:
    """Inches: an eighth of the way from thinnest to thickest for each doubling."""
    return min(THICK, THIN + (THICK - THIN) * math.log2(part.channels) / 10)


_KINDS = {"parameters": ("parameters", KERNEL), "macs": ("MACs", NEUTRAL)}


def _draw(
    axes: Axes, parts: Sequence[Part], rows: Sequence[float], left: float, of: Widths
) -> None:
    scale = of.slab / max(part.side for part in parts)
    columns = [left + of.slab + of.gap + k * of.column for k in range(2)]
    for x, (kind, (head, color)) in zip(columns, _KINDS.items(), strict=True):
        axes.text(x, 0, head, fontsize=SMALL, va="top")
        counts = [getattr(part, kind) for part in parts]
        _shares(axes, x, of.bar, counts, rows, color)
    middle, y = left + of.slab / 2, LINE + 0.06
    for k, (part, room) in enumerate(zip(parts, rows, strict=True)):
        centre = y + (room - WAY) / 2
        place = {"fontsize": SMALL, "ha": "left"}
        axes.text(0, centre - 0.01, part.name, va="bottom", **place)  # type: ignore[arg-type]
        axes.text(0, centre + 0.01, shape_of(part), va="top", color=NEUTRAL, **place)  # type: ignore[arg-type]
        width = max(scale * part.side, 0.05)
        _slab(axes, middle, centre, width, _thickness(part), OUTPUT if k else INPUT)
        if k + 1 < len(parts):
            below = rows[k + 1] - WAY - _thickness(parts[k + 1])
            start = centre + _thickness(part) / 2 + 0.02
            _arrow(axes, middle, start, y + room + below / 2 - 0.02)
        y += room


def _shares(
    axes: Axes,
    x: float,
    longest: float,
    counts: Sequence[int],
    rows: Sequence[float],
    color: str,
) -> None:
    """Write and draw what share of the total each part but the input has."""
    y, bar = LINE + 0.06, {"height": 0.1, "fc": color, "ec": "none"}
    for k, (count, room) in enumerate(zip(counts, rows, strict=True)):
        share, centre = count / (sum(counts) or 1), y + (room - WAY) / 2
        text = (
            "0" if count == 0 else "< 1 %" if share < 0.005 else f"{100 * share:.0f} %"
        )
        if k:
            axes.text(x, centre, text, size=SMALL)
            axes.add_patch(Rectangle((x, centre + 0.035), longest * share, **bar))  # type: ignore[arg-type]
        y += room


def _arrow(axes: Axes, x: float, start: float, end: float) -> None:
    ends = {"shrinkA": 0, "shrinkB": 0, "mutation_scale": 6, "arrowstyle": "-|>"}
    arrow = FancyArrowPatch((x, start), (x, end), color=NEUTRAL, lw=0.8, **ends)  # type: ignore[arg-type]
    axes.add_patch(arrow)


def _slab(
    axes: Axes, x: float, y: float, width: float, height: float, color: str
) -> None:
    corner = (x - width / 2, y - height / 2)
    face = tint(color, 0.45)
    axes.add_patch(Rectangle(corner, width, height, fc=face, ec=color, lw=1.0))
