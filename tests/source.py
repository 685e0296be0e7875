"""What source files import, and what the package says that it needs."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name


def imports(path: Path) -> set[str]:
    """Return the top-level names that a file imports, late imports too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def declared() -> set[NormalizedName]:
    """Return the distributions that the package requires."""
    requirements = importlib.metadata.requires("cnn-tutorial") or []
    return {canonicalize_name(Requirement(each).name) for each in requirements}


def distributions(names: set[str]) -> set[NormalizedName]:
    """Return the distributions that provide modules; none for Python's and our own."""
    provided = importlib.metadata.packages_distributions()
    foreign = names - set(sys.stdlib_module_names) - {"cnn_tutorial"}
    return {canonicalize_name(provided[name][0]) for name in foreign}
