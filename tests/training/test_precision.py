"""In which numbers and which memory order: what is asked for, and what is chosen."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.training import (
    Precision,
    choose_precision,
    evaluate,
    fit,
    seed_everything,
    train_epoch,
)
from cnn_tutorial.training._precision import candidates, measured


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


class TestPrecision:
    def test_products_are_taken_in_the_numbers_asked_for(self, net):
        seen = {}

        def note(module, args, output):
            seen[type(module).__name__] = output.dtype

        for layer in net:
            layer.register_forward_hook(note)
        train_epoch(net, batches_of(), optimizer=sgd(net), precision="bfloat16")
        assert seen["Conv2d"] == seen["Linear"] == torch.bfloat16
        assert all(p.dtype == torch.float32 for p in net.parameters())
        evaluate(net, batches_of())
        assert seen["Conv2d"] == seen["Linear"] == torch.float32

    def test_channels_last_reaches_model_and_images(self, net):
        layouts = []
        net[0].register_forward_hook(
            lambda m, a, _: layouts.append([a[0].stride()[1], m.weight.stride()[1]])
        )
        twin = copy.deepcopy(net)
        precision = Precision(channels_last=True)
        fit(net, batches_of(), optimizer=sgd(net), epochs=1, precision=precision)
        assert layouts[-1] == [1, 1]
        fit(twin, batches_of(), optimizer=sgd(twin), epochs=1)
        assert_close(net.state_dict(), twin.state_dict(), rtol=1e-4, atol=1e-5)

    def test_unknown(self, net):
        with pytest.raises(ValueError, match=r"`precision` \(='float61'\) .*'float16'"):
            fit(net, batches_of(), optimizer=sgd(net), epochs=1, precision="float61")

    def test_auto_is_recorded_and_changes_nothing_else(self, net, monkeypatch):
        monkeypatch.setattr("cnn_tutorial.training._precision._ROUNDS", 1)
        before = copy.deepcopy(net.state_dict())
        drawn = torch.get_rng_state()
        images, _ = batches_of()[0]
        chosen, seconds = choose_precision(net, images)
        assert_close(net.state_dict(), before, rtol=0, atol=0)
        assert torch.equal(torch.get_rng_state(), drawn)
        assert str(chosen) in seconds
        assert min(seconds.values()) > 0
        record = fit(net, batches_of(), optimizer=sgd(net), epochs=1, precision="auto")
        assert record.config["precision"] in record.config["seconds_per_step"]

    def test_who_takes_twice_as_long_leaves(self):
        now, order = [0.0], []
        taken = {
            "yardstick": [9, 9, 9, 9, 9],
            "slow": [9, 9, 9],
            "odd": [1, 1, 7, 1, 1, 1],
        }

        def step(name):
            def run():
                order.append(name)
                now[0] += taken[name][order.count(name) - 1]

            return run

        found = measured({n: step(n) for n in taken}, clock=lambda: now[0])
        # One round to warm up, one that is measured; then the slow one leaves, but not
        # the yardstick. Three seconds are over, so that three rounds must do.
        everybody = ["yardstick", "slow", "odd"]
        assert order == everybody * 2 + ["yardstick", "odd"] * 2
        assert found == {"yardstick": [9, 9, 9], "slow": [9], "odd": [1, 7, 1]}

    @pytest.mark.parametrize(
        ("times", "expected"),
        [
            # Ratios 1 | 0.5 0.5 2 | 0.25 0.25 1: the load of the third round cancels.
            ([[4, 4, 4], [2, 2, 8], [1, 1, 4]], "bfloat16"),
            # Nobody gains 5 %: 0.96 and 0.97.
            ([[100] * 3, [96] * 3, [97] * 3], "float32"),
            # The more exact of two that are alike: 0.52 against 0.50.
            ([[100] * 3, [52] * 3, [50] * 3], "float32, channels_last"),
            ([[100] * 3, [53] * 3, [50] * 3], "bfloat16"),
            # A slow spell hits all: the medians would say 0.8, the rounds say 2.
            ([[1, 10, 10], [2, 20, 8], [2, 20, 20]], "float32"),
        ],
    )
    def test_the_choice_is_by_ratios_within_rounds(
        self, net, monkeypatch, times, expected
    ):
        names = "float32", "float32, channels_last", "bfloat16"
        given = dict(zip(names, times, strict=True))

        def made_up(steps, rounds=None):
            alone = {p: given.get(str(p), [1e9]) for p in steps}
            return {p: [1.0] if rounds and str(p) in names else alone[p] for p in steps}

        monkeypatch.setattr("cnn_tutorial.training._precision.measured", made_up)
        chosen, seconds = choose_precision(net, batches_of()[0][0])
        assert str(chosen) == expected
        assert list(seconds) == list(names)  # the fourth was hopeless at first sight

    def test_batches_that_are_no_images_have_no_channels_last(self, monkeypatch):
        monkeypatch.setattr("cnn_tutorial.training._precision._ROUNDS", 1)
        _, seconds = choose_precision(nn.Linear(7, 3), torch.ones(5, 7))
        assert set(seconds) <= {"float32", "bfloat16"}

    def test_candidates_of_a_processor(self):
        names = [str(p) for p in candidates(torch.device("cpu"))]
        assert names == [
            "float32", "float32, channels_last", "bfloat16", "bfloat16, channels_last",
        ]  # fmt: skip
