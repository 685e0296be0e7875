"""Checks of arguments, and the wording of what they say."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable

__all__ = ["choice", "integer", "pair"]

_MOST_LISTED = 40


def integer(
    name: str, value: object, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Return `value` as an int, or say which rule it breaks.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        What was passed; anything with ``__index__`` but a bool.
    minimum, maximum
        Inclusive bounds.

    Raises
    ------
    ValueError
        If `value` is not an integer or is out of bounds.

    Examples
    --------
    >>> integer("stride", 2, minimum=1)
    2
    >>> integer("stride", 0, minimum=1)
    Traceback (most recent call last):
    ValueError: `stride` (=0) must be at least 1.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"`{name}` (={value!r}) must be an integer.")
    number = operator.index(value)
    if minimum is not None and number < minimum:
        raise ValueError(f"`{name}` (={value!r}) must be at least {minimum}.")
    if maximum is not None and number > maximum:
        raise ValueError(f"`{name}` (={value!r}) must be at most {maximum}.")
    return number


def pair(name: str, value: object, *, minimum: int | None = None) -> tuple[int, int]:
    """Return `value` as (vertical, horizontal): one integer counts for both.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        An integer or a sequence of two.
    minimum
        Inclusive lower bound of each.

    Raises
    ------
    ValueError
        If `value` is neither, or is out of bounds.

    Examples
    --------
    >>> pair("kernel_size", 3), pair("kernel_size", (3, 5))
    ((3, 3), (3, 5))
    >>> pair("padding", (0, -1), minimum=0)
    Traceback (most recent call last):
    ValueError: `padding` (=(0, -1)) must be at least 0.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    whole = all(hasattr(v, "__index__") and not isinstance(v, bool) for v in values)
    if len(values) != 2 or not whole:
        raise ValueError(
            f"`{name}` (={value!r}) must be an integer or a pair of integers "
            "(vertical, horizontal)."
        )
    first, second = (operator.index(v) for v in values)
    if minimum is not None and min(first, second) < minimum:
        raise ValueError(f"`{name}` (={value!r}) must be at least {minimum}.")
    return first, second


def choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Return `value` if it is one of `choices`; else list them and name the nearest.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        What was passed.
    choices
        The valid values.

    Raises
    ------
    ValueError
        If `value` is none of them.

    Examples
    --------
    >>> choice("size", "smal", ["small", "large"])
    Traceback (most recent call last):
    ValueError: `size` (='smal') must be one of 'small', 'large'. Did you mean 'small'?
    """
    valid = list(choices)
    if isinstance(value, str) and value in valid:
        return value
    near = difflib.get_close_matches(str(value), valid, n=1)
    # A long list would bury the name that was meant.
    short = near and len(valid) > _MOST_LISTED
    names = f"{len(valid)} names" if short else ", ".join(map(repr, valid))
    raise ValueError(
        f"`{name}` (={value!r}) must be one of {names}."
        + (f" Did you mean {near[0]!r}?" if near else "")
    )
