"""Directives for the pictures of a lesson: charts, pictures made of pixels, animations.

``cnn-chart`` puts an SVG into the page itself, ``cnn-picture`` a PNG at two resolutions
on a card, ``cnn-player`` a still with the controls of the small player, which
``player.mjs`` brings to life. Each has an alternative text. The scraper of
:mod:`figures` writes them; a page may use them as well.
"""

from __future__ import annotations

import html
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.images import get_image_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils.nodes import Node
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

#: Bytes that the pictures of one page may weigh together, and one animation.
PAGE_BYTES = 600_000
PLAYER_BYTES = 300_000
#: Below this width of the window (pixels) the narrow layout is shown; as in lesson.css.
NARROW_BELOW = 520

logger = logging.getLogger(__name__)


class chart(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """An SVG in the page; attributes ``alt``, ``wide`` and ``narrow`` (markup)."""


class picture(nodes.General, nodes.Element):  # noqa: N801
    """A raster image; children are images: plain, high resolution, narrow."""


class player(nodes.General, nodes.Element):  # noqa: N801
    """An animation; children are the still and the sheet."""


class _Pictures(SphinxDirective):
    """What the three have in common: files by their place in the source folder."""

    required_arguments = 1
    final_argument_whitespace = True

    def file(self, address: str) -> Path:
        """Find a file and let the page depend on it."""
        relative, absolute = self.env.relfn2path(address)
        if not Path(absolute).is_file():
            raise self.error(f"{self.name}: there is no file {relative}")
        self.env.note_dependency(relative)
        return Path(absolute)

    def weigh(self, node: nodes.Element, *files: Path) -> None:
        """Add files to the weight of the page."""
        node["bytes"] = sum(file.stat().st_size for file in files)
        self.set_source_info(node)

    def image(self, address: str) -> nodes.image:
        """Make a child that Sphinx will copy into the site."""
        self.file(address)
        return nodes.image(uri=address, alt=self.options["alt"])

    def check(self) -> None:
        """Complain about a missing alternative text."""
        if not self.options.get("alt", "").strip():
            raise self.error(f"{self.name}: alt must say what the picture shows")


class ChartDirective(_Pictures):
    """Put an SVG into the page."""

    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "alt": directives.unchanged_required,
        "narrow": directives.unchanged_required,
    }

    def run(self) -> list[Node]:
        """Read the drawings."""
        self.check()
        wide = self.file(self.arguments[0])
        node = chart(alt=self.options["alt"], wide=wide.read_text("utf-8"), narrow="")
        files = [wide]
        if address := self.options.get("narrow"):
            files.append(self.file(address))
            node["narrow"] = files[-1].read_text("utf-8")
        self.weigh(node, *files)
        return [node]


class PictureDirective(_Pictures):
    """Show a raster image at the resolution of the screen."""

    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "alt": directives.unchanged_required,
        "hires": directives.unchanged_required,
        "narrow": directives.unchanged_required,
        "width": directives.positive_int,
        "height": directives.positive_int,
    }

    def run(self) -> list[Node]:
        """Collect the images."""
        self.check()
        names = {"plain": self.arguments[0], **self.options}
        kinds = [kind for kind in ("plain", "hires", "narrow") if kind in names]
        node = picture(kinds=kinds, **self.options)
        node += [self.image(names[kind]) for kind in kinds]
        if "narrow" in names:
            size = get_image_size(self.file(names["narrow"])) or (0, 0)
            node["narrow_size"] = [length // 2 for length in size]
        # A reader loads one of them; the sharp one is the heaviest.
        self.weigh(node, self.file(names.get("hires", names["plain"])))
        return [node]


class PlayerDirective(_Pictures):
    """Show the frames of an animation, one at a time."""

    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "alt": directives.unchanged_required,
        "sheet": directives.unchanged_required,
        "frames": directives.positive_int,
        "columns": directives.positive_int,
        "start": directives.nonnegative_int,
        "interval": directives.positive_int,
        "width": directives.positive_int,
        "height": directives.positive_int,
    }

    def run(self) -> list[Node]:
        """Collect still and sheet."""
        self.check()
        missing = [key for key in self.option_spec if key not in self.options]
        if missing:
            raise self.error(f"{self.name}: missing options: {', '.join(missing)}")
        node = player(**self.options)
        node += [self.image(self.arguments[0]), self.image(self.options["sheet"])]
        self.weigh(node, self.file(self.arguments[0]), self.file(self.options["sheet"]))
        if node["bytes"] > PLAYER_BYTES:
            logger.warning(
                "the animation weighs %d kB, more than %d: fewer or smaller frames",
                node["bytes"] // 1000,
                PLAYER_BYTES // 1000,
                location=node,
                type="figures",
                subtype="weight",
            )
        return [node]


def _address(self: HTML5Translator, image: nodes.image) -> str:
    name = self.builder.images[image["uri"]]
    return html.escape(posixpath.join(self.builder.imgpath, quote(name)))


def _figure(kind: str, body: str) -> str:
    return f'<figure class="cnn-figure cnn-figure--{kind}">{body}</figure>\n'


