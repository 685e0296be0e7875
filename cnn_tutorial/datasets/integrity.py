"""Published data sets on disk: found, checked, and only then read."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np

from cnn_tutorial._validation import choice
from cnn_tutorial.datasets.archives import (
    ARCHIVES,
    Archive,
    Contents,
    advice,
    data_root,
)
from cnn_tutorial.datasets.info import DataError
from cnn_tutorial.datasets.sampling import Arrays, carve

__all__ = ["check", "find", "present", "read"]


def check(archive: Archive, folder: Path) -> tuple[Contents, list[str]]:
    """Read the files of a folder and compare them with their checksums.

    Parameters
    ----------
    archive : Archive
        What ought to be there.
    folder : Path
        Where.

    Returns
    -------
    contents : dict of str to bytes
        The right ones, decompressed.
    problems : list of str
        One phrase for each of the others.
    """
    contents: Contents = {}
    problems = []
    known = archive.md5()
    for name in archive.files:
        try:
            stored = (folder / name).read_bytes()
            contents[name] = _checked(stored, known[name], archive.sha256.get(name))
        except FileNotFoundError:
            problems.append(f"{name} is missing")
        except OSError as error:
            problems.append(f"{name} cannot be read ({error.strerror})")
        except ValueError as error:
            problems.append(f"{name} {error}")
    return contents, problems


def _checked(stored: bytes, md5: str, sha256: str | None) -> bytes:
    """Return the content of a file, decompressed, if one of its checksums is right.

    Raises
    ------
    ValueError
        If none is.
    """
    found = hashlib.md5(stored, usedforsecurity=False).hexdigest()
    packed = stored[:2] == b"\x1f\x8b"
    if found == md5:
        return gzip.decompress(stored) if packed else stored
    if packed and sha256 is not None:
        # Cut off or damaged: then the checksum below is of nothing, and wrong.
        try:
            content = gzip.decompress(stored)
        except (OSError, EOFError, zlib.error):
            content = b""
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    raise ValueError(
        f"is half a file or damaged ({len(stored):,} bytes, MD5 {found} and not {md5})"
    )


def find(name: str, *, root: Path | None = None) -> tuple[Path, Contents]:
    """Find the files of a data set and check every one of them.

    Parameters
    ----------
    name : str
        One of `ARCHIVES`.
    root : Path, optional
        Data root; by default `data_root`.

    Returns
    -------
    folder : Path
        Where they are.
    contents : dict of str to bytes
        What is in them, decompressed.

    Raises
    ------
    DataError
        If a file is missing or damaged, wherever we look.
    """
    archive = ARCHIVES[choice("name", name, ARCHIVES)]
    root = data_root() if root is None else root
    contents, problems = check(archive, root / archive.folder)
    if not problems:
        return root / archive.folder, contents
    for folder in archive.elsewhere:
        contents, elsewhere = check(archive, folder)
        if not elsewhere:
            return folder, contents
    if len(problems) == len(archive.files) and not (root / archive.folder).exists():
        problems = ["its files are not there"]
    trouble = "; ".join(problems)
    raise DataError(f"Data set {name!r}: {trouble}. {advice(name, root)}")


def present(name: str, *, root: Path | None = None) -> Path | None:
    """Return the folder that seems to hold a data set; no file is opened.

    Parameters
    ----------
    name : str
        One of `ARCHIVES`.
    root : Path, optional
        Data root; by default `data_root`.

    Returns
    -------
    Path or None
        The first folder that has all files; None if there is none.
    """
    archive = ARCHIVES[choice("name", name, ARCHIVES)]
    root = data_root() if root is None else root
    for folder in (root / archive.folder, *archive.elsewhere):
        if all((folder / file).is_file() for file in archive.files):
            return folder
    return None


def read(name: str, *, root: Path | None = None) -> Arrays:
    """Read a data set, once every file is found right.

    Parameters
    ----------
    name : str
        One of `ARCHIVES`.
    root : Path, optional
        Data root; by default `data_root`.

    Returns
    -------
    Arrays
        The published splits, and a validation split: a tenth of the training images.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    _, contents = find(name, root=root)
    arrays = ARCHIVES[name].decode(contents)
    labels = arrays["train"][1]
    return carve(arrays, max(len(labels) // 10, len(np.unique(labels))))
