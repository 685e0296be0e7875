"""Solutions with one thing changed: hardly any is right, and for those is a reason.

``nox -s mutate``; the usual run has fewer kinds of change, in `test_exercises`.
"""

from __future__ import annotations

import pytest

from cnn_tutorial.exercises import Status, list_exercises
from mutations import mutants

pytestmark = pytest.mark.mutate

EXERCISES = list_exercises()

#: What may go unnoticed in any exercise.
ANYWHERE = {
    ", strict=True)": "zip's own check; all lists of the cases are of equal length",
    "True -> False": "the same, written as a value",
}
#: Exercise -> change -> why nobody can or need notice it.
SURVIVORS = {
    "as_bfloat16": {
        "65535 -> 65534": "bit 0 of 23, far below what a check tells apart"
    },
    "batch_norm": {
        "x.var(dim=(0, 2, 3), correction=1) -> x.var(dim=(0, 2, 3))": "the default"
    },
    "epoch_seconds": {"0.0 -> 0.1": "max() with the time of the first batch hides it"},
    "field_picture": {
        "1.0 if parameter.ndim == 4 else 0.0 -> 1.0 if True else 0.0": "a bias has no "
        "gradient to the input",
        "1.0 -> 2.1": "any positive weight shows the same field",
        "0.0 -> 0.1": "a bias has no gradient to the input",
        "output.sum() -> output.mean()": "one output was chosen before",
        "torch.any(gradient != 0, dim=0) -> torch.all(gradient != 0, dim=0)": (
            "with all weights equal, channels have one field"
        ),
    },
    "shift_error": {"-2 -> 2": "counted from the end or from the start: axis 2 of 4"},
    "sobel_magnitude": {"0 -> -1": "of one image the first is the last"},
    "sum_over_channels": {"0 -> -1": "a sum does not mind from which end it starts"},
    "stopping_epoch": {"1 -> 0": "epoch 0 does not beat itself"},
    "top_k_error": {
        "scores.topk(k, dim=1) -> scores.topk(k)": "the default: the last of two axes"
    },
    "warmup_cosine": {
        "step < warmup -> step <= warmup": "both rules meet at that step"
    },
}


def attempt(source: str, name: str) -> object:
    """Return what a program defines, or None if it cannot even be run."""
    names: dict[str, object] = {}
    try:
        exec(compile(source, "<mutant>", "exec"), names)
    except Exception:
        return None
    return names.get(name)


def survivors(exercise) -> tuple[list[str], int]:
    """Return the changes that nobody noticed, and the number of all."""
    found, number = [], 0
    for change, source in mutants(exercise.solution):
        made = attempt(source, exercise.name)
        number += 1
        if made is not None:
            feedback = exercise.check(made, seconds=5)
            found += [change] if feedback.status == Status.RIGHT else []
    return found, number


@pytest.fixture(scope="module")
def everywhere():
    return {exercise.name: survivors(exercise) for exercise in EXERCISES}


def test_at_least_95_percent_are_noticed(everywhere):
    left = sum(len(found) for found, _ in everywhere.values())
    of_all = sum(number for _, number in everywhere.values())
    print(f"{of_all - left} of {of_all} noticed: {1 - left / of_all:.1%}")
    assert left <= 0.05 * of_all


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.name)
def test_each_that_goes_unnoticed_has_a_reason(exercise, everywhere):
    known = SURVIVORS.get(exercise.name, {})
    unexplained = [
        change
        for change in everywhere[exercise.name][0]
        if change not in known and not any(part in change for part in ANYWHERE)
    ]
    assert unexplained == []


def test_no_reason_is_left_over(everywhere):
    stale = [
        (name, change)
        for name, changes in SURVIVORS.items()
        for change in changes
        if change not in everywhere[name][0]
    ]
    assert stale == []
