"""A model or a block as a graph: what each part reads, ways past layers included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from cnn_tutorial.plotting._figure import (
    SMALL,
    also_narrow,
    checked_title,
    style,
    text_width,
)
from cnn_tutorial.plotting._grid import NARROW_ROOM
from cnn_tutorial.plotting._layers import Layers
from cnn_tutorial.plotting._sheet import MIN_WIDTH, new_sheet
from cnn_tutorial.plotting.colors import INK, INPUT, KERNEL, NEUTRAL, OUTPUT

if TYPE_CHECKING:
    from cnn_tutorial.summary import Graph, Node, Trace

__all__ = ["architecture_graph"]

#: More nodes do not fit on a page.
MOST = 36
WORDS = 10.0
#: Heights of a box of one line and of two, and way between two boxes, in inches.
LOW, HIGH, WAY = 0.3, 0.46, 0.28
#: White space beside the words of a box, and length of an arrow's head.
PAD, HEAD = 0.26, 0.09


@dataclass(frozen=True)
class _Box:
    """What is written in a box, and its colour."""

    words: str
    below: str
    color: str

    @property
    def width(self) -> float:
        sizes = ((self.words, WORDS), (self.below, SMALL))
        return max(text_width(text, size) for text, size in sizes) + PAD

    @property
    def height(self) -> float:
        return HIGH if self.below else LOW


def architecture_graph(trace: Trace, *, title: str, depth: int = 1) -> Figure:
    """Draw which part of a model reads what another one made.

    From the input at the top (blue) to the output at the bottom (green). Parts that
    hold parameters are orange, others grey; functions that stand between modules are
    small boxes: ``+`` is where a shortcut ends, ``cat`` where maps are put side by
    side.

    Parameters
    ----------
    trace
        From `cnn_tutorial.summary.trace`, of a model or of one of its blocks.
    title
        What to see; it becomes the alternative text.
    depth
        How many modules are taken apart on the way to a box, as for ``Trace.graph``.

    Returns
    -------
    figure
        The figure: vectors only.

    Raises
    ------
    ValueError
        If the graph has more than 36 boxes, or `depth` is less than 1.

    Examples
    --------
    >>> from cnn_tutorial import blocks, summary
    >>> block = summary.trace(blocks.BasicBlock(8, 8), (8, 5, 5))
    >>> figure = architecture_graph(block, title="The input goes past two layers")
    >>> [text.get_text() for text in figure.axes[0].texts][-3:]
    ['relu', 'output', '8 × 5 × 5']
    """
    title = checked_title(title)
    graph = trace.graph(depth)
    if len(graph.nodes) > MOST:
        raise ValueError(
            f"`depth` (={depth}) gives {len(graph.nodes)} boxes, more than {MOST}: "
            "take a smaller one, or the trace of a part of the model."
        )
    boxes = [
        _box(node, _weighs(trace, node), _reshapes(graph, k))
        for k, node in enumerate(graph.nodes)
    ]
    shape = " × ".join(map(str, trace.output_shape[1:]))
    boxes.append(_Box("output", shape, OUTPUT))
    read = {made for made, _ in graph.edges}
    ends = [k for k in range(len(graph.nodes)) if k not in read]
    edges = [*graph.edges, *((end, len(graph.nodes)) for end in ends)]
    # The layout grows from its root, the output.
    last = len(boxes) - 1
    turned = [(last - reader, last - made) for made, reader in edges]
    with style():
        layers = Layers.of(turned, [box.width for box in reversed(boxes)])
    figure = _drawn(title, boxes, layers)
    if layers.width <= NARROW_ROOM:
        also_narrow(figure, partial(_drawn, title, boxes, layers, narrow=True))
    return figure


def _box(node: Node, weighs: bool, reshapes: bool) -> _Box:
    shape = " × ".join(map(str, node.shape[1:]))
    if node.kind == "input":
        return _Box("input", shape, INPUT)
    if node.kind == "function":
        return _Box(node.name, shape if reshapes else "", NEUTRAL)
    return _Box(f"{node.name}  {node.kind}", shape, KERNEL if weighs else NEUTRAL)


def _reshapes(graph: Graph, place: int) -> bool:
    """Whether the shape of a node is none of those that it read."""
    read = [graph.nodes[made].shape for made, reader in graph.edges if reader == place]
    return graph.nodes[place].shape not in read


def _weighs(trace: Trace, node: Node) -> bool:
    """Whether a part of the model holds parameters, its own or shared ones."""
    return any(
        row.parameters
        for row in trace.rows
        if f"{row.name}.".startswith(f"{node.name}.")
    )


def _drawn(
    title: str, boxes: Sequence[_Box], layers: Layers, *, narrow: bool = False
) -> Figure:
    last = len(boxes) - 1
    rank = {item: r for r, layer in enumerate(layers.layers) for item in layer}
    heights = [
        max(boxes[last - item].height if item <= last else LOW for item in layer)
        for layer in layers.layers
    ]
    tops = [sum(h + WAY for h in heights[r + 1 :]) for r in range(len(heights))]
    middles = {item: tops[r] + heights[r] / 2 for item, r in rank.items()}
    with style():
        least = NARROW_ROOM if narrow else MIN_WIDTH
        size = layers.width, tops[0] + heights[0]
        figure, axes = new_sheet(*size, title, known=not narrow, narrowest=least)
        for chain in layers.chains:
            way = [(layers.x[item], middles[item]) for item in reversed(chain)]
            half = [heights[rank[item]] / 2 for item in reversed(chain)]
            half[0] = boxes[last - chain[-1]].height / 2
            half[-1] = boxes[last - chain[0]].height / 2
            _edge(axes, way, half)
        for k, box in enumerate(boxes):
            _draw_box(axes, box, layers.x[last - k], middles[last - k])
    return figure


def _edge(
    axes: Axes, way: Sequence[tuple[float, float]], half: Sequence[float]
) -> None:
    """Draw a line down from one box to another; other rows are passed straight."""
    (x, y), *_ = way
    points = [(x, y + half[0])]
    for (x, y), h in zip(way[1:-1], half[1:-1], strict=True):
        points += [(x, y - h), (x, y + h)]
    x, y = way[-1]
    tip = (x, y - half[-1])
    points.append((tip[0], tip[1] - HEAD))
    vertices, codes = [points[0]], [Path.MOVETO]
    for (xa, ya), (xb, yb) in pairwise(points):
        middle = (ya + yb) / 2
        vertices += [(xa, middle), (xb, middle), (xb, yb)]
        codes += [Path.CURVE4] * 3
    line = {"edgecolor": INK, "facecolor": "none", "linewidth": 1.5, "alpha": 0.55}
    axes.add_patch(PathPatch(Path(vertices, codes), **line))
    base = tip[1] - HEAD
    corners = [tip, (tip[0] - HEAD / 2, base), (tip[0] + HEAD / 2, base)]
    axes.add_patch(Polygon(corners, color=INK, alpha=0.55, lw=0))


def _draw_box(axes: Axes, box: _Box, x: float, y: float) -> None:
    red, green, blue = (int(box.color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    patch = FancyBboxPatch(
        (x - box.width / 2 + 0.05, y - box.height / 2 + 0.05),
        box.width - 0.1,
        box.height - 0.1,
        boxstyle="round,pad=0.05",
        facecolor=(red, green, blue, 0.14),
        edgecolor=box.color,
        linewidth=1.5,
    )
    axes.add_patch(patch)
    place = {"ha": "center", "va": "center_baseline"}
    shift = 0.085 if box.below else 0.0
    axes.text(x, y - shift, box.words, fontsize=WORDS, **place)  # type: ignore[arg-type]
    if box.below:
        axes.text(x, y + shift, box.below, fontsize=SMALL, color=NEUTRAL, **place)  # type: ignore[arg-type]
