"""What a question consists of: a function that poses it, and ranges for its numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnn_tutorial._validation import integer
from cnn_tutorial.questions.asked import Asked, Choice

__all__ = ["Posed", "Question", "question"]

_FEWEST_WRONG, _MOST_WRONG = 2, 3
_ATTEMPTS = 500


@dataclass(frozen=True)
class Posed:
    """A question with its numbers, its answer, and where mistakes lead.

    Values are shown as ``str(value)``; give numbers and shapes as they are.
    """

    text: str
    """What is asked; words in backticks are code."""
    answer: object
    """The answer, computed."""
    because: str
    """Why, in a sentence."""
    wrong: Mapping[object, str]
    """From what a mistake leads to, to the mistake in a sentence; likeliest first.

    One that happens to be the answer is left out. Two mistakes may lead to the same
    number: a dictionary then keeps the hint of the later one.
    """

    def choices(self) -> list[Choice]:
        """Return the answer and up to three wrong ones, each only once."""
        found = {str(self.answer): Choice(str(self.answer), True, self.because)}
        for value, why in self.wrong.items():
            found.setdefault(str(value), Choice(str(value), False, why))
        return list(found.values())[: _MOST_WRONG + 1]


@dataclass(frozen=True)
class Question:
    """A question that can be asked again and again, each time with other numbers."""

    pose: Callable[..., Posed | None]
    """From numbers to the question; None for numbers that make no good one."""
    lesson: str
    """The page that it belongs to, as ``chapter/lesson``."""
    ranges: dict[str, Sequence[Any]]
    """What each number is drawn from."""

    @property
    def name(self) -> str:
        """Name of the question."""
        return str(getattr(self.pose, "__name__", self.lesson))

    def __call__(self, **numbers: object) -> Posed | None:
        """Pose the question with these numbers."""
        return self.pose(**numbers)

    def draw(self, seed: int, *, others: int = 0) -> Asked:
        """Return the question with the numbers of a seed.

        Parameters
        ----------
        seed
            Of the numbers and of the order of the choices; the same on every machine.
        others
            How many further ones, of the seeds after this, to put beside it; fewer if
            the ranges do not hold so many different texts.

        Returns
        -------
        Asked
            With three or four choices, one of them right.

        Raises
        ------
        ValueError
            If the seed is no integer, or negative.
        """
        integer("seed", seed, minimum=0)
        chance = random.Random(f"{self.name} {seed}")
        for _ in range(_ATTEMPTS):
            posed = self(**{k: chance.choice(v) for k, v in self.ranges.items()})
            choices = posed.choices() if posed is not None else []
            if posed is not None and len(choices) > _FEWEST_WRONG:
                chance.shuffle(choices)
                asked = Asked(self.name, seed, posed.text, tuple(choices))
                return replace(asked, others=self._others(asked, others))
        raise RuntimeError(f"The ranges of {self.name!r} make no good question.")

    def _others(self, first: Asked, count: int) -> tuple[Asked, ...]:
        """Return the next that read otherwise than the first and than each other."""
        found = {_as_read(first): first}
        for seed in range(first.seed + 1, first.seed + 1 + 4 * count):
            if len(found) <= count:
                other = self.draw(seed)
                found.setdefault(_as_read(other), other)
        return tuple(found.values())[1:]


def _as_read(asked: Asked) -> tuple[str, ...]:
    return (asked.text, *sorted(choice.text for choice in asked.choices))


def question(
    lesson: str, **ranges: Sequence[Any]
) -> Callable[[Callable[..., Posed | None]], Question]:
    """Turn a function that poses a question into a :class:`Question`.

    Parameters
    ----------
    lesson
        The page that it belongs to, as ``chapter/lesson``.
    **ranges
        For each argument of the function, what it is drawn from.

    Examples
    --------
    >>> @question("10_tensors/10_numbers", a=(3, 5, 7), b=(2, 4))
    ... def product(a, b):
    ...     wrong = {a + b: "This is the sum.", a**b: "This is the power."}
    ...     return Posed(f"What is {a} * {b}?", a * b, f"{b} times {a}.", wrong)
    >>> product(a=5, b=2).answer
    10
    >>> product.draw(seed=0).letters
    'abc'
    """
    return lambda pose: Question(pose, lesson, dict(ranges))
