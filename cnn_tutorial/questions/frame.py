"""The questions by name, and the function that lessons call."""

from __future__ import annotations

from collections.abc import Iterable

from cnn_tutorial._display import shown
from cnn_tutorial._validation import choice
from cnn_tutorial.questions.asked import Asked
from cnn_tutorial.questions.question import Question

__all__ = ["ask", "get", "list_questions", "register"]

_QUESTIONS: dict[str, Question] = {}
# What a page lets its readers leaf through.
_OTHERS = 7


def register(questions: Iterable[Question]) -> None:
    """Make questions known by their names.

    Parameters
    ----------
    questions
        New ones.

    Raises
    ------
    ValueError
        If there is one of that name already.
    """
    for question in questions:
        if question.name in _QUESTIONS:
            raise ValueError(f"`name` (={question.name!r}) is taken.")
        _QUESTIONS[question.name] = question


def get(name: str) -> Question:
    """Return a question.

    Parameters
    ----------
    name
        Its name.

    Returns
    -------
    Question
        Call it with numbers of your own, or let it draw some.

    Raises
    ------
    ValueError
        If there is no such question; the message lists them.
    """
    return _QUESTIONS[choice("name", name, _QUESTIONS)]


def list_questions(lesson: str = "") -> list[Question]:
    """Return the questions, lesson by lesson.

    Parameters
    ----------
    lesson
        Only those of lessons with this in their name.
    """
    found = (each for each in _QUESTIONS.values() if lesson in each.lesson)
    return sorted(found, key=lambda each: each.lesson)


def ask(name: str, seed: int = 1) -> Asked:
    """Ask a question with the numbers of a seed.

    Parameters
    ----------
    name
        Of the question.
    seed
        Another one asks with other numbers.

    Returns
    -------
    Asked
        Shows itself: on a page and in a notebook a click on a choice unfolds what
        there is to say to it; elsewhere ``.answer("a")`` says it.

    Raises
    ------
    ValueError
        If there is no such question, or the seed is no integer or negative.
    """
    return shown(get(name).draw(seed, others=_OTHERS))
