"""Exercise: which checkpoints stay when the disk is not to fill up."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def kept_steps(scores: dict[int, float], keep: int) -> list[int]:
    """Return the steps of the checkpoints that stay, oldest first.

    scores maps the step of each checkpoint to its score, higher is better. The last
    keep of them stay, and the best one; of equally good ones the latest.
    """
    best = max(scores, key=lambda step: (scores[step], step))
    return sorted({*sorted(scores)[-keep:], best})


def _last(scores: dict[int, float], keep: int) -> list[int]:
    return sorted(scores)[-keep:]


def _best(scores: dict[int, float], keep: int) -> list[int]:  # noqa: ARG001
    return [max(scores, key=lambda step: (scores[step], step))]


def _ranked(scores: dict[int, float], keep: int) -> list[int]:
    return sorted(sorted(scores, key=lambda step: (scores[step], step))[-keep:])


def _lowest(scores: dict[int, float], keep: int) -> list[int]:
    worst = min(scores, key=lambda step: (scores[step], -step))
    return sorted({*_last(scores, keep), worst})


def _earliest_best(scores: dict[int, float], keep: int) -> list[int]:
    best = max(scores, key=lambda step: (scores[step], -step))
    return sorted({*_last(scores, keep), best})


def _twice(scores: dict[int, float], keep: int) -> list[int]:
    return sorted([*_last(scores, keep), *_best(scores, keep)])


def _by_text(scores: dict[int, float], keep: int) -> list[int]:
    names = sorted(map(str, scores))[-keep:]
    return sorted({*map(int, names), *_best(scores, keep)})


def _one_less(scores: dict[int, float], keep: int) -> list[int]:
    last = [step for step in sorted(scores) if step not in _best(scores, keep)]
    return sorted({*last[len(last) - keep + 1 :], *_best(scores, keep)})


def _first(scores: dict[int, float], keep: int) -> list[int]:
    return sorted({*sorted(scores)[:keep], *_best(scores, keep)})


MISTAKES = (
    Mistake(
        "the best one is thrown away",
        "Training may get worse again: the best one stays even if it is old.",
        _last,
    ),
    Mistake(
        "the oldest stay instead of the last",
        "To go on, one needs the newest: take them from the end.",
        _first,
    ),
    Mistake(
        "only the best one stays",
        "A training that is stopped goes on from the last one, not from the best.",
        _best,
    ),
    Mistake(
        "the best `keep` stay",
        "The last `keep` stay whatever their scores, to go on from; only one stays for "
        "its score.",
        _ranked,
    ),
    Mistake(
        "the worst one stays",
        "Higher is better here.",
        _lowest,
    ),
    Mistake(
        "the earliest of equally good ones stays",
        "Of equal scores the latest one counts.",
        _earliest_best,
    ),
    Mistake(
        "the best one is listed twice",
        "It may be among the last ones already.",
        _twice,
    ),
    Mistake(
        "steps are sorted as text",
        'As text, "9" comes after "10". Sort the numbers.',
        _by_text,
    ),
    Mistake(
        "the best one takes a place of the last ones",
        "It stays besides the last `keep`, not as one of them.",
        _one_less,
    ),
)


def _case(name: str, scores: dict[int, float], keep: int) -> Case:
    return Case(name, lambda: {"scores": dict(scores), "keep": keep})


EXERCISE = Exercise(
    reference=kept_steps,
    title="Which checkpoints stay",
    lesson="40_training/17_whole_files",
    level="first steps",
    minutes=6,
    prompt="Return the steps of the checkpoints that stay, oldest first: the last "
    "`keep`, and the best one.",
    observe=call_it(kept_steps),
    cases=(
        _case("the best one is old", {1: 0.9, 2: 0.5, 3: 0.7, 4: 0.6}, 2),
        _case("the best one is new", {1: 0.5, 2: 0.6, 3: 0.9}, 2),
        _case("two are equally good", {1: 0.8, 2: 0.8, 3: 0.1, 4: 0.2}, 1),
        _case("a step of two digits", {9: 0.1, 10: 0.2, 8: 0.3}, 1),
        _case("fewer than `keep`", {5: 0.2, 7: 0.1}, 3),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two reasons to stay: being one of the last, or being the best.",
        "`sorted(scores)[-keep:]` are the last. A set forgets what comes twice.",
        (
            "max(scores, key=lambda step: (scores[step], step)) is the best, and the "
            "latest of equals. Join it with the last ones and sort."
        ),
    ),
    next="A checkpoint may turn out to be damaged when it is read. How many should "
    "stay, and from which one does the training go on?",
)
