"""Exercise: a number of channels that the machine likes."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def make_divisible(channels: float, divisor: int = 8) -> int:
    """Return the nearest multiple of divisor that is at most 10 % below channels."""
    found = int(channels + divisor / 2) // divisor * divisor  # a half goes up
    return found if found >= 0.9 * channels else found + divisor


def _down(channels: float, divisor: int = 8) -> int:
    return max(divisor, int(channels) // divisor * divisor)


def _up(channels: float, divisor: int = 8) -> int:
    return math.ceil(channels / divisor) * divisor


def _nearest(channels: float, divisor: int = 8) -> int:
    return max(divisor, int(channels + divisor / 2) // divisor * divisor)


def _without_minimum(channels: float, divisor: int = 8) -> int:
    return int(channels + divisor / 2) // divisor * divisor


def _half_to_even(channels: float, divisor: int = 8) -> int:
    found = max(divisor, round(channels / divisor) * divisor)
    return found if found >= 0.9 * channels else found + divisor


def _power_of_two(channels: float, divisor: int = 8) -> int:
    return max(divisor, int(2 ** math.ceil(math.log2(channels))))


def _eight(channels: float, divisor: int = 8) -> int:
    return make_divisible(channels)


def _count(channels: float, divisor: int = 8) -> int:
    return make_divisible(channels, divisor) // divisor


def _as_float(channels: float, divisor: int = 8) -> float:
    return float(make_divisible(channels, divisor))


MISTAKES = (
    Mistake(
        "it always rounds down",
        "Take the *nearest* multiple: add half of `divisor` before you divide.",
        _down,
    ),
    Mistake(
        "it always rounds up",
        "Take the *nearest* multiple; 17 becomes 16 and not 24, which is 1 below and "
        "within 10 %.",
        _up,
    ),
    Mistake(
        "too much may be lost",
        "The result must be at least 0.9 * channels. If the nearest multiple is less, "
        "take the next one.",
        _nearest,
    ),
    Mistake(
        "the nearest multiple may be zero or too small",
        "The result must be at least 0.9 * channels, and so never zero. If the nearest "
        "multiple is less, take the next one.",
        _without_minimum,
    ),
    Mistake(
        "a half is rounded to the even multiple",
        "Python's `round` takes 10.5 to 10. Here a half goes up: `int(channels + "
        "divisor / 2) // divisor`.",
        _half_to_even,
    ),
    Mistake(
        "powers of two are taken",
        "Multiples of `divisor` are enough: 24 is as good as 32, and cheaper.",
        _power_of_two,
    ),
    Mistake(
        "the divisor is always 8",
        "Use the argument `divisor`.",
        _eight,
    ),
    Mistake(
        "the blocks are counted, not the channels",
        "Multiply by `divisor` at the end: the answer is a number of channels.",
        _count,
    ),
    Mistake(
        "the result is a float",
        "A number of channels is whole: use `int(...)` and `//`.",
        _as_float,
    ),
)


def _case(name: str, **arguments: float) -> Case:
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=make_divisible,
    title="A number of channels that the machine likes",
    lesson="20_convolution/57_width",
    level="first steps",
    minutes=8,
    prompt="Round a number of channels, which may be a fraction, to the nearest "
    "multiple of `divisor`; a half goes up. If that loses more than 10 %, take the "
    "next multiple.",
    observe=call_it(make_divisible),
    cases=(
        _case("a little above a multiple", channels=17),
        _case("more than 10 % would be lost", channels=10),
        _case("fewer channels than the divisor", channels=3),
        _case("a half", channels=84),
        _case("a little below a multiple", channels=79),
        _case("35 % of 32 channels", channels=11.2),
        _case("another divisor", channels=70, divisor=16),
        _case("another divisor, above the middle", channels=73, divisor=16),
        _case("another divisor, more than 10 % lost", channels=20, divisor=16),
        # 9 is 10 % below 10, and not more
        _case("10 % lost", channels=10, divisor=9),
    ),
    mistakes=MISTAKES,
    hints=(
        "How many times does `divisor` fit? Which of the two multiples is nearer?",
        (
            "`int(channels + divisor / 2) // divisor` counts the multiples up to the "
            "nearest one. Multiply by `divisor` again, then look at the 10 %."
        ),
        (
            "`found = int(channels + divisor / 2) // divisor * divisor`; return "
            "`found`, or `found + divisor` when `found < 0.9 * channels`."
        ),
    ),
    next="MobileNet narrows all layers by a factor such as 0.35 and rounds like this. "
    "Which divisor would you choose on the machine that you measured?",
)
