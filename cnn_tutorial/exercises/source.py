"""Solutions and stubs, both cut from the source of the function that is tested.

Lessons do without annotations, and so does what is cut; nothing else is changed.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable

__all__ = ["solution_of", "stub_of"]

Definition = ast.FunctionDef | ast.ClassDef


def solution_of(reference: Callable[..., object], imports: str) -> str:
    """Return the source of a function or class, with its imports.

    Parameters
    ----------
    reference
        Defined in a file.
    imports
        Import statements, one a line; may be empty.

    Returns
    -------
    str
        Python that runs as it is.
    """
    return _below(imports, _plain_source(reference))


def stub_of(reference: Callable[..., object], imports: str) -> str:
    """Return a function or class with signatures and docstrings and without bodies.

    Parameters
    ----------
    reference
        Defined in a file.
    imports
        Import statements, one a line; may be empty.

    Returns
    -------
    str
        Python whose functions raise ``NotImplementedError``.
    """
    source = _plain_source(reference)
    node = ast.parse(source).body[0]
    assert isinstance(node, Definition)
    return _below(imports, _skeleton(node, source.splitlines()) + "\n")


def without_annotations(source: str) -> str:
    """Return functions without the types in their signatures.

    Parameters
    ----------
    source
        Python.

    Returns
    -------
    str
        Python that does the same.

    Examples
    --------
    >>> print(without_annotations("def f(a: int, *, b: str = 'x') -> None: ..."))
    def f(a, *, b='x'): ...
    """
    functions = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)
    ]
    # From the last to the first, so that the places of the others stay.
    for node in sorted(functions, key=lambda node: node.lineno, reverse=True):
        lines = source.splitlines(keepends=True)
        first, rest = node.lineno - 1, node.body[0].lineno - 1
        head = "".join(lines[first:rest])
        indent = " " * node.col_offset
        plain = f"{indent}def {node.name}({_parameters(node.args)}):"
        if rest == first:  # the body stands on the same line
            body = lines[first][node.body[0].col_offset :]
            source = "".join([*lines[:first], f"{plain} {body}", *lines[first + 1 :]])
        else:
            comment = re.search(r"(  #[^\n]*)?\n\Z", head)
            assert comment is not None
            source = "".join([*lines[:first], plain, comment[0], *lines[rest:]])
    return source


def _plain_source(reference: Callable[..., object]) -> str:
    return without_annotations(textwrap.dedent(inspect.getsource(reference)))


def _parameters(arguments: ast.arguments) -> str:
    for node in ast.walk(arguments):
        if isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(arguments)


def _skeleton(node: Definition, lines: list[str]) -> str:
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    end = first.end_lineno if documented else first.lineno - 1
    head = textwrap.dedent("\n".join(lines[node.lineno - 1 : end]))
    if isinstance(node, ast.FunctionDef):
        return f"{head}\n    raise NotImplementedError"
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    inner = [textwrap.indent(_skeleton(item, lines), "    ") for item in methods]
    return "\n\n".join([head, *inner])


def _below(imports: str, code: str) -> str:
    return f"{imports}\n\n\n{code}" if imports else code
