"""Carry out all of an experiment, and say what it was done with."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import torch

from cnn_tutorial.experiments.digest import files
from cnn_tutorial.experiments.experiment import Experiment
from cnn_tutorial.experiments.recipe import Run
from cnn_tutorial.experiments.recording import Recording
from cnn_tutorial.records import environment

__all__ = ["carry_out", "commit_of"]


def carry_out(
    experiment: Experiment,
    *,
    command: str,
    device: torch.device | str | None = None,
    progress: Callable[[str, Run], object] = lambda *_: None,
    keep: Callable[[Recording], object] = lambda _: None,
    known: Recording | None = None,
) -> Recording:
    """Run every recipe from every seed.

    Parameters
    ----------
    experiment
        What to run.
    command
        What was typed, for the recording.
    device
        Where to compute; None: on the processor.
    progress
        Called with the recipe's name and the run after each.
    keep
        Called with what there is after each run: what is kept can be gone on from.
    known
        What an interrupted call kept. Its runs are not repeated if the recipe, its
        code, the versions and the hardware are still the same.

    Returns
    -------
    Recording
        To be shown, or kept by `cnn_tutorial.experiments.save`.

    Notes
    -----
    Seeds are the outer loop, so that a machine that is busy for a while slows all
    recipes alike.
    """
    made = Recording(
        experiment=experiment.name,
        runs=dict.fromkeys(experiment.recipes, ()),
        digests=experiment.digests(),
        command=command,
        commit=commit_of(_files(experiment)),
        created=_now(),
        processor_seconds=dict.fromkeys(experiment.recipes, ()),
        **environment(device),
    )
    for seed in experiment.seeds:
        for name in experiment.recipes:
            found = None if known is None else _again(known, made, name, seed)
            if found is None:
                before = time.process_time()
                run = replace(experiment.run(name, seed, device=device), net=None)
                found = run, time.process_time() - before
                made = _with(made, name, *found)
                progress(name, run)
                keep(made)
            else:
                made = _with(made, name, *found)
    return made


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _again(
    known: Recording, made: Recording, name: str, seed: int
) -> tuple[Run, float] | None:
    """Return a run that need not be repeated, and its processor time."""
    same = (known.versions, known.hardware, known.digests.get(name))
    if same != (made.versions, made.hardware, made.digests[name]):
        return None
    taken = known.processor_seconds.get(name, ())
    pairs = zip(known.runs[name], taken, strict=False)
    return next((pair for pair in pairs if pair[0].seed == seed), None)


def _with(made: Recording, name: str, run: Run, seconds: float) -> Recording:
    """Return a recording with one more run."""
    runs = {**made.runs, name: (*made.runs[name], run)}
    taken = {
        **made.processor_seconds,
        name: (*made.processor_seconds[name], seconds),
    }
    return replace(made, runs=runs, processor_seconds=taken, created=_now())


def _files(experiment: Experiment) -> list[Path]:
    every = [files(r, experiment.build) for r in experiment.recipes.values()]
    return sorted({path for found in every for path in found})


def commit_of(paths: Sequence[Path]) -> str | None:
    """Return the commit of a checkout, if these files are as they are in it.

    Parameters
    ----------
    paths
        At least one.

    Returns
    -------
    str or None
        40 digits, followed by "with local changes" where a file differs; None outside
        of a checkout.
    """
    git = ("git", "-C", str(paths[0].parent))
    try:
        head = _said(*git, "rev-parse", "HEAD")
        changes = _said(*git, "status", "--porcelain", "--", *map(str, paths))
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head} with local changes" if changes else head


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()
