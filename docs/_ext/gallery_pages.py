"""Which pages of the site are lessons, and the cells of a script.

The extensions that work on lessons ask here, so that the settings of Sphinx-Gallery are
read in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_gallery import py_source_parser

import course

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class Block(NamedTuple):
    """Cell of a script.

    Parameters
    ----------
    type : ``text`` or ``code``
    content : of the cell
    lineno : line of the script, from 1
    """

    type: str
    content: str
    lineno: int


@dataclass(frozen=True)
class Page:
    """A lesson as a page of the site.

    Parameters
    ----------
    name : chapter and script, such as ``20_convolution/30_unfold``
    docname : name of the page for Sphinx
    script : the source
    """

    name: str
    docname: str
    script: Path


def _one(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


def folders(owner: Sphinx | BuildEnvironment) -> tuple[Path, str]:
    """Folder of the scripts, and folder of their pages relative to the sources.

    Parameters
    ----------
    owner : of the settings
    """
    conf = owner.config.sphinx_gallery_conf
    gallery = Path(owner.srcdir, _one(conf["examples_dirs"])).resolve()
    return gallery, _one(conf["gallery_dirs"])


def pages(app: Sphinx) -> Iterator[Page]:
    """Lessons that are pages of this build, in the order of the course.

    Parameters
    ----------
    app : the application
    """
    gallery, folder = folders(app)
    for name in course.scripts(gallery):
        docname = f"{folder}/{name}"
        if docname in app.env.found_docs:
            yield Page(name, docname, gallery / f"{name}.py")


def blocks(script: Path) -> list[Block]:
    """Cells of a script as Sphinx-Gallery shows them.

    Parameters
    ----------
    script : the source

    Returns
    -------
    cells without the comments that are meant for Sphinx-Gallery
    """
    parser = py_source_parser
    _, found = parser.split_code_and_text_blocks(str(script))
    cleaned = [
        Block(
            kind,
            parser.remove_config_comments(parser.remove_ignore_blocks(content)),
            lineno,
        )
        for kind, content, lineno in found
    ]
    if cleaned[-1].content.isspace():
        cleaned.pop()
    return cleaned
