"""A lesson's questions on paper: made from the lesson, with its own answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cnn_tutorial import exercises, questions, teaching
from cnn_tutorial.cli import main
from cnn_tutorial.exercises.worksheet import read_lesson

LESSON = '''"""
What ``x`` is
=============

Text.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict


@dataclass
class Pair:
    first: int


print("loud")
predict("How much is `2 + 2`?", 2 + 2, because="Count.")


def mean_loss(losses, sizes):
    raise NotImplementedError


check("mean_loss", mean_loss)
solution("mean_loss")
predict("And seven times that?", 7 * 4 + Pair(0).first)
ask("patch_table")
'''


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "10_small.py"
    path.write_text(LESSON)
    return path


def test_the_sheet_asks_and_the_key_answers(lesson, capsys):
    sheet = read_lesson(lesson)
    assert capsys.readouterr().out == ""
    assert "10_small" not in sys.modules
    asked, key = sheet.markdown(), sheet.markdown(key=True)
    assert asked.startswith("# What `x` is\n\nName: ....")
    assert "1. How much is `2 + 2`?\n\n   ....." in asked
    assert "2. And seven times that?" in asked
    assert "raise NotImplementedError" in asked
    assert "Count." not in asked
    assert "28" not in asked
    task = exercises.get("mean_loss")
    assert task.solution not in asked
    assert key.startswith("# What `x` is: the key\n")
    assert "   **4** Count.\n" in key
    assert "   **28**\n" in key
    assert task.solution.rstrip() in key
    assert all(mistake.hint in key for mistake in task.mistakes)


def test_each_seed_makes_a_sheet_of_its_own(lesson):
    sheet = read_lesson(lesson)
    one, other = sheet.markdown(seed=3), sheet.markdown(seed=4)
    drawn = questions.ask("patch_table", 3)
    right = drawn.choices[drawn.letters.index(drawn.key)]
    assert "## Choose (sheet 3)" in one
    assert f"1. {drawn.text}" in one
    assert drawn.text not in other
    assert right.why not in one
    key = sheet.markdown(key=True, seed=3)
    assert f"   **{drawn.key}**\n" in key
    assert f"* **{drawn.key}** {right.text}: {right.why}" in key


def test_a_notebook_has_its_title_in_its_text(lesson, tmp_path):
    path = tmp_path / "10_small.ipynb"
    code = LESSON.split('"""')[2].splitlines(keepends=True)
    cells = [
        {"cell_type": "markdown", "source": ["Hello\n", "# What `x` is\n"]},
        {"cell_type": "code", "source": code},
    ]
    path.write_text(json.dumps({"cells": cells}))
    assert read_lesson(path).markdown() == read_lesson(lesson).markdown()


def test_a_lesson_of_the_course():
    gallery = Path(__file__).resolve().parents[2] / "gallery"
    sheet = read_lesson(gallery / "20_convolution" / "27_transposed.py")
    assert sheet.title == "Transposed is not inverted"
    assert len(sheet.questions) >= 3
    assert [each.name for each in sheet.exercises] == ["needed_output_padding"]


@pytest.mark.parametrize(
    ("source", "message"),
    [("x = = 1", "is no Python"), ("x = 1\n", "asks nothing: is it a lesson")],
)
def test_what_is_no_lesson_is_refused(tmp_path, source, message):
    path = tmp_path / "10_small.py"
    path.write_text(source)
    result = CliRunner().invoke(main, ["worksheet", str(path)])
    assert result.exit_code == 1
    assert message in result.stderr


def test_in_the_terminal_and_into_a_file(lesson, tmp_path):
    shown = CliRunner().invoke(main, ["worksheet", str(lesson), "--key"])
    assert shown.stdout == read_lesson(lesson).markdown(key=True)
    out = tmp_path / "sheet.md"
    done = CliRunner().invoke(main, ["worksheet", str(lesson), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert out.read_text() == read_lesson(lesson).markdown()


def test_questions_are_overheard_in_the_block_only(capsys):
    with teaching.overheard() as outer:
        teaching.predict("One?", 1)
        with teaching.overheard() as inner:
            teaching.predict("Two?", 2)
    teaching.predict("Three?", 3)
    assert [q.answer for q in outer] == ["1"]
    assert [q.answer for q in inner] == ["2"]
