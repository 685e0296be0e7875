"""Exercise: what is left of each part of a stream whose shortcuts fade."""

from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Factors = list[float]


def weights_at_end(factors: list[float]) -> list[float]:
    """Return what the input, and then each block's addition, is multiplied by."""
    weights = [1.0]
    for factor in reversed(factors):
        weights.insert(0, weights[0] * factor)
    return weights


def _from_the_front(factors: Factors) -> Factors:
    weights = [1.0]
    for factor in factors:
        weights.append(weights[-1] * factor)
    return weights


def _summed(factors: Factors) -> Factors:
    n = len(factors)
    return [float(sum(factors[k:])) if k < n else 1.0 for k in range(n + 1)]


def _own_factor_too(factors: Factors) -> Factors:
    inside = [math.prod(factors[k:]) for k in range(len(factors))]
    return [float(math.prod(factors)), *map(float, inside)]


def _by_mean(factors: Factors) -> Factors:
    n = len(factors)
    mean = sum(factors) / max(n, 1)
    return [mean ** (n - k) for k in range(n + 1)]


def _only_once(factors: Factors) -> Factors:
    return [*map(float, factors), 1.0]


MISTAKES = (
    Mistake(
        "the products start at the front",
        "What was added early passes all the shortcuts that come *later*: multiply "
        "from the end.",
        _from_the_front,
    ),
    Mistake(
        "the last block comes first",
        "The list begins with the input, which has come the longest way.",
        lambda factors: weights_at_end(factors)[::-1],
    ),
    Mistake(
        "the input is missing",
        "Entry 0 belongs to the input of the whole stack: the product of all factors.",
        lambda factors: weights_at_end(factors)[1:],
    ),
    Mistake(
        "the last addition is missing",
        "What the last block adds meets no shortcut any more. Its weight is 1.",
        lambda factors: weights_at_end(factors)[:-1],
    ),
    Mistake(
        "only the input is weighed",
        "Each block's addition fades, too, from where it was added.",
        lambda factors: [float(math.prod(factors))],
    ),
    Mistake(
        "a block's own factor counts",
        "In y = s * x + f(x) the factor is on what was there before, and not on what "
        "the block adds.",
        _own_factor_too,
    ),
    Mistake(
        "factors are added",
        "One factor after the other: multiply.",
        _summed,
    ),
    Mistake(
        "all factors are taken for their mean",
        "Factors differ: multiply those that a part really meets.",
        _by_mean,
    ),
    Mistake(
        "each part fades only once",
        "It meets every later shortcut, not only the next one.",
        _only_once,
    ),
)


def _case(name: str, *factors: float) -> Case:
    return Case(name, lambda: {"factors": list(factors)})


EXERCISE = Exercise(
    reference=weights_at_end,
    title="What is left at the end",
    lesson="50_architectures/36_pre_activation",
    level="core",
    minutes=8,
    prompt="A stack of blocks y = s * x + f(x), with a factor s for each. At the end, "
    "the input and what each block added stand in one sum. Return a list of what they "
    "are multiplied by: first the input, then the additions, in order.",
    observe=call_it(weights_at_end),
    cases=(
        _case("one block", 0.5),  # 0.5 * x + f
        _case("two blocks", 0.5, 3.0),  # 3 * (0.5 * x + f) + g
        # 7 * (5 * (2 * x + f) + g) + h: 70, 35, 7, 1.
        _case("three blocks", 2.0, 5.0, 7.0),
        _case("plain shortcuts", 1.0, 1.0, 1.0),
        _case("no block", *()),
        _case("a shortcut that is cut", 3.0, 0.0, 2.0),  # 0, 0, 2, 1
    ),
    mistakes=MISTAKES,
    hints=(
        "Write two blocks out, s2 * (s1 * x + f1) + f2, and multiply.",
        (
            "A part is multiplied by the factors of all *later* blocks. After the last "
            "block there is none: its weight is 1."
        ),
        (
            "Start with [1.0], go through the factors from the last to the first, and "
            "put `weights[0] * factor` in front."
        ),
    ),
    next="With s = 0.9 everywhere: how many blocks back is the oldest addition that "
    "keeps at least a tenth of its size?",
)
