"""The package as a wheel, served by the site.

What the pages ran with is what readers install: the wheel is built from this checkout,
without network, and lies at ``dist/`` of the site. Notebooks, the page *Start here* and
the role ``wheel-link`` point there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxRole

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

FOLDER = "dist"
PACKAGE = "cnn_tutorial"
#: Date of the files in the wheel, 2020-02-02: the same checkout gives the same bytes.
EPOCH = "1580601600"

_MISSING = f"""\
# Install the package of the course where it is missing, on Colab for instance.
import importlib.util

if importlib.util.find_spec("{PACKAGE}") is None:
    """


class WheelError(Exception):
    """The wheel could not be built."""


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def build_wheel(root: Path, target: Path) -> Path:
    """Build the wheel of a project.

    Parameters
    ----------
    root : folder with the project's ``pyproject.toml``
    target : folder for the wheel; other wheels in it are deleted

    Returns
    -------
    path of the wheel

    Raises
    ------
    WheelError
        If the project cannot be built.
    """
    from hatchling.builders.wheel import WheelBuilder

    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.whl"):
        old.unlink()
    try:
        with _environment(SOURCE_DATE_EPOCH=EPOCH):
            builder = WheelBuilder(str(root))
            (wheel,) = builder.build(directory=str(target), versions=["standard"])
    except (OSError, ValueError, TypeError) as error:
        raise WheelError(f"the wheel of {root.name} was not built: {error}") from error
    return Path(wheel)


def wheel(doctreedir: Path) -> Path:
    """Path of the wheel that this build serves.

    Parameters
    ----------
    doctreedir : folder of Sphinx, when the builder is ready
    """
    (found,) = Path(doctreedir, FOLDER).glob("*.whl")
    return found


def install_requirement(base: str, repository: str, wheel_name: str) -> str | None:
    """Say from where pip installs the package.

    Never the name of a package index: the name there may be somebody else's.

    Parameters
    ----------
    base : address of the site, or nothing
    repository : ``OWNER/REPO`` on GitHub, or nothing
    wheel_name : file name of the wheel

    Returns
    -------
    address, or None where the package is known to be nowhere but in a checkout

    Examples
    --------
    >>> install_requirement("https://a.org/c/", "", "p-1-py3-none-any.whl")
    'https://a.org/c/dist/p-1-py3-none-any.whl'
    >>> install_requirement("", "o/r", "p-1-py3-none-any.whl")
    'git+https://github.com/o/r'
    """
    if base:
        return f"{base.rstrip('/')}/{FOLDER}/{wheel_name}"
    if repository:
        return f"git+https://github.com/{repository}"
    return None


def install_command(app: Sphinx) -> str:
    """First code cell of a notebook: the package, unless it is there.

    Parameters
    ----------
    app : the application
    """
    config = app.config
    name = wheel(app.doctreedir).name
    source = install_requirement(config.html_baseurl, config.lesson_repository, name)
    if source is None:
        return (
            f"# This lesson needs the package {PACKAGE}: the wheel that the site\n"
            '# offers on its page "Start here", or a checkout of the course.\n'
            f"#     python -m pip install {name}\n"
            "#     python -m pip install ."
        )
    return f"{_MISSING}%pip install --quiet {source}"


class wheel_link(nodes.Inline, nodes.TextElement):  # noqa: N801 (docutils names so)
    """Words that lead to the wheel."""


class WheelRole(SphinxRole):
    """``wheel-link``: words that lead to the wheel."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make the link; its address hangs on the page that it will stand on."""
        return [wheel_link("", "", nodes.Text(self.text))], []


def _visit(self: HTML5Translator, node: wheel_link) -> None:
    del node
    builder = self.builder
    name = wheel(builder.doctreedir).name
    start = builder.get_relative_uri(builder.current_docname, "").rpartition("/")[0]
    link = f"{start}/{FOLDER}/{name}".lstrip("/")
    self.body.append(f'<a class="reference download internal" download href="{link}">')


def _depart(self: HTML5Translator, node: wheel_link) -> None:
    del node
    self.body.append("</a>")


def _nothing(self: nodes.NodeVisitor, node: nodes.Element) -> None:
    del self, node


def _build(app: Sphinx) -> None:
    if app.builder.format == "html":
        root = Path(app.confdir, app.config.wheel_root).resolve()
        build_wheel(root, Path(app.doctreedir, FOLDER))


def _serve(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir, FOLDER)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        source = wheel(app.doctreedir)
        shutil.copyfile(source, target / source.name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events."""
    app.add_config_value("wheel_root", "..", "")
    app.add_config_value(
        "lesson_repository", os.environ.get("GITHUB_REPOSITORY", ""), "html"
    )
    silent = dict.fromkeys(("latex", "text", "man", "texinfo"), (_nothing, _nothing))
    app.add_node(wheel_link, html=(_visit, _depart), **silent)  # type: ignore[arg-type]
    app.add_role("wheel-link", WheelRole())
    app.connect("builder-inited", _build)
    app.connect("build-finished", _serve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
