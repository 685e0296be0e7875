"""Recordings as files, and those that come with the installation."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cnn_tutorial._display import shown
from cnn_tutorial.experiments.experiment import get_experiment
from cnn_tutorial.experiments.recipe import Run
from cnn_tutorial.experiments.recording import RECORDS, Recording
from cnn_tutorial.records import RunRecord

__all__ = ["load", "recorded", "save"]

SCHEMA = 1
_FORMAT = "cnn_tutorial recorded experiment"


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
        taken = content.pop("processor_seconds", {})
        content["processor_seconds"] = {
            n: tuple(map(float, s)) for n, s in taken.items()
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
    taken = recording.processor_seconds.items()
    content["processor_seconds"] = {n: [round(s, 2) for s in each] for n, each in taken}
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
