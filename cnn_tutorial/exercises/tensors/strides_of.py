"""Exercise: the strides of a contiguous tensor."""

from __future__ import annotations

from itertools import accumulate
from math import prod
from operator import mul

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Shape = tuple[int, ...]


def strides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of a contiguous tensor of this shape, as a tuple."""
    strides: list[int] = []
    step = 1  # along the last axis, neighbours lie side by side
    for length in reversed(shape):
        strides.insert(0, step)
        step *= length  # so many numbers further, the next entry of the axis before
    return tuple(strides)


def _reversed(shape: Shape) -> Shape:
    return strides_of(shape)[::-1]


def _first_fastest(shape: Shape) -> Shape:
    return strides_of(shape[::-1])[::-1]


def _with_own(shape: Shape) -> Shape:
    return tuple(prod(shape[k:]) for k in range(len(shape)))


def _only_next(shape: Shape) -> Shape:
    return (*shape[1:], 1)[: len(shape)]


def _sums(shape: Shape) -> Shape:
    return tuple(sum(shape[k + 1 :]) or 1 for k in range(len(shape)))


def _lengths(shape: Shape) -> Shape:
    return shape


def _bytes(shape: Shape) -> Shape:
    return tuple(4 * step for step in strides_of(shape))


def _bytes_of_8(shape: Shape) -> Shape:
    return tuple(8 * step for step in strides_of(shape))


def _dense_everywhere(shape: Shape) -> Shape:
    return (1,) * len(shape)


def _from_the_front(shape: Shape) -> Shape:
    return tuple(accumulate(shape, mul))


def _last_missing(shape: Shape) -> Shape:
    return strides_of(shape)[:-1]


MISTAKES = (
    Mistake(
        "the strides are in reversed order",
        "The numbers are right, their order is not: the last axis is the dense one, so "
        "the 1 stands at the end.",
        _reversed,
    ),
    Mistake(
        "the first axis is taken for the dense one",
        "Neighbours in a row lie side by side: begin with 1 at the last axis and go "
        "towards the first.",
        _first_fastest,
    ),
    Mistake(
        "an axis counts its own length",
        "To get to the next row you pass one row, whatever the number of rows is: "
        "multiply the lengths of the axes behind, without the axis's own.",
        _with_own,
    ),
    Mistake(
        "only the length of the next axis counts",
        "To the next picture you pass all of its rows and all of their numbers: "
        "multiply the lengths of all axes behind.",
        _only_next,
    ),
    Mistake(
        "lengths are added",
        "A picture of 3 rows of 5 holds 15 numbers, not 8: multiply.",
        _sums,
    ),
    Mistake(
        "the shape itself is returned",
        "A shape says how many there are along an axis, a stride how far the next one "
        "is. Where is the element after the first, along each axis?",
        _lengths,
    ),
    Mistake(
        "bytes are counted",
        "NumPy counts strides in bytes, PyTorch in numbers: the last stride is 1.",
        _bytes,
    ),
    Mistake(
        "bytes of 8-byte numbers are counted",
        "PyTorch counts strides in numbers, whatever their size: the last stride is 1.",
        _bytes_of_8,
    ),
    Mistake(
        "every stride is 1",
        "Only along the last axis is the next element one step away. To the next row "
        "it is as far as a row is long.",
        _dense_everywhere,
    ),
    Mistake(
        "lengths are multiplied from the front",
        "Multiply the lengths of the axes behind each axis: start at the end with 1.",
        _from_the_front,
    ),
    Mistake(
        "one stride is missing",
        "Each axis has a stride: as many strides as lengths, the last of them 1.",
        _last_missing,
    ),
)


def _case(name: str, *shape: int) -> Case:
    return Case(name, lambda: {"shape": shape})


EXERCISE = Exercise(
    reference=strides_of,
    title="Strides from a shape",
    lesson="10_tensors/10_tensors",
    level="first steps",
    minutes=8,
    prompt="Return the strides of a contiguous tensor from its shape: for each axis, "
    "how many numbers further the next element lies. The last axis has stride 1.",
    observe=call_it(strides_of),
    cases=(
        _case("2 rows of 3", 2, 3),
        _case("5 numbers in a row", 5),
        _case("2 pictures of 3 rows of 5", 2, 3, 5),
        _case("a batch: 7 images of 3 channels, 11 x 13", 7, 3, 11, 13),
        _case("an axis of length 1", 4, 1, 2),
        _case("a single number: no axis"),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "How many numbers do you pass on the way to the next row? And to the next "
            "picture?"
        ),
        (
            "Go through the shape from the back. The last stride is 1; each stride "
            "before is the one behind it times the length behind it."
        ),
        (
            "`step = 1`; for each `length` in `reversed(shape)`: put `step` before "
            "the strides, then `step *= length`. Return a tuple."
        ),
    ),
    next="Write `address(index, strides)`: where in memory does an element lie? Then "
    "say which tensors are not contiguous, from shape and strides alone.",
)
