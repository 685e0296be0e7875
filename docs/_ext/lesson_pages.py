"""What stands above and below each lesson.

Under the title a strip: level, time to read, seconds that the page ran, data,
downloads. At the end the way on, and the stamp: when, on what, with which versions the
page ran. What is said comes from ``gallery/lessons.toml`` and from the facts of the
run; metadata that are missing or wrong end the build before anything runs.
"""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

import course
import gallery_pages
import notebook_text
import page_facts
from lesson_frame import Links, insert, stamp, strip, way_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

    from course import Lesson

COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"


def _links(app: Sphinx, name: str, pathto: Callable[..., str]) -> Links:
    config = app.config
    path = f"{notebook_text.FOLDER}/{name}"
    colab = ""
    if config.lesson_repository and config.lesson_branch:
        colab = COLAB.format(
            repository=config.lesson_repository,
            branch=config.lesson_branch,
            path=f"{path}.ipynb",
        )
    there = app.env.found_docs
    return Links(
        script=pathto(f"{path}.py", 1),
        notebook=pathto(f"{path}.ipynb", 1),
        colab=colab,
        data=pathto("data") if "data" in there else "",
        health=pathto("reproducibility") if "reproducibility" in there else "",
    )


def _versions(app: Sphinx) -> dict[str, str]:
    facts = page_facts.read_json(Path(app.outdir).parent / "facts.json")
    found: dict[str, str] = facts.get("versions", {})
    return found


def _way_on(app: Sphinx, docname: str, pathto: Callable[..., str]) -> str:
    known = {lesson.name: lesson for lesson in _lessons(app)}
    pages = list(gallery_pages.pages(app))
    here = [page.docname for page in pages].index(docname)

    def title(page: gallery_pages.Page) -> str:
        return html.escape(app.env.titles[page.docname].astext())

    before = after = None
    if here:
        page = pages[here - 1]
        before = pathto(page.docname), title(page)
    if here + 1 < len(pages):
        page = pages[here + 1]
        after = pathto(page.docname), title(page), known[page.name].promise
    _, folder = gallery_pages.folders(app)
    return way_on(before, after, pathto(f"{folder}/index"))


def _lessons(app: Sphinx) -> list[Lesson]:
    gallery, _ = gallery_pages.folders(app)
    return [
        lesson for chapter in course.read_course(gallery) for lesson in chapter.lessons
    ]


def add_frame(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Put strip, way on and stamp on the page of a lesson."""
    del templatename
    _, folder = gallery_pages.folders(app)
    known = {f"{folder}/{lesson.name}": lesson for lesson in _lessons(app)}
    if doctree is None or pagename not in known:
        return
    lesson, pathto = known[pagename], context["pathto"]
    links = _links(app, lesson.name, pathto)
    facts = page_facts.load(Path(app.srcdir, f"{pagename}.facts.json"))
    end = _way_on(app, pagename, pathto)
    if facts:
        end += stamp(facts, _versions(app), links)
    context["body"] = insert(
        context["body"], under_title=strip(lesson, facts, links), at_end=end
    )


def check_metadata(app: Sphinx) -> None:
    """Compare the metadata with the scripts, before anything runs.

    Parameters
    ----------
    app : the application

    Raises
    ------
    ExtensionError
        If they do not fit; the message lists what is wrong.
    """
    gallery, _ = gallery_pages.folders(app)
    try:
        course.read_course(gallery)
    except ValueError as error:
        raise ExtensionError(str(error)) from None


def _no_gallery_style(app: Sphinx, config: Config) -> None:
    # lesson.css has what is needed of it, in the colours of the theme.
    del app
    config.sphinx_gallery_conf["css"] = ()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events."""
    for extension in ("notebook_text", "lesson_boxes", "lesson_cards"):
        app.setup_extension(extension)
    # Colab opens notebooks from a branch of a public repository, and from nowhere else.
    branch = os.environ.get("CNN_TUTORIAL_NOTEBOOK_BRANCH", "")
    app.add_config_value("lesson_branch", branch, "html")
    app.add_css_file("lesson.css")
    # Sphinx-Gallery completes its settings at priority 10 of the same event.
    app.connect("config-inited", _no_gallery_style, priority=5)
    app.connect("builder-inited", check_metadata, priority=100)
    # The theme fills its header at priority 501.
    app.connect("html-page-context", add_frame, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
