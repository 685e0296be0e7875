"""The suite on training: what is compared does the same work; nothing is timed."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, training
from cnn_tutorial.benchmarks import Comparison, Row
from cnn_tutorial.benchmarks.comparing import _check
from cnn_tutorial.benchmarks.suites import training as suite


@pytest.fixture(scope="module", params=["fashion-sample", "photo-patches"])
def split(request):
    return datasets.load(request.param).train.subset(slice(29))


def small_net(split):
    torch.manual_seed(0)
    channels = split.info.channels
    return nn.Sequential(
        nn.Conv2d(channels, 5, 3, stride=2),
        nn.BatchNorm2d(5),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(20, split.info.num_classes),
    )


class TestPictures:
    def test_each_is_a_crop_of_the_standardised_image_and_perhaps_its_mirror_image(
        self, split
    ):
        pictures, (height, width) = suite.Pictures(split), split.info.size
        assert len(pictures) == 29
        padded = torch.nn.functional.pad(split.images, (4, 4, 4, 4))
        padded = split.info.normalize(padded)
        seen = set()
        for index in range(29):
            picture, label = pictures[index]
            assert label == split.labels[index]
            assert picture.shape == split.images.shape[1:]
            places = padded[index].unfold(1, height, 1).unfold(2, width, 1)
            for mirrored in (False, True):
                one = picture.flip(2) if mirrored else picture
                gap = (places - one[:, None, None]).abs().amax((0, 3, 4))  # (9, 9)
                if gap.min() < 1e-5:
                    seen.add((int(gap.argmin()), mirrored))
                    break
            else:
                pytest.fail(f"image {index} is no crop of the original")
        assert len(seen) > 15
        assert {mirrored for _, mirrored in seen} == {False, True}


class TestPlainLoop:
    def test_it_trains_as_the_package_does(self, split):
        net = small_net(split)
        twin, batches = copy.deepcopy(net), list(split.batches(8))
        loss, accuracy = suite.plain_loop(net, batches, suite._sgd(net))
        seen = training.train_epoch(twin, batches, optimizer=suite._sgd(twin))
        assert_close(net.state_dict(), twin.state_dict(), rtol=0, atol=0)
        assert (loss, accuracy) == pytest.approx((seen.loss, seen.accuracy))

    def test_the_bare_loop_and_fit_end_at_the_same_weights(self, split):
        net = small_net(split)
        before = copy.deepcopy(net.state_dict())
        found = suite.bare_candidates(net, split, batch_size=8)
        results = {name: one() for name, one in found.items()}
        _check(results, suite.BARE, 0, None)
        start = torch.cat([p.flatten() for p in net.parameters()])
        assert not torch.equal(results[suite.FIT], start)
        assert_close(net.state_dict(), before, rtol=0, atol=0)


class TestPlainCandidates:
    def test_both_see_every_image_and_leave_the_model_alone(self, split, monkeypatch):
        monkeypatch.setattr("cnn_tutorial.training._precision._ROUNDS", 1)
        net = small_net(split)
        before = copy.deepcopy(net.state_dict())
        found = suite.plain_candidates(net, split, batch_size=8)
        loss, accuracy = found[suite.PLAIN]()
        record = found[suite.FIT]()
        assert 0 < loss < 10
        assert accuracy * 29 == pytest.approx(round(accuracy * 29))
        assert 0 < record.curves["train_loss"][0] < 10
        assert_close(net.state_dict(), before, rtol=0, atol=0)

    def test_the_loader_forgets_no_image(self, split):
        labels = replace(split, labels=torch.arange(29))
        loader = torch.utils.data.DataLoader(suite.Pictures(labels), 8, shuffle=True)
        seen = torch.cat([labels for _, labels in loader])
        assert sorted(seen.tolist()) == list(range(29))


@pytest.mark.parametrize("quick", [False, True])
def test_targets_are_measured(monkeypatch, quick):
    def compare(candidates, *, baseline, title, **settings):
        assert settings["rounds"] >= (3 if quick else 7)
        return Comparison(
            tuple(Row(name, (1.0,)) for name in candidates), baseline, title
        )

    monkeypatch.setattr(suite, "compare", compare)
    monkeypatch.setattr(
        suite, "plain_candidates", lambda *_: {suite.PLAIN: None, suite.FIT: None}
    )
    drawn = torch.get_rng_state()
    report = suite.SUITE.run(quick=quick)
    assert torch.equal(torch.get_rng_state(), drawn)
    faster, never_slower, overhead = report.verdicts
    assert (faster.measured is None) == quick
    assert never_slower.measured == overhead.measured == 1
