"""The pictures of a lesson as nodes, and their HTML.

:mod:`pictures` makes the nodes from directives.
"""

from __future__ import annotations

import html
import posixpath
from typing import TYPE_CHECKING
from urllib.parse import quote

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.text import TextTranslator

#: Below this width of the window (pixels) the narrow layout is shown; as in lesson.css.
NARROW_BELOW = 520


class chart(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """An SVG in the page; attributes ``alt``, ``wide`` and ``narrow`` (markup)."""


class picture(nodes.General, nodes.Element):  # noqa: N801
    """A raster image; children are images: plain, high resolution, narrow."""


class player(nodes.General, nodes.Element):  # noqa: N801
    """An animation; children are the still and the sheet."""


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


def add_nodes(app: Sphinx) -> None:
    """Tell Sphinx how to write the nodes.

    Parameters
    ----------
    app : the application
    """
    for kind, visit in (
        (chart, visit_chart),
        (picture, visit_picture),
        (player, visit_player),
    ):
        others = dict.fromkeys(("latex", "man", "texinfo"), (_skip, None))
        app.add_node(kind, html=(visit, None), text=(visit_text, None), **others)  # type: ignore[arg-type]
