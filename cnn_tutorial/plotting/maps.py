"""Feature maps and kernels on scales that can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.plotting._figure import (
    SMALL,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
    text_width,
)
from cnn_tutorial.plotting._grid import GAP, NARROW_ROOM, ROOM, Grid, fewer_columns
from cnn_tutorial.plotting._sheet import (
    ABOVE,
    BAR,
    MIN_WIDTH,
    color_bar,
    name_above,
    new_sheet,
    panel,
    scale_of,
)

__all__ = ["activations", "feature_maps"]

#: Smallest side of a map on a telephone, in inches.
NARROW_SIDE = 0.6


def _as_maps(name: str, x: object) -> Array:
    """Return maps as (C, H, W)."""
    array = numbers(name, x)
    if array.ndim == 2:
        return array[None]
    if array.ndim == 4 and 1 in array.shape[:2]:
        return array.reshape(-1, *array.shape[2:])
    if array.ndim != 3:
        raise ValueError(
            f"`{name}` of shape {array.shape} must be the maps of one image: (C, H, "
            "W), (1, C, H, W) or (H, W); or one map of several images: (N, 1, H, W)."
        )
    return array


def feature_maps(
    x: object,
    *,
    title: str,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    scale: str = "shared",
) -> Figure:
    """Draw the channels of a tensor as pictures in a grid.

    Maps with negative numbers get a diverging map that is white at zero; others a
    sequential one that starts at zero.

    Parameters
    ----------
    x : tensor or array, shape (C, H, W), (1, C, H, W), (N, 1, H, W) or (H, W)
        The maps; any finite numbers.
    title
        What to see; it becomes the alternative text.
    titles
        A name for each map; the channel's number where it is not given.
    columns
        Maps in a row; without it, a number that leaves few places empty.
    scale
        ``"shared"``: one scale for all, with a colour bar, so that brightness can be
        compared. ``"each"``: each map has its own, so that faint ones can be seen.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If `x` has another shape, holds NaN or infinity, or `titles` has another length.

    Examples
    --------
    >>> import numpy as np
    >>> figure = feature_maps(np.array([[[0.0, 2.0]], [[-3.0, 1.0]]]), title="Two maps")
    >>> [picture.get_clim() for picture in figure.axes[0].images]  # the largest is |-3|
    [(-3.0, 3.0), (-3.0, 3.0)]
    """
    title, maps = checked_title(title), _as_maps("x", x)
    names = [str(k) for k in range(len(maps))] if titles is None else list(titles)
    if len(names) != len(maps):
        raise ValueError(f"`titles` has {len(names)} entries for {len(maps)} maps.")
    shared = choice("scale", scale, ("shared", "each")) == "shared"
    wide = max(text_width(name, SMALL) for name in names) + 0.05
    side = max(wide, {1: 2.4, 2: 2.0, 3: 1.6}.get(len(maps), 1.0))
    least = max(wide, min(side, NARROW_SIDE))
    fewer = fewer_columns(len(maps), least, columns)
    draw = partial(_draw, title, maps, names, shared)
    narrow = partial(draw, max(least, side), fewer, NARROW_ROOM, known=False)
    return also_narrow(draw(side, columns, ROOM), narrow)


@style()
def _draw(
    title: str,
    maps: Array,
    names: Sequence[str],
    shared: bool,
    side: float,
    columns: int | None,
    room: float,
    *,
    known: bool = True,
) -> Figure:
    """Draw maps of up to `side` inches in rows of `room` inches."""
    grid = Grid.fitted(
        len(maps), maps.shape[1:], side=side, columns=columns, above=ABOVE, room=room
    )
    least = min(MIN_WIDTH, room)
    figure, axes = new_sheet(
        grid.width, grid.height + BAR, title, known=known, narrowest=least
    )
    scales = [scale_of(maps if shared else [m]) for m in maps]
    for i, (one, (norm, cmap)) in enumerate(zip(maps, scales, strict=True)):
        panel(axes, one, grid.box(i), norm=norm, cmap=cmap)
        name_above(axes, *grid.box(i)[:2], names[i])
    if shared:
        color_bar(axes, *scales[0], 0, grid.height + 0.14)
    else:
        axes.text(0, grid.height + 0.12, "each map on its own scale", va="top")
    return figure


class _Row:
    """One layer's output: its maps, how large they are drawn, and what to say."""

    def __init__(self, name: str, x: object, limit: int) -> None:
        array = numbers(f"layers[{name!r}]", x)
        flat = array.size == array.shape[-1]
        maps = array.reshape(1, 1, -1) if flat else _as_maps(f"layers[{name!r}]", array)
        self.maps = maps[:limit]
        self.side = ROOM if flat else min(1.0, (ROOM + GAP) / limit - GAP)
        shape = maps.shape[1:]
        self.tall = 0.2 if flat else self.side * shape[0] / shape[1]
        self.norm, self.cmap = scale_of(self.maps)
        size = f"{array.size}" if flat else " × ".join(map(str, maps.shape))
        part = f"{len(self.maps)} of " if len(self.maps) < len(maps) else ""
        low, high = (f"{v:.2g}".replace("-", "\N{MINUS SIGN}") for v in self.limits)
        self.text = f"{name}: {part}{size}, scale {low} to {high}"

    @property
    def limits(self) -> tuple[float, float]:
        return float(self.norm.vmin or 0), float(self.norm.vmax or 0)

    def draw(self, axes: Axes, y: float) -> float:
        """Draw with the top at `y`; return where the row ends."""
        name_above(axes, 0, y + ABOVE, self.text)
        for i, one in enumerate(self.maps):
            box = (i * (self.side + GAP), y + ABOVE, self.side, self.tall)
            panel(axes, one, box, norm=self.norm, cmap=self.cmap)
        return y + ABOVE + self.tall


def activations(layers: Mapping[str, object], *, title: str, limit: int = 6) -> Figure:
    """Draw what each layer makes of one image: a row of maps for each layer.

    The maps of a layer share a scale, which is written above them with their size. A
    layer without height and width is one strip with a cell for each number.

    Parameters
    ----------
    layers : mapping of name to tensor, shape (1, C, H, W), (C, H, W), (1, F) or (F,)
        For instance ``ActivationRecorder.activations`` after one image.
    title
        What to see; it becomes the alternative text.
    limit
        Most maps to draw of a layer, 1-16.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If there is no layer, or a tensor has another shape or holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> found = {"conv": np.ones((1, 8, 5, 7)), "fc": np.full((1, 10), -0.5)}
    >>> figure = activations(found, title="Two layers")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['conv: 6 of 8 × 5 × 7, scale 0 to 1', 'fc: 10, scale −0.5 to 0.5']
    """
    title, limit = checked_title(title), integer("limit", limit, minimum=1, maximum=16)
    if not layers:
        raise ValueError("`layers` is empty: there is nothing to draw.")
    rows = [_Row(name, x, limit) for name, x in layers.items()]
    with style():
        height = sum(row.tall + ABOVE + GAP for row in rows) - GAP
        width = max(len(row.maps) * (row.side + GAP) - GAP for row in rows)
        figure, axes = new_sheet(width, height, title)
        y = 0.0
        for row in rows:
            y = row.draw(axes, y) + GAP
    return figure
