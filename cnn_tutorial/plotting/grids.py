"""Small matrices with their numbers in the cells, and equations made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from cnn_tutorial.plotting._cells import Box, Cells, cell_texts, fitted
from cnn_tutorial.plotting._figure import (
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    text_width,
)
from cnn_tutorial.plotting._grid import NARROW_ROOM
from cnn_tutorial.plotting._sheet import LINE, MIN_WIDTH, new_sheet
from cnn_tutorial.plotting.colors import role_color

__all__ = ["matrices", "matrix"]

#: A cell, or a window (row, column, height, width).
Window = tuple[int, int] | tuple[int, int, int, int]

ABOVE = LINE + 0.08
#: Room for a sign, and between two matrices without one.
SIGN, GAP = 0.42, 0.35
WORDS = 10.0
SIGNS = {"*": "∗", "-": "\N{MINUS SIGN}", "x": "×"}


def _as_matrix(name: str, x: object) -> Array:
    array = numbers(name, x, finite=False)
    shape = array.shape
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    array = np.atleast_2d(array)
    if array.ndim != 2:
        raise ValueError(f"`{name}` of shape {shape} must be a matrix (rows, columns).")
    return array


def _window(name: str, window: Window, shape: tuple[int, ...]) -> Box:
    """Return (row, column, height, width) that lies in a matrix."""
    full = (*window, 1, 1) if len(window) == 2 else tuple(window)
    if len(full) != 4:
        raise ValueError(
            f"`{name}` (={window!r}) must be (row, column[, height, width])."
        )
    row, column, height, width = full
    fits = min(row, column) >= 0 and min(height, width) >= 1
    if not fits or row + height > shape[0] or column + width > shape[1]:
        raise ValueError(
            f"`{name}` (={window!r}) does not lie in a matrix of {shape[0]} x "
            f"{shape[1]}."
        )
    return row, column, height, width


def matrix(
    x: object, *, title: str, role: str = "input", highlight: Window | None = None
) -> Figure:
    """Draw a small matrix with its numbers in the cells.

    Parameters
    ----------
    x : tensor or array, shape (rows, columns); leading axes of length 1 are dropped
        The numbers; NaN and infinity are written as such.
    title
        What to see; it becomes the alternative text.
    role
        What the matrix is, which gives its colour: a key of `colors.ROLES`.
    highlight : (row, column) or (row, column, height, width), optional
        A cell or a window to bring out: in an input, in the colour of windows.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If `x` is no matrix or too wide, or the window does not lie in it.

    Examples
    --------
    >>> figure = matrix([[1, 0], [0, -1]], title="A kernel", role="kernel")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '0', '0', '−1']
    """
    windows = {} if highlight is None else {0: highlight}
    return matrices([x], roles=[role], windows=windows, title=title)


def _checked_items(
    items: Sequence[object], titles: Sequence[str] | None, roles: Sequence[str] | None
) -> tuple[list[Array], list[str], list[str]]:
    """Return the matrices among the items, with a title and a colour for each."""
    arrays = [
        _as_matrix(f"items[{k}]", item)
        for k, item in enumerate(items)
        if not isinstance(item, str)
    ]
    if not arrays:
        raise ValueError("`items` holds no matrix.")
    for name, given in (("titles", titles), ("roles", roles)):
        if given is not None and len(given) != len(arrays):
            raise ValueError(
                f"`{name}` has {len(given)} entries for {len(arrays)} matrices."
            )
    names = [""] * len(arrays) if titles is None else list(titles)
    chosen = ["input"] * len(arrays) if roles is None else list(roles)
    return arrays, names, [role_color(role) for role in chosen]


def matrices(
    items: Sequence[object],
    *,
    title: str,
    titles: Sequence[str] | None = None,
    roles: Sequence[str] | None = None,
    windows: Mapping[int, Window] | None = None,
) -> Figure:
    """Draw small matrices side by side, with signs between them.

    Parameters
    ----------
    items : sequence of matrices and texts
        What to draw from left to right: matrices of shape (rows, columns), whose
        leading axes of length 1 are dropped, and signs such as ``"*"`` and ``"="``.
    title
        What to see; it becomes the alternative text.
    titles
        A name to stand above each matrix.
    roles
        What each matrix is, which gives its colour: keys of `colors.ROLES`.
    windows : mapping of k to (row, column) or (row, column, height, width), optional
        Cell or window to bring out in the k-th matrix.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If an item is no matrix, they are too wide for a page, lengths differ, or a
        window does not lie in its matrix.

    Examples
    --------
    >>> figure = matrices(
    ...     [[[1, 2]], "*", [[3, 4]], "=", [[11]]],  # 1*3 + 2*4
    ...     roles=["input", "kernel", "output"],
    ...     title="One times three and two times four make eleven",
    ... )
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '2', '∗', '3', '4', '=', '11']
    """
    title = checked_title(title)
    arrays, names, colors = _checked_items(items, titles, roles)
    frames = {}
    for k, window in (windows or {}).items():
        if not 0 <= k < len(arrays):
            raise ValueError(f"`windows` names matrix {k}; there are {len(arrays)}.")
        frames[k] = _window(f"windows[{k}]", window, arrays[k].shape)
    with style():
        tables = [cell_texts(array) for array in arrays]
        columns = sum(array.shape[1] for array in arrays)
        fit = fitted(tables, columns, sum(_between(items)))
        if fit is None:
            raise ValueError(
                f"{columns} columns of numbers are too wide for a page: draw fewer, or "
                "use images() or feature_maps()."
            )
        cells = [Cells(t, c, *fit) for t, c in zip(tables, colors, strict=True)]
        slots = [
            max(one.width, text_width(name, WORDS))
            for one, name in zip(cells, names, strict=True)
        ]
    draw = partial(_row, items, cells, slots, names, frames, title)
    fits = sum(slots) + sum(_between(items)) <= NARROW_ROOM
    return also_narrow(draw(), partial(draw, narrow=True)) if fits else draw()


def _between(items: Sequence[object]) -> list[float]:
    """Return the room in inches before each item that is not a cell."""
    signs = [isinstance(item, str) for item in items]
    return [
        SIGN if sign else GAP if k and not signs[k - 1] else 0.0
        for k, sign in enumerate(signs)
    ]


@style()
def _row(
    items: Sequence[object],
    cells: Sequence[Cells],
    slots: Sequence[float],
    names: Sequence[str],
    windows: Mapping[int, Box],
    title: str,
    *,
    narrow: bool = False,
) -> Figure:
    """Draw matrices and signs from left to right."""
    above = ABOVE if any(names) else 0.0
    tall = max(one.height for one in cells)
    width = sum(slots) + sum(_between(items))
    least = NARROW_ROOM if narrow else MIN_WIDTH
    figure, axes = new_sheet(
        width, above + tall, title, known=not narrow, narrowest=least
    )
    x, middle = 0.0, above + tall / 2
    k = 0
    for item, room in zip(items, _between(items), strict=True):
        x += room
        if isinstance(item, str):
            sign = SIGNS.get(item, item)
            axes.text(x - room / 2, middle, sign, ha="center", va="center", fontsize=16)
            continue
        y = middle - cells[k].height / 2
        marked = [windows[k]] if k in windows else []
        cells[k].draw(axes, x + (slots[k] - cells[k].width) / 2, y, marked)
        name = {"ha": "center", "fontsize": WORDS}
        if names[k]:
            axes.text(x + slots[k] / 2, y - 0.06, names[k], **name)  # type: ignore[arg-type]
        x += slots[k]
        k += 1
    return figure
