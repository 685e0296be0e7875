"""Matrices as landscapes, with the same matrix seen from above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import (
    SMALL,
    Array,
    checked_title,
    numbers,
    style,
    text_width,
)
from cnn_tutorial.plotting._grid import GAP, ROOM
from cnn_tutorial.plotting._sheet import (
    ABOVE,
    LINE,
    name_above,
    new_sheet,
    panel,
    scale_of,
)
from cnn_tutorial.plotting.colors import NEUTRAL

__all__ = ["surfaces"]

#: Inches: widest column, height of a landscape, side of the view from above.
WIDE, HIGH, SIDE = 2.0, 1.8, 1.5
#: Most facets along a side.
FINE = 32


def _checked(items: Mapping[str, object]) -> dict[str, Array]:
    """Return the matrices, one to three of them."""
    if not 1 <= len(items) <= 3:
        raise ValueError(f"`items` must hold 1 to 3 matrices, not {len(items)}.")
    found = {}
    for name, value in items.items():
        array = found[name] = numbers(f"items[{name!r}]", value)
        if array.ndim != 2 or min(array.shape) < 2:
            raise ValueError(
                f"`items[{name!r}]` of shape {array.shape} must be a matrix of at "
                "least 2 x 2."
            )
    return found


def surfaces(items: Mapping[str, object], *, title: str) -> Figure:
    """Draw matrices as landscapes, and below each the same matrix from above.

    Each has its own scale: white is zero, red above and blue below where there are
    negative numbers; its lowest and highest number stand under it.

    Parameters
    ----------
    items : mapping of name to tensor or array, shape (rows, columns)
        One to three matrices; any finite numbers.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If there are none or more than three, or one is no matrix.

    Examples
    --------
    >>> import numpy as np
    >>> bell = np.exp(-(np.linspace(-2, 2, 9) ** 2))
    >>> figure = surfaces({"bell": np.outer(bell, bell)}, title="A bell")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['bell: 9 × 9', 'from 0.00034 to 1']
    """
    title, arrays = checked_title(title), _checked(items)
    with style():
        facts = {
            name: (
                f"{name}: {a.shape[0]} \N{MULTIPLICATION SIGN} {a.shape[1]}",
                _range(a),
            )
            for name, a in arrays.items()
        }
        column = min(WIDE, (ROOM + GAP) / len(arrays) - GAP)
        column = max(
            [column, *(text_width(t, SMALL) for f in facts.values() for t in f)]
        )
        width = len(arrays) * (column + GAP) - GAP
        figure, axes = new_sheet(width, ABOVE + HIGH + SIDE + LINE + 0.1, title)
        for k, (name, array) in enumerate(arrays.items()):
            left = k * (column + GAP)
            (norm, cmap), (what, span) = scale_of([array]), facts[name]
            name_above(axes, left, ABOVE, what)
            box = (left + (column - SIDE) / 2, ABOVE + HIGH, SIDE, SIDE)
            panel(axes, array, box, norm=norm, cmap=cmap)
            low = ABOVE + HIGH + SIDE + 0.08
            middle = left + column / 2
            axes.text(middle, low, span, va="top", ha="center", fontsize=SMALL)
            _landscape(figure, array, (left, ABOVE, column, HIGH), norm, cmap)
    return figure


def _range(array: Array) -> str:
    low, high = (
        f"{v:.2g}".replace("-", "\N{MINUS SIGN}") for v in (array.min(), array.max())
    )
    return f"from {low} to {high}"


def _landscape(
    figure: Figure,
    array: Array,
    box: tuple[float, float, float, float],
    norm: Normalize,
    cmap: str,
) -> None:
    """Draw the surface in a box of the sheet, without axes."""
    sheet = figure.axes[0]
    whole_width, whole_height = figure.get_size_inches()
    left, bottom = -sheet.get_xlim()[0], sheet.get_ylim()[0]
    x, y, width, height = box
    place = (
        (x + left) / whole_width,
        (bottom - y - height) / whole_height,
        width / whole_width,
        height / whole_height,
    )
    axes: Any = figure.add_axes(place, projection="3d")
    axes.set_axis_off()
    rows, columns = np.mgrid[: array.shape[0], : array.shape[1]]
    axes.plot_surface(
        columns,
        rows,
        array,
        rcount=FINE,
        ccount=FINE,
        norm=norm,
        cmap=mpl.colormaps[cmap],
        edgecolor=NEUTRAL,
        linewidth=0.25,
    )
    axes.view_init(elev=24, azim=-58)
    axes.set_box_aspect((1, 1, 0.55), zoom=1.35)
