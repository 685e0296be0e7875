"""Names, roles and sizes: what `cnn_tutorial.datasets` says to the outside."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from PIL import Image

from cnn_tutorial import datasets, profiles


def test_everything_public_is_there():
    for name in datasets.__all__:
        assert getattr(datasets, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'Datset'"):
        datasets.Datset  # noqa: B018


def test_listing_does_not_wait_for_torch():
    code = (
        "import sys; from cnn_tutorial import datasets; datasets.list_datasets(); "
        "datasets.describe('mnist'); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "function", [datasets.load, datasets.describe, datasets.verify]
)
def test_unknown_name_lists_the_known_ones(function):
    with pytest.raises(
        ValueError, match=r"'folder:PATH'.*Did you mean 'mnist'"
    ) as caught:
        function("mnsit")
    for name in datasets.list_datasets():
        assert repr(name) in str(caught.value)


def test_folder_path_is_a_placeholder():
    with pytest.raises(ValueError, match="one of"):
        datasets.load("folders:x")


def test_every_info_is_complete():
    for name in datasets.list_datasets():
        info = datasets.describe(name)
        assert info.name == name
        assert len(info.mean) == len(info.std) == info.channels
        assert info.num_classes == 10
        assert list(info.splits) == ["train", "validation", "test"]
        assert all((info.title, info.source, info.licence, info.credits))


@pytest.mark.parametrize("role", profiles.ROLES)
def test_smoke_is_small_and_has_every_class(monkeypatch, role):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "smoke")
    data = datasets.for_role(role)
    whole = datasets.load(profiles.current().dataset(role))
    for split in ("train", "validation", "test"):
        part = getattr(data, split)
        assert len(part) == min(200, len(getattr(whole, split)))
        assert len(part) == data.info.splits[split]
        assert part.labels.unique().tolist() == list(range(10))
    assert data.info.mean == whole.info.mean


@pytest.mark.parametrize(
    ("role", "name"),
    [("digits", "digits"), ("grey", "fashion-sample"), ("colour", "photo-patches")],
)
def test_docs_is_whole_and_padded(role, name):
    data = datasets.for_role(role, size=32)
    assert data.info.name == name
    assert data.info.input_size[1:] == (32, 32)
    assert data.info.splits == datasets.describe(name).splits


@pytest.mark.parametrize(
    ("role", "name"),
    [("digits", "mnist"), ("grey", "fashion-mnist"), ("colour", "cifar10")],
)
def test_full_reads_the_published_files(full_data, role, name):
    data = datasets.for_role(role, size=32)
    assert data.info.name == name
    assert data.info.splits == {"train": 252, "validation": 28, "test": 40}
    # Two steps at the usual batch size, and something to learn from them.
    assert len(data.train.batches(128)) == 2
    rows = data.train.images.float().mean((1, 3))
    margin = 0 if name == "cifar10" else 2
    brightest = rows[:, margin + 4 : margin + 23 : 2].argmax(1)
    assert torch.equal(brightest, data.train.labels)


def test_full_without_data_names_the_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "full")
    monkeypatch.setenv("CNN_TUTORIAL_DATA", str(tmp_path))
    with pytest.raises(datasets.DataError) as caught:
        datasets.for_role("digits")
    for words in (
        "'mnist'",
        "data get mnist",
        "CNN_TUTORIAL_DATA",
        "CNN_TUTORIAL_DIGITS",
    ):
        assert words in str(caught.value)


def test_role_given_to_another_data_set(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_COLOUR", "fashion-sample")
    assert datasets.for_role("colour").info.name == "fashion-sample"


def test_role_given_to_a_folder(monkeypatch, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.new("RGB", (9, 9), (i, 0, 0)).save(tmp_path / name / f"{i}.png")
    monkeypatch.setenv("CNN_TUTORIAL_COLOUR", f"folder:{tmp_path}")
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "smoke")
    assert datasets.for_role("colour", size=13).info.input_size == (3, 13, 13)


def test_role_given_to_nothing_that_exists(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_GREY", "fashion")
    with pytest.raises(ValueError, match=r"`CNN_TUTORIAL_GREY` .*'fashion-sample'"):
        datasets.for_role("grey")


def test_images_are_never_shrunk():
    with pytest.raises(ValueError, match=r"`size` \(=\(16, 16\)\) must be at least"):
        datasets.load("digits", size=16)
    with pytest.raises(ValueError, match="`size`"):
        datasets.load("digits", size=0)


def test_padding_is_centred_and_leaves_the_facts_alone():
    plain, padded = (
        datasets.load("fashion-sample"),
        datasets.load("fashion-sample", size=32),
    )
    assert torch.equal(padded.test.images[..., 2:-2, 2:-2], plain.test.images)
    assert padded.test.images.long().sum() == plain.test.images.long().sum()
    assert (padded.info.mean, padded.info.std) == (plain.info.mean, plain.info.std)
    torch.testing.assert_close(
        padded.info.denormalize(padded.test.normalized()), padded.test.scaled()
    )
