"""``python -m cnn_tutorial`` from a data set to a prediction."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from cnn_tutorial import datasets
from cnn_tutorial.cli import main

QUICK = ("--epochs", "1", "--precision", "float32", "--threads", "1")


def run(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)])


def good(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two classes of grey images: dark ones and bright ones."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, level in {"dark": 20, "light": 235}.items():
        (folder / name).mkdir()
        for number in range(17):
            shade = level + number - 8
            Image.new("L", (11, 13), shade).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def trained(pictures, tmp_path_factory):
    """Return the folder of a run, and what the command printed."""
    out = tmp_path_factory.mktemp("runs") / "shades"
    arguments = ("train", "resnet8", "--data", f"folder:{pictures}", "--out", out)
    options = ("--size", 8, "--set", "width=3", "--epochs", 8, "--batch-size", 4)
    told = good(*arguments, *options, *QUICK[2:], "--json")
    return out, json.loads(told)


def test_train_keeps_model_record_and_checkpoints(trained):
    out, told = trained
    assert {p.name for p in out.iterdir()} == {"model.pt", "record.json", "checkpoints"}
    record = json.loads((out / "record.json").read_text())
    assert record["config"]["settings"] == {"width": 3}
    assert record["config"]["recipe"]["batch_size"] == 4
    assert len(record["curves"]["validation_accuracy"]) == 8
    assert told["model"] == str(out / "model.pt")
    assert told["last_epoch"]["train_loss"] == record["curves"]["train_loss"][-1]


def test_the_file_is_enough_to_evaluate(trained, pictures):
    out, _ = trained
    told = json.loads(good("evaluate", out, "--json"))
    data = datasets.load(f"folder:{pictures}", size=8)
    assert told["count"] == len(data.test)
    # Two shades so far apart are no task.
    assert told["accuracy"] == 1
    assert told["by_class"] == {"dark": 1.0, "light": 1.0}
    assert "accuracy 100.00% of 6 images" in good("evaluate", out / "model.pt")
    [*_, last] = sorted((out / "checkpoints").iterdir())
    checkpoint = json.loads(good("evaluate", last, "--json"))
    assert checkpoint == told


def test_predict_reads_images_of_any_kind(trained, tmp_path):
    out, _ = trained
    Image.new("RGB", (31, 47), (250, 240, 230)).save(tmp_path / "wall.jpg")
    Image.new("RGBA", (9, 9), (10, 10, 10, 255)).save(tmp_path / "night.png")
    files = [tmp_path / "wall.jpg", tmp_path / "night.png"]
    told = json.loads(good("predict", out, *files, "--json"))
    assert [next(iter(entry["shares"])) for entry in told] == ["light", "dark"]
    assert all(sum(entry["shares"].values()) == pytest.approx(1) for entry in told)
    lines = good("predict", out, *files, "--top", 1).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(f) for f in files]
    assert "light" in lines[0]
    assert "dark" not in lines[0]


def test_a_stopped_run_goes_on(pictures, tmp_path, monkeypatch):
    from cnn_tutorial.training import Run
    from cnn_tutorial.training.callbacks import Callback

    base = ("train", "lenet", "--data", f"folder:{pictures}", "--size", 16)
    options = ("--epochs", 4, "--batch-size", 8, *QUICK[2:])
    good(*base, *options, "--out", tmp_path / "whole")
    whole = json.loads((tmp_path / "whole" / "record.json").read_text())

    def stop(self, run: Run):
        if run.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Callback, "on_epoch_start", stop)
        assert run(*base, *options, "--out", tmp_path / "cut").exit_code == 1
    assert not (tmp_path / "cut" / "model.pt").exists()
    again = run(*base, *options, "--out", tmp_path / "cut")
    assert again.exit_code == 2
    assert "holds a run already: go on with it (--resume)" in again.stderr
    changed = (*options, "--epochs", 5, "--out", tmp_path / "cut", "--resume")
    other = run(*base, *changed)
    assert other.exit_code == 1
    assert "The run was begun with recipe.epochs = 4; now it is 5" in other.stderr
    good(*base, *options, "--out", tmp_path / "cut", "--resume")
    cut = json.loads((tmp_path / "cut" / "record.json").read_text())
    for name in ("train_loss", "validation_loss"):
        assert cut["curves"][name] == whole["curves"][name]


def test_digits_are_not_mirrored(tmp_path):
    good("train", "lenet", "--data", "digits", "--out", tmp_path / "a", *QUICK)
    record = json.loads((tmp_path / "a" / "record.json").read_text())
    assert not record["config"]["recipe"]["flip"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("train", "lenet6", "--data", "digits"), 2, "Did you mean 'lenet"),
        (("train", "lenet", "--data", "digts"), 2, "Did you mean 'digits'?"),
        (("train", "lenet"), 2, "Missing option '--data'"),
        (("train", "lenet", "--data", "folder:no"), 1, "there is no such folder"),
        (("train", "lenet", "--data", "digits", "--set", "width"), 2, "like width=32"),
        (
            ("train", "lenet", "--data", "digits", "--set", "wdth=3"),
            1,
            "do not fit 'lenet'",
        ),
        (("train", "lenet", "--data", "digits", "--rate", "-1"), 1, "`rate` (=-1.0)"),
        (("train", "lenet", "--data", "digits", "--device", "gpu"), 1, "device"),
        (
            ("train", "lenet5", "--data", "fashion-sample"),
            1,
            "does not take an input of shape",
        ),
        (("evaluate", "no-such-file"), 2, "does not exist"),
        (("predict", "pyproject.toml"), 2, "Missing argument 'IMAGE...'"),
        (("summary", "resnet9"), 2, "Did you mean 'resnet"),
        (("summary", "lenet5", "--size", "31"), 1, "32 x 32"),
    ],
)
def test_mistakes_are_one_message(arguments, code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not isinstance(result.exception, (ValueError, TypeError, OSError))


def test_damaged_and_foreign_files(trained, tmp_path):
    out, _ = trained
    broken, foreign = tmp_path / "broken.pt", tmp_path / "foreign.pt"
    broken.write_bytes((out / "model.pt").read_bytes()[:999])
    torch.save({"weight": torch.zeros(2)}, foreign)
    assert "broken.pt is no checkpoint" in run("evaluate", broken).stderr
    assert "does not say what it is a model of" in run("evaluate", foreign).stderr
    empty = run("evaluate", tmp_path)
    assert empty.exit_code == 1
    assert "model.pt cannot be read" in empty.stderr
    (tmp_path / "note.txt").write_text("no image")
    result = run("predict", out, tmp_path / "note.txt")
    assert result.exit_code == 1
    assert "cannot be read as an image" in result.stderr


def test_data_that_do_not_fit_the_model(trained):
    out, _ = trained
    result = run("evaluate", out, "--data", "fashion-sample")
    assert result.exit_code == 1
    result = run("evaluate", out, "--data", "digits")
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_summary():
    # Counted by hand in the lesson on LeNet.
    told = json.loads(good("summary", "lenet", "--json"))
    assert told["parameters"] == 81_194
    text = good("summary", "resnet18", "--channels", 3, "--classes", 7)
    assert "11,172,423" in text  # 11,173,962 with ten classes, 513 for each
    assert "1 × 7" in text


def test_summary_of_a_file(trained):
    out, _ = trained
    told = json.loads(good("summary", out / "model.pt", "--json"))
    assert told["input_shape"] == [1, 1, 8, 8]
    assert told["output_shapes"] == [[1, 2]]
    result = run("summary", out, "--channels", 3)
    assert result.exit_code == 2
    assert "leave out --channels" in result.stderr


@pytest.mark.parametrize("command", ["train", "evaluate", "predict", "summary"])
def test_help_has_examples_and_needs_no_torch(command):
    code = (
        "import sys; from cnn_tutorial.cli import main; "
        f"main(['{command}', '--help'], standalone_mode=False); "
        "assert not {'torch', 'torchvision', 'sklearn'} & {*sys.modules}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert f"  python -m cnn_tutorial {command} " in done.stdout
