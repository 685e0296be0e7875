"""What an experiment gave when somebody ran all of it, and whether that still holds."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from cnn_tutorial._validation import choice
from cnn_tutorial.experiments.experiment import get_experiment
from cnn_tutorial.experiments.recipe import Run

__all__ = ["RECORDS", "Recording"]

RECORDS = Path(__file__).parent / "records"
"""The folder of the recordings that come with the installation."""


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
    processor_seconds
        Of each run, all threads together, to build, train and judge: a machine that is
        busy with other things does not lengthen them. Empty where they were not taken.
    """

    experiment: str
    runs: Mapping[str, tuple[Run, ...]]
    digests: Mapping[str, str]
    command: str
    commit: str | None
    created: str
    versions: Mapping[str, str]
    hardware: Mapping[str, Any]
    processor_seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

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
        return (
            f"{place}, {threads} thread{'s' * (threads > 1)}, PyTorch "
            f"{self.versions.get('torch', 'unknown')}{commit}, {self._each()}"
        )

    def _each(self) -> str:
        taken = [s for each in self.processor_seconds.values() for s in each]
        if taken:
            return f"{mean(taken):.0f} s of processor time a run"
        every = (r.record.seconds for runs in self.runs.values() for r in runs)
        return f"{mean(every):.0f} s a run"

    def _state(self) -> str:
        if not self.stale:
            return "Neither the recipes nor their code have changed since."
        names = ", ".join(self.changed)
        return f"STALE: changed since it was recorded, so do not trust it: {names}."
