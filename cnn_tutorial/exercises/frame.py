"""The exercises by name, and the functions that lessons call."""

from __future__ import annotations

from collections.abc import Iterable

from cnn_tutorial._display import shown
from cnn_tutorial._validation import choice
from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.feedback import Feedback, Folded, Hint
from cnn_tutorial.teaching import marked_up

__all__ = [
    "ExerciseList",
    "check",
    "get",
    "hint",
    "list_exercises",
    "register",
    "solution",
]

_EXERCISES: dict[str, Exercise] = {}


class ExerciseList(list[Exercise]):
    """Exercises that show themselves as a table."""

    def __repr__(self) -> str:
        rows = [(e.name, e.level, f"{e.minutes} min", e.title) for e in self]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in rows
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{word}</th>" for word in ("Exercise", "Level", "Minutes"))
        rows = "".join(
            f"<tr><td><strong>{marked_up(e.title)}</strong> <code>{e.name}</code><br>"
            f"{marked_up(e.prompt)}</td><td>{e.level}</td><td>{e.minutes}</td></tr>"
            for e in self
        )
        return (
            '<table class="cnn-exercises"><thead><tr>'
            f"{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def register(exercises: Iterable[Exercise]) -> None:
    """Make exercises known by their names.

    Parameters
    ----------
    exercises
        New ones.

    Raises
    ------
    ValueError
        If there is one of that name already.
    """
    for exercise in exercises:
        if exercise.name in _EXERCISES:
            raise ValueError(f"`name` (={exercise.name!r}) is taken.")
        _EXERCISES[exercise.name] = exercise


def get(name: str) -> Exercise:
    """Return an exercise.

    Parameters
    ----------
    name
        The name of the function or class to write.

    Returns
    -------
    Exercise
        With prompt, stub, hints, solution and ``check``.

    Raises
    ------
    ValueError
        If there is no such exercise; the message lists them.

    Examples
    --------
    >>> get("mean_loss").lesson
    '30_modules/35_lenet_training'
    """
    return _EXERCISES[choice("name", name, _EXERCISES)]


def list_exercises() -> ExerciseList:
    """Return all exercises, lesson by lesson.

    Returns
    -------
    ExerciseList
        A list that shows itself as a table.

    Examples
    --------
    >>> [exercise.name for exercise in list_exercises()][:1]
    ['strides_of']
    """
    return ExerciseList(sorted(_EXERCISES.values(), key=lambda each: each.lesson))


def check(name: str, attempt: object) -> Feedback:
    """Check an attempt at an exercise.

    Parameters
    ----------
    name
        The name of the exercise.
    attempt
        The learner's function itself.

    Returns
    -------
    Feedback
        Not attempted, wrong with the smallest failing case and a hint, or right.

    Raises
    ------
    ValueError
        If there is no such exercise. Nothing that the attempt raises gets out.

    Examples
    --------
    >>> def mean_loss(losses, sizes):
    ...     raise NotImplementedError
    >>> check("mean_loss", mean_loss).status
    <Status.NOT_ATTEMPTED: 'not attempted'>
    """
    return shown(get(name).check(attempt))


def hint(name: str, number: int = 1) -> Hint:
    """Return one of the three hints of an exercise.

    Parameters
    ----------
    name
        The name of the exercise.
    number
        1 gives the least away, 3 the most.

    Returns
    -------
    Hint
        Shows itself.

    Raises
    ------
    ValueError
        If there is no such exercise or hint.

    Examples
    --------
    >>> hint("lenet_features", 1)
    Hint 1 of 3: Follow one side of the image first: what does each step do to it?
    """
    return shown(get(name).hint(number))


def solution(name: str) -> Folded:
    """Return the solution of an exercise.

    Parameters
    ----------
    name
        The name of the exercise.

    Returns
    -------
    Folded
        Folded in a page, as text in a terminal.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> solution("lenet_features").code.splitlines()[-1]
    '    return 16 * height * width'
    """
    return shown(get(name).folded_solution())
