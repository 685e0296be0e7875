"""Ratios by two sizes as a map that is white at one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import (
    MARGIN,
    NARROW,
    SMALL,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    text_width,
)
from cnn_tutorial.plotting._sheet import LINE, MIN_WIDTH, new_sheet, panel
from cnn_tutorial.plotting.colors import INK, PAPER, contrast

__all__ = ["ratios"]

NUMBER = 11.0
#: Sides of a cell in inches; it is wider where its words are.
WIDTH, HEIGHT = 0.72, 0.5
#: The deepest colours of the map are too dark for what they mean: not all are used.
DEEPEST = 1.25
CMAP = "RdBu_r"


def _text(ratio: float, decimals: int | None = None) -> str:
    """Write two digits, more where the number is large, or a number of decimals.

    >>> _text(0.0123), _text(1.0), _text(9.96), _text(47.2), _text(float("nan"))
    ('0.012', '1.0', '10', '47', '')
    >>> _text(1.028, 2)
    '1.03'
    """
    if np.isnan(ratio):
        return ""
    if decimals is not None:
        return f"{ratio:,.{decimals}f}"
    if ratio >= 9.95:
        return f"{ratio:,.0f}"
    return f"{ratio:.1f}" if ratio >= 0.95 else f"{ratio:.2g}"


def _checked(
    values: object,
    rows: Sequence[object],
    columns: Sequence[object],
    words: Sequence[Sequence[str]] | None,
) -> tuple[Array, list[list[str]]]:
    array = numbers("values", values, finite=False)
    shape = (len(rows), len(columns))
    if array.shape != shape:
        raise ValueError(
            f"`values` of shape {array.shape} must be {shape}: a line for each of "
            "`rows`, a number for each of `columns`."
        )
    if np.isnan(array).all() or not (array[~np.isnan(array)] > 0).all():
        raise ValueError("`values` must be positive, or NaN where there is none.")
    said = [[""] * shape[1]] * shape[0] if words is None else [list(w) for w in words]
    if [len(line) for line in said] != [shape[1]] * shape[0]:
        raise ValueError(f"`words` must have {shape[0]} lines of {shape[1]}.")
    return array, said


def ratios(
    values: object,
    *,
    title: str,
    rows: Sequence[object],
    columns: Sequence[object],
    row_label: str,
    column_label: str,
    words: Sequence[Sequence[str]] | None = None,
    decimals: int | None = None,
) -> Figure:
    """Draw ratios with their numbers: white at one, blue below, red above.

    Twice as much and half as much are equally deep: the scale is logarithmic.

    Parameters
    ----------
    values : tensor or array, shape (rows, columns)
        Positive numbers; NaN leaves a place empty.
    title
        What to see; it becomes the alternative text.
    rows, columns
        Names of the lines and of the numbers in a line, such as sizes.
    row_label, column_label
        What these names are, with the unit.
    words
        A word for each number, written below it.
    decimals
        Digits behind the point, for ratios that are all near one; without, a number
        has two significant digits or more.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If shapes differ, a number is not positive, or there is no room.

    Examples
    --------
    >>> figure = ratios(
    ...     [[0.5, 2.0], [float("nan"), 12.0]],
    ...     title="Time over that of another",
    ...     rows=[64, 128],
    ...     columns=[3, 7],
    ...     row_label="image",
    ...     column_label="kernel",
    ... )
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['kernel', '3', '7', 'image', '64', '0.5', '2.0', '128', '12']
    """
    title = checked_title(title)
    array, said = _checked(values, rows, columns, words)
    shown = [[_text(ratio, decimals) for ratio in line] for line in array]
    names, heads = [str(name) for name in rows], [str(name) for name in columns]
    left = max(text_width(name, SMALL) for name in [*names, row_label]) + 0.12
    small = [*heads, *(word for line in said for word in line)]
    large = [number for line in shown for number in line]
    widest = max(
        *(text_width(word, SMALL) for word in small),
        *(text_width(number, NUMBER) for number in large),
    )
    room = (NARROW - 2 * MARGIN - left) / len(heads)
    draw = partial(
        _draw, title, array, shown, said, (row_label, *names), (column_label, *heads)
    )
    narrow = partial(draw, left, max(widest + 0.06, room), known=False)
    return also_narrow(draw(left, max(WIDTH, widest + 0.12)), narrow)


def _draw(
    title: str,
    array: Array,
    shown: list[list[str]],
    said: list[list[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    left: float,
    cell: float,
    *,
    known: bool = True,
) -> Figure:
    """Draw cells of `cell` inches behind names of `left` inches."""
    logs = np.ma.masked_invalid(np.log2(array))
    limit = max(float(np.abs(logs).max()), 1.0) * DEEPEST
    norm, colors = Normalize(-limit, limit), mpl.colormaps[CMAP]
    (row_label, *names), (column_label, *heads) = rows, columns
    top = 2 * LINE + 0.1
    with style():
        width, height = left + cell * len(heads), HEIGHT * len(names)
        least = MIN_WIDTH if known else NARROW - 2 * MARGIN
        figure, axes = new_sheet(
            width, height + top, title, known=known, narrowest=least
        )
        panel(axes, logs, (left, top, width - left, height), norm=norm, cmap=CMAP)
        axes.text(left, 0, column_label, va="top", fontsize=SMALL)
        for j, name in enumerate(heads):
            middle = left + (j + 0.5) * cell
            axes.text(middle, top - 0.05, name, ha="center", fontsize=SMALL)
        axes.text(0, top - 0.05, row_label, fontsize=SMALL)
        for i, name in enumerate(names):
            y = top + (i + 0.5) * HEIGHT
            axes.text(0, y, name, va="center", fontsize=SMALL)
            for j, ratio in enumerate(array[i]):
                ink = _ink(to_hex(colors(norm(np.log2(ratio)))))
                x = left + (j + 0.5) * cell
                _write(axes, x, y, shown[i][j], said[i][j], ink)
    return figure


def _ink(color: str) -> str:
    """Return black or white, whichever can be read on a colour."""
    return INK if contrast(color, INK) >= contrast(color, PAPER) else PAPER


def _write(axes: Axes, x: float, y: float, number: str, word: str, ink: str) -> None:
    """Write a number in the middle of a cell, and a word below it."""
    if not number:
        return
    shift = LINE / 2 if word else 0
    place = {"ha": "center", "va": "center", "color": ink}
    axes.text(x, y - shift, number, fontsize=NUMBER, **place)  # type: ignore[arg-type]
    if word:
        axes.text(x, y + shift, word, fontsize=SMALL, **place)  # type: ignore[arg-type]
