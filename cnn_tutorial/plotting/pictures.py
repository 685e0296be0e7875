"""Images in a grid, with names or verdicts."""

from __future__ import annotations

from collections.abc import Sequence
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
    text_width,
)
from cnn_tutorial.plotting._grid import NARROW_ROOM, ROOM, Grid, fewer_columns
from cnn_tutorial.plotting._sheet import LINE, MIN_WIDTH, new_sheet, panel
from cnn_tutorial.plotting.colors import NEUTRAL, RIGHT, WRONG

__all__ = ["images"]

WORDS = SMALL + 1
#: Pictures without words that are still seen in one row on a telephone.
MOST_NARROW = 12
TICK, CROSS = "\N{CHECK MARK}", "\N{BALLOT X}"


def _as_images(x: object) -> Array:
    """Return images as floats 0-1, (N, H, W) or (N, H, W, 3)."""
    array = numbers("x", x)
    shape = array.shape
    if array.ndim in (2, 3):
        array = array.reshape((1,) * (4 - array.ndim) + shape)
    if array.ndim != 4 or array.shape[1] not in (1, 3):
        raise ValueError(
            f"`x` of shape {shape} must be images (N, C, H, W) or one image (C, H, W) "
            "or (H, W), with C = 1 or 3. For any other C there is feature_maps()."
        )
    if array.dtype == np.uint8:
        array = array / 255
    elif array.min() < -1e-3 or array.max() > 1 + 1e-3:
        raise ValueError(
            f"`x` must be uint8, or floats from 0 to 1; its values reach from "
            f"{array.min():.3g} to {array.max():.3g}. Undo the normalisation first."
        )
    array = np.clip(array.astype(np.float64), 0, 1)
    return array[:, 0] if array.shape[1] == 1 else array.transpose(0, 2, 3, 1)


def _names(
    name: str, x: object, count: int, classes: Sequence[str] | None
) -> list[str] | None:
    """Return one name per image for class numbers or texts."""
    if x is None:
        return None
    given = list(x) if isinstance(x, (list, tuple, range)) else x
    if isinstance(given, list) and all(isinstance(v, str) for v in given):
        values = given
    else:
        array = numbers(name, given)
        if array.ndim != 1 or array.dtype.kind not in "iu":
            raise ValueError(
                f"`{name}` of shape {array.shape} and type {array.dtype} must be whole "
                "class numbers (N,), or N texts."
            )
        values = array.tolist()
        if classes is not None:
            if min(values) < 0 or max(values) >= len(classes):
                raise ValueError(
                    f"`{name}` must be from 0 to {len(classes) - 1}, the last of "
                    f"`classes`; it reaches from {min(values)} to {max(values)}."
                )
            values = [classes[v] for v in values]
    if len(values) != count:
        raise ValueError(f"`{name}` has {len(values)} entries for {count} images.")
    return [str(v) for v in values]


def _caption(axes: Axes, x: float, y: float, lines: list[str]) -> None:
    """Write the lines under an image; a leading tick or cross in its colour."""
    for k, line in enumerate(lines):
        mark, _, rest = line.partition(" ")
        if mark in (TICK, CROSS):
            color = RIGHT if mark == TICK else WRONG
            axes.text(x, y, mark, va="top", fontsize=WORDS, color=color, weight="bold")
            axes.text(x + 0.17, y, rest, va="top", fontsize=WORDS)
        else:
            axes.text(x, y + k * LINE, line, va="top", fontsize=WORDS)


def _captions(
    labels: list[str] | None, taken: list[str] | None, n: int
) -> list[list[str]]:
    """Return the lines under each image."""
    if labels is None or taken is None:
        only = labels or taken
        return [[name] for name in only] if only else [[] for _ in range(n)]
    return [
        [f"{TICK} {guess}"] if guess == truth else [f"{CROSS} {guess}", f"is {truth}"]
        for truth, guess in zip(labels, taken, strict=True)
    ]


def images(
    x: object,
    *,
    title: str,
    labels: object = None,
    predictions: object = None,
    classes: Sequence[str] | None = None,
    columns: int | None = None,
) -> Figure:
    """Draw images in a grid, with their names or the verdict on each prediction.

    A right prediction has a blue tick and frame; a wrong one an orange cross and frame
    and, below it, what the image is.

    Parameters
    ----------
    x : tensor or array, shape (N, C, H, W), (C, H, W) or (H, W)
        Images with C = 1 (grey) or 3 (red, green, blue): uint8, or float 0-1. Grey
        images share one scale: 0 is black, 1 (or 255) is white.
    title
        What to see; it becomes the alternative text.
    labels, predictions : class numbers, shape (N,), or N texts
        What the images are, and what they were taken for.
    classes
        Name of each class; without it class numbers are shown.
    columns
        Images in a row; without it, a number that leaves few places empty.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If shapes do not fit, values are out of range or not finite, or a class has no
        name.

    Examples
    --------
    >>> import numpy as np
    >>> squares = np.zeros((10, 1, 8, 8), np.uint8)
    >>> figure = images(squares, title="Ten black squares", labels=range(10))
    >>> [text.get_text() for text in figure.axes[0].texts[:3]]
    ['0', '1', '2']
    """
    title, pictures = checked_title(title), _as_images(x)
    count = len(pictures)
    truths = _names("labels", labels, count, classes)
    guesses = _names("predictions", predictions, count, classes)
    captions = _captions(truths, guesses, count)
    widest = max((text_width(t, WORDS) for c in captions for t in c), default=0)
    side = max(widest + 0.1, {1: 2.4, 2: 2.0, 3: 1.6}.get(count, 0.95))
    fewer = fewer_columns(count, side, columns)
    if columns and not widest:
        fewer = columns if columns <= MOST_NARROW else columns // 2
    draw = partial(_draw, title, pictures, captions, side)
    narrow = partial(draw, fewer, NARROW_ROOM, known=False)
    return also_narrow(draw(columns, ROOM), narrow)


def _draw(
    title: str,
    pictures: Array,
    captions: list[list[str]],
    side: float,
    columns: int | None,
    room: float,
    *,
    known: bool = True,
) -> Figure:
    """Draw images with their captions in rows of `room` inches."""
    below = LINE * max(map(len, captions)) + 0.05
    shape = pictures.shape[1], pictures.shape[2]
    with style():
        grid = Grid.fitted(
            len(pictures), shape, side=side, columns=columns, below=below, room=room
        )
        figure, axes = new_sheet(
            grid.width,
            grid.height,
            title,
            known=known,
            narrowest=min(MIN_WIDTH, room),
        )
        for i, (picture, lines) in enumerate(zip(pictures, captions, strict=True)):
            x0, y0, width, height = grid.box(i)
            mark = lines[0][:1] if lines else ""
            edge = {TICK: RIGHT, CROSS: WRONG}.get(mark, NEUTRAL)
            thick = 0.6 if edge == NEUTRAL else 2
            box = (x0, y0, width, height)
            panel(axes, picture, box, norm=Normalize(0, 1), edge=edge, linewidth=thick)
            _caption(axes, x0, y0 + height + 0.06, lines)
    return figure
