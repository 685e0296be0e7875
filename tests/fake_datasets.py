"""Tiny data sets in the real formats, so that the real code reads them.

`full_data` is the one to use for a lesson: it sets the profile ``full`` on the CPU and
puts a few made-up images where MNIST, Fashion-MNIST and CIFAR-10 are looked for, in the
files that these come in. torchvision's tables of checksums are replaced by those of the
tiny files; nothing else is.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from cnn_tutorial import profiles

TRAIN_PER_CLASS = 28  # 280 images; 252 to train, two batches of 128
TEST_PER_CLASS = 4
CLASSES = 10
CIFAR_TABLES = ("train_list", "test_list")


def make_images(per_class: int, shape: tuple[int, ...], *, seed: int) -> tuple:
    """Return images and labels; each class has a bright row of its own."""
    random = np.random.RandomState(seed)
    labels = random.permutation(np.repeat(np.arange(CLASSES), per_class))
    images = random.randint(0, 120, (len(labels), *shape), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[..., 4 + 2 * label, :] += 100
    return images, labels


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an array of bytes as MNIST does."""
    header = bytes([0, 0, 8, array.ndim])
    header += b"".join(n.to_bytes(4, "big") for n in array.shape)
    path.write_bytes(gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0))


def write_mnist(folder: Path, *, seed: int) -> None:
    """Write the four files of MNIST or Fashion-MNIST."""
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, per_class in (("train", TRAIN_PER_CLASS), ("t10k", TEST_PER_CLASS)):
        images, labels = make_images(per_class, (28, 28), seed=seed + per_class)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels)


def write_cifar(folder: Path, *, seed: int) -> None:
    """Write the seven files of CIFAR-10."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = make_images(TRAIN_PER_CLASS, (3, 32, 32), seed=seed)
    parts = zip(np.array_split(images, 5), np.array_split(labels, 5), strict=True)
    batches = {f"data_batch_{i}": part for i, part in enumerate(parts, start=1)}
    batches["test_batch"] = make_images(TEST_PER_CLASS, (3, 32, 32), seed=seed + 1)
    for name, (pixels, classes) in batches.items():
        entry = {"data": pixels.reshape(len(pixels), -1), "labels": classes.tolist()}
        (folder / name).write_bytes(pickle.dumps(entry, protocol=2))
    meta = {"label_names": [f"class {i}" for i in range(CLASSES)]}
    (folder / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))


def write_all(root: Path) -> None:
    """Write all three data sets below a data root."""
    write_mnist(root / "MNIST" / "raw", seed=1)
    write_mnist(root / "FashionMNIST" / "raw", seed=2)
    write_cifar(root / "cifar-10-batches-py", seed=3)


def md5(path: Path) -> str:
    """Return the checksum that torchvision compares."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def patch_checksums(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """Make torchvision expect the files that lie below `root`."""
    from torchvision import datasets as published

    for source in (published.MNIST, published.FashionMNIST):
        raw = root / source.__name__ / "raw"
        table = [(name, md5(raw / name)) for name, _ in source.resources]
        monkeypatch.setattr(source, "resources", table)
    cifar = published.CIFAR10
    folder = root / cifar.base_folder
    for attribute in CIFAR_TABLES:
        table = [[name, md5(folder / name)] for name, _ in getattr(cifar, attribute)]
        monkeypatch.setattr(cifar, attribute, table)
    meta = {**cifar.meta, "md5": md5(folder / cifar.meta["filename"])}
    monkeypatch.setattr(cifar, "meta", meta)


def pack_cifar(root: Path) -> bytes:
    """Return the archive that CIFAR-10 is downloaded as."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(root / "cifar-10-batches-py", arcname="cifar-10-batches-py")
    return buffer.getvalue()


def publish(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write all three data sets and make torchvision expect them; return the root."""
    write_all(root)
    patch_checksums(monkeypatch, root)
    return root


@pytest.fixture
def fake_root(tmp_path_factory, monkeypatch) -> Path:
    """A data root with all three data sets, tiny; the settings stay as they are."""
    return publish(tmp_path_factory.mktemp("published"), monkeypatch)


@pytest.fixture
def full_data(tmp_path_factory, monkeypatch) -> Path:
    """The profile ``full`` on the CPU, with tiny data; returns the data root."""
    root = publish(tmp_path_factory.mktemp("published"), monkeypatch)
    for role in profiles.ROLES:
        monkeypatch.delenv(profiles.role_variable(role), raising=False)
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "full")
    monkeypatch.setenv("CNN_TUTORIAL_DEVICE", "cpu")
    monkeypatch.setenv("CNN_TUTORIAL_DATA", str(root))
    return root
