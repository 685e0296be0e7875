"""The graph that autograd has recorded, drawn from the real thing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from cnn_tutorial.plotting._figure import checked_title, style, text_width
from cnn_tutorial.plotting._layers import Layers
from cnn_tutorial.plotting._sheet import new_sheet
from cnn_tutorial.plotting.colors import GRADIENT, INK, KERNEL, NEUTRAL, OUTPUT

__all__ = ["graph"]

MOST = 24
WORDS = 10.0
#: Height of a box, distance of two layers, and white space beside a word, in inches.
BOX, ROW, PAD = 0.32, 0.66, 0.24
#: Distance of two lines that join the same boxes, and length of an arrow's head.
TWIN, HEAD = 0.2, 0.09


@dataclass(frozen=True)
class _Node:
    """A box: a leaf that collects a gradient, or an operation."""

    words: str
    color: str

    @property
    def width(self) -> float:
        return text_width(self.words, WORDS) + PAD


def _walk(root: Any) -> tuple[list[Any], list[tuple[int, int]]]:  # noqa: ANN401 (torch is not imported)
    """Return the recorded steps and, by number, which one uses which."""
    found, edges = {root: 0}, []
    todo = [root]
    while todo:
        user = todo.pop(0)
        for step, _ in user.next_functions:
            if step is None:
                continue  # An operand whose gradient nobody asked for.
            if step not in found:
                found[step] = len(found)
                todo.append(step)
            edges.append((found[user], found[step]))
        if len(found) > MOST:
            raise ValueError(
                f"`result` has a graph of more than {MOST} nodes: draw a part of it, "
                "or fewer operations."
            )
    return list(found), edges


def _operation(step: object) -> str:
    """Return what was computed, from the name of how it is differentiated.

    >>> _operation(type("BinaryCrossEntropyBackward0", (), {})())
    'Binary Cross Entropy'
    """
    name = re.sub(r"Backward\d*$", "", type(step).__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _node(step: Any, names: Mapping[str, Any], root: bool) -> _Node:  # noqa: ANN401
    leaf = getattr(step, "variable", None)
    if leaf is not None:
        called = [name for name, tensor in names.items() if tensor is leaf]
        size = f"leaf {tuple(leaf.shape)}" if leaf.ndim else "leaf"
        return _Node(called[0] if called else size, KERNEL)
    made = [name for name, tensor in names.items() if tensor.grad_fn is step]
    words = " = ".join([*made, _operation(step)])
    return _Node(words, OUTPUT if root else NEUTRAL)


def graph(
    result: Any,  # noqa: ANN401 (torch is not imported)
    *,
    title: str,
    names: Mapping[str, Any] | None = None,
    backward: bool = False,
) -> Figure:
    """Draw the operations that led from leaves to a result, as autograd recorded them.

    Data flow from the top to the result at the bottom. Leaves that collect a gradient
    are orange, the result is green. Operands that need no gradient are not in the
    graph, and not in the picture.

    Parameters
    ----------
    result : tensor that requires a gradient and is no leaf
        Where the walk begins; the graph has at most 24 nodes.
    title
        What to see; it becomes the alternative text.
    names : mapping of name to tensor, optional
        What to call leaves and results of operations.
    backward
        Draw the arrows the way gradients go, up from the result, in their colour.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If `result` has no graph, or one that is too large for a page.

    Examples
    --------
    >>> import torch
    >>> w = torch.tensor(3.0, requires_grad=True)
    >>> figure = graph(2 * w + 1, title="Twice w, and one", names={"w": w})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['Add', 'Mul', 'w']
    """
    title = checked_title(title)
    if getattr(result, "grad_fn", None) is None:
        raise ValueError(
            "`result` has no graph: it was computed from nothing that requires a "
            "gradient, or is a leaf itself."
        )
    steps, edges = _walk(result.grad_fn)
    with style():
        nodes = [_node(step, names or {}, k == 0) for k, step in enumerate(steps)]
        layers = Layers.of(edges, [node.width for node in nodes])
        height = (layers.depth - 1) * ROW + BOX
        figure, axes = new_sheet(layers.width, height, title)
        places = layers.places(ROW)
        for k, chain in enumerate(layers.chains):
            points = [places[item] for item in chain]
            _draw_edge(axes, points, TWIN * layers.twin(k), backward)
        for node, place in zip(nodes, places, strict=False):
            _draw_node(axes, node, *place)
    return figure


def _draw_node(axes: Axes, node: _Node, x: float, y: float) -> None:
    box = FancyBboxPatch(
        (x - node.width / 2 + 0.05, y + 0.05),
        node.width - 0.1,
        BOX - 0.1,
        boxstyle="round,pad=0.05",
        facecolor=(*_rgb(node.color), 0.14),
        edgecolor=node.color,
        linewidth=1.5,
    )
    axes.add_patch(box)
    place = {"ha": "center", "va": "center_baseline", "fontsize": WORDS}
    axes.text(x, y + BOX / 2, node.words, **place)  # type: ignore[arg-type]


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def _draw_edge(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    shift: float,
    backward: bool,
) -> None:
    """Draw a line from a user's top edge up to its operand's lower edge.

    Places on the way are passed straight up, so that no box is crossed.
    """
    (x0, y0), (x1, y1) = points[0], points[-1]
    way = [(x0 + shift, y0)]
    for x, y in points[1:-1]:
        way += [(x, y + BOX), (x, y)]
    way.append((x1 + shift, y1 + BOX))
    color = GRADIENT if backward else INK
    head = HEAD if backward else -HEAD
    tip = way[-1] if backward else way[0]
    # The line ends where the arrow's head begins.
    way[-1 if backward else 0] = (tip[0], tip[1] + head)
    vertices, codes = [way[0]], [Path.MOVETO]
    for (xa, ya), (xb, yb) in pairwise(way):
        middle = (ya + yb) / 2
        vertices += [(xa, middle), (xb, middle), (xb, yb)]
        codes += [Path.CURVE4] * 3
    line = {"edgecolor": color, "facecolor": "none", "linewidth": 1.5}
    alpha = 1.0 if backward else 0.55
    axes.add_patch(PathPatch(Path(vertices, codes), alpha=alpha, **line))
    half = abs(head) / 2
    base = tip[1] + head
    corners = np.array([tip, (tip[0] - half, base), (tip[0] + half, base)])
    axes.fill(*corners.T, color=color, alpha=alpha, linewidth=0)
