"""The folders of a build: kept to oneself, copied, put in place at one stroke."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BuildError(Exception):
    """There is no new site, for a reason that fits into few lines."""


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Keep other builds out of a folder; the system lets go even of a killed build.

    Parameters
    ----------
    folder : made if it is not there

    Raises
    ------
    BuildError
        If another build holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            who = file.read().strip() or "another process"
            raise BuildError(f"a build is already running here ({who})") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {time.strftime('%H:%M:%S')}")
        file.flush()
        yield


def mirror(source: Path, target: Path, skip: set[str], *, delete: bool = True) -> None:
    """Make a folder like another, file by file, by size and time.

    Parameters
    ----------
    source : is only read
    target : made if it is not there
    skip : names at the top that are left alone in both
    delete : what is not in the source; if not, files that are newer stay, too
    """
    target.mkdir(parents=True, exist_ok=True)
    there = {path.name: path for path in source.iterdir() if path.name not in skip}
    for path in target.iterdir():
        if delete and path.name not in skip and path.name not in there:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, path in there.items():
        if path.is_dir():
            mirror(path, target / name, set(), delete=delete)
        elif _differs(path, target / name, delete=delete):
            (target / name).unlink(missing_ok=True)  # It may be read-only.
            shutil.copy2(path, target / name)


def _differs(source: Path, target: Path, *, delete: bool) -> bool:
    if not target.exists():
        return True
    old, new = target.stat(), source.stat()
    if delete:
        return (old.st_size, old.st_mtime_ns) != (new.st_size, new.st_mtime_ns)
    return old.st_mtime_ns < new.st_mtime_ns


def publish(staging: Path, site: Path) -> None:
    """Put a finished site in the place of the last one.

    Parameters
    ----------
    staging : stays, for the next build
    site : the public folder
    """
    new, old = site.with_name(f"{site.name}.new"), site.with_name(f"{site.name}.old")
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(staging, new)
    if site.exists():
        site.rename(old)
    new.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def recover(site: Path) -> None:
    """Bring the last site back if a kill came between the two steps of publishing it.

    Parameters
    ----------
    site : the public folder
    """
    old = site.with_name(f"{site.name}.old")
    if old.exists() and not site.exists():
        old.rename(site)


def stage(root: Path, author: Path) -> Path:
    """Copy the sources for an author's build, with what the pages printed last.

    Parameters
    ----------
    root : of the project
    author : folder of authors' builds

    Returns
    -------
    folder of the copied documents
    """
    copy = author / "source"
    made = {"_build", "auto_gallery", "generated"}
    mirror(root / "docs", copy / "docs", made)
    mirror(root / "gallery", copy / "gallery", {"__pycache__"})
    if (root / "docs" / "auto_gallery").is_dir():
        output = copy / "docs" / "auto_gallery"
        mirror(root / "docs" / "auto_gallery", output, set(), delete=False)
    for path in root.glob("[!.]*"):  # What looks for the root of the project finds it.
        link = copy / path.name
        if path.name not in ("docs", "gallery") and not os.path.lexists(link):
            link.symlink_to(path)
    return copy / "docs"
