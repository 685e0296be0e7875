"""What an experiment gave when somebody ran all of it, and whether that still holds."""

from __future__ import annotations

import html
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from cnn_tutorial._display import shown
from cnn_tutorial._validation import choice
from cnn_tutorial.experiments.experiment import get_experiment
from cnn_tutorial.experiments.recipe import Run
from cnn_tutorial.records import RunRecord

__all__ = ["RECORDS", "Recording", "load", "recorded", "save"]

RECORDS = Path(__file__).parent / "records"
"""The folder of the recordings that come with the installation."""

SCHEMA = 1
_FORMAT = "cnn_tutorial recorded experiment"


@dataclass(frozen=True)
class Recording:
    """The runs of an experiment, with what one needs to judge and to repeat them.

    Shown as the line that lessons print above recorded numbers.

    Parameters
    ----------
    experiment
        Name of the experiment.
    runs
        The runs of each recipe by its name, one for each seed.
    digests
        Of each recipe and its code, as it was then; see
        `cnn_tutorial.experiments.digest`.
    command
        What was typed.
    commit
        Of the code; None where it is not known.
    created
        When it ended, in ISO 8601, UTC.
    versions, hardware
        As in `cnn_tutorial.records.environment`.
    """

    experiment: str
    runs: Mapping[str, tuple[Run, ...]]
    digests: Mapping[str, str]
    command: str
    commit: str | None
    created: str
    versions: Mapping[str, str]
    hardware: Mapping[str, Any]

    @property
    def changed(self) -> list[str]:
        """Names of the recipes that are other ones today, or whose code is."""
        today = get_experiment(self.experiment).digests()
        names = dict.fromkeys([*today, *self.runs])
        return [n for n in names if today.get(n) != self.digests.get(n)]

    @property
    def stale(self) -> bool:
        """Whether a recipe or its code has changed since."""
        return bool(self.changed)

    @property
    def seconds(self) -> float:
        """Of all runs together, one after the other."""
        return sum(run.record.seconds for runs in self.runs.values() for run in runs)

    def scores(self, name: str = "validation_accuracy") -> dict[str, list[float]]:
        """Return a number of each run, recipe by recipe.

        Parameters
        ----------
        name
            ``"validation_accuracy"``, ``"test_accuracy"``, ``"train_accuracy"`` or
            ``"gap"``.

        Returns
        -------
        dict of str to list of float
            One number for each seed.
        """
        known = ("validation_accuracy", "test_accuracy", "train_accuracy", "gap")
        choice("name", name, known)
        return {
            recipe: [getattr(run, name) for run in runs]
            for recipe, runs in self.runs.items()
        }

    def __str__(self) -> str:
        lines = [f"RECORDED, not run on this page: {self._what()}."]
        return "\n".join([*lines, f"{self._how()}.", self._state()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        kind = "cnn-recorded cnn-recorded--stale" if self.stale else "cnn-recorded"
        what, how, state = map(html.escape, (self._what(), self._how(), self._state()))
        return (
            f'<aside class="{kind}" aria-label="Where the recorded numbers are from">'
            f"<p><strong>Recorded, not run on this page</strong> {what}.</p>"
            f"<p>{how}. <code>{html.escape(self.command)}</code></p>"
            f"<p><strong>{state}</strong></p></aside>"
        )

    def _what(self) -> str:
        seeds = {len(runs) for runs in self.runs.values()}
        some, many = len(self.runs), "/".join(map(str, sorted(seeds)))
        return f"{some} recipe{'s' * (some > 1)} x {many} seeds, on {self.created[:10]}"

    def _how(self) -> str:
        place = self.hardware.get("gpu") or self.hardware.get("processor", "unknown")
        threads = self.hardware.get("threads", 1)
        commit = f", commit {self.commit[:10]}{self.commit[40:]}" if self.commit else ""
        each = mean(r.record.seconds for runs in self.runs.values() for r in runs)
        return (
            f"{place}, {threads} thread{'s' * (threads > 1)}, PyTorch "
            f"{self.versions.get('torch', 'unknown')}{commit}, {each:.0f} s a run"
        )

    def _state(self) -> str:
        if not self.stale:
            return "Neither the recipes nor their code have changed since."
        names = ", ".join(self.changed)
        return f"STALE: changed since it was recorded, so do not trust it: {names}."


def recorded(name: str) -> Recording:
    """Return the recording of an experiment that comes with the installation.

    Parameters
    ----------
    name
        One of `cnn_tutorial.experiments.list_experiments`.

    Returns
    -------
    Recording
        Shows itself where it is the last line of a cell.

    Raises
    ------
    ValueError
        If there is no such experiment, or it has not been recorded yet.

    Examples
    --------
    >>> found = recorded("leave-one-out")
    >>> len(found.runs["all of it"])  # one for each seed
    3
    """
    experiment = get_experiment(name)
    path = RECORDS / f"{experiment.name}.json"
    if not path.is_file():
        raise ValueError(
            f"`name` (={name!r}) has not been recorded yet; it takes `python -m "
            f"cnn_tutorial record {name}` and the data {', '.join(experiment.needs())}."
        )
    return shown(load(path))


def load(path: str | os.PathLike[str]) -> Recording:
    """Read a recording.

    Parameters
    ----------
    path
        A file that `save` wrote.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is no recording, or was written by a later version.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if content.pop("format") != _FORMAT or content.pop("schema") != SCHEMA:
            raise ValueError(f"it must say {_FORMAT!r} and schema {SCHEMA}")
        facts = {key: content[key] for key in ("versions", "hardware", "created")}
        content["runs"] = {
            name: tuple(_run(run, facts) for run in runs)
            for name, runs in content["runs"].items()
        }
        return Recording(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"`path` (={str(path)!r}) is no recording: {error}."
        raise ValueError(message) from error


def save(recording: Recording, path: str | os.PathLike[str]) -> None:
    """Write a recording: all of it or, if that fails, nothing.

    Parameters
    ----------
    recording
        What to write. Numbers are kept to five digits after the point.
    path
        File; one that is there is replaced. Its folder must exist.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = Path(path)
    content = {"format": _FORMAT, "schema": SCHEMA}
    content |= {k: v for k, v in vars(recording).items() if k != "runs"}
    runs = {name: list(map(_plain, runs)) for name, runs in recording.runs.items()}
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        text = json.dumps(content | {"runs": runs}, indent=1, allow_nan=False)
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _plain(run: Run) -> dict[str, Any]:
    """Return what of a run is kept."""
    curves = {n: np.round(c, 5).tolist() for n, c in run.curves.items()}
    return {
        "seed": run.seed,
        "seconds": round(run.record.seconds, 2),
        "train_accuracy": round(run.train_accuracy, 5),
        "test_accuracy": round(run.test_accuracy, 5),
        "curves": curves,
    }


def _run(content: Mapping[str, Any], facts: Mapping[str, Any]) -> Run:
    record = RunRecord(
        curves={name: list(map(float, c)) for name, c in content["curves"].items()},
        seed=content["seed"],
        seconds=content["seconds"],
        **facts,
    )
    scores = (content["train_accuracy"], content["test_accuracy"])
    return Run(content["seed"], record, *scores)
