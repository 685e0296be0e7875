"""A description for each page: what search engines and link previews show.

Authors write it in the head of a page; a lesson has the promise of ``lessons.toml``;
pages that nobody wrote have their first sentence. A page without any is a warning.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging

from course import read_course

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Pages that Sphinx writes without a source.
DESCRIPTIONS = {
    "genindex": "All functions, classes and terms of the course and its package.",
    "py-modindex": "All modules of the package of the course.",
    "search": "Search the lessons, the reference and the glossary.",
}
#: Below these nobody writes a source either; their first paragraph describes them.
GENERATED = ("auto_gallery/", "generated/", "reference/generated/")

_DESCRIPTION = re.compile(
    r'<meta\b(?=[^>]*\bname="description")[^>]*\bcontent="([^"]*)"', re.IGNORECASE
)

logger = logging.getLogger(__name__)


def written_description(metatags: str) -> str:
    """Return the description in a page's meta elements, or nothing.

    Examples
    --------
    >>> written_description('<meta content="One &amp; all." name="description" />')
    'One & all.'
    """
    found = _DESCRIPTION.search(metatags)
    return html.unescape(found[1]).strip() if found else ""


def promises(gallery: Path, folder: str) -> dict[str, str]:
    """Return the sentence that each page of the gallery promises.

    Parameters
    ----------
    gallery : path
        The folder with ``lessons.toml``.
    folder : str
        Where Sphinx-Gallery puts its pages.

    Returns
    -------
    dict
        From the name of a page to a sentence.
    """
    found = {}
    for chapter in read_course(gallery):
        found[f"{folder}/{chapter.name}/index"] = chapter.promise
        found |= {f"{folder}/{item.name}": item.promise for item in chapter.lessons}
    return found


def first_sentence(doctree: nodes.document) -> str:
    """Return the start of a page's first paragraph, for pages that nobody wrote."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if text.endswith((".", "!", "?", ":")) and len(text) > 20:
            sentence = re.match(r".+?[.!?](?=\s|$)", text)
            return sentence[0] if sentence else text
    return ""


class Descriptions:
    """A description for each page, or a warning."""

    def __init__(self) -> None:
        self.promises: dict[str, str] = {}

    def read(self, app: Sphinx) -> None:
        """Read what the gallery's pages promise."""
        settings = getattr(app.config, "sphinx_gallery_conf", None) or {}
        if "examples_dirs" in settings and "gallery_dirs" in settings:
            gallery = Path(app.srcdir, settings["examples_dirs"]).resolve()
            self.promises = promises(gallery, settings["gallery_dirs"])

    def find(self, pagename: str, doctree: nodes.document | None) -> str:
        """Return what describes a page whose author wrote no description."""
        known = self.promises | DESCRIPTIONS
        if pagename in known:
            return known[pagename]
        if doctree is None:
            return f"Source code of {pagename.removeprefix('_modules/')}."
        return first_sentence(doctree) if pagename.startswith(GENERATED) else ""

    def add(
        self,
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Put the description where search engines and link previews look for it."""
        del app, templatename
        metatags = context.get("metatags") or ""
        text = written_description(metatags)
        if not text:
            text = self.find(pagename, doctree)
            if not text:
                logger.warning(
                    "the page has no description; add it under myst: html_meta:",
                    location=pagename,
                    type="page_descriptions",
                )
                return
            meta = f'<meta name="description" content="{html.escape(text)}" />\n'
            context["metatags"] = metatags + meta
        context["meta"] = {**(context.get("meta") or {}), "og:description": text}


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events."""
    descriptions = Descriptions()
    app.connect("builder-inited", descriptions.read)
    # Before sphinxext-opengraph, which would make up a description of its own.
    app.connect("html-page-context", descriptions.add, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
