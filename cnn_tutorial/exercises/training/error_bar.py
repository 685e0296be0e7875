"""Exercise: the standard error of an accuracy."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def error_bar(accuracy: float, count: int) -> float:
    """Return the standard error of an accuracy (0-1) measured on count images."""
    return math.sqrt(accuracy * (1 - accuracy) / count)


def _variance(accuracy: float, count: int) -> float:
    return accuracy * (1 - accuracy) / count


def _of_one(accuracy: float, count: int) -> float:
    return math.sqrt(accuracy * (1 - accuracy))


def _over_count(accuracy: float, count: int) -> float:
    return math.sqrt(accuracy * (1 - accuracy)) / count


def _counted(accuracy: float, count: int) -> float:
    return math.sqrt(count * accuracy * (1 - accuracy))


def _only_right(accuracy: float, count: int) -> float:
    return math.sqrt(accuracy / count)


def _only_wrong(accuracy: float, count: int) -> float:
    return math.sqrt((1 - accuracy) / count)


def _widest(accuracy: float, count: int) -> float:
    return 0.5 / math.sqrt(count)


def _doubled(accuracy: float, count: int) -> float:
    return 2 * error_bar(accuracy, count)


def _per_cent(accuracy: float, count: int) -> float:
    return 100 * error_bar(accuracy, count)


MISTAKES = (
    Mistake(
        "the variance, not its root",
        "p (1 - p) / n is the variance of the share. Take the square root.",
        _variance,
    ),
    Mistake(
        "the spread of a single image",
        "That is how much *one* image varies. The mean of n varies less: divide the "
        "variance by `count`.",
        _of_one,
    ),
    Mistake(
        "divided outside the root",
        "A mean of n spreads by the root of n less, not by n: `count` belongs under "
        "the root.",
        _over_count,
    ),
    Mistake(
        "the spread of a number of images",
        "That is the spread of *how many* are right. For the share, divide by `count`.",
        _counted,
    ),
    Mistake(
        "1 - p is missing",
        "A score of 1 cannot spread at all: multiply by the share of mistakes, too.",
        _only_right,
    ),
    Mistake(
        "p is missing",
        "A score of 0 cannot spread at all: multiply by the share that is right, too.",
        _only_wrong,
    ),
    Mistake(
        "the widest possible bar",
        "That is the bar at an accuracy of 0.5. Use the accuracy that was measured.",
        _widest,
    ),
    Mistake(
        "two standard errors",
        "Two of them are a common error bar; here one is asked for.",
        _doubled,
    ),
    Mistake(
        "in per cent",
        "The accuracy is a share from 0 to 1, and so is its spread.",
        _per_cent,
    ),
)


def _case(name: str, accuracy: float, count: int) -> Case:
    return Case(name, lambda: {"accuracy": accuracy, "count": count})


EXERCISE = Exercise(
    reference=error_bar,
    title="What an accuracy is worth",
    lesson="40_training/58_small_resnet",
    level="first steps",
    minutes=5,
    prompt="Return the standard error of an accuracy, a share from 0 to 1, that was "
    "measured on `count` images.",
    observe=call_it(error_bar),
    # By hand: sqrt(0.16 / 4) = 0.2, sqrt(0.09 / 100) = 0.03, 0 where nothing varies.
    cases=(
        _case("8 in 10, on 4 images", 0.8, 4),
        _case("9 in 10, on 100 images", 0.9, 100),
        _case("all right", 1.0, 25),
        _case("all wrong", 0.0, 25),
        _case("2,000 images", 0.89, 2000),
    ),
    mistakes=MISTAKES,
    hints=(
        "An image is right with probability p, or wrong. What is the variance of that?",
        "One image has the variance p (1 - p); a mean of n independent ones 1/n of it.",
        "Return the square root of `accuracy * (1 - accuracy) / count`.",
    ),
    next="How many images does it take to see a difference of one per cent at an "
    "accuracy of 90 per cent? And how many for a tenth of that?",
    imports="import math",
)
