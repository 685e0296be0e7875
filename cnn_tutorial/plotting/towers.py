"""A model as a tower: maps to scale, and where its parameters and its work are.

From the input at the top to the scores at the bottom, every part is a slab as wide as
its maps are and as thick as they are many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import SMALL, checked_title, style, text_width
from cnn_tutorial.plotting._sheet import LINE, new_sheet
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT, tint

if TYPE_CHECKING:
    from cnn_tutorial.summary import Row, Trace

__all__ = ["architecture"]

#: Widest slab, thinnest and thickest slab, way between slabs, longest bar, in inches.
WIDEST, THIN, THICK, WAY, BAR = 1.3, 0.07, 0.42, 0.2, 0.8
GAP = 0.16
#: More parts are joined.
MOST = 14


@dataclass(frozen=True)
class Part:
    """Layers in a row whose names begin alike."""

    name: str
    shape: tuple[int, ...]
    """Of what comes out, without the batch axis."""
    parameters: int
    macs: int

    @property
    def side(self) -> int:
        """Columns of the maps; 1 where there are none."""
        return self.shape[-1] if len(self.shape) > 2 else 1

    @property
    def channels(self) -> int:
        """How many maps, or numbers."""
        return self.shape[0] if self.shape else 1


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
    parts = [given, *_parts(trace, depth)]
    with style():
        words = max(
            text_width(word, SMALL)
            for part in parts
            for word in (part.name, _shape(part))
        )
        heights = [_thickness(part) for part in parts]
        rows = [max(height, 2 * LINE) + WAY for height in heights]
        width = words + GAP + WIDEST + 2 * (GAP + BAR)
        figure, axes = new_sheet(width, sum(rows) + LINE, title)
        _draw(axes, parts, rows, words + GAP)
    return figure


def _parts(trace: Trace, depth: int | None) -> list[Part]:
    if depth is not None:
        return _joined(trace, depth)
    deepest = max(row.name.count(".") + 1 for row in trace.rows)
    tries = (_joined(trace, d) for d in range(deepest, 0, -1))
    return next((parts for parts in tries if len(parts) <= MOST), _joined(trace, 1))


def _joined(trace: Trace, depth: int) -> list[Part]:
    """Join neighbours of the same name; what only passes on joins its predecessor."""
    parts: list[Part] = []
    for row in trace.rows:
        name = ".".join(row.name.split(".")[:depth])
        # A part that was called as a whole tells its shape; a list of layers does not.
        # A layer may be called again with another shape: each call has its own row.
        called = {} if row.name == name else trace.shapes
        shape = called.get(name, row.output_shape)[1:]
        name = name or "the model"
        last = parts[-1] if parts else None
        if last is not None and (last.name == name or _passes(row, last)):
            parts[-1] = replace(
                last,
                shape=shape if last.name == name else last.shape,
                parameters=last.parameters + row.parameters,
                macs=last.macs + row.macs,
            )
        else:
            parts.append(Part(name, shape, row.parameters, row.macs))
    return _shortly_named(parts, trace)


def _shortly_named(parts: Sequence[Part], trace: Trace) -> list[Part]:
    """Name a part after what is around it, if that holds nothing else.

    It then has the shape of that, too: a dense block returns more than its last layer.
    """

    def short(name: str) -> str:
        outer = name.rpartition(".")[0]
        alone = sum(part.name.startswith(f"{outer}.") for part in parts) == 1
        return short(outer) if outer and alone else name

    names = [short(part.name) for part in parts]
    return [
        part
        if name == part.name
        else replace(
            part, name=name, shape=trace.shapes.get(name, (0, *part.shape))[1:]
        )
        for name, part in zip(names, parts, strict=True)
    ]


def _passes(row: Row, before: Part) -> bool:
    """Whether a layer hands on as many numbers as it got, without products."""
    return not row.macs and math.prod(row.output_shape[1:]) == math.prod(before.shape)


def _shape(part: Part) -> str:
    return " × ".join(map(str, part.shape))


def _thickness(part: Part) -> float:
    """Inches: an eighth of the way from thinnest to thickest for each doubling."""
    return min(THICK, THIN + (THICK - THIN) * math.log2(part.channels) / 10)


_KINDS = {"parameters": ("parameters", KERNEL), "macs": ("MACs", NEUTRAL)}


def _draw(
    axes: Axes, parts: Sequence[Part], rows: Sequence[float], left: float
) -> None:
    scale = WIDEST / max(part.side for part in parts)
    columns = [left + WIDEST + GAP + k * (BAR + GAP) for k in range(2)]
    for x, (kind, (head, color)) in zip(columns, _KINDS.items(), strict=True):
        axes.text(x, 0, head, fontsize=SMALL, va="top")
        _shares(axes, x, [getattr(part, kind) for part in parts], rows, color)
    middle, y = left + WIDEST / 2, LINE + 0.06
    for k, (part, room) in enumerate(zip(parts, rows, strict=True)):
        centre = y + (room - WAY) / 2
        place = {"fontsize": SMALL, "ha": "left"}
        axes.text(0, centre - 0.01, part.name, va="bottom", **place)  # type: ignore[arg-type]
        axes.text(0, centre + 0.01, _shape(part), va="top", color=NEUTRAL, **place)  # type: ignore[arg-type]
        width = max(scale * part.side, 0.05)
        _slab(axes, middle, centre, width, _thickness(part), OUTPUT if k else INPUT)
        if k + 1 < len(parts):
            below = rows[k + 1] - WAY - _thickness(parts[k + 1])
            start = centre + _thickness(part) / 2 + 0.02
            _arrow(axes, middle, start, y + room + below / 2 - 0.02)
        y += room


def _shares(
    axes: Axes, x: float, counts: Sequence[int], rows: Sequence[float], color: str
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
            axes.add_patch(Rectangle((x, centre + 0.035), BAR * share, **bar))  # type: ignore[arg-type]
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
