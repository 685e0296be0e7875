"""Checkpoints survive what may happen to a file: half a write, damage, a killed run."""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
import time
from textwrap import dedent

import pytest
import torch
from torch import nn

from cnn_tutorial.training.checkpoints import CheckpointError, Checkpoints, read


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "run", keep=2)


def steps(checkpoints):
    return [c.step for c in checkpoints.list()]


class TestKeeping:
    def test_the_last_two_and_the_best(self, checkpoints):
        for step, score in enumerate([0.5, 0.9, 0.7, 0.9, 0.8, 0.1], start=1):
            checkpoints.save({"step": step}, step=step, epoch=2 * step, score=score)
        assert steps(checkpoints) == [4, 5, 6]  # 2 and 4 are equally good
        assert checkpoints.best().score == 0.9
        assert checkpoints.best().epoch == 8
        assert checkpoints.load() == {"step": 6}
        assert checkpoints.load(best=True) == {"step": 4}

    def test_lower_may_be_better(self, tmp_path):
        checkpoints = Checkpoints(tmp_path, keep=1, better="lower")
        for step, score in enumerate([0.5, -3e-12, -2e-12, 7.0, math.inf], start=1):
            checkpoints.save({}, step=step, score=score)
        assert checkpoints.best().step == 2
        assert steps(checkpoints) == [2, 5]

    def test_without_a_score_none_is_best(self, checkpoints):
        for step in (3, 1, 2):
            checkpoints.save({"step": step}, step=step)
        assert checkpoints.best() is None
        assert checkpoints.load(best=True) is None
        assert steps(checkpoints) == [2, 3]

    def test_other_files_are_left_alone(self, checkpoints):
        checkpoints.folder.mkdir()
        for name in ("notes.txt", "step-1.pt", ".hidden"):
            (checkpoints.folder / name).write_text("mine")
        for step in range(5):
            checkpoints.save({}, step=step)
        assert steps(checkpoints) == [3, 4]
        assert len(list(checkpoints.folder.iterdir())) == 5

    def test_an_empty_or_missing_folder(self, checkpoints):
        assert checkpoints.list() == []
        assert checkpoints.load() is None
        assert not checkpoints.folder.exists()

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"keep": 0}, r"`keep` \(=0\) must be at least 1"),
            ({"better": "more"}, r"`better` \(='more'\) must be one of"),
        ],
    )
    def test_settings_are_checked(self, tmp_path, settings, message):
        with pytest.raises(ValueError, match=message):
            Checkpoints(tmp_path, **settings)


class TestContent:
    def test_what_training_needs_comes_back(self, checkpoints):
        model = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))
        adam = torch.optim.AdamW(model.parameters())
        schedule = torch.optim.lr_scheduler.SequentialLR(
            adam,
            [
                torch.optim.lr_scheduler.LinearLR(adam),
                torch.optim.lr_scheduler.MultiStepLR(adam, [2, 3]),
            ],
            milestones=[1],
        )
        model(torch.randn(7, 3)).sum().backward()
        adam.step()
        schedule.step()
        state = {
            "model": model.state_dict(),
            "optimizer": adam.state_dict(),
            "scheduler": schedule.state_dict(),
            "random": torch.get_rng_state(),
            "curves": {"train_loss": [0.5, float("nan")]},
            "config": {"name": "small", "size": (3, 5), "none": None},
        }
        checkpoints.save(state, step=1)
        loaded = checkpoints.load()
        assert repr(loaded) == repr(state)
        again = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))
        again.load_state_dict(loaded["model"])
        for name, tensor in model.state_dict().items():
            assert torch.equal(again.state_dict()[name], tensor)
        schedule.load_state_dict(loaded["scheduler"])

    def test_what_could_run_code_is_refused_and_nothing_written(self, checkpoints):
        checkpoints.save({"step": 1}, step=1)
        with pytest.raises(CheckpointError, match="tensors and plain values only"):
            checkpoints.save({"model": nn.Linear(2, 2)}, step=2)
        with pytest.raises(CheckpointError, match="tensors and plain values only"):
            checkpoints.save({"loss": lambda: 0}, step=2)
        assert steps(checkpoints) == [1]

    def test_code_in_a_file_does_not_run(self, tmp_path):
        class Bad:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / "litter"),)

        torch.save({"x": Bad()}, tmp_path / "bad.pt")
        with pytest.raises(CheckpointError, match=r"bad.pt is no checkpoint"):
            read(tmp_path / "bad.pt")
        assert not (tmp_path / "litter").exists()

    def test_any_dictionary_of_tensors_can_be_read(self, tmp_path):
        torch.save({"w": torch.ones(2)}, tmp_path / "w.pt")
        assert read(tmp_path / "w.pt", device="meta")["w"].device.type == "meta"
        torch.save(torch.ones(2), tmp_path / "w.pt")
        with pytest.raises(CheckpointError, match="no dictionary"):
            read(tmp_path / "w.pt")
        with pytest.raises(CheckpointError, match=r"none.pt cannot be read: No such"):
            read(tmp_path / "none.pt")


def damage(path, how):
    content = bytearray(path.read_bytes())
    if how == "a bit":
        content[len(content) // 2] ^= 1
    elif how == "the end":
        del content[-7:]
    else:
        content.clear()
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["a bit", "the end", "everything"])
class TestDamage:
    def test_an_older_one_is_taken(self, checkpoints, how):
        for step in (1, 2):
            checkpoints.save({"w": torch.full((99,), step)}, step=step, score=step)
        damage(checkpoints.list()[-1].path, how)
        with pytest.warns(RuntimeWarning, match=r"step-000000002.* is damaged"):
            state = checkpoints.load()
        assert state["w"].unique().tolist() == [1]
        with pytest.raises(CheckpointError, match="is damaged"):
            checkpoints.load(best=True)

    def test_all_are_damaged(self, checkpoints, how):
        checkpoints.save({"w": torch.ones(99)}, step=1)
        damage(checkpoints.list()[-1].path, how)
        with (
            pytest.warns(RuntimeWarning, match="is damaged"),
            pytest.raises(CheckpointError, match=r"All checkpoints in .* are damaged"),
        ):
            checkpoints.load()


def test_a_full_disk_leaves_what_was_there(checkpoints, monkeypatch):
    checkpoints.save({"step": 1}, step=1)

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        checkpoints.save({"step": 2}, step=2)
    assert [path.name for path in checkpoints.folder.iterdir()] == [
        checkpoints.list()[0].path.name
    ]


WRITER = """
    import sys, torch
    from cnn_tutorial.training.checkpoints import Checkpoints
    checkpoints = Checkpoints(sys.argv[1], keep=2)
    for step in range(1, 10_000):
        state = {"step": step, "w": torch.full((100_000,), float(step))}
        checkpoints.save(state, step=step, score=-abs(step - 3))
        print(step, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_writer_leaves_whole_checkpoints(tmp_path):
    chance = random.Random(1)
    command = [sys.executable, "-c", dedent(WRITER), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(5):
            reported = int(writer.stdout.readline())
        time.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
    reported = int(rest[-1]) if rest else reported
    checkpoints = Checkpoints(tmp_path, keep=2)
    state = checkpoints.load()
    assert state["step"] >= reported
    assert state["w"].unique().tolist() == [state["step"]]
    assert checkpoints.load(best=True)["step"] == 3
    checkpoints.save({"step": 0}, step=10_000)
    assert list(tmp_path.glob(".*")) == []
