"""Directives for the pictures of a lesson: charts, pictures made of pixels, animations.

``cnn-chart`` puts an SVG into the page itself, ``cnn-picture`` a PNG at two resolutions
on a card, ``cnn-player`` a still with the controls of the small player, which
``player.mjs`` brings to life. Each has an alternative text. The scraper of
:mod:`figures` writes them; a page may use them as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.images import get_image_size

import picture_html
from picture_html import chart, picture, player

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils.nodes import Node
    from sphinx.application import Sphinx

#: Bytes that the pictures of one page may weigh together, and one animation.
PAGE_BYTES = 600_000
PLAYER_BYTES = 300_000

logger = logging.getLogger(__name__)


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
    picture_html.add_nodes(app)
    app.add_directive("cnn-chart", ChartDirective)
    app.add_directive("cnn-picture", PictureDirective)
    app.add_directive("cnn-player", PlayerDirective)
    app.connect("doctree-read", weigh_page)
    app.connect("html-page-context", add_player)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
