"""What stands above and below each lesson.

Under the title a strip: level, time to read, seconds that the page ran, data,
downloads. At the end the way on, and the stamp: when, on what, with which versions the
page ran. What is said comes from ``gallery/lessons.toml`` and from the facts of the
run; metadata that are missing or wrong end the build before anything runs.
"""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

import course
import gallery_pages
import notebook_text
import page_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config

    from course import Lesson
    from page_facts import PageFacts

COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"
DATA_NAMES = {
    "digits": "handwritten digits",
    "grey": "grey objects",
    "colour": "colour photographs",
}
#: What the stamp names; the page about reproducibility has all versions.
VERSIONS = ("python", "torch", "torchvision", "numpy")
#: The seed with which each page starts, see ``lesson_process``.
SEED = 0

_END_OF_TITLE = re.compile(r"</h1>\n?")


@dataclass(frozen=True)
class Links:
    """Addresses that a page needs, relative to it; empty where there is none.

    Parameters
    ----------
    script, notebook, colab, data, health : addresses
    """

    script: str
    notebook: str
    colab: str = ""
    data: str = ""
    health: str = ""


def seconds(value: float) -> str:
    """Say a duration in words.

    Parameters
    ----------
    value : seconds

    Examples
    --------
    190 = 3 * 60 + 10.

    >>> seconds(0.4), seconds(12.3), seconds(190)
    ('under a second', '12 s', '3 min 10 s')
    """
    if value < 1:
        return "under a second"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _anchor(address: str, text: str, attributes: str = "") -> str:
    return f'<a href="{html.escape(address)}"{attributes}>{text}</a>'


def strip(lesson: Lesson, facts: PageFacts | None, links: Links) -> str:
    """Write the strip under the title.

    Parameters
    ----------
    lesson : metadata
    facts : of the run; None if the page did not run
    links : addresses
    """
    minutes = course.minutes_to_read(lesson.script.read_text(encoding="utf-8"))
    level = lesson.level.replace(" ", "-")
    items = [
        f'<span class="cnn-level cnn-level--{level}">{lesson.level}</span>',
        f"{minutes} min to read",
        f"ran in {seconds(facts.seconds)}" if facts else "not run in this build",
    ]
    if lesson.data != "none":
        name = DATA_NAMES[lesson.data]
        items.append("data: " + (_anchor(links.data, name) if links.data else name))
    button = ' class="cnn-button" download'
    items += [
        _anchor(links.script, "<span>Script</span> .py", button),
        _anchor(links.notebook, "<span>Notebook</span> .ipynb", button),
    ]
    if links.colab:
        items.append(_anchor(links.colab, "Open in Colab", ' class="cnn-button"'))
    inner = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul class="cnn-strip" aria-label="About this lesson">{inner}</ul>\n'


def stamp(facts: PageFacts, versions: dict[str, str], links: Links) -> str:
    """Write when, on what and with what a page ran.

    Parameters
    ----------
    facts : of the run
    versions : of the libraries, by name
    links : addresses
    """
    when = datetime.fromisoformat(facts.date)
    date = f"{when.day} {when:%B %Y}, {when:%H:%M} UTC"
    device = "a processor, no GPU" if facts.device == "cpu" else facts.device
    shown = [name for name in VERSIONS if name in versions]
    used = ", ".join(f"{name} {versions[name]}" for name in shown)
    memory = f"{facts.peak_mb:,.0f} MB".replace(",", "\u202f")
    entries = {
        "Ran": f'<time datetime="{facts.date}">{date}</time>',
        "On": html.escape(device),
        "Took": f"{seconds(facts.seconds)}, {memory}",
        "Profile": html.escape(facts.profile),
        "Versions": html.escape(used),
        "Seed": str(SEED),
    }
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{value}</dd></div>"
        for name, value in entries.items()
        if value
    )
    more = _anchor(links.health, "How to get the same numbers") if links.health else ""
    return (
        '<aside class="cnn-stamp" aria-label="How this page was made">'
        f"<dl>{rows}</dl>{more}</aside>\n"
    )


def way_on(
    before: tuple[str, str] | None, after: tuple[str, str, str] | None, overview: str
) -> str:
    """Write the links to the lessons before and after.

    Parameters
    ----------
    before : address and title
    after : address, title and promise
    overview : address of the page with all lessons
    """
    if after:
        address, title, promise = after
        words = (
            f"<span>Next lesson</span><strong>{title}</strong>"
            f"<span>{html.escape(promise)}</span>"
        )
        parts = [_anchor(address, words, ' class="cnn-next__card" rel="next"')]
    else:
        words = "<strong>All lessons</strong>"
        parts = [_anchor(overview, words, ' class="cnn-next__card"')]
    if before:
        address, title = before
        parts.append(_anchor(address, f"Before: {title}", ' rel="prev"'))
    return f'<nav class="cnn-next" aria-label="Lessons">{"".join(parts)}</nav>\n'


def insert(body: str, *, under_title: str, at_end: str) -> str:
    """Put parts into the body of a page.

    Parameters
    ----------
    body : what Sphinx wrote
    under_title, at_end : parts

    Raises
    ------
    ValueError
        If the page has no title.

    Examples
    --------
    >>> insert("<h1>A</h1><p>b</p>", under_title="<ul></ul>", at_end="<nav></nav>")
    '<h1>A</h1><ul></ul><p>b</p><nav></nav>'
    """
    found = _END_OF_TITLE.search(body)
    if not found:
        raise ValueError("a lesson must begin with a title")
    return body[: found.end()] + under_title + body[found.end() :] + at_end


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
