"""Checkpoints on disk: whole or not at all, checked when read, the last and the best.

A checkpoint is one file that ``torch.save`` wrote, and it holds tensors and plain
values only, so that reading it can run no code. Its name says step, epoch, score and
checksum; there is no second file that could disagree.
"""

from __future__ import annotations

import math
import os
import warnings
from pathlib import Path
from typing import Any, Literal

import torch

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.training._files import (
    Checkpoint,
    CheckpointError,
    file_name,
    packed,
    parsed,
    read,
    write,
)

__all__ = ["Checkpoint", "CheckpointError", "Checkpoints", "packed", "read", "write"]


class Checkpoints:
    """A folder that keeps the last few checkpoints of a run, and its best one.

    Parameters
    ----------
    folder
        Of this run alone; made when the first checkpoint is written.
    keep
        How many of the last checkpoints stay, at least 1. The best one stays besides.
    rank_by
        The curve of `fit` whose newest value is the score. None: the validation
        accuracy, or the training accuracy where there is no validation.
    better
        Whether a ``"higher"`` or a ``"lower"`` score is the better one.
    every
        Optimiser steps between two checkpoints; one is written after each epoch anyway.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     checkpoints = Checkpoints(folder, keep=1)
    ...     for step, score in enumerate([0.5, 0.9, 0.7], start=1):
    ...         _ = checkpoints.save({"step": step}, step=step, score=score)
    ...     [file.step for file in checkpoints.list()], checkpoints.load(best=True)
    ([2, 3], {'step': 2})
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        keep: int = 2,
        rank_by: str | None = None,
        better: Literal["higher", "lower"] = "higher",
        every: int | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.keep = integer("keep", keep, minimum=1)
        self.rank_by = rank_by
        self.better = choice("better", better, ("higher", "lower"))
        self.every = None if every is None else integer("every", every, minimum=1)

    def list(self) -> list[Checkpoint]:
        """Return the checkpoints in the folder, oldest first; other files are ignored.

        Returns
        -------
        list of Checkpoint
            By step.
        """
        names = self.folder.iterdir() if self.folder.is_dir() else ()
        found = [c for c in map(parsed, names) if c is not None]
        return sorted(found, key=lambda c: (c.step, c.epoch, c.path.name))

    def best(self) -> Checkpoint | None:
        """Return the checkpoint with the best score; the later one of equals.

        Returns
        -------
        Checkpoint or None
            None where none has a score.
        """
        scored = [c for c in self.list() if not math.isnan(c.score)]
        sign = 1 if self.better == "higher" else -1
        return max(reversed(scored), key=lambda c: sign * c.score, default=None)

    def save(
        self,
        state: dict[str, Any],
        *,
        step: int,
        epoch: int = 0,
        score: float = math.nan,
    ) -> Path:
        """Write a checkpoint, then remove those that need not stay.

        Whenever the program is stopped, the folder holds this checkpoint whole or the
        ones that were there before.

        Parameters
        ----------
        state
            Tensors and plain values, in dictionaries, lists and tuples.
        step, epoch
            Optimiser steps taken and epochs finished.
        score
            What to rank by; not a number for a checkpoint that is never the best.

        Returns
        -------
        path
            The new file.

        Raises
        ------
        CheckpointError
            If `state` holds something that could not be read back; nothing is written.
        OSError
            If it cannot be written; what was there stays.
        """
        content = packed(state)
        name = file_name(
            content,
            step=integer("step", step, minimum=0),
            epoch=integer("epoch", epoch, minimum=0),
            score=score,
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        write(path, content)
        self._tidy()
        return path

    def load(
        self, *, best: bool = False, device: torch.device | str = "cpu"
    ) -> dict[str, Any] | None:
        """Return the last checkpoint that is whole, or the best one.

        Parameters
        ----------
        best
            The best one instead.
        device
            Where its tensors go.

        Returns
        -------
        dict or None
            What was saved; None where there is none.

        Warns
        -----
        RuntimeWarning
            For each damaged checkpoint that was passed over.

        Raises
        ------
        CheckpointError
            If there are checkpoints, and all are damaged; or the best one is.
        """
        if best:
            found = self.best()
            return None if found is None else read(found.path, device=device)
        candidates = self.list()
        for checkpoint in reversed(candidates):
            try:
                return read(checkpoint.path, device=device)
            except CheckpointError as error:
                warnings.warn(f"{error} Trying an older one.", RuntimeWarning, 2)
        if candidates:
            raise CheckpointError(f"All checkpoints in {self.folder} are damaged.")
        return None

    def _tidy(self) -> None:
        every, best = self.list(), self.best()
        stay = {c.path for c in every[-self.keep :]} | {best.path if best else None}
        for path in self.folder.glob(".step-*.part"):
            path.unlink(missing_ok=True)  # somebody was killed while writing
        for checkpoint in every:
            if checkpoint.path not in stay:
                checkpoint.path.unlink(missing_ok=True)
