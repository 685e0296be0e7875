"""Exercise: how many calls it takes until a price has been paid back."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def calls_to_even(once: float, before: float, after: float) -> float:
    """Return how many calls pay a price that is paid once; math.inf: no number does."""
    saved = before - after
    if saved <= 0:
        return math.inf
    return math.ceil(once / saved)


def _by_ratio(once: float, before: float, after: float) -> float:
    return calls_to_even(once, before / after, 1)


def _by_new_time(once: float, before: float, after: float) -> float:
    return math.ceil(once / after)


def _by_old_time(once: float, before: float, after: float) -> float:
    return math.ceil(once / before)


def _rounded_down(once: float, before: float, after: float) -> float:
    return once // (before - after) if before > after else math.inf


def _not_rounded(once: float, before: float, after: float) -> float:
    return once / (before - after) if before > after else math.inf


def _never_infinite(once: float, before: float, after: float) -> float:
    return math.ceil(once / (before - after)) if before != after else math.inf


def _absolute(once: float, before: float, after: float) -> float:
    gap = abs(before - after)
    return math.ceil(once / gap) if gap else math.inf


def _zero(once: float, before: float, after: float) -> float:
    return calls_to_even(once, before, after) if before > after else 0


def _swapped(once: float, before: float, after: float) -> float:
    return calls_to_even(once, after, before)


MISTAKES = (
    Mistake(
        "divided by the ratio of the times",
        "What a call saves is a difference: the old time minus the new one.",
        _by_ratio,
    ),
    Mistake(
        "divided by the new time",
        "A call does not pay back what it takes, but what it saves: `before - after`.",
        _by_new_time,
    ),
    Mistake(
        "divided by the old time",
        "A call still takes time. It pays back `before - after`.",
        _by_old_time,
    ),
    Mistake(
        "rounded down",
        "After that many calls a rest of the price is still open: round up.",
        _rounded_down,
    ),
    Mistake(
        "not rounded",
        "There is no half of a call: round up.",
        _not_rounded,
    ),
    Mistake(
        "a negative number of calls",
        "Where a call became slower the price is never paid back: return `math.inf`.",
        _never_infinite,
    ),
    Mistake(
        "a loss counts as a gain",
        "`after` may be larger than `before`. Then nothing is saved: `math.inf`.",
        _absolute,
    ),
    Mistake(
        "no call where nothing is saved",
        "0 calls would mean that the price is paid back at once. It never is: "
        "`math.inf`.",
        _zero,
    ),
    Mistake(
        "old and new are swapped",
        "`before` is the time of a call without the change.",
        _swapped,
    ),
)


def _case(name: str, once: float, before: float, after: float) -> Case:
    return Case(name, lambda: {"once": once, "before": before, "after": after})


EXERCISE = Exercise(
    reference=calls_to_even,
    title="A price that is paid back",
    lesson="40_training/52_switches",
    level="first steps",
    minutes=5,
    prompt="A change costs some seconds once; then a call takes `after` seconds in "
    "place of `before`. After how many calls have we saved at least what it cost?",
    observe=call_it(calls_to_even),
    cases=(
        _case("12 seconds once, 3 saved by each call", 12.0, 5.0, 2.0),
        _case("a number that is not whole", 10.0, 7.0, 4.0),
        _case("a call takes as long as before", 3.0, 2.0, 2.0),
        _case("a call has become slower", 3.0, 2.0, 4.0),
        _case("a small gain", 8.0, 0.75, 0.5),
    ),
    mistakes=MISTAKES,
    hints=(
        "How much does one call save?",
        "Divide what it cost by what a call saves, and mind that calls are whole.",
        "`math.ceil(once / (before - after))`, and `math.inf` where nothing is saved.",
    ),
    next="How many steps has the longest training that you have run? Which price of "
    "compiling would it have paid back?",
    imports="import math",
)
