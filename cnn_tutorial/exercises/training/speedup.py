"""Exercise: Amdahl's law for several shares."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def speedup(shares: list[float], factors: list[float]) -> float:
    """Return how many times as fast all is when parts of it become faster."""
    faster = sum(s / f for s, f in zip(shares, factors, strict=True))
    return 1 / (1 - sum(shares) + faster)


def _mean_factor(shares: list[float], factors: list[float]) -> float:
    parts = sum(s * f for s, f in zip(shares, factors, strict=True))
    return 1 - sum(shares) + parts


def _rest_forgotten(shares: list[float], factors: list[float]) -> float:
    return 1 / sum(s / f for s, f in zip(shares, factors, strict=True))


def _time(shares: list[float], factors: list[float]) -> float:
    return 1 / speedup(shares, factors)


def _one_by_one(shares: list[float], factors: list[float]) -> float:
    product = 1.0
    for s, f in zip(shares, factors, strict=True):
        product *= speedup([s], [f])
    return product


def _product(shares: list[float], factors: list[float]) -> float:
    product = 1.0
    for f in factors:
        product *= f
    return product


def _removed(shares: list[float], factors: list[float]) -> float:
    left = 1 - sum(shares)
    return 1 / left if left > 1e-9 else float("inf")


def _only_first(shares: list[float], factors: list[float]) -> float:
    return speedup(shares[:1], factors[:1])


MISTAKES = (
    Mistake(
        "factors are averaged",
        "A part that is f times as fast takes 1 / f of its time. Add times, not "
        "speeds, and divide at the end.",
        _mean_factor,
    ),
    Mistake(
        "the rest is forgotten",
        "What is in none of the parts takes as long as before: add `1 - sum(shares)`.",
        _rest_forgotten,
    ),
    Mistake(
        "a time, not a speed",
        "That is how long all takes now, in units of the old time. How many times as "
        "fast is it? Divide 1 by it.",
        _time,
    ),
    Mistake(
        "the law is applied once for each part",
        "After the first part has become faster, the shares of the others have grown. "
        "Add all times first, and divide once.",
        _one_by_one,
    ),
    Mistake(
        "factors are multiplied",
        "Each factor holds for its own part only: weigh it by the share.",
        _product,
    ),
    Mistake(
        "parts are removed altogether",
        "A part that is f times as fast still takes its share divided by f.",
        _removed,
    ),
    Mistake(
        "only the first part counts",
        "There may be several parts: go through both lists together.",
        _only_first,
    ),
)


def _case(name: str, shares: list[float], factors: list[float]) -> Case:
    return Case(name, lambda: {"shares": list(shares), "factors": list(factors)})


EXERCISE = Exercise(
    reference=speedup,
    title="Amdahl's law",
    lesson="40_training/50_fast",
    level="core",
    minutes=10,
    prompt="Parts of a program take some shares of its time, and each becomes some "
    "factor faster; what is in no part stays. How many times as fast is the whole?",
    observe=call_it(speedup),
    cases=(
        _case("half of the time, twice as fast", [0.5], [2.0]),
        _case("all of the time, 4 times as fast", [1.0], [4.0]),
        _case("two parts and a rest", [0.25, 0.5], [5.0, 2.0]),
        _case("two parts that are all", [0.125, 0.875], [2.0, 7.0]),
        _case("a part that becomes slower", [0.2, 0.3, 0.1], [4.0, 3.0, 0.5]),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Say the whole took 1 second. How long does each part take now, and how "
            "long does the rest take?"
        ),
        (
            "A part with share s that is f times as fast takes s / f. The rest takes "
            "1 - sum(shares)."
        ),
        "Add these times. The answer is 1 divided by their sum.",
    ),
    next="Let a factor grow without bound. Which share must a part have so that the "
    "whole can become 10 times as fast?",
)
