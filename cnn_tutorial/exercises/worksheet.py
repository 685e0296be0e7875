"""A lesson's questions and exercises on paper, and the key to them.

Both are made from the lesson itself: it is run, and its answers are the computed ones.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.frame import list_exercises
from cnn_tutorial.exercises.slices import read_source
from cnn_tutorial.questions import Asked, Question, list_questions
from cnn_tutorial.teaching import Prediction, overheard

__all__ = ["Worksheet", "read_lesson"]

_LINE = "." * 40


@dataclass(frozen=True)
class Worksheet:
    """What a lesson asks."""

    title: str
    """Of the lesson."""
    questions: tuple[Prediction, ...]
    """In the order in which they are asked."""
    exercises: tuple[Exercise, ...]
    """Those that the lesson checks."""
    drawn: tuple[Question, ...] = ()
    """Those whose numbers a seed draws."""

    def markdown(self, *, key: bool = False, seed: int = 1) -> str:
        """Return the sheet as Markdown.

        Parameters
        ----------
        key
            With the answers, for who corrects it.
        seed
            Of the questions with choices: a sheet of another seed has other numbers.

        Raises
        ------
        ValueError
            If the seed is no integer, or negative.
        """
        parts = [f"# {self.title}" + (": the key" if key else "")]
        if not key:
            parts.append(f"Name: {_LINE}")
        if self.questions:
            parts.append("## Predict")
        for number, question in enumerate(self.questions, 1):
            parts.append(f"{number}. {question.question}")
            answer = f"**{question.answer}** {question.because}".rstrip()
            parts.append("   " + (answer if key else _LINE))
        if self.drawn:
            parts.append(f"## Choose (sheet {seed})")
        for number, drawn in enumerate(self.drawn, 1):
            parts += _chosen(number, drawn.draw(seed), key)
        if self.exercises:
            parts.append("## Write")
        for exercise in self.exercises:
            parts += _solved(exercise) if key else _asked(exercise)
        return "\n\n".join(parts) + "\n"


def _chosen(number: int, asked: Asked, key: bool) -> list[str]:
    choices = zip(asked.letters, asked.choices, strict=True)
    lines = [
        f"   * **{letter}** {each.text}" + (f": {each.why}" if key else "")
        for letter, each in choices
    ]
    answer = [f"   **{asked.key}**"] if key else []
    return [f"{number}. {asked.text}", *answer, "\n".join(lines)]


def _asked(exercise: Exercise) -> list[str]:
    head = f"### {exercise.title} ({exercise.level}, {exercise.minutes} min)"
    return [head, exercise.prompt, _code(exercise.stub)]


def _solved(exercise: Exercise) -> list[str]:
    mistakes = [f"* {mistake.name}: {mistake.hint}" for mistake in exercise.mistakes]
    return [
        f"### {exercise.title}",
        _code(exercise.solution),
        "Known mistakes, and what a check says to them:",
        "\n".join(mistakes),
    ]


def _code(source: str) -> str:
    return f"```python\n{source.rstrip()}\n```"


def read_lesson(path: Path) -> Worksheet:
    """Run a lesson and return what it asks.

    Parameters
    ----------
    path
        The script or notebook of a lesson; all of it is run, and what it prints is
        dropped.

    Returns
    -------
    Worksheet
        Questions with computed answers, and exercises.

    Raises
    ------
    ValueError
        If the file cannot be read, is no Python, or asks nothing.
    """
    source = read_source(path)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ValueError(f"`path` (={str(path)!r}) is no Python: {error}.") from None
    # Not as `__main__`: a script would print its answers, and open windows.
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    try:
        with overheard() as questions, contextlib.redirect_stdout(io.StringIO()):
            exec(compile(tree, str(path), "exec"), module.__dict__)
    finally:
        del sys.modules[path.stem]
    exercises = {each.name: each for each in list_exercises()}
    checked = tuple(exercises[n] for n in _named(tree, "check") if n in exercises)
    drawn = {each.name: each for each in list_questions()}
    asked = tuple(drawn[name] for name in _named(tree, "ask") if name in drawn)
    if not questions and not checked and not asked:
        raise ValueError(f"`path` (={str(path)!r}) asks nothing: is it a lesson?")
    return Worksheet(_title(tree, path), tuple(questions), checked, asked)


def _named(tree: ast.Module, function: str) -> list[str]:
    """Return what a lesson names in its calls: ``check("name", ...)``, ``ask(...)``."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = (
        call.args[0].value
        for call in calls
        if call.args
        and isinstance(call.args[0], ast.Constant)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) == function
    )
    return [name for name in dict.fromkeys(names) if isinstance(name, str)]


def _title(tree: ast.Module, path: Path) -> str:
    """Return the heading of a lesson's text."""
    lines = (ast.get_docstring(tree) or "").strip().splitlines()
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        heads = (line for text in texts for line in text.splitlines())
        lines = [line.removeprefix("# ") for line in heads if line.startswith("# ")]
    return lines[0].replace("``", "`") if lines else path.stem
