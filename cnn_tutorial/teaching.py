"""Small helpers of the lessons: questions before answers, and errors on purpose."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

from cnn_tutorial._display import shown

__all__ = [
    "Prediction",
    "expect_error",
    "marked_up",
    "one_line",
    "overheard",
    "predict",
]


@dataclass(frozen=True)
class Prediction:
    """A question with its answer folded away; made by :func:`predict`."""

    question: str
    """What to predict; words in backticks are code."""
    answer: str
    """The answer."""
    because: str = ""
    """Why."""

    def __repr__(self) -> str:
        lines = [f"Predict: {self.question}", f"Answer:  {self.answer}"]
        if self.because:
            lines.append(f"Because: {self.because}")
        wrap = textwrap.TextWrapper(width=79, subsequent_indent=" " * 9)
        return "\n".join("\n".join(wrap.wrap(line)) for line in lines)

    def _repr_html_(self) -> str:
        because = f"<p>{marked_up(self.because)}</p>" if self.because else ""
        return (
            '<details class="cnn-predict">'
            f"<summary><strong>Predict</strong> {marked_up(self.question)}</summary>"
            f"<p><strong>{marked_up(self.answer)}</strong></p>{because}</details>"
        )


def predict(question: str, answer: object, *, because: str = "") -> Prediction:
    """Ask before the page shows: the answer is folded until the reader opens it.

    Parameters
    ----------
    question
        What to predict; words in backticks are shown as code.
    answer
        The answer, best computed by the lesson; shown as ``str(answer)``.
    because
        One sentence on why.

    Returns
    -------
    Prediction
        Shows itself folded in a notebook or a page, and as text elsewhere.

    Raises
    ------
    ValueError
        If there is no question or no answer.

    Examples
    --------
    >>> predict("How large is the output?", (30, 30), because="32 - 3 + 1 = 30.")
    Predict: How large is the output?
    Answer:  (30, 30)
    Because: 32 - 3 + 1 = 30.
    """
    if not question.strip():
        raise ValueError(f"`question` (={question!r}) must not be empty.")
    if answer is None or not str(answer).strip():
        raise ValueError(f"`answer` (={answer!r}) must not be empty.")
    made = Prediction(question, str(answer), because)
    heard = _heard.get()
    if heard is None:
        return shown(made)
    heard.append(made)
    return made


_heard: ContextVar[list[Prediction] | None] = ContextVar("heard", default=None)


@contextmanager
def overheard() -> Iterator[list[Prediction]]:
    """Collect the questions that the code inside asks, and show none of them.

    Returns
    -------
    context manager
        Of a list, to which each question of this thread is added as it is asked.

    Examples
    --------
    >>> with overheard() as questions:
    ...     made = predict("What is 2 + 2?", 4)
    >>> questions == [made]
    True
    """
    questions: list[Prediction] = []
    token = _heard.set(questions)
    try:
        yield questions
    finally:
        _heard.reset(token)


class expect_error:  # noqa: N801 - reads as a statement: `with expect_error(...):`
    """Run code that must fail, and print its error in one line.

    Parameters
    ----------
    *types
        The errors that count; any ``Exception`` when none is given. Others are
        raised as always.

    Attributes
    ----------
    error : Exception or None
        What was caught, after the block.

    Raises
    ------
    AssertionError
        If the block raises nothing: a page must not promise an error that is gone.
    ValueError
        If one of `types` is no exception class.

    Examples
    --------
    >>> with expect_error(ValueError):
    ...     int("three")
    ValueError: invalid literal for int() with base 10: 'three'
    """

    def __init__(self, *types: type[Exception]) -> None:
        for kind in cast("tuple[object, ...]", types):
            if not (isinstance(kind, type) and issubclass(kind, Exception)):
                raise ValueError(f"`types` (={kind!r}) must be classes of exceptions.")
        self.types = types or (Exception,)
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        """Start to watch."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Print the error that came, or complain that none did."""
        if error is None:
            names = " or ".join(kind.__name__ for kind in self.types)
            raise AssertionError(f"Expected {names}, but nothing was raised.")
        if not isinstance(error, self.types):
            return False
        # The frames would keep every local of the failed code alive.
        self.error = error.with_traceback(None)
        print(one_line(error))  # noqa: T201 - what it is for
        return True


def one_line(error: BaseException) -> str:
    r"""Return an error as its type and the first line of its message.

    Parameters
    ----------
    error
        Any exception.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> one_line(RuntimeError("shapes differ\nC++ frame 1\nC++ frame 2"))
    'RuntimeError: shapes differ'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    name = type(error).__name__
    return f"{name}: {lines[0]}" if lines else name


def marked_up(text: str) -> str:
    """Return text as HTML, with what stands in backticks as code.

    Parameters
    ----------
    text
        Plain text.

    Returns
    -------
    str
        HTML that is safe to put into an element.

    Examples
    --------
    >>> marked_up("is `a < b`?")
    'is <code>a &lt; b</code>?'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
