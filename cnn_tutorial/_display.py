"""Who shows the value of a line: a notebook, a page, a prompt; in a script nobody."""

from __future__ import annotations

import builtins
import sys
from typing import TypeVar

__all__ = ["shown"]

T = TypeVar("T")


def shown(value: T) -> T:
    """Return a value; print it first if a plain script asked for it.

    In a notebook, at a prompt and on a page of the site, a call on the last line of a
    cell shows what it returns. In a script it shows nothing, and an answer that
    nobody sees is none.

    Parameters
    ----------
    value
        What the public function that called this one returns.

    Examples
    --------
    >>> shown(7)  # Not called by a script: the prompt shows it.
    7
    """
    caller = sys._getframe(2).f_globals.get("__name__")
    others = (
        hasattr(sys, "ps1"),
        bool(sys.flags.interactive),
        hasattr(builtins, "__IPYTHON__"),
        "sphinx_gallery" in sys.modules,
    )
    if caller == "__main__" and not any(others):
        print(value)  # noqa: T201 - what it is for
    return value
