"""What can go wrong in any attempt, and what to say about it."""

from __future__ import annotations

import re
import sysconfig
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

import cnn_tutorial
from cnn_tutorial.exercises.errors import hint_for
from cnn_tutorial.teaching import one_line

__all__ = [
    "Explained",
    "Fault",
    "TooLong",
    "explain",
    "in_place",
    "is_unwritten",
    "two_answers",
]


@dataclass(frozen=True)
class Fault:
    """Why an attempt gave no value that could be compared."""

    what: str
    """What happened, in one line."""
    where: str = ""
    """The learner's line."""
    hint: str = ""
    """What to look at."""
    summary: str = "your code raised an error"
    """What happened, in a few words."""
    unwritten: bool = False
    """Whether the attempt has not been started."""

    def like(self, other: Fault) -> bool:
        """Return whether two faults say the same; a -1 in a reshape is any number.

        Parameters
        ----------
        other
            Another fault.

        Examples
        --------
        >>> error = "RuntimeError: shape '[1, {}]' is invalid for input of size 15"
        >>> Fault(error.format(-1)).like(Fault(error.format(2)))
        True
        """
        ours, theirs = _RESHAPE.match(self.what), _RESHAPE.match(other.what)
        if ours is None or theirs is None:
            return self.what == other.what
        pairs = list(zip(ours[1].split(", "), theirs[1].split(", "), strict=False))
        alike = all(a == b or "-1" in (a, b) for a, b in pairs)
        return (
            alike
            and ours[1].count(",") == theirs[1].count(",")
            and ours[2] == theirs[2]
        )


_RESHAPE = re.compile(r"RuntimeError: shape '\[(.*)\]' is invalid .* size (\d+)")


class Explained(Exception):  # noqa: N818 - it is a message, not an error of ours
    """Stops an attempt with a fault that is known already."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


class TooLong(BaseException):
    """Stops an attempt whose time is over; ``except Exception`` does not catch it."""


_ENDLESS = (
    "Follow one turn of the loop that stands there: what should end it, and does that "
    "ever change?"
)


def explain(error: BaseException) -> Fault:
    """Turn a learner's exception into a fault with a hint.

    Parameters
    ----------
    error
        What was caught, with its traceback.

    Returns
    -------
    Fault
        With the line where the learner's own code was last.

    Examples
    --------
    >>> explain(RecursionError("maximum recursion depth exceeded")).hint
    'The function calls itself without an end: look for the case that stops it.'
    """
    if isinstance(error, Explained):
        return error.fault
    what = one_line(error)
    if isinstance(error, TooLong):
        return Fault(what, _where(error), _ENDLESS, "your code did not come to an end")
    if isinstance(error, SyntaxError) and error.lineno and not _where(error):
        what = f"{type(error).__name__}: {error.msg}"
        line = (error.text or "").strip()
        return Fault(what, f"line {error.lineno}: {line}", hint_for(what))
    return Fault(what, _where(error), hint_for(what))


def in_place(name: str, value: object) -> Fault:
    """Return the fault of an attempt that changed an argument.

    Parameters
    ----------
    name
        Of the argument.
    value
        The argument.

    Examples
    --------
    >>> in_place("layers", []).what
    '`layers` is not what it was before the call.'
    """
    hint = (
        "Compute new tensors: no `+=`, no `x[...] = ...`, no method that ends in `_`, "
        "on what you were given."
    )
    if isinstance(value, nn.Module):
        hint = (
            "Change a copy: `copy.deepcopy(...)`. `copy.copy` and a list of its layers "
            "still share the parameters."
        )
    elif isinstance(value, (list, Mapping)):
        hint = "No `pop`, `append`, `sort` or `del` on what you were given: read it."
    return Fault(
        f"`{name}` is not what it was before the call.",
        "",
        f"Whoever calls your function still needs its arguments. {hint}",
        f"your function changed its argument `{name}`",
    )


def two_answers(problem: str) -> Fault:
    """Return the fault of an attempt that answers twice and differently.

    Parameters
    ----------
    problem
        How the answers differ.

    Examples
    --------
    >>> two_answers("").summary
    'two equal calls gave two answers'
    """
    return Fault(
        f"The second answer was another one. {problem}",
        "",
        "The same input must give the same output: does something random, or something "
        "kept from the call before, go in? (A new layer begins with random weights, "
        "and a random bias.)",
        "two equal calls gave two answers",
    )


def is_unwritten(error: BaseException) -> bool:
    """Return whether an exception says that there is nothing to check yet.

    PyTorch raises ``NotImplementedError`` too, for operations that it lacks. A stub
    names the exception in its own code.

    Parameters
    ----------
    error
        What was caught, with its traceback.

    Examples
    --------
    >>> try:
    ...     raise NotImplementedError
    ... except NotImplementedError as error:
    ...     is_unwritten(error)
    True
    """
    trace = error.__traceback__
    if not isinstance(error, NotImplementedError) or trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return "NotImplementedError" in code.co_names and not _is_library(code.co_filename)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(frame.filename)]
    if not own:
        return ""
    last = own[-1]
    line = f": {last.line}" if last.line else ""
    return f"line {last.lineno}, in {last.name}{line}"


_LIBRARIES = [
    str(Path(folder).resolve())
    for folder in (
        Path(cnn_tutorial.__file__).parent,
        Path(torch.__file__).parent,
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
    )
]


def _is_library(filename: str) -> bool:
    return filename.startswith("<frozen") or any(
        filename.startswith(folder) for folder in _LIBRARIES
    )
