"""Kernels of convolutions, white at zero, all on one scale."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import (
    SMALL,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    wrapped,
)
from cnn_tutorial.plotting._grid import NARROW_ROOM, ROOM, Grid, fewer_columns
from cnn_tutorial.plotting._sheet import (
    ABOVE,
    BAR,
    LINE,
    MIN_WIDTH,
    color_bar,
    name_above,
    new_sheet,
    panel,
)

__all__ = ["kernels"]


def _as_kernels(weight: object) -> Array:
    """Return kernels as (C_out, C_in, kh, kw)."""
    array = numbers("weight", weight)
    if array.ndim in (2, 3):
        array = array.reshape(-1, 1, *array.shape[-2:])
    if array.ndim != 4:
        raise ValueError(
            f"`weight` of shape {array.shape} must be (C_out, C_in, kh, kw), (C_out, "
            "kh, kw) or one kernel (kh, kw)."
        )
    if array.shape[1] > 16 or array.shape[0] * array.shape[1] > 512:
        raise ValueError(
            f"`weight` of shape {array.shape} holds {array.shape[0] * array.shape[1]} "
            "kernels, too many to see: draw some, such as weight[:16, :8]."
        )
    return array


def _kernel_table(
    axes: Axes, weight: Array, grid: Grid, scale: tuple[Normalize, str]
) -> None:
    """Draw a block of kernels for each output channel, its inputs side by side."""
    for o, kernels_of_one in enumerate(weight):
        x, y, width, height = grid.box(o)
        if len(weight) > 1:
            name_above(axes, x, y, f"{o}")
        side = width / len(kernels_of_one)
        share = 1 - 0.04 / side if len(kernels_of_one) > 1 else 1
        for i, kernel in enumerate(kernels_of_one):
            box = (x + i * side, y, side * share, height * share)
            panel(axes, kernel, box, norm=scale[0], cmap=scale[1])


def kernels(weight: object, *, title: str, columns: int | None = None) -> Figure:
    """Draw the kernels of a convolution with white at zero, all on one scale.

    Each output channel has a block with its number; the kernels for its input channels
    stand side by side in the block, in order.

    Parameters
    ----------
    weight : tensor or array, shape (C_out, C_in, kh, kw), (C_out, kh, kw) or (kh, kw)
        For instance ``conv.weight``; at most 16 input channels and 512 kernels.
    title
        What to see; it becomes the alternative text.
    columns
        Blocks in a row; without it, a number that leaves few places empty.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If `weight` has another shape or too many kernels, or holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.array([[[[0.5, -2.0]], [[1.0, 0.0]]]])  # 1 output, 2 inputs, 1 x 2
    >>> figure = kernels(weight, title="Two kernels")
    >>> [
    ...     picture.get_clim() for picture in figure.axes[0].images
    ... ]  # also without a minus
    [(-2.0, 2.0), (-2.0, 2.0)]
    """
    title, array = checked_title(title), _as_kernels(weight)
    count, inputs = array.shape[:2]
    side = max(0.36, 0.85 - 0.2 * (inputs - 1)) if count > 1 else 1.4
    least = side * inputs if inputs > 1 or count == 1 else 0.25
    fewer = fewer_columns(count, min(least, NARROW_ROOM), columns)
    draw = partial(_draw, title, array, side * inputs)
    narrow = partial(draw, fewer, NARROW_ROOM, known=False)
    return also_narrow(draw(columns, ROOM), narrow)


def _draw(
    title: str,
    array: Array,
    side: float,
    columns: int | None,
    room: float,
    *,
    known: bool = True,
) -> Figure:
    """Draw blocks of kernels in rows of `room` inches, and their scale below."""
    count, inputs, kh, kw = array.shape
    limit = float(np.abs(array).max()) or 1.0
    words = "output channels by number" if count > 1 else ""
    if inputs > 1:
        words += (
            f"{', ' if words else ''}each with its {inputs} input channels in order"
        )
    shape, least = (kh, kw * inputs), min(MIN_WIDTH, room)
    with style():
        grid = Grid.fitted(
            count, shape, side=side, columns=columns, above=ABOVE, room=room
        )
        words = wrapped(words, SMALL, max(grid.width, least))
        tall = grid.height + BAR + LINE * (words.count("\n") + 1)
        figure, axes = new_sheet(grid.width, tall, title, known=known, narrowest=least)
        scale = Normalize(-limit, limit), "RdBu_r"
        _kernel_table(axes, array, grid, scale)
        color_bar(axes, *scale, 0, grid.height + 0.14)
        axes.text(0, grid.height + BAR, words, va="top", fontsize=SMALL)
    return figure
