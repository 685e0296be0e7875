"""Fetching MNIST, Fashion-MNIST and CIFAR-10: all of it or nothing, and only on demand.

torchvision fetches, into a temporary folder beside the place. The files are checked
there and then moved, one rename each.
"""

from __future__ import annotations

import contextlib
import errno
import io
import shutil
import socket
import sys
import tarfile
import tempfile
import time
import warnings
import zlib
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from cnn_tutorial._validation import choice
from cnn_tutorial.datasets.archives import ARCHIVES, Archive, advice, data_root
from cnn_tutorial.datasets.info import DataError
from cnn_tutorial.datasets.integrity import check, find

__all__ = ["fetch"]

_PREFIX = ".partial-"
_TIMEOUT = 30.0  # seconds without a byte
_STALE = 24 * 3600.0  # seconds
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
# The last three: what was fetched is no archive, whatever its checksum.
_TROUBLE = (
    OSError,
    RuntimeError,
    HTTPException,
    EOFError,
    tarfile.TarError,
    zlib.error,
)
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def fetch(name: str, *, root: Path | None = None, progress: bool = False) -> Path:
    """Download a data set, unless it is there already.

    Parameters
    ----------
    name : str
        One of `ARCHIVES`.
    root : Path, optional
        Data root; by default `data_root`.
    progress : bool
        Show on standard error how far it is.

    Returns
    -------
    Path
        Where the files are.

    Raises
    ------
    DataError
        If that did not work: no network, no permission, no room, a wrong checksum. The
        folder is then as it was before.
    """
    archive = ARCHIVES[choice("name", name, ARCHIVES)]
    root = data_root() if root is None else root
    with contextlib.suppress(DataError):
        return find(name, root=root)[0]
    try:
        return _download(archive, root, progress=progress)
    except _TROUBLE as error:
        reason = _reason(error, root)
        raise DataError(f"Data set {name!r}: {reason}. {advice(name, root)}") from None


def _download(archive: Archive, root: Path, *, progress: bool) -> Path:
    """Fetch, check and move the files of an archive; return their folder."""
    root.mkdir(parents=True, exist_ok=True)
    _sweep(root)
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=root, ignore_cleanup_errors=True
    ) as partial:
        with _considerate(progress=progress):
            archive.torchvision_class()(partial, train=False, download=True)
        arrived = Path(partial) / archive.folder
        _, problems = check(archive, arrived)
        if problems:
            raise RuntimeError("; ".join(problems))
        folder = root / archive.folder
        folder.mkdir(parents=True, exist_ok=True)
        for file in archive.files:
            (arrived / file).replace(folder / file)
    return folder


def _sweep(root: Path) -> None:
    """Remove what a download that was killed has left, once nobody can be at it."""
    for folder in root.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE:
                shutil.rmtree(folder)


@contextlib.contextmanager
def _considerate(*, progress: bool) -> Iterator[None]:
    """Keep torchvision from waiting for ever and from writing to standard output."""
    timeout = socket.getdefaulttimeout()
    screen = sys.stderr if progress else io.StringIO()
    socket.setdefaulttimeout(_TIMEOUT)
    try:
        with (
            contextlib.redirect_stdout(screen),
            contextlib.redirect_stderr(screen),
            warnings.catch_warnings(),
        ):
            # Of tarfile, about the filter that torchvision does not name.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        socket.setdefaulttimeout(timeout)


def _reason(error: Exception, root: Path) -> str:
    """Say in a phrase why a download did not work."""
    number = getattr(error, "errno", None)
    if number in _FULL:
        return f"the disk of {root} is full; nothing was kept"
    if number in _DENIED:
        return f"no permission to write to {getattr(error, 'filename', None) or root}"
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{error.filename or root} is not a folder"
    said = " ".join(str(error).split())[:300]
    return f"the download failed, nothing was kept (is there a network? {said})"
