"""A network with what it was made for: kept in a file, judged, and asked."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import classifiers, datasets
from cnn_tutorial.classifiers import Classifier, Passport, Recipe
from cnn_tutorial.datasets import DataError, DatasetInfo, Split
from cnn_tutorial.training import CheckpointError, Checkpoints

INFO = DatasetInfo(
    name="demo",
    title="Demo",
    classes=("a", "b", "c"),
    channels=1,
    size=(2, 3),
    mean=(0.5,),
    std=(0.25,),
    source="here",
    licence="CC0",
    splits={"train": 5},
)


def constant(*scores):
    """Return a classifier whose network gives everything these scores."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 3))
    nn.init.zeros_(network[1].weight)
    network[1].bias.data = torch.tensor(scores)
    return Classifier(network, "none", INFO)


def split(labels, info=INFO):
    images = torch.randint(256, (len(labels), *info.input_size), dtype=torch.uint8)
    return Split(images, torch.tensor(labels), info)


class TestFile:
    def test_everything_comes_back(self, tmp_path):
        info = replace(INFO, channels=3, mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6))
        info = replace(info, size=(17, 19))
        ours = Classifier.create("resnet8", info, settings={"width": 3}, data="x")
        ours.network(torch.randn(5, 3, 17, 19))  # the norms have seen something
        ours.save(tmp_path / "model.pt")
        again = Classifier.load(tmp_path)
        assert again.info == info
        assert again.facts() == ours.facts()
        assert not again.network.training
        x = torch.randn(2, 3, 17, 19)
        assert_close(again.network(x), ours.network.eval()(x), rtol=0, atol=0)

    def test_a_model_is_told_the_size_of_its_images(self):
        info = replace(INFO, size=(29, 31))
        net = Classifier.create("lenet", info).network
        assert net(torch.zeros(2, 1, 29, 31)).shape == (2, 3)

    def test_a_checkpoint_of_a_training_is_a_classifier(self, tmp_path):
        digits = datasets.load("digits").limited(20)
        ours = Classifier.create("lenet", digits.info)
        checkpoints = Checkpoints(tmp_path / "checkpoints")
        recipe = Recipe(epochs=1, flip=False)
        classifiers.train(ours, digits, recipe, checkpoints=checkpoints)
        again = Classifier.load(checkpoints.list()[-1].path)
        x = torch.randn(2, 1, 32, 32)
        assert_close(again.network(x), ours.network(x), rtol=0, atol=0)

    def test_a_file_of_a_later_version(self, tmp_path):
        torch.save(constant(0.0, 0.0, 0.0).facts() | {"schema": 7}, tmp_path / "a.pt")
        state = torch.load(tmp_path / "a.pt") | {"weights": {}}
        torch.save(state, tmp_path / "a.pt")
        with pytest.raises(CheckpointError, match="schema 7; this version reads 1"):
            Classifier.load(tmp_path / "a.pt")

    def test_weights_of_another_network(self, tmp_path):
        ours = Classifier.create("resnet8", INFO, settings={"width": 3})
        wrong = replace(ours, settings={"width": 5})
        wrong.save(tmp_path / "model.pt")
        with pytest.raises(CheckpointError, match="another version of 'resnet8'"):
            Classifier.load(tmp_path)


class TestJudge:
    def test_by_hand(self):
        found = classifiers.judge(constant(1.0, 3.0, 2.0), split([1, 1, 0, 1, 0]))
        assert found.count == 5
        assert found.accuracy == pytest.approx(3 / 5)
        assert found.by_class == {"a": 0.0, "b": 1.0, "c": None}
        scores = torch.tensor([[1.0, 3.0, 2.0]])
        each = [F.cross_entropy(scores, torch.tensor([k])).item() for k in (0, 1)]
        assert found.loss == pytest.approx((2 * each[0] + 3 * each[1]) / 5)
        assert str(found).splitlines()[-1].split() == ["c", "-"]

    def test_images_are_standardised_as_the_network_learned_it(self):
        network = nn.Sequential(nn.Flatten(), nn.Linear(6, 3))
        ours = Classifier(network, "none", INFO)
        theirs = replace(INFO, mean=(0.9,), std=(0.01,))
        images = split([0, 1, 2], theirs)
        plain = network(INFO.normalize(images.images))
        expected = F.cross_entropy(plain, images.labels).item()
        assert classifiers.judge(ours, images).loss == pytest.approx(expected)

    @pytest.mark.parametrize("change", [{"classes": ("a", "b", "d")}, {"size": (3, 2)}])
    def test_other_images(self, change):
        other = replace(INFO, **change)
        with pytest.raises(ValueError, match=f"their {next(iter(change))} are"):
            classifiers.judge(constant(0.0, 0.0, 0.0), split([0], other))


