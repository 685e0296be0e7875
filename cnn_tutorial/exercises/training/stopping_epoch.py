"""Exercise: stop in time."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def stopping_epoch(curve: list[float], patience: int) -> int:
    """Return the epoch (from 1) of the best value when `patience` others did not help.

    Training ends as soon as `patience` epochs in a row have not beaten the best value;
    what would come after it is not known.
    """
    best = 0
    for epoch in range(1, len(curve)):
        if curve[epoch] > curve[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best + 1


def _from_zero(curve: list[float], patience: int) -> int:
    return stopping_epoch(curve, patience) - 1


def _peeks(curve: list[float], patience: int) -> int:
    return curve.index(max(curve)) + 1


def _peeks_from_zero(curve: list[float], patience: int) -> int:
    return curve.index(max(curve))


def _where_it_ends(curve: list[float], patience: int) -> int:
    return min(stopping_epoch(curve, patience) + patience, len(curve))


def _last(curve: list[float], patience: int) -> int:
    return len(curve)


def _ties_count(curve: list[float], patience: int) -> int:
    best = 0
    for epoch in range(1, len(curve)):
        if curve[epoch] >= curve[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best + 1


def _first_fall(curve: list[float], patience: int) -> int:
    return stopping_epoch(curve, 1)


def _one_too_patient(curve: list[float], patience: int) -> int:
    return stopping_epoch(curve, patience + 1)


def _any_falls(curve: list[float], patience: int) -> int:
    best, falls = 0, 0
    for epoch in range(1, len(curve)):
        if curve[epoch] > curve[best]:
            best = epoch
        else:
            falls += 1
        if falls >= patience:
            break
    return best + 1


def _smallest(curve: list[float], patience: int) -> int:
    return stopping_epoch([-value for value in curve], patience)


MISTAKES = (
    Mistake(
        "counted from 0",
        "The first epoch is epoch 1.",
        _from_zero,
    ),
    Mistake(
        "a look at what comes after the end",
        "Training has stopped by then: nobody knows the values that would follow.",
        _peeks,
    ),
    Mistake(
        "the largest value of all, counted from 0",
        "Go through the curve as training does, and stop when patience ends: what "
        "comes later does not count. And the first epoch is 1.",
        _peeks_from_zero,
    ),
    Mistake(
        "the epoch in which training ends",
        "Keep the network of the best epoch, not the one you ended with.",
        _where_it_ends,
    ),
    Mistake(
        "always the last epoch",
        "That is what happens without early stopping.",
        _last,
    ),
    Mistake(
        "an equal value counts as better",
        "To beat the best value, a value must be larger.",
        _ties_count,
    ),
    Mistake(
        "the patience is not used",
        "A curve may fall once and rise again: wait for `patience` epochs in a row.",
        _first_fall,
    ),
    Mistake(
        "one epoch too patient",
        "Stop as soon as `patience` epochs have passed since the best one.",
        _one_too_patient,
    ),
    Mistake(
        "the count does not start again",
        "A new best value starts the waiting anew.",
        _any_falls,
    ),
    Mistake(
        "the smallest value is taken for the best",
        "The curve is an accuracy: larger is better.",
        _smallest,
    ),
)


def _case(name: str, curve: list[float], patience: int) -> Case:
    return Case(name, lambda: {"curve": list(curve), "patience": patience})


EXERCISE = Exercise(
    reference=stopping_epoch,
    title="Stop in time",
    lesson="40_training/38_improve",
    level="core",
    minutes=10,
    prompt="Go through a validation curve, epoch by epoch, and end as soon as "
    "`patience` epochs in a row have not beaten the best value. Return the epoch of "
    "that best value, counted from 1.",
    observe=call_it(stopping_epoch),
    cases=(
        # Ends at epoch 5: 4 and 5 did not beat 3. The 0.9 is never seen.
        _case("a late rise", [0.5, 0.6, 0.7, 0.6, 0.6, 0.6, 0.9], 2),
        # One fall, a new best at 4, one fall, a new best at 6: never two in a row.
        _case("dips on the way", [0.5, 0.6, 0.5, 0.7, 0.6, 0.8], 2),
        # Ends at 3, the first that is not better; 4 is never seen.
        _case("no patience", [0.4, 0.5, 0.5, 0.6], 1),
        # Patience 1 ends at 3 and keeps 2; patience 2 would have kept 4.
        _case("three peaks", [0.5, 0.7, 0.6, 0.8, 0.6, 0.6, 0.9], 1),
        _case("it rises to the end", [0.1, 0.2, 0.3, 0.4], 3),
        # The equal value at 3 does not restart the waiting: it ends there.
        _case("equal values", [0.5, 0.7, 0.7, 0.8, 0.7], 1),
        _case("one epoch", [0.4], 3),
    ),
    mistakes=MISTAKES,
    hints=(
        "Remember the epoch of the best value so far, and compare each next one to it.",
        "The waiting time is the distance from the best epoch to the present one.",
        "Loop: if larger, it is the new best; else stop if epoch - best >= patience.",
    ),
    next="Do the same with the loss, where smaller is better, and with a smallest gain "
    "that counts. Then read `cnn_tutorial.training.EarlyStop`.",
)
