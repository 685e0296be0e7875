"""Exercise: the difference of two recipes, seed by seed, and how sure it is."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from statistics import mean, pstdev, stdev

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def paired_difference(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    """Return (mean, half): the differences' mean, and factor * std / sqrt(n)."""
    differences = [a - b for a, b in zip(with_it, without, strict=True)]
    n = len(differences)
    mean = sum(differences) / n
    squares = sum((d - mean) ** 2 for d in differences)
    return mean, factor * (squares / (n - 1)) ** 0.5 / n**0.5


def _other_sign(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    return paired_difference(without, with_it, factor)


def _population(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    d = [a - b for a, b in zip(with_it, without, strict=True)]
    return mean(d), factor * pstdev(d) / len(d) ** 0.5


def _no_root(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    d = [a - b for a, b in zip(with_it, without, strict=True)]
    return mean(d), factor * stdev(d)


def _divided_by_n(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    d = [a - b for a, b in zip(with_it, without, strict=True)]
    return mean(d), factor * stdev(d) / len(d)


def _unpaired(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    both = stdev(with_it) ** 2 + stdev(without) ** 2
    half = factor * (both / len(with_it)) ** 0.5
    return mean(with_it) - mean(without), half


def _range(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    d = [a - b for a, b in zip(with_it, without, strict=True)]
    return mean(d), (max(d) - min(d)) / 2


def _fixed_factor(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    return paired_difference(with_it, without)


def _fixed_three(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    d = [a - b for a, b in zip(with_it, without, strict=True)]
    return mean(d), factor * stdev(d) / 3**0.5


def _first_seed(
    with_it: list[float], without: list[float], factor: float = 4.303
) -> tuple[float, float]:
    return with_it[0] - without[0], paired_difference(with_it, without, factor)[1]


MISTAKES = (
    Mistake(
        "the sign is turned round",
        "The difference is `with_it` minus `without`: positive where it helps.",
        _other_sign,
    ),
    Mistake(
        "the standard deviation divides by n",
        "The mean was computed from the same numbers: divide the squares by n - 1.",
        _population,
    ),
    Mistake(
        "the spread of one run, not of the mean",
        "The mean of n runs is steadier than one: divide by the square root of n.",
        _no_root,
    ),
    Mistake(
        "divided by n instead of its root",
        "Four times as many seeds halve the uncertainty: it goes with the square root.",
        _divided_by_n,
    ),
    Mistake(
        "the seeds are not paired",
        "Take the difference for each seed first, then the standard deviation of the "
        "differences: what a seed does to both cancels.",
        _unpaired,
    ),
    Mistake(
        "half of the range",
        "The range grows with the number of seeds. Take factor * std / sqrt(n).",
        _range,
    ),
    Mistake(
        "the factor is always 4.303",
        "That is the factor for three seeds: use the argument.",
        _fixed_factor,
    ),
    Mistake(
        "there are always three seeds",
        "Divide by the square root of how many differences there are.",
        _fixed_three,
    ),
    Mistake(
        "only the first seed",
        "One seed is an anecdote: return the mean over all of them.",
        _first_seed,
    ),
)


def _case(name: str, with_it: list[float], without: list[float], factor: float) -> Case:
    return Case(
        name,
        lambda: {
            "with_it": list(with_it),
            "without": list(without),
            "factor": factor,
        },
    )


def _by_default() -> dict[str, object]:
    return {"with_it": [3.0, 5.0, 7.0], "without": [2.0, 3.0, 4.0]}


EXERCISE = Exercise(
    reference=paired_difference,
    title="A difference, seed by seed",
    lesson="40_training/36_ablation",
    level="deeper",
    minutes=10,
    prompt="Return the mean of the differences `with_it - without`, seed by seed, and "
    "the half width of its interval: `factor` times their standard deviation (with "
    "n - 1), divided by the square root of n.",
    observe=call_it(paired_difference),
    cases=(
        # differences 1, 2, 3: mean 2, std 1, half 3 * 1 / sqrt(3)
        _case("differences 1, 2, 3", [81.0, 84.0, 89.0], [80.0, 82.0, 86.0], 3.0),
        # differences -2, 4, -2, 4: mean 1, std sqrt(12), half 2 * sqrt(12) / 2
        _case("four seeds", [8.0, 16.0, 3.0, 9.0], [10.0, 12.0, 5.0, 5.0], 2.0),
        _case("differences that agree", [5.0, 7.5, 9.0], [4.0, 6.5, 8.0], 4.303),
        _case("two seeds", [71.5, 70.0], [70.0, 71.0], 12.706),
        # mean 2, std 1: half 4.303 / sqrt(3)
        Case("the factor not mentioned", _by_default),
    ),
    mistakes=MISTAKES,
    hints=(
        "Both lists are in the order of their seeds: subtract entry by entry first.",
        "`statistics.stdev` and `torch.std` divide the squares by n - 1, as asked.",
        "mean = sum(d) / n; half = factor * stdev(d) / n ** 0.5.",
    ),
    next="Draw 1,000 pairs of lists from the same distribution. In how many does the "
    "interval miss zero? Then give both lists three numbers that you chose.",
)
