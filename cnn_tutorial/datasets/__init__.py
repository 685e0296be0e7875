"""Real images to learn from: loaded by name, or by the role that a lesson asks for.

Images stay bytes in memory. Each data set knows its classes, channels, size, the mean
and deviation of its training images, its source and its licence. Each has a training,
a validation and a test split, and they never change.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cnn_tutorial import profiles
from cnn_tutorial._validation import choice, pair
from cnn_tutorial.datasets import bundled, downloads, integrity
from cnn_tutorial.datasets.archives import ARCHIVES, data_root
from cnn_tutorial.datasets.catalogue import CATALOGUE
from cnn_tutorial.datasets.folder import DEFAULT_SIZE, PREFIX, read_folder
from cnn_tutorial.datasets.info import DataError, DatasetInfo
from cnn_tutorial.datasets.pixels import pad_to
from cnn_tutorial.datasets.sampling import Arrays

if TYPE_CHECKING:
    from cnn_tutorial.datasets.augmentation import (
        Augmentation,
        Cutout,
        RandomCrop,
        RandomFlip,
    )
    from cnn_tutorial.datasets.batches import Batches
    from cnn_tutorial.datasets.dataset import Dataset
    from cnn_tutorial.datasets.epochs import Epochs
    from cnn_tutorial.datasets.loaders import Loader
    from cnn_tutorial.datasets.splits import Split
    from cnn_tutorial.datasets.splitting import random_split

__all__ = [
    "Augmentation",
    "Batches",
    "Cutout",
    "DataError",
    "Dataset",
    "DatasetInfo",
    "Epochs",
    "Loader",
    "RandomCrop",
    "RandomFlip",
    "Split",
    "data_root",
    "describe",
    "for_role",
    "list_datasets",
    "load",
    "random_split",
    "verify",
]

# These need PyTorch, and `cnn-tutorial data list` should not have to wait for it.
_NEED_TORCH = {
    "Augmentation": "augmentation",
    "Batches": "batches",
    "Cutout": "augmentation",
    "Dataset": "dataset",
    "Epochs": "epochs",
    "Loader": "loaders",
    "RandomCrop": "augmentation",
    "RandomFlip": "augmentation",
    "Split": "splits",
    "random_split": "splitting",
}


def __getattr__(name: str) -> object:
    """Import what needs PyTorch when it is asked for."""
    if name not in _NEED_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_NEED_TORCH[name]}")
    found: object = getattr(module, name)
    return found


def list_datasets() -> list[str]:
    """Return the names of the data sets.

    Returns
    -------
    list of str
        Names for `load`; ``"folder:PATH"`` is one too, for images of your own.

    Examples
    --------
    >>> list_datasets()[:3]  # those that come with the installation
    ['digits', 'fashion-sample', 'photo-patches']
    """
    return list(CATALOGUE)


def describe(name: str) -> DatasetInfo:
    """Return the facts about a data set, without loading it (a folder is read).

    Parameters
    ----------
    name : str
        One of `list_datasets`, or ``"folder:PATH"``.

    Returns
    -------
    DatasetInfo
        Classes, channels, size, statistics, source, licence.

    Raises
    ------
    ValueError
        If there is no such data set.
    DataError
        If a folder cannot be used.

    Examples
    --------
    >>> describe("cifar10").input_size
    (3, 32, 32)
    """
    if _is_folder(name):
        return read_folder(_folder_path(name))[0]
    return CATALOGUE[_known("name", name)]


def load(
    name: str,
    *,
    size: int | tuple[int, int] | None = None,
    root: Path | str | None = None,
    download: bool = False,
) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    name : str
        One of `list_datasets`, or ``"folder:PATH"``.
    size : int or (int, int), optional
        Height and width of the images, pixels. Smaller images get a margin of zeros on
        all sides; the images of a folder are scaled (to 32x32, unless said).
    root : path, optional
        Where downloaded data sets are; by default `data_root`.
    download : bool
        Fetch the data set if it is not there.

    Returns
    -------
    Dataset
        The three splits.

    Raises
    ------
    ValueError
        If there is no such data set, or `size` is smaller than its images.
    DataError
        If its files are missing or damaged, or could not be fetched.

    Examples
    --------
    >>> data = load("fashion-sample", size=32)  # 28 + 2 + 2
    >>> data.info.input_size, data.train.images[0, 0, :2].sum().item()
    ((1, 32, 32), 0)
    """
    from cnn_tutorial.datasets.dataset import Dataset

    wanted = None if size is None else pair("size", size, minimum=1)
    if _is_folder(name):
        info, arrays = read_folder(_folder_path(name), size=wanted or DEFAULT_SIZE)
    else:
        info = CATALOGUE[_known("name", name)]
        arrays = _read(name, root, download=download)
        if wanted is not None:
            arrays = {k: (pad_to(x, wanted), y) for k, (x, y) in arrays.items()}
            info = replace(info, size=wanted)
    return Dataset.from_arrays(info, arrays)


def for_role(role: str, *, size: int | tuple[int, int] | None = None) -> Dataset:
    """Load the data set that plays a role in the current profile.

    Parameters
    ----------
    role : str
        ``"digits"``, ``"grey"`` or ``"colour"``.
    size : int or (int, int), optional
        As in `load`.

    Returns
    -------
    Dataset
        In the profile ``smoke`` with a few images of each class only.

    Raises
    ------
    ValueError
        If there is no such role, or an environment variable names no data set.
    DataError
        If the files of the data set are missing or damaged.

    Examples
    --------
    >>> for_role("grey").info.num_classes
    10
    """
    profile = profiles.current()
    name = profile.dataset(role)
    variable = profiles.role_variable(role)
    if not _is_folder(name):
        _known(variable, name)
    try:
        data = load(name, size=size)
    except DataError as error:
        raise DataError(
            f"{error} To give the role {role!r} to another data set, set {variable}."
        ) from None
    if profile.max_images is None:
        return data
    return data.limited(max(profile.max_images, data.info.num_classes))


def verify(name: str, *, root: Path | str | None = None) -> list[Path]:
    """Check every file of a data set.

    Parameters
    ----------
    name : str
        One of `list_datasets`, or ``"folder:PATH"``.
    root : path, optional
        Where downloaded data sets are; by default `data_root`.

    Returns
    -------
    list of Path
        What was checked: files with a checksum, or the folder whose images were read.

    Raises
    ------
    ValueError
        If there is no such data set.
    DataError
        If something is missing or damaged: the message says what.

    Examples
    --------
    >>> [path.name for path in verify("digits")]
    ['digits.csv.gz']
    """
    if _is_folder(name):
        read_folder(_folder_path(name))
        return [_folder_path(name)]
    if _known("name", name) in bundled.CHECKS:
        return bundled.CHECKS[name]()
    folder, _ = integrity.find(name, root=None if root is None else Path(root))
    return [folder / file for file in ARCHIVES[name].files]


def _read(name: str, root: Path | str | None, *, download: bool) -> Arrays:
    if name in bundled.READERS:
        return bundled.READERS[name]()
    place = None if root is None else Path(root)
    if download:
        downloads.fetch(name, root=place)
    return integrity.read(name, root=place)


def _known(variable: str, name: str) -> str:
    return choice(variable, name, [*CATALOGUE, f"{PREFIX}PATH"])


def _is_folder(name: str) -> bool:
    # "folder:PATH" itself is how messages write it.
    return str(name).startswith(PREFIX) and name != f"{PREFIX}PATH"


def _folder_path(name: str) -> Path:
    return Path(name.removeprefix(PREFIX)).expanduser()
