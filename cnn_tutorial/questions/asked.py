"""A question with its numbers drawn, and the reply to an answer."""

from __future__ import annotations

import string
import textwrap
from dataclasses import dataclass

from cnn_tutorial._validation import choice as one_of
from cnn_tutorial.teaching import marked_up

__all__ = ["Asked", "Choice", "Reply"]

_RIGHT, _WRONG = ("✓", "Right."), ("✗", "Not this one.")


@dataclass(frozen=True)
class Choice:
    """One of the answers to choose from."""

    text: str
    """What is shown."""
    right: bool
    """Whether this is the answer."""
    why: str
    """Why it is; or the mistake that leads to it."""


@dataclass(frozen=True, repr=False)
class Reply:
    """What a question says to an answer.

    Examples
    --------
    >>> Reply(Choice("15", False, "The padding stands on both sides."))
    ✗ 15. Not this one. The padding stands on both sides.
    """

    choice: Choice
    """The answer that was given."""

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.choice.right

    def __repr__(self) -> str:
        sign, word = _RIGHT if self.right else _WRONG
        return f"{sign} {_plain(self.choice.text)}. {word} {_plain(self.choice.why)}"

    def _repr_html_(self) -> str:
        text = marked_up(self.choice.text)
        return f'<p class="cnn-reply"><strong>{text}</strong> {_said(self.choice)}</p>'


@dataclass(frozen=True, repr=False)
class Asked:
    """A question with numbers of its own; made by :func:`ask`."""

    name: str
    """Of the question."""
    seed: int
    """That drew the numbers."""
    text: str
    """What is asked; words in backticks are code."""
    choices: tuple[Choice, ...]
    """In the order in which they are shown."""
    others: tuple[Asked, ...] = ()
    """The same question with other numbers, for a page to swap in."""

    @property
    def letters(self) -> str:
        """Return a letter for each choice."""
        return string.ascii_lowercase[: len(self.choices)]

    @property
    def key(self) -> str:
        """Return the letter of the right choice."""
        return next(
            letter
            for letter, each in zip(self.letters, self.choices, strict=True)
            if each.right
        )

    def answer(self, choice: object) -> Reply:
        """Return what there is to say to an answer.

        Parameters
        ----------
        choice
            The letter of a choice, or what it says.

        Returns
        -------
        Reply
            Right and why; or wrong, and the mistake that leads there.

        Raises
        ------
        ValueError
            If it is none of the choices.
        """
        texts = [_plain(each.text).replace(" ", "") for each in self.choices]
        given = str(choice).strip().replace(" ", "").replace("`", "")
        if given in texts:
            return Reply(self.choices[texts.index(given)])
        letter = one_of("choice", given.lower(), tuple(self.letters))
        return Reply(self.choices[self.letters.index(letter)])

    def __repr__(self) -> str:
        wrap = textwrap.TextWrapper(width=79, subsequent_indent=" " * 5)
        lines = textwrap.wrap(f"Predict: {_plain(self.text)}", 79)
        for letter, each in zip(self.letters, self.choices, strict=True):
            lines += wrap.wrap(f"  {letter}) {_plain(each.text)}")
        call = f"ask({self.name!r}, {self.seed})"
        lines.append(f"Answer:  {call}.answer(letter)")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        others = "".join(
            f"<template>{each._inner_html()}</template>" for each in self.others
        )
        more = marked_up(f"With other numbers: `ask({self.name!r}, {self.seed + 1})`")
        return (
            f'<div class="cnn-question" data-question="{self.name}">'
            f'<div class="cnn-question__asked">{self._inner_html()}</div>'
            f'<p class="cnn-question__more">{more}</p>{others}</div>'
        )

    def _inner_html(self) -> str:
        group = f"{self.name}-{self.seed}"
        choices = "".join(
            f'<details class="cnn-choice" name="{group}" data-right="{each.right}">'
            f"<summary>{marked_up(each.text)}</summary><p>{_said(each)}</p></details>"
            for each in self.choices
        )
        return f"<p><strong>Predict</strong> {marked_up(self.text)}</p>{choices}"


def _said(choice: Choice) -> str:
    sign, word = _RIGHT if choice.right else _WRONG
    sign = f'<span aria-hidden="true">{sign}</span>'
    return f"{sign} <strong>{word}</strong> {marked_up(choice.why)}"


def _plain(text: str) -> str:
    return text.replace("`", "")
