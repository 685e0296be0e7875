"""The parts that stand above and below a lesson, as HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import course

if TYPE_CHECKING:
    from course import Lesson
    from page_facts import PageFacts

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
