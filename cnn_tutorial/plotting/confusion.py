"""Which classes are taken for which: a table of counts, mistakes brought out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import (
    SMALL,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    text_width,
    wrapped,
)
from cnn_tutorial.plotting._grid import NARROW_ROOM, ROOM
from cnn_tutorial.plotting._sheet import LINE, MIN_WIDTH, new_sheet
from cnn_tutorial.plotting.colors import INK, RIGHT, WRONG

__all__ = ["confusion_matrix"]

WORDS = 10.0
#: Side of a cell in inches, and the most classes that have room.
SIDE, MOST = 0.46, 40
#: Opacity of a cell that holds the whole row; black and white text stay readable.
DEEP = 0.5


def _as_counts(counts: object) -> Array:
    array = numbers("counts", counts)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(
            f"`counts` of shape {array.shape} must be (classes, classes): row, what "
            "it is; column, what it was taken for."
        )
    if (array < 0).any() or (array != np.round(array)).any():
        raise ValueError("`counts` must be whole numbers of images, none negative.")
    if len(array) > MOST:
        raise ValueError(
            f"`counts` has {len(array)} classes and a page has room for {MOST}: draw "
            "those that are confused, such as counts[rows][:, rows]."
        )
    return array.astype(np.int64)


def _named(classes: Sequence[str] | None, count: int) -> list[str]:
    """Return a name for each row, with the number that stands above its column."""
    if classes is None:
        return [str(k) for k in range(count)]
    if len(classes) != count:
        raise ValueError(f"`classes` has {len(classes)} names for {count} classes.")
    return [n if n == str(k) else f"{n}  {k}" for k, n in enumerate(classes)]


def _shades(counts: Array) -> tuple[Array, Array]:
    """Return opacity, (classes, classes), and which cells are right.

    A right cell is as deep as its share of the row. A wrong one is compared with the
    largest wrong share, or mistakes of a good model would all be invisible.
    """
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    right = np.eye(len(counts), dtype=bool)
    worst = np.where(right, 0, share).max() or 1.0
    return DEEP * np.where(right, share, share / worst), right


def _draw_cells(axes: Axes, counts: Array, left: float, side: float) -> None:
    """Draw the table with its upper left corner at (left, LINE)."""
    shades, right = _shades(counts)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    squares, colors = [], []
    write = max(text_width(f"{n}", SMALL) for n in counts.flat) < side
    for i, j in product(range(len(counts)), repeat=2):
        squares.append((left, LINE) + side * (corners + np.array((j, i))))
        colors.append(to_rgba(RIGHT if right[i, j] else WRONG, float(shades[i, j])))
        if write and counts[i, j]:
            place = left + (j + 0.5) * side, LINE + (i + 0.5) * side
            text = axes.text(*place, f"{counts[i, j]}", ha="center", fontsize=SMALL)
            text.set_verticalalignment("center_baseline")
    edge = to_rgba(INK, 0.25)
    cells = PolyCollection(
        squares, facecolors=colors, edgecolors=[edge] * len(colors), linewidths=0.6
    )
    axes.add_collection(cells, autolim=False)


def _draw_words(
    axes: Axes, counts: Array, names: list[str], left: float, side: float
) -> None:
    """Write a name before each row, its share of right ones behind, columns above."""
    end = left + len(counts) * side + 0.1
    each = max(1, int(np.ceil((text_width("00", SMALL) + 0.06) / side)))
    for k, (name, row) in enumerate(zip(names, counts, strict=True)):
        y = LINE + (k + 0.5) * side
        if k % each == 0:
            middle = left + (k + 0.5) * side
            axes.text(middle, LINE - 0.05, f"{k}", ha="center", fontsize=SMALL)
        if side >= LINE:
            axes.text(left - 0.08, y, name, ha="right", va="center", fontsize=WORDS)
            share = f"{row[k] / row.sum():.0%}" if row.sum() else "none"
            axes.text(end, y, share, va="center", fontsize=SMALL)
    if side >= LINE:
        axes.text(end, LINE - 0.05, "right", fontsize=SMALL)


def confusion_matrix(
    counts: object, *, title: str, classes: Sequence[str] | None = None
) -> Figure:
    """Draw how often each class was taken for each.

    Row: what an image is; column: what it was taken for. Right answers are blue and
    stand on the diagonal, mistakes are orange: the deeper, the larger their share of
    the row, mistakes compared with the most frequent one. Cells with 0 stay empty.

    Parameters
    ----------
    counts : tensor or array, shape (classes, classes)
        Whole numbers, as ``sklearn.metrics.confusion_matrix(labels, predictions)``
        returns them; at most 40 classes.
    title
        What to see; it becomes the alternative text.
    classes
        Name of each class; columns have the numbers that follow the names.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If `counts` is no square table of counts, or a class has no name.

    Examples
    --------
    >>> figure = confusion_matrix(
    ...     [[9, 1], [0, 5]], classes=["cat", "dog"], title="A cat was taken for a dog"
    ... )
    >>> *words, _ = [text.get_text() for text in figure.axes[0].texts]
    >>> words  # right: 9 of 10 and 5 of 5
    ['9', '1', '5', '0', 'cat  0', '90%', '1', 'dog  1', '100%', 'right']
    """
    title, table = checked_title(title), _as_counts(counts)
    names = _named(classes, len(table))
    numbered = [str(k) for k in range(len(table))]
    key = "" if names == numbered else ", ".join(map(_turned, names))
    narrow = partial(_draw, title, table, numbered, NARROW_ROOM, key, known=False)
    return also_narrow(_draw(title, table, names, ROOM), narrow)


def _turned(name: str) -> str:
    """Return "3 cat" for "cat  3", with a space that does not break.

    >>> _turned("cat  3").split()
    ['3', 'cat']
    """
    word, _, number = name.rpartition("  ")
    return f"{number} {word}".strip().replace(" ", "\N{NO-BREAK SPACE}")


def _draw(
    title: str,
    table: Array,
    names: list[str],
    room: float,
    key: str = "",
    *,
    known: bool = True,
) -> Figure:
    """Draw the table, and below it what it means; names may stand there as well."""
    with style():
        left = max(text_width(name, WORDS) for name in names) + 0.1
        behind = 0.1 + text_width("right", SMALL)
        side = min(SIDE, (room - left - behind) / len(table))
        wide, tall = left + len(table) * side + behind, LINE + len(table) * side
        words = [
            "row: what it is; column: what it was taken for",
            "colour: share of the row; orange: mistakes, on a scale of their own",
        ]
        lines = [wrapped(text, SMALL, room) for text in [*words, key] if text]
        below = LINE * "\n".join(lines).count("\n") + LINE + 0.1
        figure, axes = new_sheet(
            wide, tall + below, title, known=known, narrowest=min(MIN_WIDTH, room)
        )
        _draw_cells(axes, table, left, side)
        _draw_words(axes, table, names, left, side)
        axes.text(0, tall + 0.08, "\n".join(lines), va="top", fontsize=SMALL)
    return figure
