"""What may happen beside the training, event by event."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn
from torch.optim import Optimizer

from cnn_tutorial._validation import choice, integer

__all__ = ["Callback", "EarlyStop", "ProgressBar", "Run"]


@dataclass
class Run:
    """A training under way, as callbacks see it.

    Parameters
    ----------
    model, optimizer
        What is trained, and by what.
    epochs
        How many are asked for.
    epoch
        The one under way, from 1.
    step
        Optimiser steps taken since the beginning.
    steps_per_epoch
        Batches of an epoch; None where the data do not say.
    curves
        One number for each finished epoch, by name.
    stop
        Set it to end the training after this epoch.
    """

    model: nn.Module
    optimizer: Optimizer
    epochs: int
    epoch: int = 0
    step: int = 0
    steps_per_epoch: int | None = None
    curves: dict[str, list[float]] = field(default_factory=dict)
    stop: bool = False


class Callback:
    """Does nothing at each event; subclass it and override the ones you need.

    Examples
    --------
    >>> class Rates(Callback):
    ...     def on_epoch_end(self, run):
    ...         print(run.epoch, run.optimizer.param_groups[0]["lr"])
    """

    def on_fit_start(self, run: Run) -> None:
        """Before the first step; after a resume, with what was there."""

    def on_epoch_start(self, run: Run) -> None:
        """Before the first step of an epoch."""

    def on_step_end(self, run: Run) -> None:
        """After each optimiser step."""

    def on_epoch_end(self, run: Run) -> None:
        """After an epoch and its validation, before the checkpoint."""

    def on_fit_end(self, run: Run) -> None:
        """After the last epoch; also when an error ends the training."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed training needs to go on: tensors and plain values."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""


class EarlyStop(Callback):
    """Ends the training when a curve has not improved for some epochs.

    Parameters
    ----------
    patience
        Epochs without improvement that are put up with, at least 1.
    curve
        Name of the curve.
    better
        Whether ``"lower"`` or ``"higher"`` is an improvement.
    by
        By how much the best value so far must be beaten, at least 0.

    Raises
    ------
    ValueError
        If a setting is out of its range.
    """

    def __init__(
        self,
        patience: int,
        *,
        curve: str = "validation_loss",
        better: Literal["lower", "higher"] = "lower",
        by: float = 0.0,
    ) -> None:
        self.patience = integer("patience", patience, minimum=1)
        self.curve = curve
        self.sign = (
            -1 if choice("better", better, ("lower", "higher")) == "lower" else 1
        )
        if not by >= 0:
            raise ValueError(f"`by` (={by!r}) must be at least 0.")
        self.by = by
        self.best, self.waited = -math.inf, 0

    def on_epoch_end(self, run: Run) -> None:
        """Compare the newest value with the best one.

        Raises
        ------
        ValueError
            If there is no such curve.
        """
        choice("curve", self.curve, run.curves)
        value = self.sign * run.curves[self.curve][-1]
        if value > self.best + self.by:
            self.best, self.waited = value, 0
        else:
            self.waited += 1
        run.stop = run.stop or self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """Return the best value and for how long it has stood."""
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on waiting."""
        self.best, self.waited = state["best"], state["waited"]


class ProgressBar(Callback):
    """A bar of steps with the newest numbers, on a terminal; nothing elsewhere."""

    def on_fit_start(self, run: Run) -> None:
        """Draw the bar."""
        from tqdm import tqdm

        per_epoch = run.steps_per_epoch
        total = None if per_epoch is None else run.epochs * per_epoch
        # disable=None: only where somebody is watching
        self.bar = tqdm(total=total, initial=run.step, disable=None, unit="step")

    def on_step_end(self, run: Run) -> None:  # noqa: ARG002
        """Move it."""
        self.bar.update()

    def on_epoch_end(self, run: Run) -> None:
        """Show the newest value of each curve."""
        newest = {k: f"{v[-1]:.3g}" for k, v in run.curves.items() if k != "seconds"}
        self.bar.set_postfix(newest, refresh=False)
        self.bar.set_description(f"epoch {run.epoch}/{run.epochs}", refresh=False)

    def on_fit_end(self, run: Run) -> None:  # noqa: ARG002
        """Leave the last state on the screen."""
        self.bar.close()
