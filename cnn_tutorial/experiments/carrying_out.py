"""Carry out all of an experiment, and say what it was done with."""

from __future__ import annotations

import subprocess
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

    Returns
    -------
    Recording
        To be shown, or kept by `cnn_tutorial.experiments.save`.

    Notes
    -----
    Seeds are the outer loop, so that a machine that is busy for a while slows all
    recipes alike.
    """
    digests = experiment.digests()
    runs: dict[str, tuple[Run, ...]] = dict.fromkeys(experiment.recipes, ())
    for seed in experiment.seeds:
        for name in experiment.recipes:
            run = replace(experiment.run(name, seed, device=device), net=None)
            runs[name] += (run,)
            progress(name, run)
    return Recording(
        experiment=experiment.name,
        runs=runs,
        digests=digests,
        command=command,
        commit=commit_of(_files(experiment)),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        **environment(device),
    )


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
