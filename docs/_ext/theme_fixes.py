"""What sphinx-book-theme leaves to be done: weight, names for all, a word on each page.

* The theme loads 1.5 MB of script that draws the icons its web font already draws.
* Its navigation has buttons that a screen reader cannot name.
* A page without a description is a warning, and so is a picture without a text.

Each repair says so when the theme has changed and it no longer fits.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging

from course import read_course
from node_packages import package_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

#: Weight, style and alphabets of the text font; ``custom.css`` names the same files.
FONTS = ("latin-400-normal", "latin-400-italic", "latin-600-normal", "greek-400-normal")

#: Pages that Sphinx writes without a source.
DESCRIPTIONS = {
    "genindex": "All functions, classes and terms of the course and its package.",
    "py-modindex": "All modules of the package of the course.",
    "search": "Search the lessons, the reference and the glossary.",
}
#: Below these nobody writes a source either; their first paragraph describes them.
GENERATED = ("auto_gallery/", "generated/", "reference/generated/")

_ICON_SCRIPT = re.compile(
    r"(?:<!-- So that users can add custom icons -->\s*)?"
    r"<script[^>]*scripts/fontawesome\.js[^>]*></script>\s*"
)
_DESCRIPTION = re.compile(
    r'<meta\b(?=[^>]*\bname="description")[^>]*\bcontent="([^"]*)"', re.IGNORECASE
)
_NO_ALT = re.compile(
    r"\s*(?:(?:plot|figure|image) *\d*|[0-9a-f]{16,}.*"
    r"|.*\.(?:png|svg|jpe?g|gif|webp))\s*",
    re.IGNORECASE,
)

logger = logging.getLogger(__name__)


def without_icon_script(head: str) -> str:
    """Drop the script that draws icons a second time.

    Parameters
    ----------
    head : str
        The theme's style sheets and early scripts.

    Raises
    ------
    ExtensionError
        It is not there: the theme has changed.
    """
    rest, count = _ICON_SCRIPT.subn("", head)
    if count != 1:
        raise ExtensionError(
            f"theme_fixes expected one fontawesome.js in the theme, found {count}"
        )
    return rest


def named_summaries(navigation: str) -> str:
    """Name the arrows that open parts of the navigation after what they open.

    Examples
    --------
    >>> arrow = "<li><a>Learn</a><details><summary><i></i></summary></details></li>"
    >>> named_summaries(arrow)[12:70]
    '</a><details><summary aria-label="Learn: pages"><i></i></s'
    """
    tree = BeautifulSoup(navigation, "html.parser")
    for summary in tree.find_all("summary"):
        item = summary.find_parent("li")
        link = item.find("a") if item else None
        if link and not summary.get_text(strip=True):
            summary["aria-label"] = f"{link.get_text(strip=True)}: pages"
    return str(tree)


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
                    type="theme_fixes",
                )
                return
            meta = f'<meta name="description" content="{html.escape(text)}" />\n'
            context["metatags"] = metatags + meta
        context["meta"] = {**(context.get("meta") or {}), "og:description": text}


def check_pictures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of each picture whose text says nothing."""
    del app
    for node in doctree.findall(nodes.Element):
        if node.tagname not in {"image", "imgsgnode"}:
            continue
        alt = node.get("alt")
        if alt is None or _NO_ALT.fullmatch(alt):
            logger.warning(
                "%s: the picture %r has no alternative text (got %r)",
                docname,
                node.get("uri"),
                alt,
                location=node,
                type="theme_fixes",
            )


def _repair_body(body: str) -> str:
    """Replace a role that ARIA has dropped and that lists may not contain."""
    return body.replace(' role="doc-biblioentry"', ' role="listitem"')


def repair(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Give templates the repaired navigation, head and body."""
    del app, pagename, templatename, doctree
    context["without_icon_script"] = without_icon_script
    context["body"] = _repair_body(context.get("body", ""))
    if "generate_toctree_html" in context:
        original: Callable[..., Any] = context["generate_toctree_html"]
        context["generate_toctree_html"] = lambda *args, **options: named_summaries(
            str(original(*args, **options))
        )


def stage_fonts(app: Sphinx) -> None:
    """Put the text font where Sphinx takes static files from."""
    if app.builder.format != "html":
        return
    target = Path(app.doctreedir, "theme_static", "fonts")
    target.mkdir(parents=True, exist_ok=True)
    for font in FONTS:
        name = f"source-serif-4-{font}.woff2"
        source = Path(app.config.node_modules)
        file = package_file(source, f"@fontsource/source-serif-4/files/{name}")
        (target / name).write_bytes(file.read_bytes())
    app.config.html_static_path.append(str(target.parent))


def drop_icon_script(app: Sphinx, exception: Exception | None) -> None:
    """Delete the files that no page loads any more."""
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir, "_static", "scripts").glob("fontawesome.js*"):
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the repairs."""
    app.setup_extension("node_packages")
    app.add_js_file("scrollers.mjs", type="module")
    descriptions = Descriptions()
    app.connect("builder-inited", descriptions.read)
    app.connect("builder-inited", stage_fonts)
    app.connect("doctree-resolved", check_pictures)
    # Before sphinxext-opengraph, which would make up a description of its own.
    app.connect("html-page-context", descriptions.add, priority=400)
    # After the theme, which puts its functions there at 500.
    app.connect("html-page-context", repair, priority=700)
    app.connect("build-finished", drop_icon_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
