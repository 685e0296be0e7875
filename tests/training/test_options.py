"""Clipping, mixing, averaging, precision, callbacks: each in its right place."""

from __future__ import annotations

import copy
import io
import math
import sys
from collections import Counter

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode
from torchvision.transforms import v2

from cnn_tutorial.training import (
    Callback,
    Checkpoints,
    EarlyStop,
    ProgressBar,
    evaluate,
    fit,
    seed_everything,
    train_epoch,
)


def batches_of(n=29, size=8):
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(n, 2, 5, 7, generator=generator)
    return list(zip(images.split(size), (torch.arange(n) % 3).split(size), strict=True))


@pytest.fixture
def net():
    seed_everything(0)
    return nn.Sequential(
        nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(75, 3)
    )


def sgd(model, lr=0.05, **settings):
    return torch.optim.SGD(model.parameters(), lr=lr, **settings)


def same_weights(one, other):
    assert_close(one.state_dict(), other.state_dict(), rtol=0, atol=0)


class TestClipping:
    def test_a_long_gradient_becomes_as_long_as_asked(self, net):
        before = [p.detach().clone() for p in net.parameters()]
        batch = [(1e3 * images, labels) for images, labels in batches_of(8)]
        train_epoch(net, batch, optimizer=sgd(net, lr=1.0), clip_norm=0.25)
        step = [p - q for p, q in zip(net.parameters(), before, strict=True)]
        assert nn.utils.get_total_norm(step).item() == pytest.approx(0.25, rel=1e-4)

    def test_a_short_one_stays(self, net):
        twin = copy.deepcopy(net)
        train_epoch(net, batches_of(), optimizer=sgd(net), clip_norm=1e6)
        train_epoch(twin, batches_of(), optimizer=sgd(twin))
        same_weights(net, twin)

    @pytest.mark.parametrize("bad", [0, -1.0, math.nan])
    def test_the_norm_is_checked(self, net, bad):
        with pytest.raises(ValueError, match=r"`clip_norm` \(=.*\) must be above 0"):
            fit(net, batches_of(), optimizer=sgd(net), epochs=1, clip_norm=bad)


class TestMixing:
    def test_it_is_the_loop_written_out(self, net):
        twin, mix = copy.deepcopy(net), v2.MixUp(num_classes=3)
        torch.manual_seed(3)
        seen = train_epoch(net, batches_of(), optimizer=sgd(net), mix=mix)
        torch.manual_seed(3)
        optimizer, correct = sgd(twin), 0
        for images, labels in batches_of():
            mixed, targets = mix(images, labels)
            scores = twin(mixed)
            optimizer.zero_grad()
            F.cross_entropy(scores, targets).backward()
            optimizer.step()
            correct += int((scores.argmax(1) == labels).sum())
        same_weights(net, twin)
        assert seen.accuracy == correct / 29  # on the labels, not on the mixture


class TestAverage:
    def test_the_average_is_judged(self, net):
        average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9))
        record = fit(
            net, batches_of(), batches_of(13), optimizer=sgd(net), epochs=2,
            average=average,
        )  # fmt: skip
        assert average.n_averaged == 2 * 4
        judged = evaluate(average, batches_of(13))
        assert record.curves["validation_loss"][-1] == judged.loss
        assert evaluate(net, batches_of(13)).loss != judged.loss

    def test_each_step_counts_once(self, net):
        weights = []
        average = AveragedModel(net)  # the plain mean

        class Note(Callback):
            def on_step_end(self, run):
                weights.append(run.model[4].weight.detach().clone())

        fit(net, batches_of(), optimizer=sgd(net), epochs=1, average=average,
            callbacks=[Note()])  # fmt: skip
        assert_close(average.module[4].weight.detach(), torch.stack(weights).mean(0))


class TestTopK:
    def test_by_hand(self):
        scores = torch.tensor([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 3.0, 2.0]])
        labels = torch.tensor([1, 0, 1])  # second, third and first place
        batches = [(scores[:2], labels[:2]), (scores[2:], labels[2:])]
        result = evaluate(nn.Identity(), batches, top_k=(1, 2, 3))
        assert result.accuracy == pytest.approx(1 / 3)
        assert result.top_k == pytest.approx({1: 1 / 3, 2: 2 / 3, 3: 1.0})
        with pytest.raises(ValueError, match=r"`top_k` \(=0\)"):
            evaluate(nn.Identity(), batches, top_k=(0,))
        with pytest.raises(ValueError, match=r"`top_k` \(=4\) .* 3 classes"):
            evaluate(nn.Identity(), batches, top_k=(4,))


