"""What an exercise consists of."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.exercises.feedback import Feedback, Folded, Hint
from cnn_tutorial.exercises.judge import Mistake, judge
from cnn_tutorial.exercises.source import solution_of, stub_of
from cnn_tutorial.exercises.trial import Attempt, Case, Observe, ask

__all__ = ["LEVELS", "Exercise", "call_it"]

LEVELS = ("first steps", "core", "deeper")


@dataclass(frozen=True, repr=False, kw_only=True)
class Exercise:
    """A task with a solution, cases that tell right from wrong, and known mistakes.

    Raises
    ------
    ValueError
        If the level is none of `LEVELS`.
    """

    reference: Attempt
    """The solution; its source is what readers see."""
    title: str
    """What it is called."""
    lesson: str
    """The page that it belongs to, as ``chapter/lesson``."""
    level: str
    """One of `LEVELS`."""
    minutes: int
    """How long it takes, about."""
    prompt: str
    """The task; words in backticks are code."""
    observe: Observe
    """Calls an attempt with a case's arguments and returns what is compared."""
    cases: tuple[Case, ...]
    """Smallest first."""
    mistakes: tuple[Mistake, ...]
    """In the order in which they are tried."""
    hints: tuple[str, str, str]
    """From a nudge to nearly all."""
    next: str
    """What to try when it is right."""
    imports: str = ""
    """What the solution needs."""

    def __post_init__(self) -> None:
        choice("level", self.level, LEVELS)

    def __repr__(self) -> str:
        return f"{self.name} ({self.level}, {self.minutes} min): {self.title}"

    @property
    def name(self) -> str:
        """Name of the function or class to write, and of the exercise."""
        return str(getattr(self.reference, "__name__", self.title))

    @property
    def solution(self) -> str:
        """Source of the reference solution, with its imports."""
        return solution_of(self.reference, self.imports)

    @property
    def stub(self) -> str:
        """What a learner starts from: the solution without its body."""
        return stub_of(self.reference, self.imports)

    def hint(self, number: int = 1) -> Hint:
        """Return one of three hints, from a nudge to nearly all.

        Parameters
        ----------
        number
            1, 2 or 3.

        Raises
        ------
        ValueError
            If there is no such hint.
        """
        integer("number", number, minimum=1, maximum=len(self.hints))
        return Hint(number, len(self.hints), self.hints[number - 1])

    def folded_solution(self) -> Folded:
        """Return the solution, folded until a reader opens it."""
        return Folded(f"Solution: {self.title}", self.solution)

    def check(self, attempt: object, *, seconds: float = 20.0) -> Feedback:
        """Try an attempt on each case, smallest first, and answer with the first fault.

        Nothing that the attempt raises gets out, the global random states stay what
        they were, and an endless loop is stopped. What cannot be guarded against here:
        code that ends the process, that fills the memory, or that waits in C, in a
        second thread, or on Windows; ``cnn-tutorial exercise check`` tries a file in a
        process of its own.

        Parameters
        ----------
        attempt
            The learner's function itself, not what it returns.
        seconds
            How long it may take in all.

        Returns
        -------
        Feedback
            Not attempted, wrong with the smallest failing case, or right.
        """
        return judge(self, attempt, seconds)


def call_it(reference: Attempt) -> Observe:
    """Return an observer that calls an attempt as the reference is to be called.

    All arguments go by position, so that a learner may give the parameters other names.

    Parameters
    ----------
    reference
        The solution; a function without keyword-only parameters.

    Returns
    -------
    callable
        From an attempt and arguments to ``{"result": ...}``.
    """
    signature = inspect.signature(reference)

    def observe(attempt: Attempt, inputs: dict[str, object]) -> Mapping[str, object]:
        bound = signature.bind(**inputs)
        given = list(bound.arguments)
        bound.apply_defaults()
        # Up to the last one given; defaults behind it are the attempt's own.
        names = list(bound.arguments)[: list(bound.arguments).index(given[-1]) + 1]
        return {"result": ask(attempt, *(bound.arguments[name] for name in names))}

    return observe
