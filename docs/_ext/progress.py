"""A place on each lesson's page where its exercise can be marked as solved.

The page only says where, and of which exercise; ``_static/progress.mjs`` does the rest,
in the reader's browser.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from docutils import nodes

import gallery_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def checked(code: str) -> Iterator[str]:
    r"""Yield the exercises that a cell checks.

    Parameters
    ----------
    code : Python of one cell

    Examples
    --------
    >>> list(checked("x = 3\ncheck('mean_loss', x)\nprint(check(x, 'other'))"))
    ['mean_loss']
    """
    for node in ast.walk(ast.parse(code)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        first = node.args[0] if node.func.id == "check" and node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _section(node: nodes.Node) -> nodes.Element:
    parent = node.parent
    if isinstance(parent, (nodes.section, nodes.document)):
        return parent
    return _section(parent)


def mark(doctree: nodes.document) -> None:
    """Add a place for the mark at the end of the section that checks an exercise.

    Parameters
    ----------
    doctree : page of a lesson, changed in place
    """
    for block in list(doctree.findall(nodes.literal_block)):
        if block.get("language") != "Python" or "check(" not in block.astext():
            continue
        section = _section(block)
        for name in checked(block.astext()):
            html = f'<p class="cnn-progress" data-exercise="{name}" hidden></p>'
            section += nodes.raw("", html, format="html")


def _read(app: Sphinx, doctree: nodes.document) -> None:
    _, folder = gallery_pages.folders(app)
    if app.env.docname.startswith(f"{folder}/"):
        mark(doctree)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the event, after the frame of Sphinx-Gallery is gone."""
    app.connect("doctree-read", _read, priority=600)
    app.add_js_file("progress.mjs", type="module")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
