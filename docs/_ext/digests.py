"""Digests of all that outputs hang on besides their own source."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

from sphinx.config import Config
from sphinx.errors import ConfigError

#: Settings of the gallery that choose what runs, not what comes out.
CHOICES = {"plot_gallery", "filename_pattern", "run_stale_examples"}
ROLES = ("DIGITS", "GREY", "COLOUR")

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for found in sorted(path.rglob("*")):
        if found.is_file() and "__pycache__" not in found.parts:
            yield found


def digest(paths: Iterable[Path], facts: Mapping[str, str]) -> str:
    """Digest of files and of facts, 16 hexadecimal digits.

    Parameters
    ----------
    paths : files, and folders with all they hold but ``__pycache__``
    facts : names and values

    Raises
    ------
    ConfigError
        If there is no such file.
    """
    sha = hashlib.sha256()
    for path in paths:
        if not path.exists():
            raise ConfigError(f"there is no {path} for a digest to look at")
        for file in _files(path):
            name = file.relative_to(path.parent).as_posix()
            sha.update(f"{name}\0{file.stat().st_size}\0".encode())
            sha.update(file.read_bytes())
    for name, value in sorted(facts.items()):
        sha.update(f"{name}\0{value}\0".encode())
    return sha.hexdigest()[:16]


def closure(folder: Path, modules: Iterable[str]) -> list[Path]:
    """Find the files of modules, and of what they import from the same folder.

    Parameters
    ----------
    folder : holds the modules
    modules : names; those that the folder does not hold are left out
    """
    found: set[str] = set()
    todo = set(modules)
    while todo:
        path = folder / f"{todo.pop()}.py"
        if path.stem in found or not path.is_file():
            continue
        found.add(path.stem)
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                todo.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                todo.add(node.module)
    return [folder / f"{name}.py" for name in sorted(found)]


def versions(distributions: Iterable[str]) -> dict[str, str]:
    """Versions of Python and of installed distributions.

    Parameters
    ----------
    distributions : names; one that is not installed is ``absent``
    """
    found = {"python": platform.python_version()}
    for name in distributions:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def device() -> str:
    """Device that lessons will use: what is asked for, or the best there is."""
    import torch

    asked = os.environ.get("CNN_TUTORIAL_DEVICE")
    if torch.cuda.is_available():  # pragma: cuda
        return f"{asked or 'cuda'} ({torch.cuda.get_device_name()})"
    return asked or ("mps" if torch.backends.mps.is_available() else "cpu")


def roles() -> dict[str, str]:
    """Look up the data sets that the environment puts in the place of the profile's.

    A folder stands with the names, sizes and times of its files.
    """
    found = {}
    for role in ROLES:
        value = found[role] = os.environ.get(f"CNN_TUTORIAL_{role}", "")
        if value.startswith("folder:"):
            root = Path(value.removeprefix("folder:")).expanduser()
            listing = [
                f"{file.relative_to(root)} {file.stat().st_size} {file.stat().st_mtime}"
                for file in _files(root)
            ]
            found[role] = "\n".join([value, *listing])
    return found


def run_digest(root: Path, config: Config) -> str:
    """Digest of all that outputs hang on besides script and cells.

    Parameters
    ----------
    root : to which the paths in the settings are relative
    config : of the application; ``sphinx_gallery_conf`` as the user wrote it
    """
    gallery = {k: v for k, v in config.sphinx_gallery_conf.items() if k not in CHOICES}
    facts = versions(config.staleness_versions) | roles()
    facts["profile"] = os.environ.get("CNN_TUTORIAL_PROFILE") or "docs"
    facts["device"] = device()
    facts["gallery"] = _ADDRESS.sub("", repr(sorted(gallery.items())))
    paths = [root / path for path in config.staleness_run]
    paths += closure(Path(__file__).parent, config.staleness_modules)
    return digest(paths, facts)


def site_digest(root: Path, config: Config) -> str:
    """Digest of all that shapes pages and that Sphinx does not look at.

    Parameters
    ----------
    root : to which the paths in the settings are relative
    config : of the application
    """
    facts = versions([]) | {d.name: d.version for d in metadata.distributions()}
    return digest([root / path for path in config.staleness_site], facts)