class TestReadImages:
    def test_as_the_images_of_a_folder(self, tmp_path):
        """The network sees the same pixels, to the last one."""
        for name in "ab":
            (tmp_path / name).mkdir()
            for number in range(5):
                pixels = np.random.default_rng(number).integers(0, 256, (13, 11, 3))
                image = Image.fromarray(pixels.astype(np.uint8))
                image.save(tmp_path / name / f"{number}.png")
        data = datasets.load(f"folder:{tmp_path}", size=(5, 7))
        classifier = Classifier.create("resnet8", data.info, settings={"width": 3})
        every = torch.cat([data.train.images, data.validation.images, data.test.images])
        seen = []
        classifier.network.register_forward_pre_hook(
            lambda module, inputs: seen.append(inputs[0])
        )
        classifiers.read_images(classifier, [tmp_path / "a" / "3.png"])
        assert (data.info.normalize(every) == seen[0]).flatten(1).all(1).any()

    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "RGBA", "CMYK"])
    def test_channels_are_those_of_the_network(self, channels, mode, tmp_path):
        path = tmp_path / "image.tif"
        Image.new("RGB", (5, 7), (200, 200, 200)).convert(mode).save(path)
        image = datasets.folder.read_image(path, size=(3, 2), channels=channels)
        assert image.shape == (channels, 3, 2)
        assert image.dtype == np.uint8

    def test_best_first(self, tmp_path):
        Image.new("L", (9, 9)).save(tmp_path / "x.png")
        path = str(tmp_path / "x.png")
        classifier = constant(1.0, 3.0, 2.0)
        [reading] = classifiers.read_images(classifier, [path], top=9)
        assert list(reading.shares) == ["b", "c", "a"]
        assert reading.answer == "b"
        shares = torch.tensor([3.0, 2.0, 1.0]).softmax(0).tolist()
        assert list(reading.shares.values()) == pytest.approx(shares)
        assert str(reading).startswith(f"{path}: b 66.5%, c 24.5%")
        many = classifiers.read_images(classifier, [path] * 5, top=1, batch_size=2)
        assert [r.answer for r in many] == ["b"] * 5

    def test_no_image(self, tmp_path):
        (tmp_path / "x.png").write_bytes(b"half")
        with pytest.raises(DataError, match="cannot be read as an image"):
            classifiers.read_images(constant(0.0, 0.0, 0.0), [tmp_path / "x.png"])
        with pytest.raises(DataError, match=r"There is no file .*y.png"):
            classifiers.read_images(constant(0.0, 0.0, 0.0), [tmp_path / "y.png"])


class TestRecipe:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *[("epochs", 0), ("batch_size", 0), ("rate", 0.0), ("rate", float("nan"))],
            *[("weight_decay", -1.0), ("label_smoothing", 1.0), ("crop", -1)],
        ],
    )
    def test_refusals(self, name, value):
        with pytest.raises(ValueError, match=rf"`{name}` \(={value}\)"):
            Recipe(**{name: value})

    @pytest.mark.parametrize("images", [1, 2, 3, 5, 7])
    @pytest.mark.parametrize("epochs", [1, 2, 3, 5])
    def test_a_cycle_of_any_length(self, images, epochs):
        recipe = Recipe(epochs=epochs, batch_size=1)
        batches = recipe.batches(split([0] * images), seed=0)
        optimizer = recipe.optimizer(constant(0.0, 0.0, 0.0).network)
        schedule = recipe.schedule(optimizer, batches)
        rates = []
        for _ in range(images * epochs):
            rates += schedule.get_last_lr()
            optimizer.step()
            schedule.step() if len(rates) < images * epochs else None
        assert all(0 < rate <= recipe.rate for rate in rates)

    def test_frozen_parameters_are_left_out(self):
        network = constant(0.0, 0.0, 0.0).network
        network[1].weight.requires_grad_(False)
        [group] = Recipe().optimizer(network).param_groups
        assert group["params"] == [network[1].bias]

    def test_the_same_seed_is_the_same_training(self):
        digits = datasets.load("digits").limited(30)
        curves = []
        for _ in range(2):
            torch.manual_seed(3)
            ours = Classifier.create("lenet", digits.info)
            record = classifiers.train(ours, digits, Recipe(epochs=2, crop=2), seed=1)
            curves.append(record.curves["train_loss"])
        assert curves[0] == curves[1]

    def test_any_network_is_trained_as_a_classifier_is(self):
        digits = datasets.load("digits").limited(40)
        recipe = Recipe(epochs=2, batch_size=7, crop=1)
        ours = Classifier.create("lenet", digits.info)
        alone = copy.deepcopy(ours.network)
        record = classifiers.train(ours, digits, recipe, seed=5)
        assert (
            recipe.fit(alone, digits.train, seed=5).curves["train_loss"]
            == (record.curves["train_loss"])
        )
        assert_close(alone.state_dict(), ours.network.state_dict(), rtol=0, atol=0)


def test_a_passport_says_what_differs():
    ours = constant(0.0, 0.0, 0.0)
    saved = Passport(ours, Recipe()).state_dict()
    Passport(ours, Recipe()).load_state_dict(saved)
    with pytest.raises(
        ValueError, match=r"begun with recipe.rate = 0.1; now it is 0.2"
    ):
        Passport(ours, Recipe(rate=0.2)).load_state_dict(saved)
    other = replace(ours, info=replace(INFO, size=(3, 3)))
    with pytest.raises(ValueError, match=r"begun with info.size = \[2, 3\]"):
        Passport(other, Recipe()).load_state_dict(saved)
