"""Exercise: the shape that two shapes make."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Shape = tuple[int, ...]

REFUSED = "a ValueError"


def broadcast_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the sum of two tensors; ValueError if there is none."""
    shape: list[int] = []
    # From the right; where one shape has no more axes, its length counts as 1.
    for a, b in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if a != b and 1 not in (a, b):
            raise ValueError(f"{a} and {b} are neither equal nor 1")
        shape.insert(0, b if a == 1 else a)
    return tuple(shape)


def _right_aligned(
    rule: Callable[[int, int], int], *, missing: int = 1, from_left: bool = False
) -> Attempt:
    """Return an attempt that applies a rule to each pair of lengths."""

    def attempt(first: Shape, second: Shape) -> Shape:
        if from_left:
            pairs = zip_longest(first, second, fillvalue=missing)
            return tuple(rule(a, b) for a, b in pairs)
        pairs = zip_longest(first[::-1], second[::-1], fillvalue=missing)
        return tuple(rule(a, b) for a, b in pairs)[::-1]

    return attempt


def _strict(a: int, b: int) -> int:
    if a != b:
        raise ValueError
    return a


def _rule(a: int, b: int) -> int:
    return broadcast_shape((a,), (b,))[0]


def _multiples(a: int, b: int) -> int:
    if max(a, b) % min(a, b):
        raise ValueError
    return max(a, b)


def _only_first(a: int, b: int) -> int:
    if b not in (a, 1):
        raise ValueError
    return a


def _only_second(a: int, b: int) -> int:
    if a not in (b, 1):
        raise ValueError
    return b


def _same_axes(first: Shape, second: Shape) -> Shape:
    if len(first) != len(second):
        raise ValueError
    return broadcast_shape(first, second)


def _cut(first: Shape, second: Shape) -> Shape:
    count = min(len(first), len(second))
    return broadcast_shape(first[len(first) - count :], second[len(second) - count :])


def _reversed(first: Shape, second: Shape) -> Shape:
    return broadcast_shape(first, second)[::-1]


def _matrix_product(first: Shape, second: Shape) -> Shape:
    if first[-1:] != second[-2:-1]:
        raise ValueError
    return (*first[:-1], *second[-1:])


MISTAKES = (
    Mistake(
        "lengths that do not fit are not refused",
        "3 and 4 do not fit: neither is 1, and they differ. Raise a `ValueError`.",
        _right_aligned(max),
    ),
    Mistake(
        "a 1 does not stretch",
        "Two lengths fit if they are equal, and also if one of them is 1. The other "
        "one is then the result.",
        _right_aligned(_strict),
    ),
    Mistake(
        "shapes are aligned at the left",
        "Write the shapes below each other so that their last lengths meet, and fill "
        "up with 1 on the left.",
        _right_aligned(_rule, from_left=True),
    ),
    Mistake(
        "a shorter shape is refused",
        "An axis that is missing counts as 1, on the left.",
        _same_axes,
    ),
    Mistake(
        "axes that only one shape has are lost",
        "The result has as many axes as the longer shape: `zip` stops at the shorter "
        "one, `itertools.zip_longest` does not.",
        _cut,
    ),
    Mistake(
        "the result is in reversed order",
        "Going from the right, you collected the last length first: turn it round.",
        _reversed,
    ),
    Mistake(
        "a multiple is taken to fit",
        "Only a 1 stretches. 2 and 4 do not fit, although two twos make four.",
        _right_aligned(_multiples),
    ),
    Mistake(
        "only the second tensor may stretch",
        "Either side may have the 1: check both.",
        _right_aligned(_only_first),
    ),
    Mistake(
        "only the first tensor may stretch",
        "Either side may have the 1: check both, and take the other length.",
        _right_aligned(_only_second),
    ),
    Mistake(
        "the rule of the matrix product is used",
        "That is the rule for `@`. Here elements pair off: compare lengths at the same "
        "place, counted from the right.",
        _matrix_product,
    ),
    Mistake(
        "a missing axis counts as 0",
        "A missing axis counts as 1: that is what `fillvalue` should be.",
        _right_aligned(lambda a, b: 0 if 0 in (a, b) else _rule(a, b), missing=0),
    ),
)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    try:
        return dict(call_it(broadcast_shape)(attempt, inputs))
    except ValueError:
        return {"result": REFUSED}


def _case(name: str, first: Shape, second: Shape) -> Case:
    return Case(name, lambda: {"first": first, "second": second})


EXERCISE = Exercise(
    reference=broadcast_shape,
    title="The shape of a sum",
    lesson="10_tensors/12_shapes",
    level="first steps",
    minutes=10,
    prompt="Return the shape that broadcasting gives two shapes. Raise a `ValueError` "
    "where they do not fit. Without `torch.broadcast_shapes`, of course.",
    observe=_observe,
    cases=(
        _case("a column and a row", (2, 1), (1, 3)),
        _case("two equal shapes", (2, 3), (2, 3)),
        _case("a table and a row", (2, 3), (3,)),
        _case("a row and a table with a column", (5,), (3, 1)),
        _case("the first classic error", (3, 4), (4, 3)),
        _case("a number and a table: no axis", (), (2, 3)),
        _case("2 and 4", (2,), (4,)),
        _case("pictures and channels", (7, 3, 5, 5), (3, 1, 1)),
        _case("no pictures at all", (0, 3), (1, 3)),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Write the two shapes below each other, right-aligned. What must hold in "
            "each column?"
        ),
        (
            "Go through both shapes from the right. A missing length is 1. Equal "
            "lengths stay; a 1 gives way to the other; anything else is an error."
        ),
        (
            "`for a, b in zip_longest(reversed(first), reversed(second), "
            "fillvalue=1)`: refuse `a != b` where neither is 1, and put `b if a == 1 "
            "else a` in front."
        ),
    ),
    next="Let it take any number of shapes. Then write the shape of `a @ b`, batches "
    "included: the last two axes by one rule, those before by the other.",
    imports="from itertools import zip_longest",
)
