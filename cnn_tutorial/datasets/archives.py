"""MNIST, Fashion-MNIST and CIFAR-10 as published: their files and what is in them.

The files lie where torchvision puts them, so one folder serves both, and torchvision
knows their checksums.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from cnn_tutorial.assets.idx import parse_idx
from cnn_tutorial.datasets.sampling import Arrays

__all__ = ["ARCHIVES", "DEBIAN", "Archive", "Contents", "advice", "data_root"]

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package ``dataset-fashion-mnist`` puts its files."""

_IDX_FILES = tuple(
    f"{split}-{kind}-ubyte.gz"
    for split in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
)
_CIFAR_BATCHES = tuple(f"data_batch_{i}" for i in range(1, 6))
# SHA-256 of what is in the .gz files. Debian has compressed the same content anew.
_FASHION_CONTENT = {
    "train-images-idx3-ubyte.gz": (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
    ),
    "train-labels-idx1-ubyte.gz": (
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
    ),
}

Contents = dict[str, bytes]
"""File -> what is in it, decompressed."""


def _decode_idx(contents: Contents) -> Arrays:
    """Return the splits of MNIST or Fashion-MNIST."""
    # Copied: bytes cannot be written to, and tensors must be.
    arrays = [parse_idx(contents[name]).copy() for name in _IDX_FILES]
    return {
        "train": (arrays[0][:, None], arrays[1].astype(np.int64)),
        "test": (arrays[2][:, None], arrays[3].astype(np.int64)),
    }


def _decode_cifar(contents: Contents) -> Arrays:
    """Return the splits of CIFAR-10."""
    splits = {}
    for split, names in (("train", _CIFAR_BATCHES), ("test", ("test_batch",))):
        # A pickle may run code; these are byte for byte the known ones.
        batches = [pickle.loads(contents[name], encoding="latin1") for name in names]
        images = np.concatenate([batch["data"] for batch in batches])
        labels = np.concatenate([batch["labels"] for batch in batches])
        splits[split] = images.reshape(-1, 3, 32, 32), labels.astype(np.int64)
    return splits


@dataclass(frozen=True)
class Archive:
    """The files of a data set, as published.

    Parameters
    ----------
    name : str
        The data set.
    torchvision_name : str
        Its class in ``torchvision.datasets``.
    folder : str
        Folder of the files below the data root.
    files : tuple of str
        Their names.
    decode : callable
        Contents of the files -> the splits ``"train"`` and ``"test"``.
    elsewhere : tuple of Path
        Other folders that may have them.
    sha256 : mapping of str to str
        File -> checksum of its content, decompressed, where that is known too.
    """

    name: str
    torchvision_name: str
    folder: str
    files: tuple[str, ...]
    decode: Callable[[Contents], Arrays]
    elsewhere: tuple[Path, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict, hash=False)

    def torchvision_class(self) -> type:
        """Return torchvision's class, which knows addresses and checksums."""
        from torchvision import datasets

        found: type = getattr(datasets, self.torchvision_name)
        return found

    def md5(self) -> dict[str, str]:
        """Return file -> checksum, as torchvision knows it."""
        source: Any = self.torchvision_class()
        if hasattr(source, "resources"):
            return dict(source.resources)
        meta = {source.meta["filename"]: source.meta["md5"]}
        return {**dict(source.train_list), **dict(source.test_list), **meta}


ARCHIVES = {
    archive.name: archive
    for archive in [
        Archive("mnist", "MNIST", "MNIST/raw", _IDX_FILES, _decode_idx),
        Archive(
            "fashion-mnist",
            "FashionMNIST",
            "FashionMNIST/raw",
            _IDX_FILES,
            _decode_idx,
            elsewhere=(DEBIAN,),
            sha256=_FASHION_CONTENT,
        ),
        Archive(
            "cifar10",
            "CIFAR10",
            "cifar-10-batches-py",
            (*_CIFAR_BATCHES, "test_batch", "batches.meta"),
            _decode_cifar,
        ),
    ]
}


def data_root() -> Path:
    """Return the folder of what is downloaded.

    Returns
    -------
    Path
        ``CNN_TUTORIAL_DATA``, else the folder that this platform has for caches. It
        need not exist.
    """
    root = os.environ.get("CNN_TUTORIAL_DATA", "").strip()
    if root:
        return Path(root).expanduser()
    return platformdirs.user_cache_path("cnn-tutorial", appauthor=False)


def advice(name: str, root: Path) -> str:
    """Return what one can do about a data set that is not there.

    Parameters
    ----------
    name : str
        The data set.
    root : Path
        The data root.

    Returns
    -------
    str
        Folder, command and environment variable, in sentences.
    """
    option = "" if root == data_root() else f' --root "{root}"'
    return (
        f"Folder: {root / ARCHIVES[name].folder}. To download it: python -m "
        f"cnn_tutorial data get {name}{option}. To use another folder, set "
        "CNN_TUTORIAL_DATA."
    )
