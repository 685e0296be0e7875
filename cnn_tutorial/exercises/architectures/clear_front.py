"""Exercise: the front, with luck taken into account."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def clear_front(costs: list[float], scores: list[float], margin: float) -> list[int]:
    """Return the places of all that nobody clearly beats, in ascending order.

    Clearly beaten is who is beaten by more than `margin`, at no higher cost.
    """
    every = range(len(costs))
    return [
        k
        for k in every
        if not any(
            costs[j] <= costs[k] and scores[j] > scores[k] + margin for j in every
        )
    ]


def _no_margin(costs: list[float], scores: list[float], margin: float) -> list[int]:
    return clear_front(costs, scores, 0.0)


def _margin_counts(costs: list[float], scores: list[float], margin: float) -> list[int]:
    every = range(len(costs))
    return [
        k
        for k in every
        if not any(
            costs[j] <= costs[k] and scores[j] >= scores[k] + margin and j != k
            for j in every
        )
    ]


def _must_be_cheaper(
    costs: list[float], scores: list[float], margin: float
) -> list[int]:
    every = range(len(costs))
    return [
        k
        for k in every
        if not any(
            costs[j] < costs[k] and scores[j] > scores[k] + margin for j in every
        )
    ]


def _costs_forgotten(
    costs: list[float], scores: list[float], margin: float
) -> list[int]:
    best = max(scores)
    return [k for k, score in enumerate(scores) if best <= score + margin]


def _dearer_is_better(
    costs: list[float], scores: list[float], margin: float
) -> list[int]:
    return clear_front([-cost for cost in costs], scores, margin)


def _the_beaten(costs: list[float], scores: list[float], margin: float) -> list[int]:
    front = clear_front(costs, scores, margin)
    return [k for k in range(len(costs)) if k not in front]


def _by_cost(costs: list[float], scores: list[float], margin: float) -> list[int]:
    return sorted(clear_front(costs, scores, margin), key=lambda k: costs[k])


def _of_the_front(costs: list[float], scores: list[float], margin: float) -> list[int]:
    strict = clear_front(costs, scores, 0.0)
    return [
        k
        for k in range(len(costs))
        if any(abs(scores[k] - scores[j]) <= margin for j in strict)
    ]


def _other_sign(costs: list[float], scores: list[float], margin: float) -> list[int]:
    return clear_front(costs, scores, -margin)


MISTAKES = (
    Mistake(
        "the margin is not used",
        "A lead of less than `margin` may be luck: it beats nobody. Add `margin` to "
        "the score that has to be exceeded.",
        _no_margin,
    ),
    Mistake(
        "a lead of just the margin counts",
        "Clearly beaten is by *more* than `margin`: compare with >, not with >=.",
        _margin_counts,
    ),
    Mistake(
        "only who is cheaper can beat",
        "At the same cost a clearly better score beats, too: costs compare with <=.",
        _must_be_cheaper,
    ),
    Mistake(
        "the costs are not used",
        "A network beats another only if it costs no more: the cheapest one can be "
        "beaten by nobody who costs more.",
        _costs_forgotten,
    ),
    Mistake(
        "the dear ones beat",
        "Less cost is better: who beats has a cost of at most the other's.",
        _dearer_is_better,
    ),
    Mistake(
        "those that are beaten",
        "These are the ones that somebody beats. Return the others.",
        _the_beaten,
    ),
    Mistake(
        "in the order of their costs",
        "Return the places in ascending order: 0, 1, 2, ..., whatever they cost.",
        _by_cost,
    ),
    Mistake(
        "near any score of the front",
        "To be near the score of *somebody* on the front is not enough: look at "
        "everybody who costs no more, one by one.",
        _of_the_front,
    ),
    Mistake(
        "the margin is given to the other side",
        "The margin protects whoever is beaten: others must exceed score + margin.",
        _other_sign,
    ),
)


def _case(name: str, costs: list[float], scores: list[float], margin: float) -> Case:
    return Case(
        name,
        lambda: {"costs": list(costs), "scores": list(scores), "margin": margin},
    )


EXERCISE = Exercise(
    reference=clear_front,
    title="The front, with luck taken into account",
    lesson="50_architectures/70_comparison",
    level="core",
    minutes=10,
    prompt="Return the places of all networks that nobody clearly beats, in ascending "
    "order. One clearly beats another if it costs no more and scores more by more than "
    "`margin`.",
    observe=call_it(clear_front),
    # Numbers that a computer holds exactly, so that a lead of just the margin is one.
    cases=(
        # 0 leads 1 by 4 and 3 by 8, and costs less; 2 is the best
        _case("a clear case", [10, 20, 40, 30], [80.0, 76.0, 88.0, 72.0], 2.0),
        # 1 is behind 0 by 1, within the margin; 2 is behind 0 by 3
        _case("luck and no luck", [10, 20, 30], [80.0, 79.0, 77.0], 2.0),
        _case("behind by just the margin", [10, 20], [80.0, 78.0], 2.0),
        _case("the same cost", [10, 10, 10], [80.0, 70.0, 79.0], 2.0),
        _case("the dearest comes first", [50, 10, 30], [90.0, 70.0, 80.0], 0.5),
        _case("behind one, near another", [10, 20, 30], [90.0, 70.0, 71.0], 2.0),
        _case("near the front of others", [10, 20, 5], [90.0, 60.0, 61.0], 4.0),
        _case("no margin", [10, 20, 30, 40], [70.0, 70.0, 69.0, 75.0], 0.0),
    ),
    mistakes=MISTAKES,
    hints=(
        "Write first, for two places j and k, when j clearly beats k.",
        "It needs both: `costs[j] <= costs[k]`, and a score above `scores[k]+margin`.",
        "Keep each k for which `any(...)` of that, over all places j, is False.",
    ),
    next="Take the spread of three seeds as the margin, on the recorded comparison. "
    "How many networks can you rule out?",
)
