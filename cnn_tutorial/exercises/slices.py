"""The part of a learner's file that an answer needs, found without running the file.

A script may train for a minute and a notebook may hold magic commands. A check needs
neither: only the definition that is asked for, and whatever that refers to.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

__all__ = ["defined_in", "read_source", "sliced"]

_BLOCKS = ("body", "orelse", "finalbody")


def read_source(path: Path) -> str:
    """Return the Python of a script or a notebook.

    Parameters
    ----------
    path
        Ends in ``.py`` or ``.ipynb``. Of a notebook, cells that are no Python (with
        magic commands, or not finished) are left out, unless they define something.

    Returns
    -------
    str
        Source; of a notebook, the cells one below the other.

    Raises
    ------
    ValueError
        If the file is neither, or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            return text
        if path.suffix == ".ipynb":
            return "\n\n".join(_cells(json.loads(text)))
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"`path` (={str(path)!r}) cannot be read: {error}.") from None
    raise ValueError(f"`path` (={str(path)!r}) must end in .py or .ipynb.")


def _cells(notebook: dict[str, list[dict[str, object]]]) -> Iterator[str]:
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        lines = source if isinstance(source, list) else str(source).splitlines(True)
        text = "".join(
            line for line in lines if not line.lstrip().startswith(("%", "!"))
        )
        if _is_python(text) or any(
            line.startswith(("def ", "class ")) for line in text.splitlines()
        ):
            yield text


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def defined_in(source: str) -> list[str]:
    r"""Return what a file defines or assigns at its top level, each name once.

    Parameters
    ----------
    source
        Python; where it is none, the names are looked for line by line.

    Examples
    --------
    >>> defined_in("def f(x): return x\n\nclass B: pass\n\ng = f\n")
    ['f', 'B', 'g']
    >>> defined_in("def f(x:\n    return x\n")
    ['f']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        heads = (line.split("(")[0].split(":")[0] for line in source.splitlines())
        words = (head.split() for head in heads if head.startswith(("def ", "class ")))
        return list(dict.fromkeys(pair[1] for pair in words if len(pair) == 2))
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Assign)
    found = (_bound(node) for node in tree.body if isinstance(node, kinds))
    return list(dict.fromkeys(name for names in found for name in sorted(names)))


def sliced(source: str, name: str) -> ast.Module:
    r"""Return the statements that a name's definition depends on.

    Lines keep their numbers.
    Taken are the statements that bind the name, those that bind a name which these
    mention, and so on; a call that changes something without binding a name is not.

    Parameters
    ----------
    source
        Python.
    name
        What is needed.

    Returns
    -------
    ast.Module
        To be compiled.

    Raises
    ------
    SyntaxError
        If the file is no Python.

    Examples
    --------
    >>> source = "import torch\nk = 3\nprint(k)\ndef f(x): return x * k"
    >>> print(ast.unparse(sliced(source, "f")))
    k = 3
    <BLANKLINE>
    def f(x):
        return x * k
    """
    tree = ast.parse(source)
    wanted, taken = {name}, set[int]()
    while True:
        more = [
            number
            for number, node in enumerate(tree.body)
            if number not in taken and (_bound(node) & wanted or _is_open(node))
        ]
        if not more:
            break
        taken.update(more)
        for number in more:
            wanted |= _mentioned(tree.body[number])
    tree.body = [node for number, node in enumerate(tree.body) if number in taken]
    return tree


def _is_open(node: ast.stmt) -> bool:
    """Whether a statement may bind any name: ``from x import *``, ``__future__``."""
    return isinstance(node, ast.ImportFrom) and (
        node.module == "__future__" or any(alias.name == "*" for alias in node.names)
    )


def _bound(node: ast.AST) -> set[str]:
    """Return the names that a statement binds, or changes a part of."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    names = {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    }
    for target in _targets(node):
        names |= {_base(target)} - {""}
    for block in (*_BLOCKS, "handlers"):
        for inner in getattr(node, block, []):
            names |= _bound(inner)
    return names


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        return [node.target]
    return []


def _base(target: ast.expr) -> str:
    """Return `x` of ``x.a[0] = ...``."""
    while isinstance(target, (ast.Attribute, ast.Subscript)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _mentioned(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
