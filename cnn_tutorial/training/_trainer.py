"""A training that can be stopped anywhere and goes on as if it had not been."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from cnn_tutorial._validation import choice
from cnn_tutorial.training._checks import checked
from cnn_tutorial.training._context import Batch
from cnn_tutorial.training._learning import Learning
from cnn_tutorial.training._loops import evaluate
from cnn_tutorial.training._resume import check_same
from cnn_tutorial.training._state import random_states, restore_random_states
from cnn_tutorial.training.callbacks import Callback, Run
from cnn_tutorial.training.checkpoints import Checkpoints

__all__ = ["Trainer"]


class Trainer:
    """One `fit`: its epochs, its events, its checkpoints."""

    def __init__(
        self,
        run: Run,
        learning: Learning,
        train: Iterable[Batch],
        validation: Iterable[Batch] | None,
        *,
        scheduler: LRScheduler | None,
        callbacks: Sequence[Callback],
        checkpoints: Checkpoints | None,
        asked: dict[str, Any],
    ) -> None:
        self.run, self.learning = run, learning
        self.train, self.validation = train, validation
        self.scheduler, self.callbacks = scheduler, callbacks
        self.checkpoints, self.asked = checkpoints, asked
        self.halfway = False
        self.before = 0.0
        self.start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning, without those between stop and resume."""
        return self.before + time.perf_counter() - self.start

    def tell(self, event: str) -> None:
        """Call the method of that name of all callbacks."""
        for callback in self.callbacks:
            getattr(callback, event)(self.run)

    def epoch(self, *, look: bool) -> None:
        """Run one epoch, or what is left of it, from its first event to its checkpoint.

        Parameters
        ----------
        look
            Whether to check each batch before it is used.
        """
        begin = time.perf_counter()
        if not self.halfway:
            self.run.epoch += 1
            self.learning.begin()
            self.tell("on_epoch_start")
        self.halfway = False
        batches = checked("train", self.train, self.run.model) if look else self.train
        with self._naming():
            seen = self.learning.epoch(batches, self.after_step)
        row = {"train_loss": seen.loss, "train_accuracy": seen.accuracy} | self._judge()
        if self.scheduler is not None and self.learning.scheduler is None:
            _step(self.scheduler, row)
        row["seconds"] = time.perf_counter() - begin
        for name, value in row.items():
            self.run.curves.setdefault(name, []).append(value)
        self.tell("on_epoch_end")
        self._save(self._score())

    def _judge(self) -> dict[str, float]:
        if self.validation is None:
            return {}
        learning = self.learning
        judged = evaluate(
            learning.model if learning.average is None else learning.average,
            self.validation,
            loss=learning.loss,
            device=learning.device,
            precision=learning.precision,
        )
        return {"validation_loss": judged.loss, "validation_accuracy": judged.accuracy}

    def after_step(self) -> None:
        """Count the step, tell of it, and keep it if its turn has come."""
        self.run.step += 1
        self.tell("on_step_end")
        every = None if self.checkpoints is None else self.checkpoints.every
        if every and self.run.step % every == 0 and hasattr(self.train, "state_dict"):
            self.halfway = True
            self._save(float("nan"))
            self.halfway = False

    def _score(self) -> float:
        curves = self.run.curves
        asked = None if self.checkpoints is None else self.checkpoints.rank_by
        judged = "validation_accuracy" in curves
        name = asked or ("validation_accuracy" if judged else "train_accuracy")
        return curves[choice("rank_by", name, curves)][-1]

    def _save(self, score: float) -> None:
        if self.checkpoints is None:
            return
        run, train = self.run, self.train
        state = {
            "learning": self.learning.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "callbacks": [callback.state_dict() for callback in self.callbacks],
            "data": train.state_dict() if hasattr(train, "state_dict") else None,
            "random": random_states(),
            "epoch": run.epoch,
            "step": run.step,
            "halfway": self.halfway,
            "stop": run.stop,
            "curves": {name: list(curve) for name, curve in run.curves.items()},
            "seconds": self.seconds,
            "asked": self.asked,
            "precision": asdict(self.learning.precision),
        }
        epochs = run.epoch - self.halfway
        self.checkpoints.save(state, step=run.step, epoch=epochs, score=score)

    def restore(self, saved: dict[str, Any] | None) -> None:
        """Go back to a checkpoint.

        Parameters
        ----------
        saved
            What the training goes on from; None leaves everything as it is.

        Raises
        ------
        ValueError
            If it is of another training.
        """
        if saved is None:
            return
        check_same(saved, self.asked, self.train)
        self.learning.load_state_dict(saved["learning"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(saved["scheduler"])
        for callback, state in zip(self.callbacks, saved["callbacks"], strict=True):
            callback.load_state_dict(state)
        if hasattr(self.train, "load_state_dict") and saved["data"] is not None:
            self.train.load_state_dict(saved["data"])
        run = self.run
        run.epoch, run.step, run.stop = saved["epoch"], saved["step"], saved["stop"]
        run.curves.update(saved["curves"])
        self.halfway, self.before = saved["halfway"], saved["seconds"]
        restore_random_states(saved["random"])

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Add the epoch, and what is left, to what is said about a step."""
        try:
            yield
        except FloatingPointError as error:
            kept = self.checkpoints.list() if self.checkpoints is not None else []
            last = f" The last checkpoint is {kept[-1].path.name}." if kept else ""
            message = f"In epoch {self.run.epoch}: {error}{last}"
            raise FloatingPointError(message) from error


def _step(scheduler: LRScheduler, row: dict[str, float]) -> None:
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(row.get("validation_loss", row["train_loss"]))
    else:
        scheduler.step()
