"""Whatever an attempt does, the check survives, explains, and leaves no trace."""

# ruff: noqa: NPY002 - the global state of NumPy is what is guarded
from __future__ import annotations

import random
import signal
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cnn_tutorial.exercises import (
    Case,
    Exercise,
    Mistake,
    Status,
    check,
    get,
)
from cnn_tutorial.exercises.exercise import call_it
from cnn_tutorial.exercises.trial import ask


def add(x: torch.Tensor, y: float = 1.0) -> torch.Tensor:
    """Return the sum."""
    return x + y


def _numbers():
    return {"x": torch.tensor([1.0, 2.0])}


def _both():
    return {"x": torch.tensor([1.0, 2.0]), "y": 3.0}


SUM = Exercise(
    reference=add,
    title="A sum",
    lesson="10_tensors/10_tensors",
    level="first steps",
    minutes=1,
    prompt="Add `y` to `x`.",
    observe=call_it(add),
    cases=(Case("one argument", _numbers), Case("two arguments", _both)),
    mistakes=(
        Mistake("a difference", "Plus, not minus.", lambda x, y=1.0: x - y),
        Mistake("y is forgotten", "Use `y`.", lambda x, y=1.0: x + 1),
        Mistake("always two", "Why 2?", lambda x, y=1.0: x + 2),
        Mistake("two, later", "Why 2, and 4?", lambda x, y=1.0: x + 1 + y),
    ),
    hints=("first", "second", "third"),
    next="Subtract.",
)


def wrong(attempt, *, status=Status.WRONG):
    feedback = SUM.check(attempt)
    assert feedback.status == status
    return feedback


class TestVerdicts:
    def test_right(self):
        feedback = wrong(lambda a, b=1: a.add(b), status=Status.RIGHT)
        assert feedback.next == "Subtract."
        assert "all 2 cases agree" in repr(feedback)

    def test_the_smallest_failing_case_is_shown(self):
        feedback = wrong(lambda x, y=1.0: x * 7)
        case = feedback.case
        assert case.name == "one argument"
        assert case.inputs == "x: tensor([1., 2.])"
        assert (case.expected, case.got) == ("tensor([2., 3.])", "tensor([ 7., 14.])")
        assert case.difference.startswith("2 of 2 numbers differ, first at [0]: 2 was")
        assert feedback.hint == "first"
        assert feedback.mistake == ""
        assert "(0 of 2 cases agree)" in feedback.summary

    def test_a_mistake_has_a_hint_of_its_own(self):
        feedback = wrong(lambda x, y=1.0: -(y - x))
        assert (feedback.mistake, feedback.hint) == ("a difference", "Plus, not minus.")

    def test_the_second_case_counts(self):
        feedback = wrong(lambda x, y=None: x + 1)
        assert feedback.mistake == "y is forgotten"
        assert feedback.case.name == "two arguments"
        assert "(1 of 2 cases agree)" in feedback.summary

    def test_of_two_mistakes_the_one_that_fits_better(self):
        # Both give x + 2 on the first case.
        assert wrong(lambda x, y=1.0: x + 2).mistake == "always two"
        assert wrong(lambda x, y=1.0: x + y + 1).mistake == "two, later"

    @pytest.mark.parametrize("attempt", [None, ...])
    def test_nothing_handed_over(self, attempt):
        wrong(attempt, status=Status.NOT_ATTEMPTED)

    @pytest.mark.parametrize("attempt", [3, torch.ones(2), "add"])
    def test_a_value_handed_over(self, attempt):
        feedback = wrong(attempt)
        assert "a function is checked, not a value" in feedback.summary
        assert "`check('add', add)`" in feedback.hint

    def test_unfinished(self):
        def later(x, y=1.0):
            if y != 1.0:
                raise NotImplementedError
            return x + y

        def returns_nothing(x, y=1.0):
            x + y

        def nothing_later(x, y=1.0):
            return x + y if y == 1.0 else None

        assert "NotImplementedError" in wrong(later).case.got
        feedback = wrong(returns_nothing, status=Status.NOT_ATTEMPTED)
        assert "returned nothing" in feedback.summary
        assert "`return`" in feedback.hint
        assert "returned nothing" in wrong(nothing_later).summary

    def test_what_pytorch_has_not_implemented_is_an_attempt(self):
        def attempt(x, y=1.0):
            return torch.ones(2, 2, dtype=torch.complex32) @ torch.ones(2, 2).to(
                torch.complex32
            )

        with pytest.warns(UserWarning, match="ComplexHalf"):
            torch.ones(2, dtype=torch.complex32)
        assert "not implemented for 'ComplexHalf'" in wrong(attempt).case.got


