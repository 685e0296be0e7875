"""Cards that lead to lessons: picture, title, promise, level, time to read.

The directive ``lesson-cards`` shows the chapters in order, each with its sentence and
its cards; with ``:chapter:`` it shows the cards of one chapter, with ``:links:`` the
titles only. The rows of thumbnails
that Sphinx-Gallery writes, on its index pages and in the reference, become the same
cards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

import course
import gallery_pages
import thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from docutils.nodes import Node
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from course import Chapter, Lesson

_OPEN = "sphx-glr-thumbnails"
_CLOSE = "thumbnail-parent-div-close"
_TAGS = "sg-tag-list"


def _link(docname: str, env: BuildEnvironment) -> nodes.paragraph:
    # Without words of its own, the link takes the title of the page.
    link = addnodes.pending_xref(
        "",
        nodes.inline("", docname, classes=["doc"]),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{docname}",
        refexplicit=False,
        refwarn=True,
        refdoc=env.docname,
    )
    return nodes.paragraph("", "", link, classes=["cnn-card__title"])


def _card(lesson: Lesson, docname: str, env: BuildEnvironment) -> nodes.list_item:
    minutes = course.minutes_to_read(lesson.script.read_text(encoding="utf-8"))
    picture = ""
    if lesson.name in thumbnails.DRAWINGS:
        picture = thumbnails.markup(lesson.name)
    meta = f"{lesson.level} · {minutes} min"
    env.note_dependency(str(lesson.script))
    return nodes.list_item(
        "",
        nodes.raw("", picture, format="html"),
        _link(docname, env),
        nodes.paragraph("", lesson.promise, classes=["cnn-card__promise"]),
        nodes.paragraph("", meta, classes=["cnn-card__meta"]),
        classes=["cnn-card"],
    )


def cards(lessons: Iterable[Lesson], env: BuildEnvironment) -> nodes.bullet_list:
    """Make the cards of some lessons, for the page that is being read.

    Parameters
    ----------
    lessons : in the order in which they are shown; those without a page are left out
    env : knows the pages
    """
    _, folder = gallery_pages.folders(env)
    shown = nodes.bullet_list(classes=["cnn-cards"])
    for lesson in lessons:
        docname = f"{folder}/{lesson.name}"
        if docname in env.found_docs:
            shown += _card(lesson, docname, env)
    return shown


def links(lessons: Iterable[Lesson], env: BuildEnvironment) -> nodes.bullet_list:
    """Make links to some lessons, for the page that is being read.

    Parameters
    ----------
    lessons : in the order in which they are shown; those without a page are left out
    env : knows the pages
    """
    _, folder = gallery_pages.folders(env)
    pages = [f"{folder}/{lesson.name}" for lesson in lessons]
    return nodes.bullet_list(
        "",
        *(
            nodes.list_item("", _link(page, env))
            for page in pages
            if page in env.found_docs
        ),
        classes=["cnn-links"],
    )


def _course(env: BuildEnvironment) -> tuple[Chapter, ...]:
    gallery, _ = gallery_pages.folders(env)
    env.note_dependency(str(gallery / course.METADATA))
    return course.read_course(gallery)


class LessonCards(SphinxDirective):
    """Show the lessons of the course, or of one chapter."""

    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "chapter": directives.unchanged_required,
        "links": directives.flag,
    }

    def run(self) -> list[Node]:
        """Make sections with cards."""
        chapters = {chapter.name: chapter for chapter in _course(self.env)}
        wanted = self.options.get("chapter")
        if wanted is None:
            made = (self._section(chapter) for chapter in chapters.values())
            return [section for section in made if section is not None]
        if wanted not in chapters:
            known = ", ".join(chapters)
            raise self.error(f"lesson-cards: no chapter {wanted!r}; there are {known}")
        return [cards(chapters[wanted].lessons, self.env)]

    def _section(self, chapter: Chapter) -> nodes.section | None:
        show = links if "links" in self.options else cards
        shown = show(chapter.lessons, self.env)
        if not shown.children:
            return None
        section = nodes.section(names=[nodes.fully_normalize_name(chapter.title)])
        section += nodes.title(chapter.title, chapter.title)
        section += nodes.paragraph("", chapter.promise, classes=["cnn-promise"])
        section += shown
        self.state.document.note_implicit_target(section, section)
        return section


def _row(start: nodes.raw) -> list[nodes.Node]:
    """Nodes from the start of a row of thumbnails to its end."""
    siblings = start.parent.children
    first = siblings.index(start)
    for last in range(first, len(siblings)):
        node = siblings[last]
        if isinstance(node, nodes.comment) and _CLOSE in node.astext():
            return list(siblings[first : last + 2])
    return [start]


def replace_thumbnails(env: BuildEnvironment, doctree: nodes.document) -> None:
    """Put cards in the place of Sphinx-Gallery's thumbnails.

    Parameters
    ----------
    env : knows the pages
    doctree : any page, changed in place
    """
    _, folder = gallery_pages.folders(env)
    for start in list(doctree.findall(nodes.raw)):
        if _TAGS in start.astext():
            start.parent.remove(start)
        if _OPEN not in start.astext():
            continue
        row = _row(start)
        links = [
            link["reftarget"].removeprefix(f"/{folder}/")
            for node in row
            for link in node.findall(addnodes.pending_xref)
        ]
        chapters = _course(env)
        known = {lesson.name: lesson for c in chapters for lesson in c.lessons}
        shown = cards((known[name] for name in dict.fromkeys(links)), env)
        parent = start.parent
        parent.insert(parent.index(start), shown.children and [shown])
        for node in row:
            parent.remove(node)


def _only_overview(doctree: nodes.document) -> None:
    """Leave the gallery's own words on its first page, and the tree of pages.

    Sphinx-Gallery repeats there what the pages of the chapters say.
    """
    first, *rest = [
        node for node in doctree.children if isinstance(node, nodes.section)
    ]
    for section in rest:
        for tree in list(section.findall(addnodes.toctree)):
            first += tree.parent
        doctree.remove(section)


def _read(app: Sphinx, doctree: nodes.document) -> None:
    _, folder = gallery_pages.folders(app)
    replace_thumbnails(app.env, doctree)
    if app.env.docname == f"{folder}/index":
        _only_overview(doctree)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("lesson-cards", LessonCards)
    # Sphinx collects images and sections of a page at priority 500.
    app.connect("doctree-read", _read, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
