"""Tell right from wrong, and which wrong it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnn_tutorial.exercises.faults import Fault, TooLong, explain
from cnn_tutorial.exercises.feedback import FailingCase, Feedback, Status
from cnn_tutorial.exercises.remarks import remark
from cnn_tutorial.exercises.trial import (
    Attempt,
    Case,
    Outcome,
    run,
    time_limit,
    undisturbed,
)
from cnn_tutorial.exercises.values import difference, show

if TYPE_CHECKING:
    from cnn_tutorial.exercises.exercise import Exercise

__all__ = ["Mistake", "judge"]


@dataclass(frozen=True)
class Mistake:
    """A common wrong answer, as a program: what it does is how it is recognised."""

    name: str
    """In a few words."""
    hint: str
    """What leads to the fix."""
    attempt: Attempt
    """The wrong answer."""


@dataclass(frozen=True)
class _Failure:
    """The first case on which an attempt is not what was expected."""

    case: Case
    passed: int
    key: str
    """What differs."""
    expected: Outcome
    got: Outcome


@dataclass
class _Trial:
    """A learner's attempt, and the time that is left for it."""

    task: Exercise
    attempt: Attempt
    seconds: float
    taken: float = 0.0

    def on(self, case: Case) -> Outcome:
        """Run the attempt on a case; our own code is never stopped."""
        start = time.perf_counter()
        try:
            with time_limit(self.seconds, max(self.seconds - self.taken, 0.1)):
                return run(self.task.observe, case, self.attempt)
        except TooLong as error:  # between two calls of the attempt
            return Outcome(fault=explain(error))
        finally:
            self.taken += time.perf_counter() - start


def judge(task: Exercise, attempt: object, seconds: float = 20.0) -> Feedback:
    """Try an attempt on each case, smallest first.

    Parameters
    ----------
    task
        An exercise.
    attempt
        A learner's function or class, or whatever was handed over for it.
    seconds
        How long the attempt may take on all cases.

    Returns
    -------
    Feedback
        Not attempted, wrong with the smallest failing case, or right.
    """
    if attempt is None or attempt is Ellipsis:
        return _not_attempted(task)
    if not callable(attempt):
        return Feedback(
            Status.WRONG,
            task.title,
            f"a function is checked, not a value ({type(attempt).__name__})",
            hint=f"Hand over the function itself: `check({task.name!r}, {task.name})`, "
            "without parentheses after its name.",
        )
    with undisturbed():
        trial = _Trial(task, attempt, seconds)
        failure = _first_failure(trial)
        if failure is None:
            all_of_them = f"all {len(task.cases)} cases agree"
            return Feedback(Status.RIGHT, task.title, all_of_them, next=task.next)
        fault = failure.got.fault
        if fault and fault.unwritten and not failure.passed:
            return _not_attempted(task, fault)
        return _wrong(task, failure, _recognise(trial, failure))


def _first_failure(trial: _Trial) -> _Failure | None:
    task = trial.task
    for passed, case in enumerate(task.cases):
        expected = run(task.observe, case, task.reference)
        if expected.fault:
            raise RuntimeError(
                f"The exercise {task.name!r} cannot be checked here, for its own "
                f"solution fails at {case.name!r}: {expected.fault.what}"
            )
        got = trial.on(case)
        key = _first_difference(expected, got)
        if key is not None:
            return _Failure(case, passed, key, expected, got)
    return None


def _first_difference(expected: Outcome, got: Outcome) -> str | None:
    """Return what differs first; after a fault, the first thing of all."""
    for key, value in expected.seen.items():
        if got.fault or difference(value, got.seen.get(key)):
            return key
    return None


def _recognise(trial: _Trial, failure: _Failure) -> Mistake | None:
    """Return the mistake that does what the attempt does, here and most often."""
    task, alike = trial.task, []
    for mistake in task.mistakes:
        other = run(task.observe, failure.case, mistake.attempt)
        wrong = _first_difference(failure.expected, other) == failure.key
        if wrong and _same(other, failure.got, failure.key):
            alike.append(mistake)
    if len(alike) < 2:
        return alike[0] if alike else None
    theirs = [trial.on(case) for case in task.cases]

    def agreement(mistake: Mistake) -> int:
        ours = [run(task.observe, case, mistake.attempt) for case in task.cases]
        return sum(_same_all(a, b) for a, b in zip(ours, theirs, strict=True))

    return max(alike, key=agreement)


def _same(one: Outcome, other: Outcome, key: str) -> bool:
    if one.fault and other.fault:
        return one.fault.like(other.fault)
    if one.fault or other.fault:
        return False
    return not difference(one.seen[key], other.seen.get(key))


def _same_all(one: Outcome, other: Outcome) -> bool:
    return all(_same(one, other, key) for key in one.seen or [""])


def _wrong(task: Exercise, failure: _Failure, mistake: Mistake | None) -> Feedback:
    case, key, expected, got = failure.case, failure.key, failure.expected, failure.got
    hint, summary, sentence = task.hints[0], "another answer was expected", ""
    if got.fault:
        theirs = f"{got.fault.what}\n{got.fault.where}".strip()
        hint, summary = got.fault.hint, got.fault.summary
    else:
        theirs = _titled(key, got.seen)
        sentence = difference(expected.seen[key], got.seen.get(key))
        if len(expected.seen) > 1:
            sentence = f"{key}: {sentence}"
        said = remark(expected.seen[key], got.seen.get(key))
        hint, summary = (said.hint, said.summary) if said else (hint, summary)
    if mistake:
        hint, summary = mistake.hint, mistake.name
    ours = _titled(key, expected.seen)
    return Feedback(
        Status.WRONG,
        task.title,
        f"{summary} ({failure.passed} of {len(task.cases)} cases agree)",
        FailingCase(case.name, show(case.make()), ours, theirs, sentence),
        mistake.name if mistake else "",
        hint,
    )


def _titled(key: str, seen: Mapping[str, object]) -> str:
    """Return one of the things seen; with its name, when there are several."""
    return show({key: seen.get(key)} if len(seen) > 1 else seen.get(key))


def _not_attempted(task: Exercise, fault: Fault | None = None) -> Feedback:
    if fault and fault.hint:
        return Feedback(
            Status.NOT_ATTEMPTED, task.title, fault.summary, hint=fault.hint
        )
    return Feedback(
        Status.NOT_ATTEMPTED,
        task.title,
        f"write the body of `{task.name}` and run this again",
        hint=f"There are three hints: `hint({task.name!r}, 1)` gives the least away.",
    )