class TestCallbacks:
    def test_events_in_order(self, net):
        events = []

        class Note(Callback):
            def __getattribute__(self, name):
                if name.startswith("on_"):
                    return lambda run: events.append((name, run.epoch, run.step))
                return super().__getattribute__(name)

        fit(net, batches_of(13), optimizer=sgd(net), epochs=2, callbacks=[Note()])
        assert events == [
            ("on_fit_start", 0, 0),
            ("on_epoch_start", 1, 0),
            ("on_step_end", 1, 1),
            ("on_step_end", 1, 2),
            ("on_epoch_end", 1, 2),
            ("on_epoch_start", 2, 2),
            ("on_step_end", 2, 3),
            ("on_step_end", 2, 4),
            ("on_epoch_end", 2, 4),
            ("on_fit_end", 2, 4),
        ]

    def test_the_end_is_told_after_an_error_too(self, net):
        class Fails(Callback):
            ended = False

            def on_epoch_end(self, run):
                raise RuntimeError(list(run.curves))

            def on_fit_end(self, run):
                self.ended = True

        callback = Fails()
        with pytest.raises(RuntimeError, match="train_loss"):
            fit(net, batches_of(), optimizer=sgd(net), epochs=1, callbacks=[callback])
        assert callback.ended

    @pytest.mark.parametrize(
        ("values", "patience", "by", "epochs"),
        [
            ([5, 4, 3, 2, 1], 1, 0, 5),
            ([5, 4, 4, 3, 9], 1, 0, 3),
            ([5, 6, 4, 6, 6, 3], 2, 0, 5),
            ([5, 4.5, 4.2, 3, 3], 2, 1, 3),
            ([5, math.nan, math.nan, 4], 2, 0, 3),
        ],
    )
    def test_early_stop(self, net, values, patience, by, epochs):
        class Put(Callback):
            def on_epoch_end(self, run):
                run.curves["train_loss"][-1] = values[run.epoch - 1]

        stop = EarlyStop(patience, curve="train_loss", by=by)
        record = fit(
            net, batches_of(8), optimizer=sgd(net), epochs=len(values),
            callbacks=[Put(), stop],
        )  # fmt: skip
        assert len(record.curves["train_loss"]) == epochs

    def test_early_stop_checks_its_settings(self, net):
        with pytest.raises(ValueError, match=r"`patience` \(=0\)"):
            EarlyStop(0)
        with pytest.raises(ValueError, match=r"`by` \(=-1\)"):
            EarlyStop(3, by=-1)
        with pytest.raises(ValueError, match=r"`curve` \(='validation_loss'\)"):
            fit(
                net,
                batches_of(),
                optimizer=sgd(net),
                epochs=1,
                callbacks=[EarlyStop(1)],
            )


class TestTrouble:
    """A loss that is not finite: which step, and where it began."""

    def message(self, net, batches, **settings):
        with pytest.raises(FloatingPointError) as caught:
            fit(net, batches, optimizer=sgd(net), epochs=1, **settings)
        assert [len(m._forward_hooks) for m in net.modules()] == [0] * 6
        return str(caught.value)

    def test_in_the_images(self, net):
        batches = batches_of()
        batches[1][0][3, 1, 2, 5] = math.inf
        assert (
            "nan at step 2 (learning rate 0.05): the images of this batch are not"
            in (self.message(net, batches))
        )

    def test_in_a_parameter(self, net):
        net[4].bias.data[1] = math.nan
        assert "the parameter '4.bias' is not finite" in self.message(net, batches_of())

    def test_in_a_layer(self, net):
        net[0].weight.data.fill_(3e38)
        found = self.message(net, batches_of())
        assert "the first layer whose output is not finite is '0' (Conv2d)" in found

    def test_in_the_loss(self, net):
        found = self.message(
            net, batches_of(), loss=lambda scores, _: (scores - scores).mean().log()
        )
        assert "inf at step 1" in found
        assert "so it is the loss function itself" in found

    def test_the_last_checkpoint_is_named_and_good(self, net, tmp_path):
        class Fails(list):
            rounds = 0

            def __iter__(self):
                self.rounds += 1
                for images, labels in list.__iter__(self):
                    yield images * (math.nan if self.rounds == 2 else 1), labels

        checkpoints = Checkpoints(tmp_path)
        with pytest.raises(FloatingPointError, match=r"In epoch 2: .*step-000000004\."):
            fit(net, Fails(batches_of()), optimizer=sgd(net), epochs=3,
                checkpoints=checkpoints)  # fmt: skip
        saved = checkpoints.load()["learning"]["model"]
        assert all(t.isfinite().all() for t in saved.values())

    def test_the_second_run_of_the_batch_leaves_the_statistics(self, net):
        net[4].weight.data.fill_(3e38)
        twin = copy.deepcopy(net)
        self.message(net, batches_of(8))
        twin(batches_of(8)[0][0])
        assert_close(net[1].state_dict(), twin[1].state_dict())


class Count(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.calls = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.calls[str(function)] += 1
        return function(*args, **(kwargs or {}))


def test_no_operation_on_tensors_besides_those_of_the_loop_written_out(net):
    twin, batches = copy.deepcopy(net), batches_of()
    with Count() as ours:
        train_epoch(net, batches, optimizer=sgd(net, momentum=0.9))
    optimizer, total, correct = sgd(twin, momentum=0.9), 0.0, 0
    with Count() as theirs:
        twin.train()
        for images, labels in batches:
            scores = twin(images)
            loss = F.cross_entropy(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach().item() * len(labels)
            correct += (scores.detach().argmax(1) == labels).sum().item()
    assert ours.calls == theirs.calls
    same_weights(net, twin)


class TestProgressBar:
    def run(self, net):
        fit(net, batches_of(), optimizer=sgd(net), epochs=2, callbacks=[ProgressBar()])

    def test_it_is_quiet_where_nobody_watches(self, net, capfd):
        self.run(net)
        assert capfd.readouterr() == ("", "")

    def test_on_a_terminal_it_counts_steps_and_shows_the_newest_numbers(
        self, net, monkeypatch
    ):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        self.run(net)
        last = terminal.getvalue().split("\r")[-1]
        assert "epoch 2/2: 100%" in last
        assert "8/8" in last
        assert "train_accuracy=" in last
        assert "seconds" not in last
