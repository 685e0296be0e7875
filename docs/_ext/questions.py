"""Take the code of a question off the page: it would give the answer away.

A lesson asks with ``predict(question, answer)`` or ``ask(name)``. On the page the
question stands alone, with its answers folded; script and notebook keep the statement
as it is. What ``ask`` shows has the same question with other numbers inside;
``_static/questions.mjs`` leafs through them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from docutils import nodes

import gallery_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ASKING = ("predict", "ask")


def _asks(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in ASKING


def without_questions(code: str) -> str:
    r"""Return code without its calls of ``predict`` and ``ask``.

    Parameters
    ----------
    code : of one cell

    Examples
    --------
    >>> without_questions("x = 1\npredict(\n    'How many?',\n    x,\n)")
    'x = 1'
    """
    lines: list[str | None] = [*code.splitlines()]
    for statement in ast.parse(code).body:
        if _asks(statement):
            first, last = statement.lineno - 1, statement.end_lineno or 0
            lines[first:last] = [None] * (last - first)
    return "\n".join(line for line in lines if line is not None).strip("\n")


def hide(doctree: nodes.document) -> None:
    """Take the calls of ``predict`` and ``ask`` out of the cells of a page.

    Parameters
    ----------
    doctree : page of a lesson, changed in place
    """
    for block in list(doctree.findall(nodes.literal_block)):
        code = block.astext()
        if block.get("language") != "Python":
            continue
        if not any(f"{name}(" in code for name in ASKING):
            continue
        left = without_questions(code)
        if left == code.strip("\n"):
            continue
        if left:
            block.rawsource, block.children = left, [nodes.Text(left)]
        else:
            block.parent.remove(block)


def _read(app: Sphinx, doctree: nodes.document) -> None:
    _, folder = gallery_pages.folders(app)
    if app.env.docname.startswith(f"{folder}/"):
        hide(doctree)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the event, before cells are put into boxes."""
    app.connect("doctree-read", _read, priority=390)
    app.add_js_file("questions.mjs", type="module")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
