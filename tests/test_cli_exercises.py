"""``exercise`` and ``grade`` in the terminal."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner

from cnn_tutorial import exercises
from cnn_tutorial.cli import exercise as exercise_commands
from cnn_tutorial.cli import main

RIGHT = """
def mean_loss(losses, sizes):
    return sum(a * b for a, b in zip(losses, sizes)) / sum(sizes)
"""
WRONG = """
def mean_loss(losses, sizes):
    return sum(losses) / len(losses)
"""


def run(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)])


class TestList:
    def test_all_in_the_order_of_the_lessons(self):
        lines = run("exercise", "list").stdout.splitlines()
        assert [line.split()[0] for line in lines] == [
            each.name for each in exercises.list_exercises()
        ]

    def test_some_as_json(self):
        result = run("exercise", "list", "--level", "deeper", "--json")
        found = json.loads(result.stdout)
        assert {each["level"] for each in found} == {"deeper"}
        assert all(each["prompt"] and each["minutes"] > 0 for each in found)

    def test_none(self):
        assert (
            run("exercise", "list", "--lesson", "nowhere").stdout == "There is none.\n"
        )


class TestStart:
    @pytest.mark.parametrize("name", [e.name for e in exercises.list_exercises()])
    def test_the_file_holds_prompt_and_stub(self, name, tmp_path):
        result = run("exercise", "start", name, "--into", tmp_path / "new" / "folder")
        assert result.exit_code == 0
        text = (tmp_path / "new" / "folder" / f"{name}.py").read_text()
        space: dict[str, object] = {}
        exec(compile(text, f"{name}.py", "exec"), space)
        task = exercises.get(name)
        assert callable(space[name])
        assert space["__doc__"].startswith(task.title)
        assert text.endswith(task.stub.rstrip() + "\n")
        assert exercises.check(name, space[name]).status == "not attempted"

    def test_a_file_that_is_there_stays(self, tmp_path):
        path = tmp_path / "mean_loss.py"
        path.write_text("my work")
        result = run("exercise", "start", "mean_loss", "--into", tmp_path)
        assert result.exit_code == 1
        assert "is there already, and stays as it is" in result.stderr
        assert path.read_text() == "my work"

    def test_an_unknown_name_is_a_mistake_in_the_command(self, tmp_path):
        result = run("exercise", "start", "mean_los", "--into", tmp_path)
        assert result.exit_code == 2
        assert "Did you mean 'mean_loss'?" in result.stderr
        assert list(tmp_path.iterdir()) == []


class TestHints:
    def test_three_hints_and_a_solution(self):
        task = exercises.get("mean_loss")
        said = [run("exercise", "hint", "mean_loss", k).stdout for k in (1, 2, 3)]
        assert all(hint in text for hint, text in zip(task.hints, said, strict=True))
        assert run("exercise", "hint", "mean_loss").stdout == said[0]
        assert run("exercise", "hint", "mean_loss", 4).exit_code == 2
        assert run("exercise", "solution", "mean_loss").stdout == task.solution


class TestCheck:
    def test_a_wrong_answer_has_exit_code_1_and_a_right_one_0(self, tmp_path):
        path = tmp_path / "work.py"
        path.write_text(WRONG)
        wrong = run("exercise", "check", path)
        assert wrong.exit_code == 1
        assert "✗ mean_loss" in wrong.stdout
        assert "1.75 was expected, not 2.5" in wrong.stdout
        path.write_text(RIGHT)
        right = run("exercise", "check", path, "mean_loss", "--json")
        assert right.exit_code == 0, right.output
        (fact,) = json.loads(right.stdout)
        assert (fact["exercise"], fact["status"]) == ("mean_loss", "right")

    def test_hints_are_asked_for_by_command(self, tmp_path):
        path = tmp_path / "work.py"
        path.write_text(
            "def mean_loss(losses, sizes):\n    raise NotImplementedError\n"
        )
        result = run("exercise", "check", path)
        assert result.exit_code == 1
        assert "`python -m cnn_tutorial exercise hint mean_loss 1`" in result.stdout

    def test_a_file_without_exercise(self, tmp_path):
        path = tmp_path / "work.py"
        path.write_text("x = 3\n")
        result = run("exercise", "check", path)
        assert result.exit_code == 1
        assert "defines nothing that is asked for" in result.stdout

    def test_watching_and_json_exclude_each_other(self, tmp_path):
        path = tmp_path / "work.py"
        path.write_text(RIGHT)
        assert run("exercise", "check", path, "--watch", "--json").exit_code == 2

    def test_a_change_is_noticed_and_a_file_in_between_is_waited_for(self, tmp_path):
        path = tmp_path / "work.py"
        path.write_text(WRONG)
        seen = threading.Event()

        def watch():
            exercise_commands._wait_for_change(path)
            seen.set()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        time.sleep(0.4)
        path.unlink()  # as editors do that write a new file and rename it
        assert not seen.wait(0.7)
        path.write_text(RIGHT)
        assert seen.wait(60)


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    folder = tmp_path_factory.mktemp("homework")
    (folder / "ada").mkdir()
    (folder / "ada" / "work.py").write_text(RIGHT)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "work.py").write_text(RIGHT)
    (folder / "bob.py").write_text("x = 3\n")
    (folder / "eve.ipynb").write_text("{")
    (folder / "notes.txt").write_text("no program")
    return folder


class TestGrade:
    def test_a_row_for_each_file_and_exercise(self, homework):
        arguments = ("--exercise", "mean_loss", "--exercise", "cut", "--csv", "-")
        result = run("grade", homework, *arguments, "--jobs", 2)
        assert result.exit_code == 0, result.output
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert [(r["file"], r["exercise"], r["status"]) for r in rows] == [
            ("ada/work.py", "mean_loss", "right"),
            ("ada/work.py", "cut", "missing"),
            ("bob.py", "mean_loss", "missing"),
            ("bob.py", "cut", "missing"),
            ("eve.ipynb", "", "wrong"),
        ]
        assert "cannot be read" in rows[-1]["summary"]

    def test_a_line_for_each_file_and_a_table_in_a_file(self, homework, tmp_path):
        table = tmp_path / "grades.csv"
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "bob.py").write_text("x = 3\n")
        result = run("grade", tmp_path / "in", "--csv", table)
        assert result.exit_code == 0, result.output
        assert result.stdout == f"1 rows: {table}\n"
        assert table.read_text().splitlines()[1].startswith("bob.py,,missing,,there is")
        shown = run("grade", tmp_path / "in").stdout
        assert shown == "bob.py: 0 of 1 right: - there is no exercise in this file\n"

    def test_a_folder_without_programs_is_refused(self, tmp_path):
        result = run("grade", tmp_path)
        assert result.exit_code == 1
        assert "There is no .py or .ipynb file" in result.stderr


def test_help_comes_without_pytorch():
    code = (
        "import sys; from cnn_tutorial.cli import main\n"
        "try: main(['exercise', '--help'])\n"
        "except SystemExit: pass\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "List the exercises" in done.stdout
