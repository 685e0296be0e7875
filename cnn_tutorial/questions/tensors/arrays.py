"""Rows of numbers and their walks; shapes that meet."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

# What is looked at, and what that does to the steps.
_WALKS: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "x.T": (lambda x: x.T, "`T` exchanges the two"),
    "x[::2]": (lambda x: x[::2], "steps down are twice as long"),
    "x[:, ::2]": (lambda x: x[:, ::2], "steps to the right are twice as long"),
    "x[:, 1:]": (lambda x: x[:, 1:], "to begin later changes no step"),
    "x[::2].T": (lambda x: x[::2].T, "steps down double, then `T` exchanges the two"),
    "x[:, ::2].T": (
        lambda x: x[:, ::2].T,
        "steps to the right double, then `T` exchanges the two",
    ),
}

_SAME: dict[str, Callable[[Tensor], Tensor]] = {
    "x.T": lambda x: x.T,
    "x[1:]": lambda x: x[1:],
    "x[:, :2]": lambda x: x[:, :2],
    "x.view(-1)": lambda x: x.view(-1),
    "x.T.reshape(-1)": lambda x: x.T.reshape(-1),
    "x.reshape(-1)": lambda x: x.reshape(-1),
    "x.T[0]": lambda x: x.T[0],
    "torch.tensor(x.tolist())": lambda x: torch.tensor(x.tolist()),
}

_NONE = "none: it raises an error"


@question(
    "10_tensors/10_tensors", rows=(4, 5, 6), columns=(3, 7, 8, 9), view=tuple(_WALKS)
)
def view_strides(rows: int, columns: int, view: str) -> Posed:
    """Strides of a view."""
    x = torch.zeros(rows, columns)
    look, reason = _WALKS[view]
    seen = look(x)
    return Posed(
        f"`x` has shape ({rows}, {columns}) and lies in memory row by row. "
        f"What are the strides of `{view}`?",
        seen.stride(),
        f"In `x` the next row is {columns} numbers on, the next column 1; {reason}.",
        _first(
            (x.stride(), "Those are the strides of `x`. What does this line change?"),
            (
                seen.contiguous().stride(),
                "A copy would lie so. Here nothing has moved.",
            ),
            (seen.stride()[::-1], "First comes the way to the next row of the view."),
            ((columns, 2), "That passes over every second column. Does this line?"),
        ),
    )


@question(
    "10_tensors/10_tensors", rows=(3, 4), columns=(3, 5), more=(2, 3), way=tuple(_SAME)
)
def written_through(rows: int, columns: int, more: int, way: str) -> Posed:
    """Sum of a tensor after something was written into a relative of it."""
    x = torch.zeros(rows, columns, dtype=torch.int64)
    y = _SAME[way](x)
    y += more
    copied = int(x.sum()) == 0
    size = f"{y.numel()} number{'s' * (y.numel() > 1)}"
    wrong: dict[object, str] = {
        0: f"So it is with a copy. Does `{way}` have memory of its own?",
        rows * columns * more: "Only the numbers that `y` shows are written into.",
        more: "`+=` writes into each number of `y`, not into one.",
    }
    if copied:
        wrong[y.numel() * more] = f"So it is with a view. Does `{way}` share memory?"
    return Posed(
        f"`x` holds {rows} x {columns} zeros. Then `y = {way}`, and `y += {more}`. "
        "What do the numbers of `x` add up to?",
        int(x.sum()),
        f"`{way}` is a copy, with memory of its own: `x` keeps its zeros."
        if copied
        else f"`y` is a view and shows {size} of `x`: {y.numel()} * {more}.",
        wrong,
    )


def _sum(a: tuple[int, ...], b: tuple[int, ...]) -> object:
    try:
        return tuple((torch.zeros(a) + torch.zeros(b)).shape)
    except RuntimeError:
        return _NONE


@question(
    "10_tensors/12_shapes",
    a=((4, 1), (2, 3), (5, 1, 3), (2, 4, 3), (6, 1, 2), (3, 1)),
    b=((3,), (4, 1), (1, 3), (2, 1), (2, 1, 3), (4, 3)),
)
def sum_shape(a: tuple[int, ...], b: tuple[int, ...]) -> Posed | None:
    """Shape of a sum, if there is one."""
    if a == b:
        return None
    axes = max(len(a), len(b))
    below = [(1,) * (axes - len(shape)) + shape for shape in (a, b)]
    pairs = list(zip(*below, strict=True))
    largest = tuple(max(pair) for pair in pairs)
    bad = [pair for pair in pairs if pair[0] != pair[1] and 1 not in pair]
    from_left = [shape + (1,) * (axes - len(shape)) for shape in (a, b)]
    rows = f"{below[0]} above {below[1]}"
    answer = _sum(a, b)
    return Posed(
        f"`a` has shape {a} and `b` has shape {b}. What is the shape of `a + b`?",
        answer,
        f"{rows}: {bad[0][0]} meets {bad[0][1]}, and neither is 1."
        if bad
        else f"{rows}: each pair is equal or has a 1, and the 1 stretches.",
        _first(
            (_NONE, "Aligned at the right, each pair is equal or has a 1 in it."),
            (largest, "Only a 1 stretches. Is there a pair that differs without one?"),
            (_sum(*from_left), "The shapes are aligned at the right, not at the left."),
            (a, "That is `a` alone. Write `b` below it, right-aligned: do they fit?"),
            (b, "That is `b` alone. Write `a` above it, right-aligned: do they fit?"),
            (a + b, "Axes are paired, not put one after the other."),
        ),
    )


@question(
    "10_tensors/12_shapes",
    batch=((), (6,), (2, 5)),
    rows=(3, 7),
    inner=(2, 4),
    columns=(5, 8),
    stored=("inner first", "inner last", "inner last"),
    turned=(False, True, True),
)
def product_shape(
    batch: tuple[int, ...],
    rows: int,
    inner: int,
    columns: int,
    stored: str,
    turned: bool,
) -> Posed:
    """Shape of a matrix product, if there is one."""
    a = (*batch, rows, inner)
    b = (inner, columns) if stored == "inner first" else (columns, inner)
    right = b[::-1] if turned else b
    fits = right[0] == inner
    every = (*batch, rows, columns)
    meeting = f"({rows}, {inner}) @ {right}"
    return Posed(
        f"`a` has shape {a} and `b` has shape {b}. "
        f"What is the shape of `{'a @ b.T' if turned else 'a @ b'}`?",
        tuple((torch.zeros(a) @ torch.zeros(right)).shape) if fits else _NONE,
        f"{meeting}: the {inner} is used up{', axes before it stay' * bool(batch)}."
        if fits
        else f"{meeting}: the inner lengths are {inner} and {right[0]}, "
        "and in a matrix product nothing stretches.",
        _first(
            (
                _NONE,
                "Columns on the left meet rows on the right. Are they as many?",
            ),
            (every, "Write down both shapes, turned as the line says: do they fit?"),
            (
                (*batch, inner, inner),
                "Only the outer lengths stay, and the inner one goes.",
            ),
            ((rows, columns), "Axes before the last two are kept."),
            (
                (*batch, rows, inner),
                "That is `a`. The axis along which they meet is used up.",
            ),
            ((*batch, columns, rows), "Rows of the left one stay rows."),
        ),
    )


def _first(*mistakes: tuple[object, str]) -> dict[object, str]:
    """Return the first reason for each value."""
    first: dict[object, str] = {}
    for value, why in mistakes:
        first.setdefault(value, why)
    return first


QUESTIONS = (view_strides, written_through, sum_shape, product_shape)
