"""The notebooks that the site offers for download.

A notebook is made from the page that Sphinx has read: every link, citation and formula
is resolved already, and text cells are written from that in Markdown. Code cells are
those of the script. The notebook has no outputs: it computes its own.

Sphinx-Gallery's notebooks, which keep roles and directives as they are, are not made.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError

import gallery_pages
from markdown_writer import MarkdownWriter, UnknownNodeError, absolute
from notebook_problems import problems
from site_wheel import install_command

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

#: Where the built site keeps scripts and notebooks, for links from outside.
FOLDER = "notebooks"

_BLOCK = re.compile(r"GENERATED FROM PYTHON SOURCE LINES \d+-\d+")
Notebook = dict[str, Any]


def _walk(node: nodes.Element, level: int = 0) -> Iterator[tuple[int, nodes.Node]]:
    """Walk through the sections of a page; only titles have a level above 0."""
    for child in node.children:
        if isinstance(child, nodes.section):
            yield from _walk(child, level + 1)
        elif isinstance(child, nodes.title):
            yield level, child
        else:
            yield 0, child


def _is_furniture(node: nodes.Node) -> bool:
    classes: list[str] = []
    if isinstance(node, nodes.Element):
        classes = node.get("classes", [])
    return any(name.startswith("sphx-glr-") for name in classes)


def parts(doctree: nodes.document) -> list[list[tuple[int, nodes.Node]]]:
    """Cut a page at the marks that Sphinx-Gallery leaves between blocks.

    Parameters
    ----------
    doctree : page of Sphinx-Gallery

    Returns
    -------
    for each block the nodes of its text, or its code and output; titles come with their
    level, other nodes with 0
    """
    found: list[list[tuple[int, nodes.Node]]] = [[]]
    for level, part in _walk(doctree):
        if isinstance(part, nodes.comment) and _BLOCK.match(part.astext()):
            found.append([])
        elif not _is_furniture(part):
            found[-1].append((level, part))
    return found


def _markdown(part: list[tuple[int, nodes.Node]], writer: MarkdownWriter) -> str:
    written = (
        writer.heading(node, level)
        if isinstance(node, nodes.title)
        else writer.blocks([node])
        for level, node in part
    )
    return "\n\n".join(filter(None, written))


def _cell(kind: str, source: str, seed: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": hashlib.sha256(seed.encode()).hexdigest()[:12],
        "metadata": {},
        "source": source.strip().splitlines(keepends=True),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def notebook(name: str, title: str, cells: list[tuple[str, str]]) -> Notebook:
    """Put cells together.

    Parameters
    ----------
    name : of the lesson; the ids of the cells hang on it and on their number alone
    title : of the lesson
    cells : pairs of ``code`` or ``markdown`` and the text

    Returns
    -------
    notebook of format 4.5
    """
    return {
        "cells": [
            _cell(kind, text, f"{name}#{number}")
            for number, (kind, text) in enumerate(cells)
            if text.strip()
        ],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python", "version": platform.python_version()},
            "title": title,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _make(app: Sphinx, lesson: gallery_pages.Page, doctree: nodes.document) -> Notebook:
    page = app.builder.get_target_uri(lesson.docname)
    writer = MarkdownWriter(absolute(app.config.html_baseurl, page))
    found, blocks = parts(doctree), gallery_pages.blocks(lesson.script)
    if len(found) != len(blocks):
        raise ExtensionError(
            f"{lesson.name}: the page has {len(found)} blocks and the script "
            f"{len(blocks)}; is a heading or a directive left open at a '# %%'?"
        )
    cells = [
        ("code", block.content)
        if block.type == "code"
        else ("markdown", _markdown(part, writer))
        for block, part in zip(blocks, found, strict=True)
    ]
    cells.insert(1, ("code", install_command(app)))
    return notebook(lesson.name, app.env.titles[lesson.docname].astext(), cells)


def _target(app: Sphinx, lesson: gallery_pages.Page) -> Path:
    return Path(app.outdir, FOLDER, f"{lesson.name}.ipynb")


def _write(app: Sphinx, lesson: gallery_pages.Page, doctree: nodes.document) -> None:
    try:
        made = _make(app, lesson, doctree)
    except UnknownNodeError as error:
        raise ExtensionError(f"{lesson.name}: {error}") from None
    if found := problems(made):
        raise ExtensionError(f"notebook of {lesson.name}:\n  " + "\n  ".join(found))
    target = _target(app, lesson)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    target.write_text(text, encoding="utf-8", newline="\n")


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the notebook of a lesson when Sphinx writes its page.

    Parameters
    ----------
    app : the application
    doctree : the page, resolved
    docname : its name

    Raises
    ------
    ExtensionError
        If the page has a part that no notebook can show, or the notebook is not fit to
        be offered.
    """
    if app.builder.format == "html":
        for lesson in gallery_pages.pages(app):
            if lesson.docname == docname:
                _write(app, lesson, doctree)


def _is_current(path: Path, install: str) -> bool:
    """Whether a page that was not written again has its notebook.

    The version of the package may be another one than when the page was written.
    """
    if not path.is_file():
        return False
    made = json.loads(path.read_text(encoding="utf-8"))
    return any("".join(cell["source"]) == install for cell in made["cells"])


def complete(app: Sphinx, exception: Exception | None) -> None:
    """Put the scripts beside the notebooks, and remove what belongs to no page.

    Parameters
    ----------
    app : the application
    exception : what ended the build, if anything did
    """
    if exception is not None or app.builder.format != "html":
        return
    expected, install = set(), install_command(app)
    for lesson in gallery_pages.pages(app):
        target = _target(app, lesson)
        if not _is_current(target, install):
            # Resolving a page hands it to write().
            name, builder = lesson.docname, app.builder
            app.env.get_and_resolve_doctree(name, builder, tags=app.tags)
        shutil.copyfile(lesson.script, target.with_suffix(".py"))
        expected |= {target, target.with_suffix(".py")}
    for path in Path(app.outdir, FOLDER).rglob("*.*"):
        if path not in expected:
            path.unlink()


def _no_gallery_notebooks(app: Sphinx, config: Config) -> None:
    del app
    config.sphinx_gallery_conf["notebook_extensions"] = set()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events."""
    app.setup_extension("site_wheel")
    # Sphinx-Gallery completes its settings at priority 10 of the same event.
    app.connect("config-inited", _no_gallery_notebooks, priority=5)
    # After everybody else has changed the page.
    app.connect("doctree-resolved", write, priority=900)
    app.connect("build-finished", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
