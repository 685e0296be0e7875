"""What one output reads, layer by layer: a cone that ends in the pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import SMALL, checked_title, style, text_width
from cnn_tutorial.plotting._grid import ROOM
from cnn_tutorial.plotting._sheet import new_sheet
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT, tint

__all__ = ["field_cone"]

#: Height of a row of cells, the way to the next, and the widest cell, in inches.
CELL, WAY, WIDEST = 0.24, 0.34, 0.4
MOST = 64


class _Row:
    """The outputs of a layer that one output sees, at their places over the image."""

    def __init__(self, seen: set[int], centre: float, step: int) -> None:
        self.seen = sorted(seen)
        self.first, self.step = centre, step

    def place(self, index: int) -> float:
        """Return the place of an output's centre, in pixels of the image."""
        return self.first + index * self.step


def _rows(layers: Sequence[tuple[int, ...]]) -> list[_Row]:
    """Return the rows from the image up to one output."""
    centre, step, places = 0.0, 1, [(0.0, 1)]
    for kernel, stride, dilation in layers:
        centre += (kernel - 1) * dilation * step / 2
        step *= stride
        places.append((centre, step))
    seen, found = {0}, [_Row({0}, *places[-1])]
    for (kernel, stride, dilation), at in zip(
        reversed(layers), reversed(places[:-1]), strict=True
    ):
        seen = {i * stride + k * dilation for i in seen for k in range(kernel)}
        found.append(_Row(seen, *at))
    return found[::-1]


def _checked_layers(layers: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    if not layers:
        raise ValueError("`layers` is empty: there is nothing to draw.")
    found = []
    for k, layer in enumerate(layers):
        given = (*layer, 1, 1)[: max(len(layer), 3)] if 1 <= len(layer) <= 3 else ()
        if len(given) != 3:
            raise ValueError(
                f"`layers[{k}]` (={layer!r}) must be (kernel_size, stride, dilation); "
                "the end may be left out."
            )
        found.append(
            tuple(integer(f"layers[{k}]", number, minimum=1) for number in given)
        )
    return found


def field_cone(
    layers: Sequence[Sequence[int]],
    *,
    title: str,
    names: Sequence[str] | None = None,
) -> Figure:
    """Draw which numbers one output reads, layer by layer, down to the pixels.

    One axis of the image runs from left to right, and each layer's outputs stand in a
    row above the middle of what they see. Filled cells are read; the pixels between
    them that are not stay empty.

    Parameters
    ----------
    layers
        From the image to the output: (kernel_size, stride, dilation), where the end may
        be left out. No padding: the field lies inside the image.
    title
        What to see; it becomes the alternative text.
    names
        A name for each layer.

    Returns
    -------
    figure
        The figure: vectors only, at most 7 inches wide.

    Raises
    ------
    ValueError
        If a layer is no such tuple, there are more than 64 pixels, or the names are not
        as many as the layers.

    Examples
    --------
    >>> figure = field_cone([(3,), (2, 2)], title="Two layers")  # 3, then 3 + 1 pixels
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['4 pixels of the image', 'layer 1', 'layer 2']
    """
    title, checked = checked_title(title), _checked_layers(layers)
    words = [f"layer {k + 1}" for k in range(len(layers))]
    words = words if names is None else list(names)
    if len(words) != len(layers):
        raise ValueError(f"`names` has {len(words)} entries for {len(layers)} layers.")
    rows = _rows(checked)
    span = rows[0].seen[-1] + 1
    if span > MOST:
        raise ValueError(f"`layers` see {span} pixels; {MOST} can be drawn.")
    count = len(rows[0].seen)
    part = "" if count == span else f"{count} of "
    words = [f"{part}{span} pixels of the image", *words]
    with style():
        wide = max(text_width(word, SMALL) for word in words[1:]) + 0.15
        side = min(WIDEST, (ROOM - wide) / span)
        height = len(rows) * (CELL + WAY) - WAY + 0.3
        figure, axes = new_sheet(wide + span * side, height, title)
        _draw_cone(axes, rows, checked, words, wide, side, span)
    return figure


def _draw_cone(
    axes: Axes,
    rows: list[_Row],
    layers: list[tuple[int, ...]],
    words: list[str],
    wide: float,
    side: float,
    span: int,
) -> None:
    ys = [(len(rows) - 1 - k) * (CELL + WAY) for k in range(len(rows))]

    def x(place: float) -> float:
        return wide + (place + 0.5) * side

    middle = wide + span * side / 2
    place = {"ha": "center", "va": "top", "fontsize": SMALL}
    axes.text(middle, ys[0] + CELL + 0.06, words[0], **place)  # type: ignore[arg-type]
    for k, row in enumerate(rows):
        color = INPUT if k == 0 else OUTPUT if k == len(rows) - 1 else NEUTRAL
        every = range(row.seen[0], row.seen[-1] + 1)
        for index in every:
            seen = index in row.seen
            left = x(row.place(index)) - 0.42 * side
            face = tint(color, 0.45) if seen else "none"
            edge = {"ec": color, "lw": 1.2 if seen else 0.6, "fc": face}
            axes.add_patch(Rectangle((left, ys[k]), 0.84 * side, CELL, **edge))  # type: ignore[arg-type]
        if k:
            axes.text(0, ys[k] + CELL / 2, words[k], va="center", fontsize=SMALL)
            _draw_ways(axes, rows[k - 1 : k + 1], layers[k - 1], ys[k - 1 : k + 1], x)


def _draw_ways(
    axes: Axes,
    rows: list[_Row],
    layer: tuple[int, ...],
    ys: list[float],
    x: Callable[[float], float],
) -> None:
    kernel, stride, dilation = layer
    below, above = rows
    ways = [
        [
            (x(above.place(i)), ys[1] + CELL),
            (x(below.place(i * stride + k * dilation)), ys[0]),
        ]
        for i in above.seen
        for k in range(kernel)
    ]
    axes.add_collection(
        LineCollection(ways, colors=KERNEL, linewidths=0.9, alpha=0.55), autolim=False
    )
