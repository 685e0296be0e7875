"""Tidy the pages that Sphinx-Gallery has written, and mark what is special in them.

Gone are the note about downloads, the time and the links at the end, which
:mod:`lesson_pages` puts where they belong. A cell that checks a claim is marked as
checked in this build, and an error that was caught on purpose as such: as words that
everybody gets, not by colour alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

import course
import gallery_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

CHECKED = "Checked in this build"
BREAKS = "Breaks on purpose"

#: Parts of Sphinx-Gallery's frame, by class.
_FURNITURE = {
    "sphx-glr-download-link-note",
    "sphx-glr-timing",
    "sphx-glr-footer",
    "sphx-glr-signature",
}
_CHECK = re.compile(r"\bassert_close\(|^\s*assert\s", re.MULTILINE)
_EXPECTED = re.compile(r"\bexpect_error\(")
_BREAKS_AFTER_HTML = re.compile(r"(?:\s*<br ?/>)+\s*$")


def _classes(node: nodes.Element) -> set[str]:
    return set(node.get("classes", ()))


def remove_frame(doctree: nodes.document) -> None:
    """Remove what Sphinx-Gallery puts around a page.

    Parameters
    ----------
    doctree : the page, changed in place
    """
    for node in list(doctree.findall(nodes.Element)):
        if _classes(node) & _FURNITURE:
            node.parent.remove(node)
    for only in list(doctree.findall(addnodes.only)):
        if not only.children:
            only.parent.remove(only)
    for raw in doctree.findall(nodes.raw):
        text = _BREAKS_AFTER_HTML.sub("", raw.astext())
        raw.rawsource, raw.children = text, [nodes.Text(text)]


def _cells(doctree: nodes.document) -> Iterator[tuple[nodes.literal_block, bool]]:
    """Code of the script and its printed output; the second value tells which."""
    for block in doctree.findall(nodes.literal_block):
        if "sphx-glr-script-out" in _classes(block):
            yield block, True
        elif block.get("language") == "Python":  # Prose writes it in lower case.
            yield block, False


def _box(block: nodes.literal_block, kind: str, label: str) -> None:
    box = nodes.container(classes=["cnn-box", f"cnn-{kind}"])
    # Not replace_self(), which would give the box the classes of the block.
    parent, place = block.parent, block.parent.index(block)
    parent.remove(block)
    parent.insert(place, box)
    box += nodes.paragraph("", label, classes=["cnn-box__label"])
    box += block


def mark(doctree: nodes.document) -> None:
    """Put checked cells and expected errors into boxes that say so.

    Parameters
    ----------
    doctree : page of a lesson that ran, changed in place
    """
    code = ""
    for block, is_output in list(_cells(doctree)):
        if is_output:
            if _EXPECTED.search(code):
                _box(block, "breaks", BREAKS)
            continue
        code = block.astext()
        if _CHECK.search(code):
            _box(block, "checked", CHECKED)


def _read(app: Sphinx, doctree: nodes.document) -> None:
    gallery, folder = gallery_pages.folders(app)
    name = app.env.docname.removeprefix(f"{folder}/")
    if name == app.env.docname or not (gallery / f"{name}.py").is_file():
        return
    remove_frame(doctree)
    if app.config.sphinx_gallery_conf["plot_gallery"]:
        mark(doctree)
    # The strip under the title shows what stands there.
    app.env.note_dependency(str(gallery / course.METADATA))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events."""
    # Sphinx collects images, downloads and sections of a page at priority 500.
    app.connect("doctree-read", _read, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
