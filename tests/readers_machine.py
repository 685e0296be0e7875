"""An environment like a reader's: the wheel, what the wheel requires, and nothing else.

Installing PyTorch once more would take gigabytes and minutes. Instead the distributions
that the wheel requires, and those that they require, are linked from the environment of
the tests. Sphinx, pytest, the checkout and the rest of it cannot be imported.
"""

from __future__ import annotations

import csv
import importlib.metadata
import os
import subprocess
import sys
import sysconfig
import venv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name


def required(requirements: Iterable[str]) -> dict[NormalizedName, Distribution]:
    """Return the installed distributions that requirements ask for, and theirs."""
    found: dict[NormalizedName, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(each), "") for each in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        marker = requirement.marker
        if marker and not marker.evaluate({"extra": extra}):
            continue
        distribution = importlib.metadata.distribution(requirement.name)
        if not requirement.specifier.contains(distribution.version, prereleases=True):
            raise ValueError(f"{requirement} is not met by {distribution.version}")
        name = canonicalize_name(requirement.name)
        found[name] = distribution
        for wanted in {"", *requirement.extras}:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                needs = distribution.requires or []
                waiting += [(Requirement(each), wanted) for each in needs]
    return found


@cache
def recorded() -> dict[str, list[Path]]:
    """Return the files in site-packages of each distribution, without its *.pth."""
    found = {}
    for distribution in importlib.metadata.distributions():
        # Its `files` asks the disk about each of a hundred thousand.
        rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
        paths = [Path(row[0]) for row in rows]
        found[distribution.name] = [
            path for path in paths if ".." not in path.parts and path.suffix != ".pth"
        ]
    return found


def link(distributions: Iterable[Distribution], target: Path) -> None:
    """Link distributions into a folder, without what stands beside them."""
    chosen = {distribution.name for distribution in distributions}
    owners: dict[str, set[str]] = defaultdict(set)
    members: dict[str, set[Path]] = defaultdict(set)
    for name, paths in recorded().items():
        for path in paths:
            owners[path.parts[0]].add(name)
            if name in chosen:
                members[path.parts[0]].add(path)
    source = Path(sysconfig.get_path("purelib"))
    target.mkdir(parents=True, exist_ok=True)
    for top, paths in members.items():
        if owners[top] <= chosen:
            (target / top).symlink_to(source / top)
            continue
        for path in paths:  # Several distributions share a folder, such as `nvidia`.
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).symlink_to(source / path)


@dataclass(frozen=True)
class ReadersMachine:
    """A Python with the wheel and its requirements, and a notebook's kernel aside."""

    folder: Path
    wheel: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def kernel(self) -> Path:
        """What a notebook server brings: ipykernel and what it requires."""
        return self.folder / "kernel"

    def make(self) -> None:
        """Create it."""
        venv.create(self.folder, with_pip=False, symlinks=os.name != "nt")
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        options = ["--no-deps", "--no-index", "--no-compile", "--quiet"]
        subprocess.run([*pip, "install", *options, str(self.wheel)], check=True)
        asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = Path(self.run("-c", asked).strip())
        (ours,) = importlib.metadata.distributions(path=[str(packages)])
        course = required(ours.requires or [])
        link(course.values(), packages)
        notebooks = required(["ipykernel"])
        others = [notebooks[name] for name in notebooks.keys() - course.keys()]
        link(others, self.kernel)

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run its Python and return what it printed."""
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=cwd or self.folder,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def variables(self) -> dict[str, str]:
        """Return environment variables: nothing of ours but the profile."""
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "OMP_NUM_THREADS")
        return {key: os.environ[key] for key in kept if key in os.environ} | {
            "CNN_TUTORIAL_PROFILE": "smoke",
            "HOME": str(self.folder),
            "MPLBACKEND": "Agg",
            "OMP_WAIT_POLICY": "PASSIVE",
        }
