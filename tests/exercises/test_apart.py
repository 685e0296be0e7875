"""A learner's file in a process of its own: nothing it does reaches ours."""

from __future__ import annotations

import re
import sys

import pytest

from cnn_tutorial.exercises.apart import Limits, check_file, exercises_in

WORK = """
import os
import signal
import time
import torch

raise RuntimeError("statements that no answer needs are not run")


def mean_loss(losses, sizes):
    print("asked for", losses)
    return sum(losses) / len(losses)


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    while True:
        pass


def lenet_features(*sizes):
    print("last words", flush=True)
    os._exit(3)


def max_pool(x, kernel=2, stride=None):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True:
        time.sleep(0.1)


def strides_of(shape):
    raise NotImplementedError


def as_array(x):
    return torch.zeros(10**10).numpy()


def to_batch(pictures):
    os.kill(os.getpid(), signal.SIGSEGV)


def split_groups(*args):
    return NO_SUCH_TABLE[0]


NO_SUCH_TABLE = 1 / 0
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    path = tmp_path_factory.mktemp("class") / "work.py"
    path.write_text(WORK)
    return {one.exercise: one for one in check_file(path, limits=Limits(1.5, 2000))}


def test_each_attempt_is_answered_in_the_order_of_the_file(checked):
    assert list(checked) == [
        "mean_loss",
        "output_size",
        "lenet_features",
        "max_pool",
        "strides_of",
        "as_array",
        "to_batch",
        "split_groups",
    ]


def test_a_known_mistake_keeps_its_hint_on_the_way(checked):
    feedback = checked["mean_loss"].feedback
    assert feedback.mistake == "the mean of the batch means"
    assert feedback.case.expected == "1.75"
    assert feedback.hint.endswith("by the size of its batch first.")
    assert checked["mean_loss"].printed.startswith("asked for [1.0, 4.0]\n")


def test_what_is_not_begun_is_not_attempted(checked):
    assert checked["strides_of"].feedback.status == "not attempted"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such timer")
def test_an_endless_loop_is_stopped_where_it_stands(checked):
    case = checked["output_size"].feedback.case
    assert case.got.startswith("TooLong: no answer within 1.5 s\n")
    assert case.got.endswith("in output_size: while True:")


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("lenet_features", r"your code ended the whole process \(exit status 3\)"),
        ("to_batch", r"your code ended the whole process \(SIGSEGV\)"),
        ("max_pool", r"your code was still silent after 1.5 s, and was stopped"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_attempt_that_takes_the_process_along_is_wrong(checked, name, summary):
    feedback = checked[name].feedback
    assert feedback.status == "wrong"
    assert re.fullmatch(summary, feedback.summary)
    assert feedback.hint


def test_the_last_words_are_kept(checked):
    assert checked["lenet_features"].printed == "last words\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit")
def test_memory_has_a_limit(checked):
    assert "More memory" in checked["as_array"].feedback.hint


def test_an_error_in_the_file_itself_is_shown_with_its_line(checked):
    case = checked["split_groups"].feedback.case
    assert case.name == "the file itself"
    assert case.got == (
        "ZeroDivisionError: division by zero\n"
        f"line {len(WORK.splitlines())}, in <module>: NO_SUCH_TABLE = 1 / 0"
    )


def test_a_file_that_is_no_python_is_answered(tmp_path):
    path = tmp_path / "work.py"
    path.write_text("def mean_loss(losses, sizes:\n    return 1\n")
    (only,) = check_file(path)
    assert only.feedback.summary == "your file could not be run"
    assert only.feedback.case.got == (
        "SyntaxError: '(' was never closed\nline 1: def mean_loss(losses, sizes:"
    )
    assert "count them" in only.feedback.hint
    assert "Expected" not in repr(only.feedback)


def test_only_exercises_are_looked_for(tmp_path):
    path = tmp_path / "work.py"
    path.write_text("def cut(x): pass\ndef my_helper(): pass\nmean_loss = 3\n")
    assert exercises_in(path) == ["cut", "mean_loss"]
    path.write_text("x = 3\n")
    assert check_file(path) == []


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"seconds": 0.0}, r"`seconds` \(=0.0\) must be above 0."),
        ({"seconds": float("nan")}, "`seconds` .* must be above 0."),
        ({"megabytes": 0}, r"`megabytes` \(=0\) must be at least 1."),
    ],
)
def test_limits_must_be_positive(limits, message):
    with pytest.raises(ValueError, match=message):
        Limits(**limits)


def test_an_unknown_exercise_is_refused(tmp_path):
    path = tmp_path / "work.py"
    path.write_text("x = 3\n")
    with pytest.raises(ValueError, match="Did you mean 'mean_loss'"):
        check_file(path, ["mean_los"])
