"""Rows of images that belong together, such as the patches that a channel likes."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import checked_title, style
from cnn_tutorial.plotting._grid import ROOM
from cnn_tutorial.plotting._sheet import ABOVE, name_above, new_sheet, panel
from cnn_tutorial.plotting.pictures import _as_images

__all__ = ["image_rows"]

#: Largest side of an image, and air between two, in inches.
SIDE, AIR = 0.72, 0.06


def image_rows(rows: Mapping[str, object], *, title: str) -> Figure:
    """Draw a row of images for each name.

    Images of one row have one size; rows may differ, and are drawn equally high.

    Parameters
    ----------
    rows : mapping of name to tensor or array, shape (N, C, H, W)
        Images with C = 1 or 3: uint8, or float 0-1, where 0 is black and 1 (or 255)
        white.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If there is no row, or something in one is no image.

    Examples
    --------
    >>> import numpy as np
    >>> few, many = np.zeros((2, 1, 3, 3)), np.ones((5, 1, 8, 8))
    >>> figure = image_rows({"dark": few, "light": many}, title="Two rows")
    >>> len(figure.axes[0].images), [t.get_text() for t in figure.axes[0].texts]
    (7, ['dark', 'light'])
    """
    title = checked_title(title)
    if not rows:
        raise ValueError("`rows` is empty: there is nothing to draw.")
    found = {str(name): _as_images(x) for name, x in rows.items()}
    widest = max(len(p) * p.shape[2] / p.shape[1] for p in found.values())
    most = max(map(len, found.values()))
    side = min(SIDE, (ROOM - AIR * (most - 1)) / widest)
    with style():
        step = ABOVE + side + 2 * AIR
        figure, axes = new_sheet(
            side * widest + AIR * (most - 1), step * len(found), title
        )
        for i, (name, pictures) in enumerate(found.items()):
            y, wide = i * step + ABOVE, side * pictures.shape[2] / pictures.shape[1]
            name_above(axes, 0, y, name)
            for k, picture in enumerate(pictures):
                box = (k * (wide + AIR), y, wide, side)
                panel(axes, picture, box, norm=Normalize(0, 1))
    return figure
