"""A square picture for each lesson, drawn while the site is built.

The pictures are written to ``_static/thumbs/CHAPTER/LESSON.svg``; :func:`markup` gives
the same picture for a card, where it follows the colours of the page. A lesson without
a drawing stops the build: a generic picture says nothing.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

from course import scripts
from drawings import (
    channels,
    classics,
    comparing,
    convolution,
    data,
    dense,
    efficient,
    fields,
    filters,
    fitting,
    improving,
    looking,
    loops,
    modules,
    norms,
    own,
    residual,
    sizes,
    speed,
    tensors,
    towers,
)
from drawings.shapes import SIDE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

SUBJECTS = (
    channels,
    classics,
    comparing,
    convolution,
    data,
    dense,
    efficient,
    fields,
    filters,
    fitting,
    improving,
    looking,
    loops,
    modules,
    norms,
    own,
    residual,
    sizes,
    speed,
    tensors,
    towers,
)
DRAWINGS = {name: draw for part in SUBJECTS for name, draw in part.DRAWINGS.items()}


def markup(name: str, *, title: str = "") -> str:
    """Return the picture of a lesson for use within a page.

    Parameters
    ----------
    name : str
        The lesson, as in ``"20_convolution/30_unfold"``.
    title : str, optional
        What a screen reader says. Without it the picture counts as decoration, which
        is right beside the lesson's title.

    Raises
    ------
    ExtensionError
        The lesson has no drawing.
    """
    missing([name])
    role = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return (
        f'<svg class="cnn-thumb" viewBox="0 0 {SIDE} {SIDE}" {role} focusable="false">'
        f"{DRAWINGS[name]()}</svg>"
    )


def file(name: str) -> str:
    """Return the picture of a lesson as a file that stands alone, on its own tile."""
    tile = f'<rect width="{SIDE}" height="{SIDE}" rx="12" fill="#f6f4ef"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}"'
        f' width="{2 * SIDE}" height="{2 * SIDE}" color="#1d2430">'
        f"{tile}{DRAWINGS[name]()}</svg>\n"
    )


def missing(names: Iterable[str]) -> None:
    """Check that all lessons have a drawing.

    Parameters
    ----------
    names : str
        Lessons.

    Raises
    ------
    ExtensionError
        Some have none; the message names them.
    """
    without = [name for name in names if name not in DRAWINGS]
    if without:
        raise ExtensionError(
            f"no thumbnail for {', '.join(without)}: draw it in docs/_ext/drawings"
        )


def write(app: Sphinx) -> None:
    """Write the pictures of all lessons where Sphinx takes static files from."""
    if app.builder.format != "html":
        return
    settings = app.config.sphinx_gallery_conf
    names = scripts(Path(app.srcdir, settings["examples_dirs"]).resolve())
    missing(names)
    target = Path(app.doctreedir, "thumbs_static")
    for name in names:
        path = Path(target, "thumbs", f"{name}.svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file(name), encoding="utf-8")
    app.config.html_static_path.append(str(target))


def setup(app: Sphinx) -> dict[str, Any]:
    """Draw when the builder is ready."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
