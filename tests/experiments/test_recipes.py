"""Recipes do what they say, and nothing else."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets
from cnn_tutorial.experiments import (
    Experiment,
    Recipe,
    Run,
    get_experiment,
    list_experiments,
    small_net,
    train,
)
from cnn_tutorial.experiments.small_nets import BLOCKS
from cnn_tutorial.records import RunRecord

SMALL = Recipe(data="digits", epochs=2, images=53, batch_size=17, lr=0.05)


def linear(recipe, info):
    return nn.Sequential(nn.Flatten(), nn.Linear(32 * 32, info.num_classes))


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits").limited(100)


def test_a_recipe_is_the_loop_one_would_write(digits):
    """The oracle: SGD and a cosine over epochs, written out."""
    recipe = replace(SMALL, label_smoothing=0.1, momentum=0.5, weight_decay=0.01)
    run = train(recipe, linear, seed=3, data=digits)
    torch.manual_seed(3)
    net = linear(recipe, digits.info)
    batches = digits.train.sample(53).batches(17, shuffle=True, seed=3)
    pace = [torch.zeros_like(p) for p in net.parameters()]
    for epoch in range(2):
        lr = 0.05 * (1 + math.cos(math.pi * epoch / 2)) / 2
        for images, labels in batches:
            net.zero_grad()
            F.cross_entropy(net(images), labels, label_smoothing=0.1).backward()
            with torch.no_grad():
                for v, p in zip(pace, net.parameters(), strict=True):
                    v.mul_(0.5).add_(p.grad + 0.01 * p)
                    p.sub_(lr * v)
    for ours, theirs in zip(run.net.parameters(), net.parameters(), strict=True):
        assert_close(ours, theirs)
    right = net(digits.test.normalized()).argmax(1) == digits.test.labels
    assert run.test_accuracy == pytest.approx(right.float().mean().item())
    taught = digits.train.sample(53)
    right = net(taught.normalized()).argmax(1) == taught.labels
    assert run.train_accuracy == pytest.approx(right.float().mean().item())
    assert run.gap == run.train_accuracy - run.validation_accuracy


def test_a_seed_decides_everything(digits):
    recipe = replace(SMALL, crop=2, flip=True)
    first, again, other = (train(recipe, linear, s, data=digits) for s in (1, 1, 2))
    weights = [run.net[1].weight for run in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert first.curves["train_loss"] == again.curves["train_loss"]


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "adamw"},
        {"schedule": "constant"},
        {"schedule": "one-cycle"},
        {"momentum": 0.0},
        {"weight_decay": 0.3},
        {"crop": 3},
        {"flip": True},
        {"label_smoothing": 0.2},
        {"images": None},
        {"batch_size": 19},
    ],
)
def test_every_setting_reaches_the_training(digits, change):
    usual = train(SMALL, linear, 0, data=digits)
    other = train(replace(SMALL, **change), linear, 0, data=digits)
    assert usual.curves["train_loss"] != other.curves["train_loss"]


def test_one_cycle_leaves_the_momentum_alone(digits):
    cycle = replace(SMALL, schedule="one-cycle")
    with_it, without = (
        train(replace(cycle, momentum=m), linear, 0, data=digits) for m in (0.9, 0.0)
    )
    assert with_it.curves["train_loss"] != without.curves["train_loss"]


def test_settings_out_of_range():
    for name, value in {
        "epochs": 0,
        "batch_size": 0,
        "images": 0,
        "crop": -1,
        "momentum": 1.0,
        "label_smoothing": -0.1,
        "optimizer": "sdg",
        "schedule": "cosinus",
    }.items():
        with pytest.raises(ValueError, match=rf"`{name}` \(="):
            replace(SMALL, **{name: value})


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("channels", [1, 3])
def test_small_nets_take_images_of_any_size(block, channels):
    net = small_net(channels, 7, block=block, width=8, dropout=0.5)
    assert net(torch.randn(5, channels, 13, 17)).shape == (5, 7)


def test_small_nets_by_count():
    """Weights of convolutions, pairs of each norm, and the head, added by hand."""
    plain = 3 * 9 * 8 + 8 * 9 * 16 + 16 * 9 * 32 + 33 * 7
    separable = 3 * 9 * 8 + (8 * 9 + 8 * 16) + (16 * 9 + 16 * 32) + 33 * 7
    grouped = 3 * 9 * 8 + (8 * 16 + 16 * 16) // 4 + (16 * 32 + 32 * 32) // 4
    grouped += (16 + 32) * 9 + 33 * 7
    # Without norms a convolution has a bias for each of its output channels.
    for block, weights, biases in (
        ("plain", plain, 8 + 16 + 32),
        ("separable", separable, 8 + (8 + 16) + (16 + 32)),
        ("shuffled", grouped, 8 + 3 * 16 + 3 * 32),
    ):
        net = small_net(3, 7, block=block, width=8, norm=False)
        assert sum(p.numel() for p in net.parameters()) == weights + biases
    with pytest.raises(ValueError, match=r"`block` \(='plane'\)"):
        small_net(3, 7, block="plane")


def test_experiments_compare_at_least_three_seeds():
    for name in list_experiments():
        experiment = get_experiment(name)
        assert experiment.name == name
        assert len(set(experiment.seeds)) >= 3
        info = datasets.describe(next(iter(experiment.needs())))
        for recipe in experiment.recipes.values():
            experiment.build(recipe, info)
    one = get_experiment(name)
    with pytest.raises(ValueError, match=r"`seeds` \(=\(0,\)\) must be at least three"):
        replace(one, seeds=(0,))
    with pytest.raises(ValueError, match="at least one recipe"):
        replace(one, recipes={})
    with pytest.raises(ValueError, match="`recipe`"):
        one.run("papper", 0)


def test_each_variant_leaves_out_one_thing():
    recipes = get_experiment("leave-one-out").recipes
    whole, *others = recipes.values()
    for recipe in others:
        names = [f.name for f in fields(Recipe)]
        changed = {n for n in names if getattr(recipe, n) != getattr(whole, n)}
        assert len(changed) == 1 or changed == {"crop", "flip"}


@pytest.mark.parametrize("name", ["comparison", "fashion"])
def test_families_are_compared_with_the_same_recipe(name):
    experiment = get_experiment(name)
    first, *others = experiment.recipes.values()
    assert all(replace(r, model=first.model) == first for r in others)
    info = datasets.describe(first.data)
    kinds = {type(experiment.build(r, info)) for r in experiment.recipes.values()}
    assert len(kinds) >= 3
    for recipe in experiment.recipes.values():
        net = experiment.build(recipe, info).eval()
        with torch.no_grad():
            assert net(torch.randn(2, *info.input_size)).shape == (2, 10)


def test_an_experiment_carries_out_its_recipes(digits):
    experiment = Experiment("x", "x?", {"one": SMALL}, linear)
    assert experiment.run("one", 0, data=digits).seed == 0
    run = experiment.run(replace(SMALL, epochs=1), 5, data=digits)
    assert (run.seed, len(run.curves["train_loss"])) == (5, 1)


def test_the_recipe_of_the_papers():
    """Curriculum of the field: batch 128, crop and flip, SGD, cosine of 20 epochs."""
    recipe = get_experiment("resnet18-cifar10").recipes["paper"]
    assert recipe == Recipe(
        data="cifar10",
        epochs=20,
        batch_size=128,
        optimizer="sgd",
        lr=0.1,
        momentum=0.9,
        weight_decay=5e-4,
        schedule="cosine",
        crop=4,
        flip=True,
    )
    net = get_experiment("resnet18-cifar10").build(recipe, datasets.describe("cifar10"))
    assert sum(p.numel() for p in net.parameters()) == 11_173_962


def test_a_run_shows_its_last_validation():
    record = RunRecord(curves={"validation_accuracy": [0.25, 0.5]})
    assert Run(0, record, 0.75, 0.4).gap == 0.25
