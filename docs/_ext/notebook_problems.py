"""What is wrong with a notebook that is offered for download."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_FENCED = re.compile(r"^(`{3,}).*?^\1$", re.DOTALL | re.MULTILINE)
_INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LEFTOVERS = {
    "role": re.compile(r":[a-zA-Z][\w:+.-]*:`[^`]*`"),
    "directive": re.compile(r"^\s*\.\. [\w:+-]+::.*$", re.MULTILINE),
    "target or footnote of reST": re.compile(r"^\s*\.\. [_\[].*$", re.MULTILINE),
    "link of reST": re.compile(r"`[^`]+ <[^`>]+>`__?"),
    "footnote mark of reST": re.compile(r"\[#?\w+\]_\b"),
    "double backticks": re.compile(r"(?<!`)``[^`\n]+``(?!`)"),
    "underlined heading of reST": re.compile(
        r"^\w.*\n([=~^*+#-])\1{3,}$", re.MULTILINE
    ),
}
_PLACES = {
    "file of the builder's machine": re.compile(r"file://\S*"),
    "absolute path": re.compile(
        r"(?<![\w/.:])(?:/(?:home|root|Users|tmp|work|private|mnt)/|[A-Z]:\\)\S*"
    ),
}
_LOCAL_IMAGE = re.compile(
    r"!\[[^\]]*\]\((?!https?:|data:)[^)]*\)|<img[^>]+src=\"(?!https?:|data:)[^>]*>"
)


def _text(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _cell_problems(kind: str, text: str) -> Iterator[str]:
    for name, pattern in _PLACES.items():
        yield from (f"{name}: {match[0]}" for match in pattern.finditer(text))
    if kind != "markdown":
        return
    prose = _FENCED.sub("", text)
    for name, pattern in _LEFTOVERS.items():
        # A role is followed by what looks like code of Markdown.
        seen = prose if "`" in pattern.pattern else _INLINE_CODE.sub("", prose)
        yield from (f"{name}: {match[0].strip()}" for match in pattern.finditer(seen))
    found = _LOCAL_IMAGE.finditer(prose)
    yield from (f"image that is not there: {match[0]}" for match in found)


def problems(notebook: Mapping[str, Any]) -> list[str]:
    """List what is wrong with a notebook that is offered for download.

    Parameters
    ----------
    notebook : as read from its file

    Returns
    -------
    one line for each leftover of reStructuredText, each path of the builder's machine,
    each picture that will not be there, and each part that is missing

    Examples
    --------
    >>> cell = {"id": "a", "cell_type": "markdown", "source": "See :func:`fold`."}
    >>> problems(
    ...     {
    ...         "nbformat": 4,
    ...         "nbformat_minor": 5,
    ...         "cells": [cell],
    ...         "metadata": {"kernelspec": {"name": "python3"}},
    ...     }
    ... )
    ['cell 0: role: :func:`fold`']
    """
    found = []
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if version != (4, 5):
        found.append(f"format must be 4.5, is {version}")
    if "kernelspec" not in notebook.get("metadata", {}):
        found.append("metadata: no kernelspec")
    ids = [cell.get("id") for cell in notebook["cells"]]
    if None in ids or len(set(ids)) != len(ids):
        found.append("cells must have ids, each its own")
    for number, cell in enumerate(notebook["cells"]):
        wrong = _cell_problems(cell["cell_type"], _text(cell))
        found += [f"cell {number}: {problem}" for problem in wrong]
        if cell.get("outputs"):
            found.append(f"cell {number}: has outputs")
    return found
