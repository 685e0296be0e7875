"""Exercise: the score of the epoch that validation chose."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def judged_once(validation: list[float], test: list[float]) -> float:
    """Return the test score of the epoch with the best validation score.

    Of epochs that are equally good the first one counts.
    """
    return test[validation.index(max(validation))]


def _best_test(validation: list[float], test: list[float]) -> float:
    return max(test)


def _last(validation: list[float], test: list[float]) -> float:
    return test[-1]


def _later_tie(validation: list[float], test: list[float]) -> float:
    return max(zip(validation, range(len(test)), test, strict=True))[2]


def _luckiest_tie(validation: list[float], test: list[float]) -> float:
    return max(zip(validation, test, strict=True))[1]


def _validation_score(validation: list[float], test: list[float]) -> float:
    return max(validation)


def _worst(validation: list[float], test: list[float]) -> float:
    return test[validation.index(min(validation))]


def _one_late(validation: list[float], test: list[float]) -> float:
    return test[min(validation.index(max(validation)) + 1, len(test) - 1)]


def _which(validation: list[float], test: list[float]) -> float:
    return validation.index(max(validation))


def _turned_round(validation: list[float], test: list[float]) -> float:
    return validation[test.index(max(test))]


def _mean(validation: list[float], test: list[float]) -> float:
    return sum(test) / len(test)


MISTAKES = (
    Mistake(
        "the best test score of all",
        "That looks at the test images once per epoch, and keeps the luckiest look. "
        "Let the validation scores say which epoch counts.",
        _best_test,
    ),
    Mistake(
        "the last epoch",
        "The last epoch need not be the best on validation images: find that one.",
        _last,
    ),
    Mistake(
        "the last of equals",
        "Two epochs are equally good on validation images: the first one counts.",
        _later_tie,
    ),
    Mistake(
        "the test decides between equals",
        "Between epochs that are equally good on validation images the test score must "
        "not decide either: the first one counts.",
        _luckiest_tie,
    ),
    Mistake(
        "the validation score",
        "The best of many validation scores is best partly by luck. Return the *test* "
        "score of that epoch.",
        _validation_score,
    ),
    Mistake(
        "the worst epoch",
        "Scores, not losses: the largest validation score is the best.",
        _worst,
    ),
    Mistake(
        "one epoch late",
        "Places in a list count from 0: take the same place in both lists.",
        _one_late,
    ),
    Mistake(
        "which epoch it is",
        "That is its place in the lists. Return the score that stands there in `test`.",
        _which,
    ),
    Mistake(
        "test and validation are exchanged",
        "The validation scores choose, the test score is returned.",
        _turned_round,
    ),
    Mistake(
        "the mean over all epochs",
        "Only one epoch's model is kept: return its score.",
        _mean,
    ),
)


def _case(name: str, validation: list[float], test: list[float]) -> Case:
    return Case(name, lambda: {"validation": list(validation), "test": list(test)})


EXERCISE = Exercise(
    reference=judged_once,
    title="Choose, then judge",
    lesson="50_architectures/72_fashion",
    level="first steps",
    minutes=5,
    prompt="Each list has one score for each epoch. Return the test score of the epoch "
    "that is best on validation images; of equally good ones the first.",
    observe=call_it(judged_once),
    # Validation is best at places 1, 0, 1 (of 1 and 2), 1 (of 1 and 3), 0.
    cases=(
        _case("the second is best", [0.5, 0.75, 0.625], [0.5, 0.6875, 0.71875]),
        _case("the first is best", [0.875, 0.75, 0.5], [0.8125, 0.84375, 0.625]),
        _case("two are equal", [0.5, 0.75, 0.75, 0.25], [0.5, 0.625, 0.6875, 0.75]),
        _case("the test prefers the first", [0.5, 1.0, 0.0, 1.0], [0.1, 0.9, 0.2, 0.3]),
        _case("one epoch", [0.25], [0.375]),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two steps: which epoch is it, and what is its test score?",
        "`validation.index(...)` finds the first place of a value.",
        "Return `test[validation.index(max(validation))]`.",
    ),
    next="Draw both lists from one distribution, as if all epochs were equally good. "
    "How much does `max(test)` promise too much after 5 epochs? After 300?",
)
