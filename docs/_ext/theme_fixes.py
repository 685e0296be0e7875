"""What sphinx-book-theme leaves to be done: less weight, and names for all.

* The theme loads 1.5 MB of script that draws the icons its web font already draws.
* Its navigation has buttons that a screen reader cannot name.
* A picture without a text is a warning.

Each repair says so when the theme has changed and it no longer fits.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging

from node_packages import package_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

#: Weight, style and alphabets of the text font; ``text.css`` names the same files.
FONTS = ("latin-400-normal", "latin-400-italic", "latin-600-normal", "greek-400-normal")

_ICON_SCRIPT = re.compile(
    r"(?:<!-- So that users can add custom icons -->\s*)?"
    r"<script[^>]*scripts/fontawesome\.js[^>]*></script>\s*"
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
    app.setup_extension("page_descriptions")
    app.add_js_file("scrollers.mjs", type="module")
    app.connect("builder-inited", stage_fonts)
    app.connect("doctree-resolved", check_pictures)
    # After the theme, which puts its functions there at 500.
    app.connect("html-page-context", repair, priority=700)
    app.connect("build-finished", drop_icon_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