class TestFaults:
    def test_an_error_is_shown_with_the_line(self):
        def attempt(x, y=1.0):
            return x.reshape(3, 7)

        feedback = wrong(attempt)
        assert "RuntimeError: shape '[3, 7]' is invalid" in feedback.case.got
        assert "in attempt: return x.reshape(3, 7)" in feedback.case.got
        assert "Count the numbers" in feedback.hint

    def test_the_line_is_the_learners_and_not_that_of_pytorch(self):
        def attempt(x, y=1.0):
            return nn.functional.conv2d_or_not(x)

        def deeper(x, y=1.0):
            return nn.Linear(3, 2)(x)

        assert "conv2d_or_not" in wrong(attempt).case.got
        assert "return nn.Linear(3, 2)(x)" in wrong(deeper).case.got

    @pytest.mark.parametrize(
        ("attempt", "phrase"),
        [
            (lambda x, y=1.0: undefined_name + x, "is it spelled"),  # noqa: F821
            (lambda x, y=1.0: sys.exit(0), "must not end the program"),
            (lambda x, y=1.0: x @ torch.ones(3), "shapes one below the other"),
            (lambda x, y=1.0: 1 / 0, "is divided by is 0"),
            (lambda x, y=1.0: torch.ones(2, 3).T.view(6), "use `reshape`"),
        ],
    )
    def test_hints_for_common_errors(self, attempt, phrase):
        feedback = wrong(attempt)
        assert feedback.summary.startswith("your code raised an error")
        assert phrase in feedback.hint

    def test_endless_recursion(self):
        def attempt(x, y=1.0):
            return attempt(x, y)

        assert "calls itself" in wrong(attempt).hint

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer")
    def test_an_endless_loop_is_stopped(self):
        def attempt(x, y=1.0):
            while True:
                try:
                    y += 1
                except Exception:
                    continue

        before = signal.getsignal(signal.SIGALRM)
        feedback = SUM.check(attempt, seconds=0.2)
        assert feedback.summary.startswith("your code did not come to an end")
        assert "TooLong: no answer within 0.2 s\nline " in feedback.case.got
        assert "Follow one turn of the loop" in feedback.hint
        assert signal.getsignal(signal.SIGALRM) is before
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer")
    def test_an_import_is_never_interrupted(self, tmp_path, monkeypatch):
        slow = "import time\ntime.sleep(0.6)\nwhole = True\n"
        (tmp_path / "slow_to_import.py").write_text(slow)
        monkeypatch.syspath_prepend(tmp_path)

        def attempt(x, y=1.0):
            import slow_to_import

            assert slow_to_import.whole
            while True:
                pass

        feedback = SUM.check(attempt, seconds=0.1)
        assert feedback.summary.startswith("your code did not come to an end")
        assert sys.modules.pop("slow_to_import").whole

    def test_a_solution_that_fails_is_no_reason_to_call_an_attempt_right(self):
        def broken(x, y=1.0):
            raise OSError("the disk is full")

        task = replace(SUM, reference=broken)
        with pytest.raises(RuntimeError, match=r"own solution fails .* disk is full"):
            task.check(lambda x, y=1.0: x + y)

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer")
    def test_the_timer_of_somebody_else_is_left_alone(self):
        signal.setitimer(signal.ITIMER_REAL, 1000.0)
        try:
            assert SUM.check(lambda x, y=1.0: x + y).status == "right"
            assert 900 < signal.getitimer(signal.ITIMER_REAL)[0] < 1000
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)

    def test_in_another_thread_there_is_no_limit(self):
        answers = []
        check = threading.Thread(
            target=lambda: answers.append(SUM.check(lambda x, y=1.0: x + y))
        )
        check.start()
        check.join()
        assert answers[0].status == "right"

    def test_parameters_that_do_not_fit(self):
        feedback = wrong(lambda x, y, z: x + y)
        assert "could not be called" in feedback.summary
        assert "Keep the parameters of the stub" in feedback.hint
        assert "could not be called" in wrong(lambda: 3).summary

    def test_an_argument_changed_in_place(self):
        def attempt(x, y=1.0):
            x += y
            return x

        feedback = wrong(attempt)
        assert "changed its argument `x`" in feedback.summary
        assert "`+=`" in feedback.hint

    def test_two_answers_to_one_question(self):
        assert "two answers" in wrong(lambda x, y=1.0: torch.rand(2)).summary

        calls = []

        def remembers(x, y=1.0):
            calls.append(y)
            return x + y + (len(calls) - 1)

        assert "two equal calls gave two answers" in wrong(remembers).summary

    @pytest.mark.parametrize(
        ("attempt", "phrase"),
        [
            (
                lambda x, y=1.0: (x + y).numpy(),
                "A tensor was expected, not an ndarray.",
            ),
            (lambda x, y=1.0: (x + y).double(), "dtype float32 was expected, not flo"),
            (lambda x, y=1.0: (x + y)[None], "shape (2,) was expected, not (1, 2)"),
            (lambda x, y=1.0: (x + y).to("meta"), "The device cpu was expected"),
            (lambda x, y=1.0: object(), "A tensor was expected, not an object."),
            (lambda x, y=1.0: {1, 2}, "A tensor was expected, not a set."),
        ],
    )
    def test_another_kind_of_answer(self, attempt, phrase):
        assert phrase in wrong(attempt).case.difference

    def test_an_interrupt_gets_out(self):
        def attempt(x, y=1.0):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            SUM.check(attempt)


