"""``python -m cnn_tutorial doctor``."""

from __future__ import annotations

import json
import tempfile
from types import SimpleNamespace

import pytest
import torch
from click.testing import CliRunner

from cnn_tutorial.cli import _health, main

SUBJECTS = [
    *("versions", "device", "threads", "digits", "grey", "colour"),
    *("downloads", "temporary"),
]


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    """Point to empty folders, and take one round where speed is measured."""
    monkeypatch.setenv("CNN_TUTORIAL_DATA", str(tmp_path / "root"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("cnn_tutorial.training._precision._ROUNDS", 1)


def run(*arguments):
    return CliRunner().invoke(main, ["doctor", *map(str, arguments)])


def findings(*arguments, code=0):
    result = run("--json", *arguments)
    assert result.exit_code == code
    facts = json.loads(result.stdout)
    assert facts["healthy"] == (code == 0)
    return {one["subject"]: one for one in facts["findings"]}


def test_a_machine_on_which_lessons_run(tmp_path):
    result = run("--seconds", 0)
    assert result.exit_code == 0
    assert result.stdout.endswith("Everything that the lessons need is here.\n")
    lines = [line for line in result.stdout.splitlines()[:-2] if line[0] != " "]
    assert [line.split()[1] for line in lines] == SUBJECTS
    assert f"torch {torch.__version__.split('+')[0]}" in lines[0]
    assert list(tmp_path.iterdir()) == []  # neither made nor left


def test_the_same_for_programs():
    found = findings("--seconds", 0)
    assert list(found) == SUBJECTS
    assert {one["kind"] for one in found.values()} <= {"good", "hint"}
    assert found["threads"]["numbers"]["threads"] == torch.get_num_threads()
    assert found["digits"]["numbers"] == {"name": "digits", "files": 1}


def test_a_training():
    drawn = torch.get_rng_state()
    found = findings("--seconds", 0.01)
    assert list(found) == [*SUBJECTS, "speed", "training"]
    speed, training = found["speed"]["numbers"], found["training"]["numbers"]
    assert speed["precision"] in speed["seconds_per_step"]
    assert training["steps"] >= 5
    assert training["first_loss"] == pytest.approx(2.3, abs=0.2)  # ln 10
    assert 0 <= training["accuracy"] <= 1
    assert training["images_per_second"] > 0
    assert torch.equal(torch.get_rng_state(), drawn)


@pytest.mark.parametrize(
    ("last", "kind"), [(1.0, "good"), (2.4, "problem"), (float("nan"), "problem")]
)
def test_a_loss_that_does_not_fall_is_a_problem(monkeypatch, last, kind):
    losses = [2.3] + [last] * 60
    monkeypatch.setattr(_health, "_steps_for", lambda *_: (losses, 1000.0))
    assert _health._training(1.0).kind == kind


def test_precision_that_helps_is_a_hint(monkeypatch):
    seconds = {"float32": 0.3, "bfloat16": 0.1}
    monkeypatch.setattr(
        "cnn_tutorial.training.choose_precision", lambda *_: ("bfloat16", seconds)
    )
    finding = _health._speed()
    assert finding.kind == "hint"
    assert finding.advice.startswith("3.0 times as fast as float32")  # 0.3 / 0.1


def test_data_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("CNN_TUTORIAL_COLOUR", "cifar10")
    result = run("--seconds", 0, "--root", tmp_path / "none")
    assert result.exit_code == 1
    assert "PROBLEM colour" in result.stdout
    assert "python -m cnn_tutorial data get cifar10" in result.stdout
    assert result.stdout.endswith("1 problem: see what is said below each.\n")
    assert "Traceback" not in result.output


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    found = findings("--seconds", 0, "--root", tmp_path / "file" / "data", code=1)
    assert found["downloads"]["kind"] == "problem"
    assert "CNN_TUTORIAL_DATA" in found["downloads"]["advice"]
    assert found["temporary"]["kind"] == "good"


def test_little_room_is_a_hint(monkeypatch, tmp_path):
    usage = SimpleNamespace(free=0.5e9)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    finding = _health._writable("downloads", tmp_path / "a" / "b")
    assert finding.kind == "hint"
    assert finding.numbers["free_gigabytes"] == 0.5


def test_a_device_that_is_not_there(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_DEVICE", "tpu")
    found = findings("--seconds", 0, code=1)
    assert "`CNN_TUTORIAL_DEVICE` (='tpu') must be one of" in found["device"]["found"]
    assert found["digits"]["kind"] == "good"  # the rest is looked at all the same


def test_a_profile_that_is_none_is_one_message(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "fast")
    found = findings("--seconds", 0, code=1)
    assert "must be one of 'smoke'" in found["grey"]["found"]


def test_more_threads_than_processors(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 9999)
    finding = _health._threads()
    assert finding.kind == "hint"
    assert "set OMP_NUM_THREADS=" in finding.advice


def test_a_package_that_is_missing(monkeypatch):
    monkeypatch.setattr(_health, "_installed", lambda name: name != "scikit-image")
    finding = _health._versions()
    assert finding.kind == "problem"
    assert finding.advice == "python -m pip install scikit-image"


def test_what_the_installation_asks_for_is_looked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(_health, "_installed", lambda name: bool(asked.append(name)))
    _health._versions()
    assert {"torch", "click", "scikit-image"} <= set(asked)
    assert all(name.replace("-", "").isalnum() for name in asked)


def test_help_has_examples():
    assert "python -m cnn_tutorial doctor --json" in run("--help").stdout
    assert "doctor" in CliRunner().invoke(main, ["--help"]).stdout


def test_a_wrong_option_is_a_mistake_in_the_command():
    assert run("--seconds", -1).exit_code == 2
