"""Write a figure as a chart for the inside of a page, or as pixels.

A chart is drawn of lines and text. What it shows in black, white and grey follows the
theme of the page, so :func:`is_chart` says no where greys are data.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import svg_theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL import Image

#: A larger picture is a photograph, in which nobody sees what lossy compression does.
MAX_EXACT_BYTES = 60_000
#: Pixels of the page per inch of a figure.
PIXELS_PER_INCH = 96
#: Above this many different greys, a grey is a measured value and not ink.
MAX_GREYS = 2


def describe(figure: Figure) -> str:
    """Text that stands for a figure: its title, or the titles of its axes.

    Parameters
    ----------
    figure : the figure

    Returns
    -------
    one line; empty if there is no title
    """
    titles = [figure.get_suptitle()]
    if not titles[0]:
        titles = [
            axes.get_title(loc=place)
            for axes in figure.axes
            for place in ("left", "center", "right")
        ]
    text = "; ".join(title for title in titles if title.strip())
    return " ".join(text.replace("$", "").replace("\\", "").split())


def _filled_patches(figure: Figure) -> Iterator[Any]:
    """Patches that carry meaning: not the paper of figures, axes and legends."""
    from matplotlib.colors import to_rgba

    for axes in figure.axes:
        for patch in axes.patches:
            seen = patch.get_visible() and patch.get_fill()
            if seen and to_rgba(patch.get_facecolor())[3] > 0.5:
                yield patch


def _lightness(patch: Any) -> float | None:  # noqa: ANN401 (a matplotlib patch)
    from matplotlib.colors import to_hex

    return svg_theme.lightness_of_grey(to_hex(patch.get_facecolor()))


def is_chart(figure: Figure) -> bool:
    """Whether a figure is drawn of lines and text and may follow the theme.

    Parameters
    ----------
    figure : the figure

    Returns
    -------
    False for anything with pixels, or with so many greys that they are data
    """
    from matplotlib.collections import QuadMesh, TriMesh
    from matplotlib.image import AxesImage, BboxImage, FigureImage

    raster = (AxesImage, BboxImage, FigureImage, QuadMesh, TriMesh)
    if figure.findobj(lambda artist: isinstance(artist, raster), include_self=False):
        return False
    greys = {_lightness(patch) for patch in _filled_patches(figure)}
    return len(greys - {None}) <= MAX_GREYS


def _mark_texts_on_colour(figure: Figure) -> None:
    """Name the texts that stand on a coloured patch, so that they keep their colour."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    patches = [p for p in _filled_patches(figure) if _lightness(p) is None]
    boxes = [patch.get_window_extent() for patch in patches]
    for number, text in enumerate(figure.findobj(Text)):
        if not text.get_text():
            continue
        extent, own = text.get_window_extent(), text.get_bbox_patch()
        x, y = (extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2
        coloured = own is not None and _lightness(own) is None
        if coloured or any(box.contains(x, y) for box in boxes):
            text.set_gid(f"{svg_theme.KEEP}{number}")


def svg(figure: Figure, *, prefix: str, label: str) -> str:
    """Draw a chart for the inside of a page.

    Parameters
    ----------
    figure : the figure
    prefix : for ids, unique in the page
    label : what it shows
    """
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": prefix}):
        _mark_texts_on_colour(figure)
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return svg_theme.themed(buffer.getvalue(), prefix=prefix, label=label)


def pixels(figure: Figure, scale: int) -> Image.Image:
    """Draw a figure on white paper.

    Parameters
    ----------
    figure : the figure
    scale : pixels of the picture per pixel of the page
    """
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=PIXELS_PER_INCH * scale, facecolor="white")
    return Image.open(buffer).convert("RGB")


def save_png(image: Image.Image, path: Path) -> None:
    """Write a picture without date, and with a palette where that loses nothing.

    Parameters
    ----------
    image : the picture
    path : of the file
    """
    from PIL import Image

    if (colours := image.getcolors(256)) is not None and len(colours) <= 256:
        palette = image.quantize(colors=256, dither=Image.Dither.NONE)
        if palette.convert("RGB").tobytes() == image.tobytes():
            image = palette
    image.save(path, "PNG", optimize=True)


def save_webp(image: Image.Image, path: Path) -> None:
    """Write a picture for fine screens: exactly, or a photograph that is nearly exact.

    Parameters
    ----------
    image : the picture
    path : of the file
    """
    image.save(path, "WEBP", lossless=True, quality=60, method=4)
    if path.stat().st_size > MAX_EXACT_BYTES:
        image.save(path, "WEBP", quality=90, method=4)