class TestModules:
    """An exercise whose answer is a class."""

    @staticmethod
    def exercise():
        class Double(nn.Module):
            def __init__(self, size):
                super().__init__()
                self.layer = nn.Linear(size, size)

            def forward(self, x):
                return 2 * x

        def observe(attempt, inputs):
            module = ask(attempt, 2)
            return {"output": ask(module, inputs["x"])}

        values = {name: getattr(SUM, name) for name in ("title", "lesson", "prompt")}
        return Exercise(
            reference=Double,
            **values,
            level="core",
            minutes=1,
            observe=observe,
            cases=(Case("two numbers", _numbers),),
            mistakes=(),
            hints=("a", "b", "c"),
            next="Triple.",
        )

    def test_forgotten_init(self):
        class Attempt(nn.Module):
            def __init__(self, size):
                self.layer = nn.Linear(size, size)

        class Quiet(nn.Module):
            def __init__(self, size):
                self.size = size

            def forward(self, x):
                return 2 * x

        for attempt in (Attempt, Quiet):
            assert "super().__init__()" in self.exercise().check(attempt).hint

    def test_forgotten_forward(self):
        class Attempt(nn.Module):
            def __init__(self, size):
                super().__init__()

        feedback = self.exercise().check(Attempt)
        assert feedback.status == Status.WRONG
        assert "method `forward`" in feedback.hint

    def test_stub(self):
        stub = self.exercise().stub
        assert stub.count("raise NotImplementedError") == 2
        assert "Linear" not in stub
        names = {"nn": nn}
        exec("class Outer:\n    pass\n" + stub, names)
        feedback = self.exercise().check(names["Double"])
        assert feedback.status == Status.NOT_ATTEMPTED

    def test_right(self):
        assert self.exercise().check(self.exercise().reference).status == Status.RIGHT


def test_the_world_is_as_before():
    def attempt(x, y=1.0):
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        return x + y

    states = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()
    SUM.check(attempt)
    assert random.getstate() == states[0]
    assert (np.random.get_state()[1] == states[1]).all()
    assert torch.get_rng_state().equal(states[2])
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()


def test_checks_give_the_same_answer_without_gradients_and_twice():
    with torch.no_grad():
        assert check("unfold_convolution", get("unfold_convolution").reference)
        first = check("activation_recorder", get("activation_recorder").reference)
    second = check("activation_recorder", get("activation_recorder").reference)
    assert first == second
    assert first.status == Status.RIGHT
