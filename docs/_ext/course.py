"""What the site knows about its lessons: chapters, levels, promises, time to read.

The order of the course is the order of the file names; everything else that a page says
about a lesson stands in ``gallery/lessons.toml``. A script without an entry there, or
an entry without a script, is an error, so that neither can be forgotten.
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEVELS = ("first steps", "core", "deeper")
DATA = ("digits", "grey", "colour", "none")
METADATA = "lessons.toml"

#: How fast a page of this kind is read, see :func:`minutes_to_read`.
WORDS_PER_MINUTE = 200
CODE_LINES_PER_MINUTE = 12

_SCRIPT = re.compile(r"\d\d_\w+\.py")
_CHAPTER = re.compile(r"\d\d_\w+")
_WORD = re.compile(r"[^\W_]+(?:['\u2019.-]?[^\W_]+)*")


@dataclass(frozen=True)
class Lesson:
    """One script of the gallery.

    Parameters
    ----------
    name : chapter and script, such as ``20_convolution/30_unfold``
    level : one of :data:`LEVELS`
    data : one of :data:`DATA`
    promise : one sentence
    budget : seconds that the page may take
    script : path of the source
    """

    name: str
    level: str
    data: str
    promise: str
    budget: float
    script: Path

    @property
    def chapter(self) -> str:
        """Folder of the lesson."""
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Chapter:
    """A folder of the gallery.

    Parameters
    ----------
    name : folder, such as ``20_convolution``
    title : what the folder is called on the site
    promise : one sentence
    lessons : in the order in which they are to be read
    """

    name: str
    title: str
    promise: str
    lessons: tuple[Lesson, ...]


def scripts(gallery: Path) -> list[str]:
    """Names of all lessons below a folder, in the order of the course.

    Parameters
    ----------
    gallery : folder that holds the chapters
    """
    return [
        f"{folder.name}/{script.stem}"
        for folder in sorted(gallery.iterdir())
        if folder.is_dir() and _CHAPTER.fullmatch(folder.name)
        for script in sorted(folder.iterdir())
        if _SCRIPT.fullmatch(script.name)
    ]


def _text(table: Mapping[str, Any], key: str, where: str) -> Iterator[str]:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        yield f"{where}: {key} must be a sentence, got {value!r}"


def _choice(
    table: Mapping[str, Any], key: str, choices: tuple[str, ...], where: str
) -> Iterator[str]:
    if table.get(key) not in choices:
        known = ", ".join(choices)
        yield f"{where}: {key} must be one of {known}; got {table.get(key)!r}"


def _lesson_problems(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    where = f"lessons.{name!r}"
    yield from _choice(table, "level", LEVELS, where)
    yield from _choice(table, "data", DATA, where)
    yield from _text(table, "promise", where)
    budget = table.get("budget", 60)
    if isinstance(budget, bool) or not isinstance(budget, int | float) or budget <= 0:
        yield f"{where}: budget must be a positive number of seconds, got {budget!r}"
    if not isinstance(table.get("alone", False), bool):
        yield f"{where}: alone must be true or false, got {table['alone']!r}"
    for key in sorted(set(table) - {"level", "data", "promise", "budget", "alone"}):
        yield f"{where}: unknown key {key!r}"


def _chapter_problems(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    where = f"chapters.{name!r}"
    yield from _text(table, "title", where)
    yield from _text(table, "promise", where)
    for key in sorted(set(table) - {"title", "promise"}):
        yield f"{where}: unknown key {key!r}"


def _missing(kind: str, there: list[str], listed: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(set(there) - set(listed)):
        yield f"{name} has no entry [{kind}.{name!r}]"
    for name in sorted(set(listed) - set(there)):
        yield f"[{kind}.{name!r}] has no script" + ("s" if kind == "chapters" else "")


def _tables(gallery: Path) -> dict[str, Any]:
    path = gallery / METADATA
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{gallery.name} has no {METADATA}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{gallery.name}/{METADATA} is not TOML: {error}") from None


def _lesson(gallery: Path, name: str, table: Mapping[str, Any]) -> Lesson:
    return Lesson(
        name=name,
        level=table["level"],
        data=table["data"],
        promise=table["promise"],
        budget=float(table.get("budget", 60)),
        script=gallery / f"{name}.py",
    )


def read_course(gallery: Path) -> tuple[Chapter, ...]:
    """Read the chapters and lessons of a gallery.

    Parameters
    ----------
    gallery : folder with ``lessons.toml`` and one folder per chapter

    Returns
    -------
    chapters in the order of the course

    Raises
    ------
    ValueError
        If the metadata are missing, incomplete or about something that is not there.
        The message lists everything that is wrong.
    """
    tables = _tables(gallery)
    names = scripts(gallery)
    lessons, chapters = tables.pop("lessons", {}), tables.pop("chapters", {})
    folders = list(dict.fromkeys(name.partition("/")[0] for name in names))
    found = [
        *(f"unknown table {key!r}" for key in sorted(tables)),
        *_missing("lessons", names, lessons),
        *_missing("chapters", folders, chapters),
        *(p for item in lessons.items() for p in _lesson_problems(*item)),
        *(p for item in chapters.items() for p in _chapter_problems(*item)),
    ]
    if found:
        raise ValueError("\n  ".join([f"{gallery.name}/{METADATA}:", *found]))
    known = [_lesson(gallery, name, lessons[name]) for name in names]
    return tuple(
        Chapter(
            folder,
            chapters[folder]["title"],
            chapters[folder]["promise"],
            tuple(lesson for lesson in known if lesson.chapter == folder),
        )
        for folder in folders
    )


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        alone = token.line.lstrip().startswith("#")
        if token.type == tokenize.COMMENT and alone:
            yield token.start[0], token.string.lstrip("#% ")


def minutes_to_read(source: str) -> int:
    r"""How long a reader takes for a script, in whole minutes.

    Text counts 200 words a minute. A line of code counts five seconds, because code is
    studied and not skimmed; blank lines and the words of comments between the cells do
    not count as code.

    Parameters
    ----------
    source : text of the script

    Returns
    -------
    minutes, at least 1

    Examples
    --------
    600 words and 24 lines take 600/200 + 24/12 minutes.

    >>> text = "word " * 600
    >>> minutes_to_read(f"'{text}'" + "\nx = 1" * 24)
    5
    """
    comments = dict(_comments(source))
    first = ast.parse(source).body[:1]
    intro = first[0].end_lineno or 0 if ast.get_docstring(ast.parse(source)) else 0
    lines = source.splitlines()
    code = [
        line
        for number, line in enumerate(lines[intro:], start=intro + 1)
        if line.strip() and number not in comments
    ]
    text = "\n".join([*lines[:intro], *comments.values()])
    words = len(_WORD.findall(text))
    minutes = words / WORDS_PER_MINUTE + len(code) / CODE_LINES_PER_MINUTE
    return max(1, math.ceil(minutes - 0.5))
