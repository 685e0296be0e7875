"""What can go wrong in any attempt, and what to say about it."""

from __future__ import annotations

import re
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

import torch

import cnn_tutorial
from cnn_tutorial.teaching import one_line

__all__ = ["Explained", "Fault", "TooLong", "explain", "is_unwritten"]


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


_INIT_FORGOTTEN = (
    "The first line of `__init__` must be `super().__init__()`: it makes the places "
    "where a module keeps its layers and parameters."
)
_ENDLESS = (
    "Follow one turn of the loop that stands there: what should end it, and does that "
    "ever change?"
)
_KNOWN = [
    (r"before Module.__init__\(\) call", _INIT_FORGOTTEN),
    (
        r"no attribute '_(modules|parameters|buffers|forward_hooks|backward_hooks)'",
        _INIT_FORGOTTEN,
    ),
    (
        r'missing the required "forward" function',
        "A module computes in its method `forward`: check its name and indentation.",
    ),
    (
        r"a (leaf )?[Vv]iew? ?.*in-place|leaf Variable .* in-place",
        (
            "Do not change the input in place (`+=`, `x[...] = ...`, names that end in "
            "`_`): compute a new tensor."
        ),
    ),
    (
        r"is invalid for input of size",
        (
            "Count the numbers: a reshape keeps them all, so that the product of the "
            "new shape must be the product of the old one."
        ),
    ),
    (
        r"shapes cannot be multiplied|must match the size|size mismatch|Expected size",
        (
            "Write the two shapes one below the other. In a matrix product the last "
            "axis of the first meets the last but one of the second."
        ),
    ),
    (
        r"view size is not compatible",
        "A view cannot cross memory that is not in order: use `reshape`.",
    ),
    (
        r"^NameError",
        "A name is not known here: is it spelled as where it was made, and imported?",
    ),
    (
        r"^RecursionError",
        "The function calls itself without an end: look for the case that stops it.",
    ),
    (
        r"^EOFError",
        "Nobody is there to answer `input()`: use the arguments.",
    ),
    (
        r"^MemoryError|not enough memory|can't allocate memory",
        "More memory than a small case can need: which shape has grown, or which list?",
    ),
    (
        r"^(SystemExit|KeyboardInterrupt)",
        "An answer must not end the program: return a value.",
    ),
]


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
    for pattern, hint in _KNOWN:
        if re.search(pattern, what):
            return Fault(what, _where(error), hint)
    return Fault(what, _where(error), "Read the last line first: it says what and why.")


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
