"""Where the numbers of a tensor lie, and how broadcasting repeats them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from cnn_tutorial._validation import choice
from cnn_tutorial.plotting._cells import Cells, cell_texts, fitted
from cnn_tutorial.plotting._figure import (
    SMALL,
    Array,
    checked_title,
    numbers,
    style,
    text_width,
)
from cnn_tutorial.plotting._sheet import LINE, new_sheet
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT

__all__ = ["broadcasting", "memory"]

#: Room for a jump above and one below the memory, and between two tensors, in inches.
ARC, BETWEEN = 0.5, 0.34
SIGNS = {
    "+": (np.add, "+"),
    "-": (np.subtract, "\N{MINUS SIGN}"),
    "*": (np.multiply, "×"),
}
SIGN, GAP = 0.42, 0.12


def _checked(name: str, tensor: Any) -> tuple[Array, Array, int]:  # noqa: ANN401 (torch is not imported)
    """Return a tensor as a matrix, the numbers in its memory, and where it begins."""
    if not hasattr(tensor, "untyped_storage"):
        raise ValueError(f"`tensors[{name!r}]` must be a tensor: it has strides.")
    if tensor.ndim not in (1, 2) or not tensor.numel():
        raise ValueError(
            f"`tensors[{name!r}]` of shape {tuple(tensor.shape)} must have one or two "
            "axes, and numbers."
        )
    size = tensor.untyped_storage().nbytes() // tensor.element_size()
    whole = tensor.detach().as_strided((size,), (1,), 0)
    return (
        np.atleast_2d(numbers(f"tensors[{name!r}]", tensor)),
        np.atleast_2d(numbers(f"tensors[{name!r}]", whole)),
        int(tensor.storage_offset()),
    )


def memory(tensors: Mapping[str, Any], *, title: str) -> Figure:
    """Draw tensors, below each the numbers in memory and the jumps its strides make.

    The jump from the first element to its neighbour in the same row is blue and above,
    the one to the next row is orange and below.

    Parameters
    ----------
    tensors : mapping of name to tensor, shape (columns,) or (rows, columns)
        What to draw, from top to bottom. All of the memory that a tensor looks into is
        drawn; the frame reaches from its first element to its last.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If there is nothing to draw, something is no tensor or has more axes, or the
        memory is too wide for a page.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[1, 2], [3, 4]])
    >>> figure = memory({"x": x}, title="Two by two numbers in a row")
    >>> [text.get_text() for text in figure.axes[0].texts][0]
    'x: shape (2, 2), strides (2, 1)'
    """
    title = checked_title(title)
    if not tensors:
        raise ValueError("`tensors` is empty: there is nothing to draw.")
    found = {name: _checked(name, tensor) for name, tensor in tensors.items()}
    with style():
        tables = {n: (cell_texts(a), cell_texts(s)) for n, (a, s, _) in found.items()}
        columns = max(
            max(array.shape[1], whole.shape[1]) for array, whole, _ in found.values()
        )
        fit = fitted([t for pair in tables.values() for t in pair], columns)
        if fit is None:
            raise ValueError(f"{columns} numbers in a row are too wide for a page.")
        side, size = fit
        tall = [_height(array.shape[0], side) for array, _, _ in found.values()]
        heads = [_head(name, tensor) for name, tensor in tensors.items()]
        wide = max(columns * side, *(text_width(head, SMALL) for head in heads))
        height = sum(tall) + BETWEEN * (len(tall) - 1)
        figure, axes = new_sheet(wide + 0.05, height, title)
        y = 0.0
        for k, (name, (_, _, offset)) in enumerate(found.items()):
            axes.text(0, y + LINE - 0.05, heads[k], va="baseline", fontsize=SMALL)
            view, whole = (Cells(t, INPUT, side, size) for t in tables[name])
            view.draw(axes, 0, y + LINE + 0.04)
            top = y + LINE + 0.04 + view.height + ARC
            _draw_memory(axes, whole, tensors[name], offset, top)
            y += tall[k] + BETWEEN
    return figure


def _head(name: str, tensor: Any) -> str:  # noqa: ANN401
    return f"{name}: shape {tuple(tensor.shape)}, strides {tensor.stride()}"


def _height(rows: int, side: float) -> float:
    return LINE + 0.04 + rows * side + ARC + side + LINE + ARC


def _draw_memory(axes: Axes, whole: Cells, tensor: Any, offset: int, y: float) -> None:  # noqa: ANN401
    """Draw a row of boxes with their addresses, and the jumps above it."""
    sizes, strides = tuple(tensor.shape), tensor.stride()
    spans = zip(sizes, strides, strict=True)
    last = offset + sum((size - 1) * stride for size, stride in spans)
    seen = (0, offset, 1, last - offset + 1)
    Cells(whole.texts, NEUTRAL, whole.side, whole.size, seen).draw(axes, 0, y)
    for address in range(whole.shape[1]):
        x = (address + 0.5) * whole.side
        place = {"ha": "center", "va": "top", "fontsize": SMALL, "alpha": 0.7}
        axes.text(x, y + whole.side + 0.03, str(address), **place)  # type: ignore[arg-type]
    jumps = zip(("row", "column")[-len(sizes) :], sizes, strides, strict=True)
    for axis, size, stride in jumps:
        if size > 1:
            edge = y - 0.03 if axis == "column" else y + whole.side + LINE + 0.02
            _draw_jump(axes, (offset, stride), whole.side, edge, axis)


def _draw_jump(
    axes: Axes, jump: tuple[int, int], side: float, y: float, axis: str
) -> None:
    """Draw an arc over `stride` boxes, above or below the memory, and say to where."""
    offset, stride = jump
    start, end = (offset + 0.5) * side, (offset + stride + 0.5) * side
    up = axis == "column"
    bend = 2 * 0.34 / max(end - start, 0.34)
    arc = FancyArrowPatch(
        (start, y),
        (end, y),
        connectionstyle=f"arc3,rad={-bend if up else bend:.3f}",
        arrowstyle="-|>",
        mutation_scale=10,
        color=INPUT if up else KERNEL,
        linewidth=1.8,
        shrinkA=0,
        shrinkB=0,
    )
    axes.add_patch(arc)
    place = {"fontsize": SMALL, "va": "center"}
    middle = y - 0.22 if up else y + 0.22
    axes.text(end + 0.06, middle, f"next {axis}: +{stride}", **place)  # type: ignore[arg-type]


def broadcasting(
    first: object, second: object, *, title: str, operation: str = "+"
) -> Figure:
    """Draw two tensors as broadcasting sees them, and what comes out.

    Numbers that are there have a thick frame; the pale ones are read again from the
    same memory.

    Parameters
    ----------
    first, second : tensors or arrays of one or two axes
        What to combine; their shapes fit each other by the rules of broadcasting.
    title
        What to see; it becomes the alternative text.
    operation
        ``"+"``, ``"-"`` or ``"*"``, element by element.

    Returns
    -------
    figure
        The figure, at most 7 inches wide: vectors only.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the result is too wide for a page.

    Examples
    --------
    >>> figure = broadcasting([[10], [20]], [1, 2], title="A column meets a row")
    >>> [text.get_text() for text in figure.axes[0].texts[-5:-1]]
    ['11', '12', '21', '22']
    """
    title = checked_title(title)
    function, sign = SIGNS[choice("operation", operation, SIGNS)]
    arrays = numbers("first", first), numbers("second", second)
    shapes = [array.shape for array in arrays]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(
            f"`first` of shape {shapes[0]} and `second` of shape {shapes[1]} do not "
            "fit: from the right, sizes must be equal or 1."
        ) from None
    if not 1 <= len(shape) <= 2:
        raise ValueError(f"The result of shape {shape} must have one or two axes.")
    spread = [np.atleast_2d(np.broadcast_to(a, shape)) for a in arrays]
    spread.append(np.atleast_2d(function(*arrays)))
    with style():
        return _equation(spread, [*shapes, shape], sign, title)


def _equation(
    spread: list[Array], shapes: list[tuple[int, ...]], sign: str, title: str
) -> Figure:
    """Draw two matrices and their result below the second, as sums are written.

    Under each stands the shape that it really has.
    """
    tables = [cell_texts(array) for array in spread]
    rows, columns = spread[0].shape
    fit = fitted(tables, 2 * columns, SIGN)
    if fit is None:
        raise ValueError(f"Two times {columns} columns are too wide for a page.")
    wide, tall = columns * fit[0], rows * fit[0]
    row = tall + LINE + 0.06
    figure, axes = new_sheet(2 * wide + SIGN, 2 * row + GAP, title)
    corners = [(0.0, 0.0), (wide + SIGN, 0.0), (wide + SIGN, row + GAP)]
    signs = {"ha": "center", "va": "center", "fontsize": 16}
    words = {"ha": "center", "va": "top", "fontsize": SMALL}
    for k, (x, y) in enumerate(corners):
        own_rows, own_columns = (1, 1, *shapes[k])[-2:]
        inner = (0, 0, own_rows, own_columns)
        cells = Cells(tables[k], OUTPUT if k == 2 else INPUT, *fit, inner=inner)
        if k:
            at = x - SIGN / 2, y + tall / 2
            axes.text(*at, (sign, "=")[k - 1], **signs)  # type: ignore[arg-type]
        cells.draw(axes, x, y)
        axes.text(x + wide / 2, y + tall + 0.06, str(tuple(shapes[k])), **words)  # type: ignore[arg-type]
    return figure
