"""A sheet of paper measured in inches, for pictures that are not charts.

Charts let constrained layout place their axes. A grid of images, a row of matrices or
a lane diagram knows its geometry, so it is drawn at exact places: x to the right and y
down from the upper left corner of what stands below the title.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from cnn_tutorial.plotting._figure import MARGIN, MAX_WIDTH, SMALL, Array, new_figure
from cnn_tutorial.plotting.colors import NEUTRAL

__all__ = [
    "ABOVE",
    "BAR",
    "LINE",
    "MIN_WIDTH",
    "color_bar",
    "name_above",
    "new_sheet",
    "panel",
    "scale_of",
    "sheet_axes",
]

#: A narrower figure would break its title into too many lines.
MIN_WIDTH = 4.2
#: Height of a line of small text.
LINE = 0.18
#: Room for a name above a panel, and for a colour bar and its numbers below all.
ABOVE, BAR = LINE + 0.04, 0.5


def sheet_axes(figure: Figure, left: float = MARGIN, top: float = MARGIN) -> Axes:
    """Lay axes in inches over a figure; `left` and `top` come before their origin."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-left, width - left)
    axes.set_ylim(height - top, -top)
    return axes


def new_sheet(
    width: float,
    height: float,
    title: str,
    *,
    known: bool = True,
    narrowest: float = MIN_WIDTH,
) -> tuple[Figure, Axes]:
    """Make a figure with `width` x `height` inches of room under its title."""
    if width > MAX_WIDTH - 2 * MARGIN + 1e-6:
        raise ValueError(
            f"The picture is {width:.1f} inches wide and a page has "
            f"{MAX_WIDTH - 2 * MARGIN:.1f}: show less of it, or in two figures."
        )
    figure = new_figure(max(width, narrowest) + 2 * MARGIN, 1, title, known=known)
    (head,) = figure.texts
    top = head.get_window_extent().height / figure.dpi + 2 * MARGIN
    figure.set_figheight(top + height + MARGIN)
    head.set_y(1 - MARGIN / figure.get_figheight())
    return figure, sheet_axes(figure, top=top)


def scale_of(arrays: Iterable[Array]) -> tuple[Normalize, str]:
    """Return the common limits of some arrays and the colour map they ask for.

    Signed numbers get limits symmetric about zero and a diverging map, so that white is
    zero; magnitudes start at zero and get a perceptually uniform map.
    """
    arrays = list(arrays)
    limit = max(float(np.abs(a).max()) for a in arrays) or 1.0
    signed = any((a < 0).any() for a in arrays)
    return Normalize(
        -limit if signed else 0.0, limit
    ), "RdBu_r" if signed else "viridis"


def panel(
    axes: Axes,
    image: Array,
    box: tuple[float, float, float, float],
    *,
    norm: Normalize | None = None,
    cmap: str = "gray",
    edge: str = NEUTRAL,
    linewidth: float = 0.6,
) -> AxesImage:
    """Draw an image, (H, W) or (H, W, 3), in the box (x, y, width, height)."""
    x, y, width, height = box
    # Pixels stay pixels, unless there are more of them than the paper can show.
    fine = max(image.shape[0] / height, image.shape[1] / width) > 100
    picture = axes.imshow(
        image,
        cmap=cmap,
        norm=norm,
        extent=(x, x + width, y + height, y),
        aspect="auto",
        interpolation="antialiased" if fine else "nearest",
    )
    frame = Rectangle((x, y), width, height, fill=False, ec=edge, lw=linewidth)
    axes.add_patch(frame)
    return picture


def name_above(axes: Axes, x: float, y: float, text: str) -> None:
    """Write a name above a panel whose upper left corner is (x, y)."""
    axes.text(x, y - 0.05, text, va="bottom", fontsize=SMALL)


def color_bar(
    axes: Axes, norm: Normalize, cmap: str | Colormap, x: float, y: float
) -> None:
    """Draw a horizontal colour bar with its upper left corner at (x, y)."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    width, height = 2.0, 0.12
    (left, _), (_, bottom) = axes.get_xlim(), axes.get_ylim()[::-1]
    whole_width, whole_height = figure.get_size_inches()
    box = (
        (x - left) / whole_width,
        (bottom - y - height) / whole_height,
        width / whole_width,
        height / whole_height,
    )
    cax = figure.add_axes(box)
    low, high = float(norm.vmin or 0), float(norm.vmax or 0)
    ticks = [low, 0.0, high] if low < 0 else [low, high]
    label = FuncFormatter(lambda v, _: f"{v:.2g}".replace("-", "\N{MINUS SIGN}"))
    bar = figure.colorbar(
        ScalarMappable(norm, cmap), cax=cax, orientation="horizontal", ticks=ticks
    )
    bar.ax.xaxis.set_major_formatter(label)
    bar.ax.tick_params(labelsize=SMALL, length=3)
    # The outer numbers stay within the bar, which begins at the edge of the sheet.
    texts = bar.ax.get_xticklabels()
    texts[0].set_horizontalalignment("left")
    texts[-1].set_horizontalalignment("right")
    bar.outline.set_linewidth(0.6)
