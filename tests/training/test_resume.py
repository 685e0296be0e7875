"""A training that was stopped goes on as if it had not been, to the last bit."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset

from cnn_tutorial import datasets
from cnn_tutorial.datasets import RandomCrop, RandomFlip
from cnn_tutorial.training import (
    Callback,
    CheckpointError,
    Checkpoints,
    EarlyStop,
    fit,
    seed_everything,
)

EPOCHS, BATCHES = 3, 5


class StoppedError(Exception):
    pass


class StopAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, run):
        if run.step == self.step:
            raise StoppedError


def ours(digits):
    part = digits.train.subset(range(72))
    return part.batches(16, shuffle=True, seed=5, augment=[RandomCrop(2), RandomFlip()])


def theirs(digits):
    part = digits.train.subset(range(72))
    return DataLoader(
        TensorDataset(part.normalized(), part.labels), batch_size=16, shuffle=True
    )


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


def train(digits, checkpoints=None, *, data=ours, stop=None, schedule="step", **more):
    """One training, made anew as a program that starts again makes it."""
    seed_everything(3)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3, stride=3),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(300, 10),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    scheduler = ReduceLROnPlateau(optimizer, patience=0)
    if schedule == "step":
        scheduler = OneCycleLR(optimizer, 3e-3, EPOCHS * BATCHES)
    record = fit(
        model,
        data(digits),
        digits.validation.subset(range(31)).batches(16),
        optimizer=optimizer,
        scheduler=scheduler,
        epochs=EPOCHS,
        seed=7,
        clip_norm=1.0,
        average=average,
        checkpoints=checkpoints,
        **{"callbacks": [StopAt(stop), EarlyStop(9)]} | more,
    )
    curves = {k: v for k, v in record.curves.items() if k != "seconds"}
    return curves, {**model.state_dict(), **average.state_dict()}


def same(one, other):
    assert one[0] == other[0]
    assert one[1].keys() == other[1].keys()
    assert all(torch.equal(one[1][name], other[1][name]) for name in one[1])


@pytest.mark.parametrize("data", [ours, theirs])
@pytest.mark.parametrize("schedule", ["step", "epoch"])
def test_stopped_at_any_step(digits, tmp_path, data, schedule):
    settings = {"data": data, "schedule": schedule}
    expected = train(digits, **settings)
    for stop in (1, 4, 5, 6, 7, 13):
        checkpoints = Checkpoints(tmp_path / str(stop), every=2)
        with said(data), pytest.raises(StoppedError):
            train(digits, checkpoints, stop=stop, **settings)
        torch.rand(stop)
        with said(data):
            same(train(digits, checkpoints, resume=True, **settings), expected)


def said(data):
    """A ``DataLoader`` begins its epoch again, and we are told; ours says nothing."""
    if data is ours:
        return contextlib.nullcontext()
    message = r"\(every=2\) .* \(a DataLoader\) has no `state_dict`.* begins its epoch"
    return pytest.warns(RuntimeWarning, match=message)


def test_the_warning_says_where_it_goes_on(digits, tmp_path):
    checkpoints = Checkpoints(tmp_path, every=2)
    with said(theirs), pytest.raises(StoppedError):
        train(digits, checkpoints, stop=7, data=theirs)
    with pytest.warns(RuntimeWarning, match=r"This one goes on with epoch 2\.$"):
        train(digits, checkpoints, resume=True, data=theirs)


def test_stopped_twice(digits, tmp_path):
    checkpoints = Checkpoints(tmp_path, every=1)
    for stop in (3, 9):
        with pytest.raises(StoppedError):
            train(digits, checkpoints, stop=stop, resume=True)
    same(train(digits, checkpoints, resume=True), train(digits))


def test_checkpoints_change_nothing(digits, tmp_path):
    same(train(digits, Checkpoints(tmp_path, every=1)), train(digits))


def test_a_finished_training_stays_finished(digits, tmp_path):
    checkpoints = Checkpoints(tmp_path)
    expected = train(digits, checkpoints)
    same(train(digits, checkpoints, resume=True), expected)


def test_the_best_is_that_of_the_validation_curve(digits, tmp_path):
    checkpoints = Checkpoints(tmp_path, rank_by="validation_loss", better="lower")
    curves, _ = train(digits, checkpoints)
    best = min(curves["validation_loss"])
    assert checkpoints.best().epoch == 1 + curves["validation_loss"].index(best)
    assert checkpoints.best().score == pytest.approx(best)
    with pytest.raises(ValueError, match=r"`rank_by` \(='accuracy'\) must be one of"):
        train(digits, Checkpoints(tmp_path / "b", rank_by="accuracy"))


def test_a_damaged_checkpoint_costs_what_came_after_the_one_before(digits, tmp_path):
    checkpoints = Checkpoints(tmp_path, keep=2, every=2)
    with pytest.raises(StoppedError):
        train(digits, checkpoints, stop=9)
    last = checkpoints.list()[-1].path
    last.write_bytes(last.read_bytes()[:-100])
    with pytest.warns(RuntimeWarning, match="is damaged"):
        resumed = train(digits, checkpoints, resume=True)
    same(resumed, train(digits))


class TestRefusals:
    def test_checkpoints_that_nobody_asked_to_resume(self, digits, tmp_path):
        train(digits, Checkpoints(tmp_path))
        with pytest.raises(ValueError, match=r"`checkpoints` .* pass `resume=True`"):
            train(digits, Checkpoints(tmp_path))

    def test_nothing_to_resume_from(self, digits):
        with pytest.raises(ValueError, match=r"`resume` \(=True\) needs"):
            train(digits, resume=True)

    def test_another_training(self, digits, tmp_path):
        train(digits, Checkpoints(tmp_path))

        def larger(digits):
            return digits.train.subset(range(72)).batches(24)

        message = r"its batch_size was 16, now it is 24"
        with pytest.raises(ValueError, match=message):
            train(digits, Checkpoints(tmp_path), data=larger, resume=True)

    def test_other_callbacks(self, digits, tmp_path):
        train(digits, Checkpoints(tmp_path))
        message = r"its callbacks was \['StopAt', 'EarlyStop'\], now it is \['Early"
        with pytest.raises(ValueError, match=message):
            train(digits, Checkpoints(tmp_path), callbacks=[EarlyStop(9)], resume=True)

    def test_batches_that_cannot_find_the_place(self, digits, tmp_path):
        with pytest.raises(StoppedError):
            train(digits, Checkpoints(tmp_path, every=2), stop=3)
        message = r"`train` \(a DataLoader\) cannot find the place within an epoch"
        with pytest.raises(ValueError, match=message):
            train(digits, Checkpoints(tmp_path), data=theirs, resume=True)

    def test_another_kind_of_file(self, digits, tmp_path):
        Checkpoints(tmp_path).save({"w": torch.ones(2)}, step=3)
        with pytest.raises(CheckpointError, match="lacks"):
            train(digits, Checkpoints(tmp_path), resume=True)


PROGRAM = """
import sys
sys.path[:0] = {path!r}
import torch
torch.set_num_threads(1)
from cnn_tutorial import datasets
from cnn_tutorial.training import Checkpoints
from {module} import train
checkpoints = Checkpoints(sys.argv[1], every=1)
print("ready", flush=True)
curves, state = train(datasets.load("digits"), checkpoints, resume=True)
torch.save({{"curves": curves, "state": state}}, sys.argv[1] + "/done")
"""


def killed_and_resumed(digits, folder, moments):
    folder.mkdir()
    here = Path(__file__)
    root = here.parents[2]
    program = PROGRAM.format(path=[str(root), str(here.parent)], module=here.stem)
    command = [sys.executable, "-c", program, str(folder)]
    for moment in (*moments, None):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "ready\n"
            if moment is not None:
                time.sleep(moment)
                process.send_signal(signal.SIGKILL)
        if moment is None:
            assert process.returncode == 0
    done = torch.load(folder / "done")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        same((done["curves"], done["state"]), train(digits))
    finally:
        torch.set_num_threads(threads)


needs_kill = pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")


@needs_kill
def test_killed_at_random_moments(digits, tmp_path):
    chance = random.Random(2)
    killed_and_resumed(
        digits, tmp_path / "run", [chance.uniform(0, 0.4) for _ in "abc"]
    )


@needs_kill
@pytest.mark.slow
def test_killed_at_twenty_random_moments(digits, tmp_path):
    chance = random.Random(3)
    for number in range(4):
        moments = [chance.uniform(0, 0.5) for _ in range(5)]
        killed_and_resumed(digits, tmp_path / str(number), moments)
