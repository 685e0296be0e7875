"""Exercise: the ratio of two times that were taken in turns."""

from __future__ import annotations

from statistics import mean, median

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def median_ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of our times over theirs, round by round."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return median(ratios)


def _ratios(ours: list[float], theirs: list[float]) -> list[float]:
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def _mean(ours: list[float], theirs: list[float]) -> float:
    return mean(_ratios(ours, theirs))


def _sums(ours: list[float], theirs: list[float]) -> float:
    return sum(ours) / sum(theirs)


def _medians(ours: list[float], theirs: list[float]) -> float:
    return median(ours) / median(theirs)


def _minima(ours: list[float], theirs: list[float]) -> float:
    return min(ours) / min(theirs)


def _inverted(ours: list[float], theirs: list[float]) -> float:
    return median_ratio(theirs, ours)


def _sorted(ours: list[float], theirs: list[float]) -> float:
    return median_ratio(sorted(ours), sorted(theirs))


def _first(ours: list[float], theirs: list[float]) -> float:
    return ours[0] / theirs[0]


def _middle_round(ours: list[float], theirs: list[float]) -> float:
    return _ratios(ours, theirs)[len(ours) // 2]


def _upper(ours: list[float], theirs: list[float]) -> float:
    return sorted(_ratios(ours, theirs))[len(ours) // 2]


def _best(ours: list[float], theirs: list[float]) -> float:
    return min(_ratios(ours, theirs))


def _differences(ours: list[float], theirs: list[float]) -> float:
    return median(a - b for a, b in zip(ours, theirs, strict=True))


MISTAKES = (
    Mistake(
        "the mean of the ratios",
        "One accident among the rounds carries the mean away. The median does not "
        "notice it.",
        _mean,
    ),
    Mistake(
        "the ratio of the sums",
        "A slow moment of the machine then counts more than a quick one, and an "
        "accident most of all. Form the ratio in each round first.",
        _sums,
    ),
    Mistake(
        "the ratio of the medians",
        "The two medians may come from different rounds, one from a slow moment of the "
        "machine and one from a quick one. Ratios first, then the median.",
        _medians,
    ),
    Mistake(
        "the ratio of the shortest times",
        "The two shortest times need not come from the same round, and a single "
        "reading decides. Ratios first, then the median.",
        _minima,
    ),
    Mistake(
        "the ratio is upside down",
        "How many times as long as theirs do *our* calls take: ours over theirs.",
        _inverted,
    ),
    Mistake(
        "the times are sorted before they meet",
        "Sorting separates what belongs together: the two times of a round.",
        _sorted,
    ),
    Mistake(
        "only the first round",
        "One round is an anecdote. Use them all.",
        _first,
    ),
    Mistake(
        "the round in the middle, not the ratio in the middle",
        "The median is in the middle once the ratios are sorted.",
        _middle_round,
    ),
    Mistake(
        "the upper of two in the middle",
        "With an even number of rounds two ratios are in the middle: the median is "
        "their mean. `statistics.median` knows.",
        _upper,
    ),
    Mistake(
        "the best round",
        "The round that flatters most is no summary. Take the median.",
        _best,
    ),
    Mistake(
        "differences instead of ratios",
        "A slow moment doubles a difference too. It cancels in a ratio.",
        _differences,
    ),
)


def _case(name: str, ours: list[float], theirs: list[float]) -> Case:
    return Case(name, lambda: {"ours": list(ours), "theirs": list(theirs)})


EXERCISE = Exercise(
    reference=median_ratio,
    title="A ratio one can trust",
    lesson="20_convolution/37_benchmark",
    level="first steps",
    minutes=8,
    prompt="Summarise the times of two candidates, measured in turns, in one ratio. "
    "Both lists have a time for each round; the machine was slow in some rounds, and a "
    "reading may be an accident.",
    observe=call_it(median_ratio),
    cases=(
        _case("one round", [3.0], [2.0]),
        _case(
            "three rounds, the last on a slow machine",
            [6.0, 4.0, 90.0],
            [3.0, 1.0, 9.0],
        ),
        _case("three rounds, slower and slower", [8.0, 3.0, 10.0], [2.0, 3.0, 5.0]),
        _case("two rounds", [2.0, 12.0], [1.0, 3.0]),
        _case(
            "five rounds, one of them an accident",
            [7.0, 6.0, 90.0, 5.0, 12.0],
            [2.0, 4.0, 4.0, 5.0, 3.0],
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "The two times of a round were taken on the same machine in the same mood. "
            "Which number of a round does not depend on the mood?"
        ),
        (
            "Divide our time by theirs in each round. Of these ratios take the one in "
            "the middle."
        ),
        (
            "`[a / b for a, b in zip(ours, theirs)]`, and then `statistics.median` of "
            "that list."
        ),
    ),
    next="Also return the quartiles: how would you say whether 1.05 is a difference?",
    imports="from statistics import median",
)
