"""Which code a recorded run hangs on, and a short name for what it says.

The digest of a recipe covers its settings, the file that carries it out, the file that
builds the model, and what these import from ``models``, ``blocks`` and
``datasets.augmentation``. Comments, docstrings and blank lines are left out: they
change no number. The training loop is left out too: its tests hold it to a loop written
out by hand, whatever else it learns to do.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import io
import json
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from cnn_tutorial.experiments.recipe import Build, Recipe, train

__all__ = ["code_of", "digest", "files"]

_COUNTED = (
    "cnn_tutorial.blocks",
    "cnn_tutorial.datasets.augmentation",
    "cnn_tutorial.experiments.recipe",
    "cnn_tutorial.experiments.small_nets",
    "cnn_tutorial.models",
)


def digest(recipe: Recipe, build: Build) -> str:
    """Return 16 hexadecimal digits that change when the recipe or its code does.

    Parameters
    ----------
    recipe
        What was carried out.
    build
        What built the model.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from cnn_tutorial.experiments.small_nets import build
    >>> recipe = Recipe(data="digits", epochs=3)
    >>> digest(recipe, build) == digest(replace(recipe, epochs=4), build)
    False
    """
    sha = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    for path in files(build):
        sha.update(f"\0{path.name}\0{code_of(path.read_text('utf-8'))}".encode())
    return sha.hexdigest()[:16]


def files(build: Build) -> list[Path]:
    """Return the files that a run hangs on.

    Parameters
    ----------
    build
        What builds the model.

    Returns
    -------
    list of path
        In the order of their modules' names.

    Examples
    --------
    >>> from cnn_tutorial.experiments.small_nets import build
    >>> sorted(path.name for path in files(build))
    ['augmentation.py', 'conv.py', 'recipe.py', 'residual.py', 'small_nets.py']
    """
    todo = {train.__module__, inspect.unwrap(build).__module__}
    found: dict[str, Path] = {}
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = _path(name)
            todo |= set(_imports(found[name]))
    return [path for _, path in sorted(found.items())]


def code_of(source: str) -> str:
    r"""Return the lines of a program without docstrings, comments and blank lines.

    Parameters
    ----------
    source
        A program.

    Examples
    --------
    >>> code_of('def f(x):\n    "Halve."\n\n    return x / 2  # exact\n')
    'def f(x):\n    return x / 2'
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for first, last in _docstrings(ast.parse(source)):
        lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each text that stands alone."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Expr) else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.lineno, text.end_lineno or text.lineno


def _imports(path: Path) -> Iterable[str]:
    """Yield the counted modules that a file imports names from."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        module = node.module if isinstance(node, ast.ImportFrom) else None
        if isinstance(node, ast.ImportFrom) and module and module.startswith(_COUNTED):
            yield from (_home(module, alias.name) for alias in node.names)


def _home(module: str, name: str) -> str:
    """Return the module that defines a name: a package passes on what others define."""
    path = _path(module)
    if path.name != "__init__.py":
        return module
    if importlib.util.find_spec(f"{module}.{name}"):
        return f"{module}.{name}"
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            passed_on = {alias.asname or alias.name for alias in node.names}
            if name in passed_on:
                return _home(node.module, name)
    return module


def _path(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError(f"`build` hangs on {module!r}, which has no source file.")
    return Path(spec.origin)
