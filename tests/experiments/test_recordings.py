"""Recordings say what they are, and notice when the code is another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from cnn_tutorial import datasets, experiments
from cnn_tutorial.blocks import BasicBlock
from cnn_tutorial.cli import main
from cnn_tutorial.datasets import RandomFlip
from cnn_tutorial.experiments import Experiment, Recipe, carry_out, load, save
from cnn_tutorial.experiments import experiment as registry
from cnn_tutorial.experiments.carrying_out import commit_of
from cnn_tutorial.experiments.digest import code_of, digest, files
from cnn_tutorial.experiments.recording import RECORDS
from cnn_tutorial.experiments.small_nets import build

RECIPE = Recipe(data="digits", epochs=1, images=40)
TINY = {"first": RECIPE, "second": replace(RECIPE, lr=0.01)}


def linear(recipe, info):
    return nn.Sequential(nn.Flatten(), nn.Linear(32 * 32, info.num_classes))


@pytest.fixture
def tiny(monkeypatch):
    """Make the only experiment one that ends within a second."""
    digits = datasets.load("digits").limited(40)
    monkeypatch.setattr(datasets, "load", lambda name: digits)
    experiment = Experiment("tiny", "Which?", dict(TINY), linear)
    module = type(sys)("cnn_tutorial.experiments.tiny_one")
    module.EXPERIMENT = experiment
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "_FILES", {"tiny": "tiny_one"})
    return experiment


@pytest.fixture
def recording(tiny):
    return carry_out(tiny, command="record tiny")


def test_there_and_back(recording, tmp_path):
    save(recording, tmp_path / "tiny.json")
    back = load(tmp_path / "tiny.json")
    for name, values in recording.scores().items():
        assert back.scores()[name] == pytest.approx(values, abs=1e-5)
    assert [run.seed for run in back.runs["second"]] == [0, 1, 2]
    assert back.runs["first"][0].net is None
    first, again = (r.runs["first"][0].curves for r in (recording, back))
    assert again["train_loss"] == pytest.approx(first["train_loss"], abs=1e-5)
    for name in ("digests", "command", "commit", "created", "versions", "hardware"):
        assert getattr(back, name) == getattr(recording, name)
    for name, seconds in recording.processor_seconds.items():
        assert back.processor_seconds[name] == pytest.approx(seconds, abs=0.005)
        assert len(seconds) == 3
    assert (tmp_path / "tiny.json").read_text().isascii()
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.json"]


def test_what_was_interrupted_goes_on(tiny, recording, tmp_path):
    """Runs that are kept are not repeated, unless their recipe is another one."""
    kept = []

    def stop(found):
        kept.append(found)
        if len(kept) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(tiny, command="record tiny", keep=stop)
    save(kept[-1], tmp_path / "tiny.part")
    known, again = load(tmp_path / "tiny.part"), []
    assert [len(runs) for runs in known.runs.values()] == [2, 1]
    tiny.recipes["second"] = replace(RECIPE, lr=0.02)
    whole = carry_out(
        tiny,
        command="record tiny",
        known=known,
        progress=lambda name, run: again.append((name, run.seed)),
    )
    assert again == [("second", 0), ("second", 1), ("first", 2), ("second", 2)]
    for name, runs in whole.runs.items():
        assert [run.seed for run in runs] == [0, 1, 2]
        assert len(whole.processor_seconds[name]) == 3
    first = whole.scores()["first"]
    assert first == pytest.approx(recording.scores()["first"], abs=1e-5)
    assert whole.processor_seconds["first"][0] == pytest.approx(
        kept[-1].processor_seconds["first"][0], abs=0.005
    )
    other = replace(known, versions={})
    again.clear()
    carry_out(tiny, command="", known=other, progress=lambda *run: again.append(run))
    assert len(again) == 6


def test_it_says_which_time_it_took(recording):
    assert "s of processor time a run" in str(recording)
    assert "s a run" in str(replace(recording, processor_seconds={}))


def test_it_notices_another_recipe(recording, tiny):
    assert not recording.stale
    assert "Neither" in str(recording)
    assert "recorded--stale" not in recording._repr_html_()
    tiny.recipes["second"] = replace(RECIPE, lr=0.02)
    tiny.recipes["third"] = RECIPE
    del tiny.recipes["first"]
    assert recording.changed == ["second", "third", "first"]
    assert "STALE" in str(recording)
    assert "recorded--stale" in recording._repr_html_()


def test_it_notices_other_code_and_not_other_words(monkeypatch):
    before = digest(RECIPE, build)
    net = next(p for p in files(RECIPE, build) if p.name == "small_nets.py")
    read, text = Path.read_text, net.read_text(encoding="utf-8")
    changed = {"text": text}

    def other(path, *args, **kwargs):
        return changed["text"] if path == net else read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", other)
    changed["text"] = text.replace('"""One small', '"""A small') + "\n# The end.\n"
    assert digest(RECIPE, build) == before
    changed["text"] = text.replace("nn.MaxPool2d(2)", "nn.AvgPool2d(2)")
    assert digest(RECIPE, build) != before


def test_it_notices_another_network(monkeypatch):
    """By layers, by first weights, and by what layers of ours do."""
    state = torch.random.get_rng_state()
    before = digest(RECIPE, build)
    assert torch.equal(torch.random.get_rng_state(), state)
    with monkeypatch.context() as patch:
        patch.setattr(nn.Conv2d, "reset_parameters", lambda c: c.weight.data.fill_(1))
        assert digest(RECIPE, build) != before
    with monkeypatch.context() as patch:
        patch.setattr(nn, "MaxPool2d", nn.AvgPool2d)
        assert digest(RECIPE, build) != before
    residual = replace(RECIPE, model={"block": "residual"})
    flipped = replace(residual, flip=True)
    befores = [digest(recipe, build) for recipe in (residual, flipped)]
    monkeypatch.setattr(BasicBlock, "forward", lambda self, x: self.conv2(x))
    monkeypatch.setattr(RandomFlip, "__call__", lambda self, images, g: images)
    afters = [digest(recipe, build) for recipe in (residual, flipped)]
    assert not set(befores) & set(afters)
    assert digest(RECIPE, build) == before


def test_code_without_words():
    source = (
        '"""Title.\n\nMore.\n"""\n\nx = "# no comment"  # one\n\n\nclass A:\n    "B."\n'
    )
    assert code_of(source) == 'x = "# no comment"\nclass A:'


def test_files_are_those_that_make_the_model():
    resnet = experiments.get_experiment("resnet18-cifar10")
    names = {path.name for path in files(resnet.recipes["paper"], resnet.build)}
    built = {"resnet.py", "residual.py", "conv.py", "augmentation.py"}
    assert names == {"resnet18_cifar10.py", "recipe.py", *built}


def test_a_file_that_is_no_recording(tmp_path, recording):
    path = tmp_path / "other.json"
    for text in ("", "[]", "{}", '{"format": "cnn_tutorial run record"}'):
        path.write_text(text)
        with pytest.raises(ValueError, match="is no recording"):
            load(path)
    save(recording, path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"schema": 2}))
    with pytest.raises(ValueError, match="is no recording: it must say"):
        load(path)


def test_commits(tmp_path, monkeypatch):
    """Kept apart from the settings of whoever runs the tests."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    file = tmp_path / "a.py"
    file.write_text("1\n")
    assert commit_of([file]) is None
    for command in (
        ("init", "-q"),
        ("add", "a.py"),
        ("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "one"),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    head = commit_of([file])
    assert len(head) == 40
    (tmp_path / "b.py").write_text("2\n")
    assert commit_of([file]) == head
    file.write_text("3\n")
    assert commit_of([file]) == f"{head} with local changes"


def test_those_that_come_with_the_installation():
    sizes = [path.stat().st_size for path in RECORDS.glob("*.json")]
    assert sum(sizes) <= 1_000_000
    for path in RECORDS.glob("*.json"):
        found = load(path)
        assert found.experiment == path.stem
        experiment = experiments.get_experiment(path.stem)
        for runs in found.runs.values():
            assert [run.seed for run in runs] == list(experiment.seeds)
        assert {"torch", "python"} <= found.versions.keys()
        assert found.command.startswith("python -m cnn_tutorial record ")


def test_command(tiny, tmp_path):
    tool = CliRunner()
    result = tool.invoke(main, ["record", "tiny", "--into", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "second" in result.output
    assert load(tmp_path / "tiny.json").command == "python -m cnn_tutorial record tiny"
    check = ["record", "--check", "--into", str(tmp_path)]
    result = tool.invoke(main, check)
    assert result.exit_code == 0
    assert result.output.split()[-1] == "holds"
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.json"]
    tiny.recipes["second"] = replace(RECIPE, epochs=2)
    result = tool.invoke(main, [*check, "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["tiny"]["changed"] == ["second"]
    result = tool.invoke(main, ["record", "tinny"])
    assert result.exit_code == 2
    assert "Did you mean 'tiny'?" in result.output
    result = tool.invoke(main, ["record", "--check", "tiny", "--into", "nowhere"])
    assert result.exit_code == 1
    assert "has not been recorded yet" in result.output


def test_an_experiment_that_nobody_has_recorded(tiny):
    with pytest.raises(ValueError, match=r"'tiny'.*not been recorded.*data digits"):
        experiments.recorded(tiny.name)
