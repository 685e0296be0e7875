"""Heat on images: which pixels speak for a class, and which against it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_hex
from matplotlib.figure import Figure

from cnn_tutorial._validation import choice
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
from cnn_tutorial.plotting._grid import NARROW_ROOM, ROOM, Grid, fewer_columns
from cnn_tutorial.plotting._sheet import (
    ABOVE,
    BAR,
    LINE,
    MIN_WIDTH,
    color_bar,
    new_sheet,
    panel,
)
from cnn_tutorial.plotting.pictures import _as_images, _names

__all__ = ["heat"]

#: How much of the picture's contrast is left under the heat.
CONTRAST = 0.5
#: Air between a picture and its heat, in inches.
AIR = 0.04
#: Width of a picture with its heat, and on a telephone.
SIDE, NARROW_SIDE = 2.1, 1.4
#: Height of a line of words below all.
WORDS = 0.3


def _ends() -> tuple[Array, Array]:
    """Return the colours of against and for, red, green and blue."""
    cmap = mpl.colormaps["RdBu_r"]
    return np.array(cmap(0.1)[:3]), np.array(cmap(0.9)[:3])


def _scale(*, signed: bool) -> Colormap:
    low, high = (to_hex(tuple(end)) for end in _ends())
    colors = [low, "white", high] if signed else ["white", high]
    return LinearSegmentedColormap.from_list("heat", colors)


def _stretched(found: Array, shape: tuple[int, int]) -> Array:
    """Repeat the numbers of a coarse map so that they fill an image."""
    rows, columns = (
        (np.arange(side) + 0.5) * cells / side
        for side, cells in zip(shape, found.shape, strict=True)
    )
    return np.asarray(found[rows.astype(int)[:, None], columns.astype(int)])


def _blended(picture: Array, found: Array, limit: float) -> Array:
    """Return the picture, made faint, under heat as dense as it is strong."""
    grey = picture if picture.ndim == 2 else picture @ np.array([0.299, 0.587, 0.114])
    base = 1 - CONTRAST * (1 - grey[..., None])
    strength = _stretched(found, grey.shape)[..., None] / limit
    low, high = _ends()
    dense = np.abs(strength).clip(0, 1)
    mixed = base * (1 - dense) + np.where(strength < 0, low, high) * dense
    return np.asarray(np.clip(mixed, 0, 1))


def _checked(x: object, maps: object) -> tuple[Array, Array]:
    pictures, found = _as_images(x), numbers("maps", maps)
    found = found[None] if found.ndim == 2 else found
    if found.ndim == 4 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 3 or len(found) != len(pictures):
        raise ValueError(
            f"`maps` of shape {found.shape} must be (N, h, w), one map for each of "
            f"{len(pictures)} images."
        )
    high, wide = pictures.shape[1:3]
    if found.shape[1] > high or found.shape[2] > wide:
        raise ValueError(
            f"`maps` of {found.shape[1]} x {found.shape[2]} must not be finer than the "
            f"images of {high} x {wide} pixels."
        )
    return pictures, found.astype(np.float64)


def heat(
    x: object,
    maps: object,
    *,
    title: str,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    scale: str = "each",
) -> Figure:
    """Draw each image and, beside it, the heat that it was given.

    Red speaks for the class and blue against it, the denser the stronger; where nothing
    matters, the image is seen. A coarse map covers the image in blocks: it says no more
    than it knows.

    Parameters
    ----------
    x : tensor or array, shape (N, C, H, W), (C, H, W) or (H, W)
        Images with C = 1 or 3: uint8, or float 0-1.
    maps : tensor or array, shape (N, h, w) or (h, w)
        A number for each place, at most one for each pixel; any finite numbers, as
        `cnn_tutorial.attribution` returns them.
    title
        What to see; it becomes the alternative text.
    titles
        A name for each image.
    columns
        Pairs in a row; without it, a number that leaves few places empty.
    scale
        ``"each"``: each map reaches full colour at its own largest number.
        ``"shared"``: one scale for all, with a colour bar, so that they can be
        compared.

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
    >>> figure = heat(np.ones((1, 2, 2)), [[[0.0, 4.0]]], title="Right half")
    >>> picture, blend = (p.get_array() for p in figure.axes[0].images)
    >>> blend[0, 0].tolist(), blend[0, 1].round(2).tolist()  # white stays; full red
    ([1.0, 1.0, 1.0], [0.69, 0.09, 0.17])
    """
    title, (pictures, found) = checked_title(title), _checked(x, maps)
    names = _names("titles", titles, len(found), None) or [""] * len(found)
    shared = choice("scale", scale, ("each", "shared")) == "shared"
    limits = _limits(found, shared=shared)
    widest = max(text_width(name, SMALL) for name in names) + 0.05
    side = max(NARROW_SIDE, widest)
    fewer = fewer_columns(len(found), side, columns)
    draw = partial(_draw, title, pictures, found, names, limits, shared)
    narrow = partial(draw, side, fewer, NARROW_ROOM, known=False)
    return also_narrow(draw(max(SIDE, widest), columns, ROOM), narrow)


def _draw(
    title: str,
    pictures: Array,
    found: Array,
    names: list[str],
    limits: list[float],
    shared: bool,
    side: float,
    columns: int | None,
    room: float,
    *,
    known: bool = True,
) -> Figure:
    """Draw pairs of `side` inches in rows of `room` inches."""
    height, width = pictures.shape[1:3]
    shape, above = (height, 2 * width), ABOVE if any(names) else 0.0
    with style():
        grid = Grid.fitted(
            len(found), shape, side=side, columns=columns, above=above, room=room
        )
        words = wrapped(_words(found), SMALL, max(grid.width, min(MIN_WIDTH, room)))
        lines = words.count("\n") + 1
        tall = grid.height + (BAR if shared else WORDS + LINE * (lines - 1))
        least = min(MIN_WIDTH, room)
        figure, axes = new_sheet(grid.width, tall, title, known=known, narrowest=least)
        for i, picture in enumerate(pictures):
            x0, y0, wide, tall = grid.box(i)
            half = (wide - AIR) / 2
            panel(axes, picture, (x0, y0, half, tall), norm=Normalize(0, 1))
            blend = _blended(picture, found[i], limits[i])
            panel(axes, blend, (x0 + half + AIR, y0, half, tall))
            axes.text(x0, y0 - 0.05, names[i], va="bottom", fontsize=SMALL)
        if shared:
            signed = bool((found < 0).any())
            norm = Normalize(-limits[0] if signed else 0, limits[0])
            color_bar(axes, norm, _scale(signed=signed), 0, grid.height + 0.14)
        else:
            axes.text(0, grid.height + 0.12, words, va="top", fontsize=SMALL)
    return figure


def _limits(found: Array, *, shared: bool) -> list[float]:
    """Return the number of each map that gets full colour."""
    most = [float(np.abs(one).max()) for one in found]
    return [(max(most) if shared else one) or 1.0 for one in most]


def _words(found: Array) -> str:
    """Say what the colours mean where each map has a scale of its own."""
    words = "red: for the class" + ("; blue: against it" if (found < 0).any() else "")
    return words + ("; each on its own scale" if len(found) > 1 else "")
