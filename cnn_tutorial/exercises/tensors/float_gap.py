"""Exercise: the distance between neighbouring floats."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def float_gap(x: float, fraction_bits: int) -> float:
    """Return the distance from x > 0 to the next larger float."""
    power = math.floor(math.log2(x))  # 2**power <= x < 2**(power + 1)
    return 2.0 ** (power - fraction_bits)


def _not_floored(x: float, fraction_bits: int) -> float:
    return x * 2.0**-fraction_bits


def _at_one(x: float, fraction_bits: int) -> float:
    return 2.0**-fraction_bits


def _rounded_up(x: float, fraction_bits: int) -> float:
    return float(2.0 ** (math.ceil(math.log2(x)) - fraction_bits))


def _truncated(x: float, fraction_bits: int) -> float:
    return float(2.0 ** (int(math.log2(x)) - fraction_bits))


def _next_power(x: float, fraction_bits: int) -> float:
    return float(2.0 ** (math.floor(math.log2(x)) + 1 - fraction_bits))


def _half(x: float, fraction_bits: int) -> float:
    return float_gap(x, fraction_bits + 1)


def _decimal(x: float, fraction_bits: int) -> float:
    return float(10.0 ** (math.floor(math.log10(x)) - fraction_bits))


def _fraction_of_count(x: float, fraction_bits: int) -> float:
    return float(2.0 ** math.floor(math.log2(x)) / fraction_bits)


def _power_alone(x: float, fraction_bits: int) -> float:
    return float(2.0 ** math.floor(math.log2(x)))


MISTAKES = (
    Mistake(
        "the gap grows smoothly with the number",
        "Between two powers of two all gaps are equal: take the power of two at or "
        "below x instead of x.",
        _not_floored,
    ),
    Mistake(
        "the gap is the same everywhere",
        "That is the gap at 1. It doubles at 2, at 4, at 8, and halves below 1.",
        _at_one,
    ),
    Mistake(
        "the power of two above x is taken",
        "Between 2 and 4 the gap is that of 2: round the logarithm down.",
        _rounded_up,
    ),
    Mistake(
        "the logarithm is cut off, not rounded down",
        "Below 1 the logarithm is negative, and `int(-1.5)` is -1. Rounding down gives "
        "-2: `math.floor`.",
        _truncated,
    ),
    Mistake(
        "the power is one too large",
        "At 1 the power is 0 and the gap 2 ** -fraction_bits: no 1 to add.",
        _next_power,
    ),
    Mistake(
        "half the gap is returned",
        "Half a gap is what rounding can be wrong by. The gap itself is twice that.",
        _half,
    ),
    Mistake(
        "powers of ten are taken",
        "Fraction bits are binary: powers of two, and `log2`.",
        _decimal,
    ),
    Mistake(
        "divided by the number of bits",
        "So many bits make 2 ** fraction_bits steps between two powers of two.",
        _fraction_of_count,
    ),
    Mistake(
        "the fraction bits do not enter",
        "That is the distance to the next power of two. It is divided into "
        "2 ** fraction_bits steps.",
        _power_alone,
    ),
)


def _case(name: str, x: float, fraction_bits: int) -> Case:
    return Case(name, lambda: {"x": x, "fraction_bits": fraction_bits})


EXERCISE = Exercise(
    reference=float_gap,
    title="The gap next to a float",
    lesson="10_tensors/15_places",
    level="first steps",
    minutes=8,
    prompt="Return the distance from `x` to the next larger float, for a type with "
    "`fraction_bits` bits after the point (23 in float32, 7 in bfloat16).",
    observe=call_it(float_gap),
    cases=(
        _case("at 1, with 2 bits: 1, 1.25, 1.5, ...", 1.0, 2),
        _case("at 5, with 2 bits: 4, 5, 6, 7, 8", 5.0, 2),
        _case("257 in bfloat16", 257.0, 7),
        _case("0.3 with 4 bits", 0.3, 4),
        _case("exactly 8 with 3 bits", 8.0, 3),
        _case("a million in float32", 1e6, 23),
        _case("a thousandth in float16", 0.001, 10),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Write down all numbers between 1 and 2 with two fraction bits, then those "
            "between 2 and 4. How many are there, how far apart?"
        ),
        (
            "From 2 ** power to 2 ** (power + 1) there are 2 ** fraction_bits equal "
            "steps. Which power belongs to x?"
        ),
        (
            "`power = math.floor(math.log2(x))`, and the gap is "
            "`2.0 ** (power - fraction_bits)`."
        ),
    ),
    next="From which whole number on can a type no longer count by ones? Say it for "
    "float16 and float32, then try `x + 1 == x`.",
    imports="import math",
)
