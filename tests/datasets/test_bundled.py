"""The data sets that come with the installation."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.datasets import load_digits

from cnn_tutorial import assets, datasets
from cnn_tutorial.datasets import bundled, patches, photographs
from cnn_tutorial.datasets.catalogue import BUNDLED
from cnn_tutorial.datasets.installed import installed

NAMES = [info.name for info in BUNDLED]
SPLITS = ("train", "validation", "test")
LABEL_COUNTS = {
    # Shares by hand: 360 of 178, 182, 177, 183, 181, 182, 181, 179, 174 and 180 digits,
    # then 180 of the rest.
    "digits": {
        "train": [124, 127, 124, 128, 127, 128, 127, 125, 121, 126],
        "validation": [18] * 10,
        "test": [36, 37, 35, 37, 36, 36, 36, 36, 35, 36],
    },
    "fashion-sample": {
        "train": [900] * 10,
        "validation": [100] * 10,
        "test": [200] * 10,
    },
    "photo-patches": {
        "train": [600] * 10,
        "validation": [100] * 10,
        "test": [200] * 10,
    },
}
# SHA-256 of the labels, in order: the splits are the same everywhere and for ever.
LABEL_DIGESTS = {
    "digits": "449192f265719fae",
    "fashion-sample": "2e3709f0011a038f",
    "photo-patches": "fff92fad0c506eb2",
}
CLOSE = {"atol": 1e-4, "rtol": 0}


@pytest.fixture(scope="module")
def loaded():
    return {name: datasets.load(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_needs_no_network(name, no_network):
    for cache in (bundled._digits, bundled._fashion_sample, patches.patches):
        cache.cache_clear()
    assert len(datasets.load(name).train) > 1000


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_facts(loaded, name):
    data = loaded[name]
    assert data.info == datasets.describe(name)
    for split in SPLITS:
        part = getattr(data, split)
        assert part.labels.bincount().tolist() == LABEL_COUNTS[name][split]
        assert len(part) == data.info.splits[split]
    pixels = data.train.scaled().double()
    mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3), correction=0)
    # JPEG files may be decoded a little differently elsewhere.
    torch.testing.assert_close(mean, torch.tensor(data.info.mean).double(), **CLOSE)
    torch.testing.assert_close(std, torch.tensor(data.info.std).double(), **CLOSE)
    assert data.info.source
    assert data.info.licence
    assert data.info.credits


@pytest.mark.parametrize("name", NAMES)
def test_normalized_train_has_mean_0_and_deviation_1(loaded, name):
    pixels = loaded[name].train.normalized()
    zeros = torch.zeros(pixels.shape[1])
    torch.testing.assert_close(pixels.mean((0, 2, 3)), zeros, atol=1e-3, rtol=0)
    torch.testing.assert_close(pixels.std((0, 2, 3)), zeros + 1, atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_splits_never_change(loaded, name):
    labels = torch.cat([getattr(loaded[name], split).labels for split in SPLITS])
    digest = hashlib.sha256(labels.numpy().astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == LABEL_DIGESTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_who_writes_into_a_split_spoils_only_that_one(name):
    first = datasets.load(name)
    before = first.train.images.clone()
    first.train.images.zero_()
    assert torch.equal(datasets.load(name).train.images, before)


@pytest.mark.parametrize("name", ["digits", "fashion-sample"])
def test_no_image_is_in_two_splits(loaded, name):
    sets = [
        {image.numpy().tobytes() for image in getattr(loaded[name], split).images}
        for split in SPLITS
    ]
    shared = sets[0] & sets[1] | sets[0] & sets[2] | sets[1] & sets[2]
    assert not shared


def test_digits_are_all_of_scikit_learns(loaded):
    data = loaded["digits"]
    originals = load_digits()
    expected = sorted(
        (image.tobytes(), int(label))
        for image, label in zip(
            bundled.enlarge(originals.images.astype(int)), originals.target, strict=True
        )
    )
    parts = [getattr(data, split) for split in SPLITS]
    found = sorted(
        (image.numpy().tobytes(), int(label))
        for part in parts
        for image, label in zip(part.images, part.labels, strict=True)
    )
    assert found == expected


def test_enlarge_is_bilinear_interpolation():
    small = np.random.RandomState(0).randint(0, 17, (5, 8, 8))
    large = F.interpolate(
        torch.from_numpy(small)[:, None].double() * 255 / 16,
        size=(32, 32),
        mode="bilinear",
        align_corners=False,
    )
    # Half a level of rounding.
    difference = large[:, 0] - torch.from_numpy(bundled.enlarge(small)).double()
    assert difference.abs().max() <= 0.5


def test_enlarge_keeps_black_and_white():
    assert (bundled.enlarge(np.zeros((1, 8, 8), int)) == 0).all()
    assert (bundled.enlarge(np.full((1, 8, 8), 16)) == 255).all()


def test_digits_missing_or_damaged(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "installed", lambda package: tmp_path)
    bundled._digits.cache_clear()
    with pytest.raises(
        datasets.DataError, match=r"'digits'.*Install scikit-learn again"
    ):
        datasets.load("digits")
    folder = tmp_path / "datasets" / "data"
    folder.mkdir(parents=True)
    whole = gzip.compress(b"0,1\n" * 99)
    for content, problem in [(whole[:-9], "damaged"), (whole, "other digits")]:
        (folder / "digits.csv.gz").write_bytes(content)
        with pytest.raises(datasets.DataError, match=problem):
            datasets.verify("digits")


def test_damaged_fashion_sample_is_one_message(monkeypatch):
    asset = replace(assets.describe("fashion-sample"), sha256="0" * 64)
    monkeypatch.setattr(assets, "_ASSETS", {"fashion-sample": asset})
    bundled._fashion_sample.cache_clear()
    for function in (datasets.load, datasets.verify):
        with pytest.raises(datasets.DataError, match=r"'fashion-sample'.*damaged"):
            function("fashion-sample")


def test_blocks_of_the_splits_share_nothing_and_cover_all():
    height, width = 5 * 64 + 3, 11 * 64 + 63
    blocks = [patches.block_corners(height, width, split) for split in SPLITS]
    together = sorted(block for part in blocks for block in part)
    assert together == [(64 * i, 64 * j) for i in range(5) for j in range(11)]
    # A quarter to test, an eighth to validate, of 8 x 8 blocks.
    counts = [len(patches.block_corners(512, 512, split)) for split in SPLITS]
    assert counts == [40, 8, 16]


def test_patches_lie_inside_blocks_of_their_split():
    for split in SPLITS:
        corners = patches.patch_corners(427, 640, split, seed=3)
        assert len(corners) == patches.PER_CLASS[split]
        for top, left in corners.tolist():
            block = (top // 64 * 64, left // 64 * 64)
            assert block in patches.block_corners(427, 640, split)
            assert top + 32 <= block[0] + 64
            assert left + 32 <= block[1] + 64
        # Everywhere, not only in a corner of the block.
        assert {*(corners[:, 0] % 64)} | {*(corners[:, 1] % 64)} == set(range(33))


def test_pixels_of_the_splits_come_from_disjoint_regions(loaded):
    """Find the cat's patches again in the photograph itself, by their pixels."""
    cat = photographs.PHOTOGRAPHS[1]
    pixels = np.asarray(Image.open(cat.path))
    places = {}
    for top in range(pixels.shape[0] - 31):
        for left in range(pixels.shape[1] - 31):
            key = pixels[top, left : left + 12].tobytes()
            places.setdefault(key, []).append((top, left))
    covered = {}
    for split in SPLITS:
        part = getattr(loaded["photo-patches"], split)
        covered[split] = np.zeros(pixels.shape[:2], dtype=bool)
        for patch in part.images[part.labels == 1].numpy():
            patch = patch.transpose(1, 2, 0)
            [(top, left)] = [
                (t, x)
                for t, x in places[patch[0, :12].tobytes()]
                if np.array_equal(pixels[t : t + 32, x : x + 32], patch)
            ]
            covered[split][top : top + 32, left : left + 32] = True
    overlap = sum(mask.astype(int) for mask in covered.values())
    assert overlap.max() == 1
    # Many different patches, not one of them again and again.
    assert covered["train"].mean() > 0.4
    assert covered["test"].mean() > 0.1


def test_photographs_are_those_the_course_was_written_with():
    assert len(photographs.check_files()) == 10
    assert {photo.label for photo in photographs.PHOTOGRAPHS} == set(
        datasets.describe("photo-patches").classes
    )


def test_no_black_corner_of_the_retina():
    retina = photographs.read_photograph(photographs.PHOTOGRAPHS[5])
    assert retina.shape == (976, 976, 3)
    assert (retina.max(axis=2) > 25).mean() > 0.999


def test_photograph_that_is_missing_or_another(tmp_path, monkeypatch):
    patches.patches.cache_clear()
    monkeypatch.setattr(photographs, "installed", lambda package: tmp_path)
    with pytest.raises(datasets.DataError, match=r"'astronaut.png'.*skimage") as caught:
        datasets.load("photo-patches")
    assert "Install that package again" in str(caught.value)
    (tmp_path / "data").mkdir()
    Image.new("RGB", (512, 512)).save(tmp_path / "data" / "astronaut.png")
    with pytest.raises(datasets.DataError, match=r"astronaut.png is another file"):
        datasets.verify("photo-patches")


def test_package_that_is_missing():
    with pytest.raises(datasets.DataError, match="'no_such_package' is needed"):
        installed("no_such_package")
