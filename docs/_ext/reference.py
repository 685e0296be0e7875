"""The directive ``module-reference``: one page for a module of the package.

It writes what the module's ``__all__`` names: a table first, each object after it, and
at the end the lessons that use any of them. Public names stand in one list only, the
module's, so that the page cannot fall behind the code.
"""

from __future__ import annotations

import importlib
import inspect
import json
import operator
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import course
import gallery_pages
import lesson_cards

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

    from course import Chapter, Lesson

MOST_CARDS = 12


def kind(thing: object) -> str:
    """Return which of autodoc's directives documents an object.

    Examples
    --------
    >>> kind(len), kind(ValueError), kind(dict), kind((1, 2))
    ('function', 'exception', 'class', 'data')
    """
    if inspect.isclass(thing):
        return "exception" if issubclass(thing, BaseException) else "class"
    if inspect.isroutine(thing):
        return "function"
    return "module" if inspect.ismodule(thing) else "data"


def public(module: ModuleType) -> list[str]:
    """Return the names in a module's ``__all__``, or say that it has none."""
    names = getattr(module, "__all__", None)
    if not names:
        raise ValueError(f"{module.__name__} must name its public objects in __all__.")
    return list(names)


def _with_submodules(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield kind and full name of everything public; modules are opened, none twice."""
    names = public(module)
    things = [getattr(module, name) for name in names]
    for name, thing in zip(names, things, strict=True):
        if kind(thing) != "module":
            yield kind(thing), f"{module.__name__}.{name}"
    for part in (thing for thing in things if kind(thing) == "module"):
        for what, full in _with_submodules(part):
            if not any(getattr(part, full.rpartition(".")[2]) is t for t in things):
                yield what, full


def lines(module: ModuleType) -> list[str]:
    """Return the page of a module as reStructuredText.

    Parameters
    ----------
    module
        What to document.
    """
    members = list(_with_submodules(module))
    prefix = f"{module.__name__}."
    out = [f".. automodule:: {module.__name__}", "   :no-members:", ""]
    out += [".. autosummary::", "   :nosignatures:", ""]
    out += [f"   {full.removeprefix(prefix)}" for _, full in members] + [""]
    for what, full in members:
        out += [f".. auto{what}:: {full}"]
        out += _of_class(module, full.removeprefix(prefix)) if what == "class" else []
        out += [""]
    return out


def _of_class(module: ModuleType, name: str) -> list[str]:
    """Options for a class: its members, and bases that are public and say something."""
    bases = operator.attrgetter(name)(module).__bases__
    silent = any(base is object or "._" in f".{base.__module__}" for base in bases)
    return ["   :members:", *([] if silent else ["   :show-inheritance:"])]


def public_path(thing: type) -> str:
    """Return the shortest name that a class can be imported by.

    Examples
    --------
    >>> from torch import nn
    >>> nn.Sequential.__module__, public_path(nn.Sequential)
    ('torch.nn.modules.container', 'torch.nn.Sequential')
    """
    if thing.__module__ == "builtins":
        return thing.__name__
    parts = thing.__module__.split(".")
    for k in range(1, len(parts) + 1):
        module = importlib.import_module(".".join(parts[:k]))
        if getattr(module, thing.__name__, None) is thing:
            return f"{module.__name__}.{thing.__name__}"
    return f"{thing.__module__}.{thing.__qualname__}"


def name_bases(
    _app: Sphinx, _name: str, _object: object, _options: object, bases: list[type | str]
) -> None:
    """Show bases by their public names: those are documented, and linked to."""
    bases[:] = [
        base if isinstance(base, str) else f":py:class:`~{public_path(base)}`"
        for base in bases
    ]


def used_in(module: str, backreferences: Path) -> set[str]:
    """Return the lessons that use anything of a module, as ``CHAPTER/NAME``.

    Parameters
    ----------
    module
        Full name.
    backreferences
        Sphinx-Gallery's index: for each object the scripts that name it.
    """
    if not backreferences.is_file():
        return set()
    index: dict[str, list[list[str]]] = json.loads(backreferences.read_text("utf-8"))
    return {
        f"{Path(entry[1]).name}/{Path(entry[0]).stem}"
        for name, entries in index.items()
        if name == module or name.startswith(f"{module}.")
        for entry in entries
    }


class ModuleReference(SphinxDirective):
    """``.. module-reference:: package.module``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the page's reStructuredText and parse it where the directive stands."""
        module = importlib.import_module(self.arguments[0])
        folder = self.config.sphinx_gallery_conf["backreferences_dir"]
        index = Path(self.env.srcdir, folder, "backreferences_all.json")
        # Which lessons use the module is written in no other file of this page.
        self.env.note_dependency(index)
        page = self.parse_text_to_nodes("\n".join(lines(module)))
        names = used_in(module.__name__, index)
        chapters = course.read_course(gallery_pages.folders(self.env._app)[0])
        using = [
            [one for one in part.lessons if one.name in names] for part in chapters
        ]
        if any(using):
            page += [nodes.rubric("", "Lessons that use it")]
            page += _lessons(chapters, using, self.env)
        return page


def _lessons(
    chapters: Sequence[Chapter], using: list[list[Lesson]], env: BuildEnvironment
) -> list[nodes.Node]:
    """Cards; where they would outweigh the page, links, chapter by chapter."""
    if sum(map(len, using)) <= MOST_CARDS:
        return [lesson_cards.cards([one for part in using for one in part], env)]
    shown: list[nodes.Node] = []
    for chapter, lessons in zip(chapters, using, strict=True):
        links = lesson_cards.links(lessons, env)
        if links.children:
            shown += [nodes.paragraph("", chapter.title), links]
    return shown


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.autosummary")
    app.add_directive("module-reference", ModuleReference)
    app.connect("autodoc-process-bases", name_bases)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
