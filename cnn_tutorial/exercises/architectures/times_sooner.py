"""Exercise: how many times sooner one curve is down than another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Curve = Sequence[float]


def times_sooner(fast: Curve, slow: Curve, level: float) -> float:
    """Return how many times sooner `fast` is at `level` or below than `slow`."""
    epochs = []
    for curve in (fast, slow):  # one value for each epoch, from epoch 1
        below = (k for k, loss in enumerate(curve, start=1) if loss <= level)
        epochs.append(next(below, math.inf))
    return epochs[1] / epochs[0]


def _upside_down(fast: Curve, slow: Curve, level: float) -> float:
    return times_sooner(slow, fast, level)


def _from_zero(fast: Curve, slow: Curve, level: float) -> float:
    first = [
        next((k for k, v in enumerate(curve) if v <= level), math.inf)
        for curve in (fast, slow)
    ]
    return first[1] / first[0] if first[0] else math.inf


def _strictly(fast: Curve, slow: Curve, level: float) -> float:
    return times_sooner(fast, slow, math.nextafter(level, -math.inf))


def _difference(fast: Curve, slow: Curve, level: float) -> float:
    counts = [
        next((k for k, v in enumerate(curve, 1) if v <= level), math.inf)
        for curve in (fast, slow)
    ]
    return counts[1] - counts[0]


def _for_good(fast: Curve, slow: Curve, level: float) -> float:
    """Return the ratio of the epochs from which on the curves stay down."""
    last = [
        max((k for k, v in enumerate(curve, 1) if v > level), default=0) + 1
        for curve in (fast, slow)
    ]
    return last[1] / last[0]


def _at_the_end(fast: Curve, slow: Curve, level: float) -> float:
    def count(curve: Curve) -> int:
        return next((k for k, v in enumerate(curve, 1) if v <= level), len(curve))

    return count(slow) / count(fast)


def _above(fast: Curve, slow: Curve, level: float) -> float:
    return times_sooner([-v for v in fast], [-v for v in slow], -level)


def _how_often(fast: Curve, slow: Curve, level: float) -> float:
    below = [sum(v <= level for v in curve) for curve in (fast, slow)]
    return below[0] / below[1] if below[1] else math.inf


MISTAKES = (
    Mistake(
        "the ratio is upside down",
        "The slow one's epochs over the fast one's: a number above one if `fast` is "
        "sooner.",
        _upside_down,
    ),
    Mistake(
        "epochs are counted from zero",
        "A network that is there at the end of its first epoch took one epoch: count "
        "from 1.",
        _from_zero,
    ),
    Mistake(
        "the level itself does not count",
        "*At* the level counts, too: `<=`.",
        _strictly,
    ),
    Mistake(
        "a difference, not a ratio",
        "How many *times*: divide.",
        _difference,
    ),
    Mistake(
        "whoever never gets there gets the last epoch",
        "A curve that never reaches the level takes infinitely long: `math.inf`.",
        _at_the_end,
    ),
    Mistake(
        "the last time above counts",
        "Asked for is the first time at or below the level, even if the curve bounces "
        "back.",
        _for_good,
    ),
    Mistake(
        "at or above the level",
        "A loss goes *down*: the first value at the level or below.",
        _above,
    ),
    Mistake(
        "values below are counted",
        "It matters when a curve gets there, not how often it is there.",
        _how_often,
    ),
)


def _case(name: str, fast: list[float], slow: list[float], level: float) -> Case:
    return Case(name, lambda: {"fast": list(fast), "slow": list(slow), "level": level})


EXERCISE = Exercise(
    reference=times_sooner,
    title="Six times sooner",
    lesson="50_architectures/12_relu_or_tanh",
    level="first steps",
    minutes=8,
    prompt="Two training losses, one value for each epoch. Return how many times "
    "sooner `fast` reaches `level`; a curve that never does takes `math.inf` epochs.",
    observe=call_it(times_sooner),
    # By hand: 4 / 1, 3 / 2, inf / 2, and 5 / 2, where the first curve bounces back.
    cases=(
        _case("there in one epoch, and in four", [0.5], [0.9, 0.8, 0.7, 0.6], 0.6),
        _case("exactly at the level", [1.0, 0.5, 0.2], [1.0, 0.75, 0.25], 0.5),
        _case("one never gets there", [0.9, 0.4], [0.9, 0.8, 0.7], 0.5),
        _case(
            "a curve that bounces",
            [0.9, 0.4, 0.6, 0.3, 0.2, 0.1],
            [0.9, 0.8, 0.7, 0.6, 0.5, 0.6],
            0.5,
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "For one curve first: in which epoch, counted from 1, is the loss at the "
            "level or below for the first time?"
        ),
        (
            "`next((k for k, loss in enumerate(curve, start=1) if loss <= level), "
            "math.inf)` is that epoch."
        ),
        "Do this for both curves, and divide the slow one's epochs by the fast one's.",
    ),
    next="How does the answer change with the level? Which level would you report?",
    imports="import math",
)
