"""The forms that a size may have: one number for both axes, or a pair."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, cast

__all__ = ["Padding", "Pair", "Sides", "SizeT", "in_form"]

Pair: TypeAlias = "int | tuple[int, int]"
"""One integer for both axes, or (vertical, horizontal)."""

Padding: TypeAlias = "int | tuple[int, int] | str"
"""Zeros per side, or (vertical, horizontal), or "same" or "valid"."""

Sides: TypeAlias = "tuple[tuple[int, int], tuple[int, int]]"
"""((top, bottom), (left, right))."""

SizeT = TypeVar("SizeT", int, tuple[int, int])


def in_form(size: SizeT, result: list[int], *others: object) -> SizeT:
    """Return `result` as one number, or as a pair if `size` or another argument is."""
    return cast(SizeT, tuple(result) if has_pair(size, *others) else result[0])


def has_pair(*values: object) -> bool:
    """Return whether an argument tells the two axes apart."""
    return any(isinstance(value, (tuple, list)) for value in values)
