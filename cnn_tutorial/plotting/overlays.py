"""Arrows and circles drawn on photographs."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import Array, checked_title, numbers, style
from cnn_tutorial.plotting._grid import Grid
from cnn_tutorial.plotting._sheet import ABOVE, name_above, new_sheet, panel
from cnn_tutorial.plotting.colors import KERNEL, OUTPUT, PAPER

__all__ = ["arrows", "circles"]

#: Arrows shorter than this share of the longest are left out.
FAINT = 0.25
#: Length of the longest arrow, in blocks.
LONGEST = 1.5


def _picture(image: object) -> Array:
    """Return a grey image (H, W) as it is, a colour image as (H, W, 3), 0-1."""
    array = numbers("image", image)
    if array.ndim == 3 and array.shape[0] in (1, 3):
        array = array[0] if len(array) == 1 else array.transpose(1, 2, 0)
    if array.ndim == 2:
        return array
    if array.ndim != 3 or array.shape[-1] != 3:
        raise ValueError(
            f"`image` of shape {array.shape} must be grey (H, W) or colour (3, H, W)."
        )
    array = array / 255 if array.dtype == np.uint8 else array
    if array.min() < 0 or array.max() > 1:
        raise ValueError("`image` in colour must be uint8, or floats from 0 to 1.")
    return array


def _grey(picture: Array) -> Normalize:
    """Return a scale from the darkest pixel, black, to the brightest, white."""
    low, high = float(picture.min()), float(picture.max())
    return Normalize(low, high if high > low else low + 1)


def arrows(
    image: object, down: object, right: object, *, title: str, every: int = 1
) -> Figure:
    """Draw how an image changes: an arrow towards the brighter side, long where steep.

    Parameters
    ----------
    image : tensor or array, shape (H, W), (1, H, W) or (3, H, W)
        Drawn from its darkest pixel (black) to its brightest (white).
    down, right : tensors or arrays, shape (H, W)
        Change along rows and columns, as ``filters.gradient`` returns them.
    title
        What to see; it becomes the alternative text.
    every
        Pixels along the side of a block, at least 1. Each block has one arrow, at its
        steepest pixel. The longest one is 1.5 times as long as a block; arrows of less
        than a quarter of it are left out.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If shapes do not fit, or numbers are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.array([[0.0, 1.0, 2.0]])
    >>> figure = arrows(ramp, 0 * ramp, 0 * ramp + 1, title="Brighter to the right")
    >>> figure.axes[0].collections[0].U.round(2).tolist()  # pixels of 1.2 in, times 1.5
    [1.8, 1.8, 1.8]
    """
    title, picture = checked_title(title), _picture(image)
    every = integer("every", every, minimum=1)
    moves = numbers("down", down), numbers("right", right)
    for name, values in zip(("down", "right"), moves, strict=True):
        if values.shape != picture.shape[:2]:
            raise ValueError(
                f"`{name}` of shape {values.shape} must have the size of `image`, "
                f"{picture.shape[:2]}."
            )
    with style():
        grid = Grid.fitted(1, picture.shape[:2], side=3.6)
        figure, axes = new_sheet(grid.width, grid.height, title)
        panel(axes, picture, grid.box(0), norm=_grey(picture))
        _draw_arrows(axes, moves, grid.side / picture.shape[1], every)
    return figure


def _draw_arrows(
    axes: Axes, moves: tuple[Array, Array], pixel: float, every: int
) -> None:
    """Draw an arrow in the middle of every so many pixels."""
    length = np.hypot(*moves)
    rows, columns = _steepest(length, every)
    scale = LONGEST * every * pixel / (float(length.max()) or 1.0)
    x, y = ((k + 0.5) * pixel for k in (columns, rows))
    v, u = (values[rows, columns] * scale for values in moves)
    axes.quiver(
        x - u / 2,
        y - v / 2,
        u,
        v,
        angles="xy",
        scale_units="xy",
        scale=1,
        units="inches",
        width=0.028,
        headwidth=3.6,
        headlength=3.6,
        headaxislength=3.2,
        color=OUTPUT,
        edgecolor=PAPER,
        linewidth=0.5,
    )


def _steepest(length: Array, every: int) -> tuple[Array, Array]:
    """Return row and column of the longest arrow in each block, if it can be seen."""
    (height, width), seen = length.shape, FAINT * length.max()
    found = []
    for top in range(0, height, every):
        for left in range(0, width, every):
            block = length[top : top + every, left : left + every]
            row, column = np.unravel_index(block.argmax(), block.shape)
            if block[row, column] > seen:
                found.append((top + int(row), left + int(column)))
    places = np.array(found, dtype=int).reshape(-1, 2)
    return places[:, 0], places[:, 1]


def circles(
    image: object, blobs: object, *, title: str, columns: int | None = None
) -> Figure:
    r"""Draw blobs as circles on the image in which they were found.

    Parameters
    ----------
    image : tensor or array, shape (H, W), (1, H, W) or (3, H, W)
        Grey is drawn from its darkest pixel (black) to its brightest (white).
    blobs : tensor or array, shape (n, 3); or a mapping of name to these
        Row, column and sigma of each blob, pixels, as ``filters.blob_log`` returns
        them. The circle's radius is :math:`\sqrt 2\,\sigma`. A mapping gives a panel
        for each, named with the count.
    title
        What to see; it becomes the alternative text.
    columns
        Panels in a row; without it, as many as have room.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If `image` is no image or blobs have another shape.

    Examples
    --------
    >>> import numpy as np
    >>> figure = circles(np.zeros((30, 60)), [[10, 20, 5.0]], title="One circle")
    >>> *_, circle = figure.axes[0].patches
    >>> round(circle.radius / 3.6 * 60, 2)  # 60 pixels on 3.6 inches; sqrt 2 * 5
    7.07
    """
    title, picture = checked_title(title), _picture(image)
    named = blobs if isinstance(blobs, Mapping) else {"": blobs}
    if not named:
        raise ValueError("`blobs` is empty: there is no panel to draw.")
    found = {str(name): _as_blobs(value) for name, value in named.items()}
    side = 3.6 if len(found) == 1 else 3.2
    above = ABOVE if any(found) else 0.0
    with style():
        grid = Grid.fitted(
            len(found), picture.shape[:2], side=side, columns=columns, above=above
        )
        figure, axes = new_sheet(grid.width, grid.height, title)
        for i, (name, rows) in enumerate(found.items()):
            panel(axes, picture, grid.box(i), norm=_grey(picture))
            if name:
                name_above(axes, *grid.box(i)[:2], f"{name}: {len(rows)}")
            pixel = grid.side / picture.shape[1]
            _draw_circles(axes, rows, grid.box(i), pixel)
    return figure


def _as_blobs(value: object) -> Array:
    """Return blobs as (n, 3); none at all is a table without rows."""
    shape = getattr(value, "shape", None)
    if shape is not None and tuple(shape) == (0, 3):
        return np.empty((0, 3))
    array = numbers("blobs", value)
    if array.ndim != 2 or array.shape[1] != 3 or array[:, 2].min() <= 0:
        raise ValueError(
            f"`blobs` of shape {array.shape} must be (n, 3): row, column and "
            "a positive sigma of each."
        )
    return array


def _draw_circles(
    axes: Axes, blobs: Array, box: tuple[float, float, float, float], pixel: float
) -> None:
    """Draw each circle in the colour of windows, on a wider white one."""
    left, top, width, height = box
    inside = Rectangle((left, top), width, height, transform=axes.transData)
    for row, column, sigma in blobs.tolist():
        middle = left + (column + 0.5) * pixel, top + (row + 0.5) * pixel
        radius = math.sqrt(2) * sigma * pixel
        for color, line in ((PAPER, 2.6), (KERNEL, 1.4)):
            ring = Circle(middle, radius, fill=False, ec=color, lw=line)
            axes.add_patch(ring)
            ring.set_clip_path(inside)