def visit_chart(self: HTML5Translator, node: chart) -> None:
    """Write an SVG, and the one for narrow screens."""
    wide = f'<div class="cnn-figure__wide">{node["wide"]}</div>'
    narrow = f'<div class="cnn-figure__narrow">{node["narrow"]}</div>'
    self.body.append(
        _figure("chart", wide + narrow if node["narrow"] else node["wide"])
    )
    raise nodes.SkipNode


def visit_picture(self: HTML5Translator, node: picture) -> None:
    """Write an image with its sizes."""
    images = node.findall(nodes.image)
    found = {
        kind: _address(self, image)
        for kind, image in zip(node["kinds"], images, strict=True)
    }
    # dark-light: the theme must not change brightness, the pixels are data.
    parts = ['<img class="dark-light"', f'src="{found["plain"]}"']
    if "hires" in found:
        parts.append(f'srcset="{found["plain"]} 1x, {found["hires"]} 2x"')
    parts += [f'{key}="{node[key]}"' for key in ("width", "height") if key in node]
    parts += [f'alt="{html.escape(node["alt"])}"', 'decoding="async">']
    image = " ".join(parts)
    if "narrow" in found:
        media = f"(max-width: {NARROW_BELOW}px)"
        width, height = node["narrow_size"]
        source = (
            f'<source media="{media}" srcset="{found["narrow"]} 2x" '
            f'width="{width}" height="{height}">'
        )
        image = f"<picture>{source}{image}</picture>"
    self.body.append(_figure("picture", image))
    raise nodes.SkipNode


_ICONS = {
    "previous": "M11 2 4 8l7 6z",
    "play": "M4 2l10 6-10 6z",
    "pause": "M3 2h4v12H3zM9 2h4v12H9z",
    "next": "M5 2l7 6-7 6z",
}


def _icon(name: str) -> str:
    return (
        f'<svg class="cnn-player__{name}-icon" viewBox="0 0 16 16" aria-hidden="true">'
        f'<path d="{_ICONS[name]}"/></svg>'
    )


def _button(action: str, label: str, *icons: str) -> str:
    drawn = "".join(_icon(icon) for icon in icons)
    return (
        f'<button type="button" data-action="{action}" aria-label="{label}" '
        f'title="{label}">{drawn}</button>'
    )


def visit_player(self: HTML5Translator, node: player) -> None:
    """Write the still and the controls, which wait for the script."""
    still, sheet = (_address(self, image) for image in node.findall(nodes.image))
    label = html.escape(node["alt"])
    size = f'width="{node["width"]}" height="{node["height"]}"'
    data = "".join(
        f' data-{key}="{node[key]}"'
        for key in ("frames", "columns", "start", "interval")
    )
    last, start = node["frames"], node["start"] + 1
    controls = (
        _button("previous", "Previous frame", "previous")
        + _button("play", "Play", "play", "pause")
        + _button("next", "Next frame", "next")
        + f'<input type="range" min="1" max="{last}" value="{start}" '
        'aria-label="Frame">'
        f"<output>{start} / {last}</output>"
    )
    self.body.append(
        f'<figure class="cnn-figure cnn-figure--player cnn-player" role="group" '
        f'aria-label="Animation: {label}" data-sheet="{sheet}"{data}>'
        f'<div class="cnn-player__stage"><img class="dark-light cnn-player__still" '
        f'src="{still}" {size} alt="{label}" decoding="async"></div>'
        f'<div class="cnn-player__controls" hidden>{controls}</div></figure>\n'
    )
    raise nodes.SkipNode


def visit_text(self: TextTranslator, node: nodes.Element) -> None:
    """Write what a picture shows where there are no pictures."""
    self.new_state(0)
    self.add_text(f"[{node['alt']}]")
    self.end_state()
    raise nodes.SkipNode


def _skip(self: nodes.NodeVisitor, node: nodes.Element) -> None:
    del self, node
    raise nodes.SkipNode


def add_player(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Load the player on the pages that have an animation, and on no others."""
    del pagename, templatename, context
    if doctree is not None and next(iter(doctree.findall(player)), None) is not None:
        app.add_js_file("player.mjs", type="module")
        app.add_css_file("player.css")


def weigh_page(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of a page whose pictures are too heavy."""
    pictures = doctree.findall(lambda n: isinstance(n, chart | picture | player))
    total = sum(node["bytes"] for node in pictures if isinstance(node, nodes.Element))
    if total > PAGE_BYTES:
        logger.warning(
            "the pictures of this page weigh %d kB, more than %d",
            total // 1000,
            PAGE_BYTES // 1000,
            location=app.env.docname,
            type="figures",
            subtype="weight",
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directives and nodes."""
    for kind, visit in (
        (chart, visit_chart),
        (picture, visit_picture),
        (player, visit_player),
    ):
        others = dict.fromkeys(("latex", "man", "texinfo"), (_skip, None))
        app.add_node(kind, html=(visit, None), text=(visit_text, None), **others)  # type: ignore[arg-type]
    app.add_directive("cnn-chart", ChartDirective)
    app.add_directive("cnn-picture", PictureDirective)
    app.add_directive("cnn-player", PlayerDirective)
    app.connect("doctree-read", weigh_page)
    app.connect("html-page-context", add_player)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
