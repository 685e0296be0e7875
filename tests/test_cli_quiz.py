"""The questions in the terminal."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cnn_tutorial.cli import main

ONE = ("unfold", "--count", "1", "--seed", "7")


def quiz(*args, typed=""):
    return CliRunner().invoke(main, ["quiz", *args], input=typed)


@pytest.fixture
def key():
    (facts,) = json.loads(quiz(*ONE, "--json").output)
    return facts


def test_the_right_answer_at_once(key):
    done = quiz(
        "unfold", "--count", "1", "--seed", "7", typed=key["key"].upper() + "\n"
    )
    assert done.exit_code == 0
    assert "--seed 7" in done.output
    assert "✓" in done.output
    assert done.output.endswith("1 of 1 right at the first try.\n")
    assert all(text in done.output for text in key["choices"].values())


def test_it_asks_until_the_answer_is_right(key):
    letters = [*sorted(set(key["choices"]) - {key["key"]}), "z", key["key"]]
    done = quiz(
        "unfold", "--count", "1", "--seed", "7", typed="\n".join(letters) + "\n"
    )
    assert done.exit_code == 0
    assert done.output.count("✗") == len(key["choices"]) - 1
    assert done.output.endswith("0 of 1 right at the first try.\n")


def test_each_question_comes_before_one_comes_again():
    asked = json.loads(quiz("--count", "500", "--seed", "1", "--json").output)
    names = [one["question"] for one in asked]
    assert len(names) == 500
    different = len(set(names))
    assert len(set(names[:different])) == different
    assert len({(one["question"], one["seed"]) for one in asked}) == 500


def test_a_lesson_that_is_not_there():
    done = quiz("unfolt")
    assert done.exit_code == 2
    assert "'unfolt'" in done.output


def test_the_end_of_the_input_is_no_crash():
    done = quiz("unfold", "--seed", "7")
    assert done.exit_code == 1
    assert "Aborted" in done.output
