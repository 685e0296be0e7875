"""The file that comes with the package, and the script that makes it."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cnn_tutorial import assets
from cnn_tutorial.assets import make_fashion_sample
from cnn_tutorial.assets.idx import parse_idx
from fake_datasets import write_mnist

FOLDER = Path(assets.__file__).parent
needs_debian = pytest.mark.skipif(
    not make_fashion_sample.DEBIAN.exists(),
    reason="Debian's package dataset-fashion-mnist is not installed",
)


def test_every_asset_has_its_checksum_and_its_licence():
    for name in assets.list_assets():
        asset = assets.describe(name)
        content = (FOLDER / asset.filename).read_bytes()
        assert hashlib.sha256(content).hexdigest() == asset.sha256
        assert assets.read(name) == content
        assert asset.licence == "MIT"
        assert "Zalando SE" in assets.read_licence(name)


def test_the_repository_stays_small():
    assert sum(p.stat().st_size for p in FOLDER.glob("*")) < 6e6


def test_fashion_sample_holds_what_it_promises():
    arrays = make_fashion_sample.unpack(assets.read("fashion-sample"))
    assert arrays["train_images"].shape == (10_000, 28, 28)
    assert arrays["test_images"].shape == (2_000, 28, 28)
    assert np.bincount(arrays["train_labels"]).tolist() == [1000] * 10
    assert np.bincount(arrays["test_labels"]).tolist() == [200] * 10
    # The first labels of Fashion-MNIST are known: ankle boot, T-shirt, T-shirt, dress.
    assert arrays["train_labels"][:4].tolist() == [9, 0, 0, 3]
    assert arrays["test_labels"][:4].tolist() == [9, 2, 1, 1]


@needs_debian
def test_fashion_sample_is_what_the_script_makes():
    arrays = make_fashion_sample.make(make_fashion_sample.DEBIAN)
    stored = make_fashion_sample.unpack(assets.read("fashion-sample"))
    assert arrays.keys() == stored.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, stored[name])


def test_script_makes_the_same_bytes_each_time(tmp_path):
    write_mnist(tmp_path, seed=5)
    outputs = [tmp_path / "a.xz", tmp_path / "b.xz"]
    for output in outputs:
        arguments = ["--source", str(tmp_path), "--output", str(output)]
        result = CliRunner().invoke(make_fashion_sample.main, arguments)
        assert result.exit_code == 0, result.output
        digest = hashlib.sha256(output.read_bytes()).hexdigest()
        assert digest in result.output
        assert "another file than the one" in result.output
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_script_takes_the_first_of_each_class_in_order(tmp_path, monkeypatch):
    write_mnist(tmp_path, seed=5)
    few = {"train": ("train", 3), "test": ("t10k", 2)}
    monkeypatch.setattr(make_fashion_sample, "PER_CLASS", few)
    arrays = make_fashion_sample.make(tmp_path)
    counted = dict.fromkeys(range(10), 0)
    expected = []
    labels = parse_idx(
        gzip.decompress((tmp_path / "train-labels-idx1-ubyte.gz").read_bytes())
    )
    for label in labels.tolist():
        if counted[label] < 3:
            expected.append(label)
            counted[label] += 1
    assert arrays["train_labels"].tolist() == expected
    assert np.bincount(arrays["test_labels"]).tolist() == [2] * 10


def test_script_without_its_source_says_what_to_install(tmp_path):
    arguments = ["--source", str(tmp_path), "--output", str(tmp_path / "x")]
    result = CliRunner().invoke(make_fashion_sample.main, arguments)
    assert result.exit_code == 1
    assert "apt install dataset-fashion-mnist" in result.output
    assert not (tmp_path / "x").exists()


def test_damaged_and_missing_files_are_named(monkeypatch):
    asset = assets.describe("fashion-sample")
    for changes, expected in [
        ({"sha256": "0" * 64}, "damaged"),
        ({"filename": "no.xz"}, "cannot be read"),
    ]:
        table = {"fashion-sample": replace(asset, **changes)}
        monkeypatch.setattr(assets, "_ASSETS", table)
        with pytest.raises(assets.AssetError, match=expected) as caught:
            assets.read("fashion-sample")
        assert "install the package again" in str(caught.value)


def test_unknown_asset():
    with pytest.raises(ValueError, match=r"'fashion-sample'\. Did you mean"):
        assets.read("fashion")


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "no IDX file"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x00", "no IDX file"),  # floats
        (b"\x00\x00\x08\x01\x00\x00\x00\x02\x05", r"2 values \(2,\), but 1 follow"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x02\x05\x06\x07", "but 3 follow"),
    ],
)
def test_idx_that_is_not_whole(data, rule):
    with pytest.raises(ValueError, match=rule):
        parse_idx(data)
