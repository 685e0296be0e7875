"""Take the figures of a lesson and make them part of its page.

Sphinx-Gallery calls :func:`scraper` after each cell. A chart becomes an SVG that stands
in the page and follows its theme, a picture made of pixels a PNG at two resolutions,
and a :class:`cnn_tutorial.plotting.Animation` a sprite sheet with a still for the small
player. What they show is said by their title: a figure without one fails the build.

The directives that the scraper writes are those of :mod:`pictures`.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from sphinx.errors import ExtensionError

import figure_output
import narrow_figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from sphinx.application import Sphinx
    from sphinx.config import Config

    from cnn_tutorial.plotting import Animation

#: An SVG above this size (bytes) has so many marks that pixels are cheaper.
MAX_CHART_BYTES = 120_000


class Block(Protocol):
    """Cell of a script, as Sphinx-Gallery hands it over."""

    type: str
    content: str
    lineno: int


def _directive(name: str, argument: str, options: dict[str, object]) -> str:
    lines = [f".. {name}:: {argument}"]
    lines += [f"   :{key}: {value}" for key, value in options.items()]
    return "\n" + "\n".join(lines) + "\n"


class _Page:
    """Where the pictures of one script go, and what they are called."""

    def __init__(
        self, block: Block, block_vars: dict[str, Any], conf: dict[str, Any]
    ) -> None:
        script = Path(block_vars["src_file"])
        self.place = f"{script.parent.name}/{script.name}, line {block.lineno}"
        self._paths = block_vars["image_path_iterator"]
        self._root = Path(conf["src_dir"])

    def next_path(self) -> Path:
        return Path(self._paths.next())

    def address(self, path: Path) -> str:
        return "/" + path.relative_to(self._root).as_posix()

    def titled(self, title: str, kind: str) -> str:
        if not title:
            raise ExtensionError(
                f"{self.place}: {kind} has no title. The title says what to see, and "
                "is what a reader gets who does not see the picture."
            )
        return title


def _chart(figure: Figure, page: _Page, path: Path, title: str) -> str | None:
    wide = figure_output.svg(figure, prefix=path.stem, label=title)
    if len(wide.encode()) > MAX_CHART_BYTES:
        return None
    target = path.with_suffix(".svg")
    target.write_text(wide, encoding="utf-8", newline="\n")
    options: dict[str, object] = {"alt": title}
    with narrow_figures.narrowed(figure) as other:
        if other is not None:
            narrow = target.with_stem(f"{path.stem}_narrow")
            svg = figure_output.svg(other, prefix=f"{path.stem}n", label=title)
            narrow.write_text(svg, encoding="utf-8", newline="\n")
            options["narrow"] = page.address(narrow)
    return _directive("cnn-chart", page.address(target), options)


def _picture(figure: Figure, page: _Page, path: Path, title: str) -> str:
    small, large = figure_output.pixels(figure, 1), figure_output.pixels(figure, 2)
    figure_output.save_png(small, path)
    hires = path.with_name(f"{path.stem}_2x.webp")
    figure_output.save_webp(large, hires)
    options: dict[str, object] = {"alt": title, "hires": page.address(hires)}
    options |= {"width": small.width, "height": small.height}
    with narrow_figures.narrowed(figure) as other:
        if other is not None:
            narrow = path.with_name(f"{path.stem}_narrow.webp")
            figure_output.save_webp(figure_output.pixels(other, 2), narrow)
            options["narrow"] = page.address(narrow)
    return _directive("cnn-picture", page.address(path), options)


def is_animation(value: object) -> TypeGuard[Animation]:
    """Whether a value is an animation of the package.

    Asked by name, so that pages without animations do not import the plotting code.

    Parameters
    ----------
    value : anything
    """
    kind = type(value)
    return kind.__name__ == "Animation" and kind.__module__.startswith("cnn_tutorial.")


def _animation(animation: Animation, page: _Page) -> str:
    from PIL import Image

    title = page.titled(" ".join(animation.title.split()), "an animation")
    path = page.next_path()
    figure_output.save_png(Image.fromarray(animation.frames[animation.still]), path)
    target = path.with_name(f"{path.stem}_sheet.webp")
    sheet = animation.save_sheet(target)
    options = {
        "alt": title,
        "sheet": page.address(target),
        "frames": sheet.frames,
        "columns": sheet.columns,
        "start": animation.still,
        "interval": animation.interval,
        "width": animation.width,
        "height": round(sheet.height * animation.width / sheet.width),
    }
    return _directive("cnn-player", page.address(path), options)


def _last_value(block: Block, names: dict[str, Any]) -> object:
    """Value of the cell's last expression; None when it ends with a statement.

    Sphinx-Gallery leaves the value of an earlier cell where it was.
    """
    body = ast.parse(block.content).body
    return names.get("___") if body and isinstance(body[-1], ast.Expr) else None


def _figures(value: object) -> list[Figure]:
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    figures = [plt.figure(number) for number in plt.get_fignums()]
    if isinstance(value, Figure) and value not in figures:
        figures.append(value)
    return figures


def scraper(
    block: Block, block_vars: dict[str, Any], gallery_conf: dict[str, Any]
) -> str:
    """Save what a cell has drawn.

    Parameters
    ----------
    block : cell of Sphinx-Gallery (type, content, lineno)
    block_vars : state of the page, with the paths of its images and its variables
    gallery_conf : settings of Sphinx-Gallery

    Returns
    -------
    reStructuredText with one directive per figure or animation

    Raises
    ------
    ExtensionError
        If a figure has no title; the message names the script and the line.
    """
    import matplotlib.pyplot as plt

    page = _Page(block, block_vars, gallery_conf)
    value = _last_value(block, block_vars["example_globals"])
    parts = []
    try:
        for figure in _figures(value):
            title = page.titled(figure_output.describe(figure), "a figure")
            path = page.next_path()
            part = (
                _chart(figure, page, path, title)
                if figure_output.is_chart(figure)
                else None
            )
            parts.append(part or _picture(figure, page, path, title))
        if is_animation(value):
            parts.append(_animation(value, page))
    finally:
        plt.close("all")
    return "\n".join(parts)


def _set_up_gallery(app: Sphinx, config: Config) -> None:
    del app
    conf = config.sphinx_gallery_conf
    conf["image_scrapers"] = ("figures.scraper",)
    # Their pictures are taken; their text in the output would be noise.
    ours = r"matplotlib\.figure\.Figure|cnn_tutorial\.plotting\."
    conf["ignore_repr_types"] = ours


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the scraper and the directives it writes."""
    app.setup_extension("pictures")
    # Sphinx-Gallery completes its settings at priority 10 of the same event.
    app.connect("config-inited", _set_up_gallery, priority=5)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
