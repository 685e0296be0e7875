"""The loop itself: one epoch, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from cnn_tutorial._validation import choice
from cnn_tutorial.training._context import Batch, mode, on
from cnn_tutorial.training._means import Evaluation, Means, NotFiniteError
from cnn_tutorial.training._precision import Precision
from cnn_tutorial.training._trouble import not_finite

__all__ = ["WINDOW", "Learning", "Loss", "Mix", "compiled"]

Loss = Callable[[Tensor, Tensor], Tensor]
Mix = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

# Losses on a GPU are looked at in bunches: each look makes the processor wait.
WINDOW = 32


@dataclass
class Learning:
    """All that a step of training needs besides the batch."""

    model: nn.Module
    optimizer: Optimizer
    loss: Loss
    device: torch.device
    scheduler: LRScheduler | None = None
    precision: Precision = field(default_factory=Precision)
    clip_norm: float | None = None
    mix: Mix | None = None
    average: AveragedModel | None = None
    compile: bool | str = False
    forward: Callable[[Tensor], Tensor] = field(init=False)
    scaler: torch.amp.GradScaler = field(init=False)
    means: Means = field(init=False)

    def __post_init__(self) -> None:
        self.forward = compiled(self.model, self.compile)
        self.scaler = self.precision.scaler(self.device)
        self.begin()

    def begin(self) -> None:
        """Begin an epoch."""
        self.means = Means(window=1 if self.device.type == "cpu" else WINDOW)

    def epoch(
        self, batches: Iterable[Batch], after_step: Callable[[], object] | None = None
    ) -> Evaluation:
        """Take one optimiser step for each batch."""
        layout = self.precision.memory_format
        with mode(self.model, training=True):
            for images, labels in on(self.device, batches, layout):
                targets = labels
                if self.mix is not None:
                    images, targets = self.mix(images, labels)
                with self.precision.autocast(self.device):
                    scores = self.forward(images)
                    batch_loss = self.loss(scores, targets)
                self._count(batch_loss, scores, labels, images)
                self.optimizer.zero_grad()
                self.scaler.scale(batch_loss).backward()
                if self.clip_norm is not None:
                    self.scaler.unscale_(self.optimizer)
                    nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm)
                self.scaler.step(self.optimizer)
                self.scaler.update()
                if self.average is not None:
                    self.average.update_parameters(self.model)
                if self.scheduler is not None:
                    self.scheduler.step()
                if after_step is not None:
                    after_step()
            return self.means.result()

    def _count(
        self, loss: Tensor, scores: Tensor, labels: Tensor, images: Tensor
    ) -> None:
        try:
            self.means.add(loss.detach(), scores.detach(), labels)
        except NotFiniteError as error:
            raise not_finite(error, self.model, self.optimizer, images) from None

    def state_dict(self) -> dict[str, Any]:
        """Return what changes from step to step, but for random states."""
        states = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "means": self.means.state_dict(),
        }
        if self.average is not None:
            states["average"] = self.average.state_dict()
        return states

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.means.load_state_dict(state["means"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])


def compiled(model: nn.Module, how: bool | str) -> Callable[[Tensor], Tensor]:
    """Return the model for the forward pass, compiled if asked for.

    Parameters
    ----------
    model
        It keeps its parameters, their names and its mode.
    how
        Whether to compile, or the name of a backend of ``torch.compile``.

    Raises
    ------
    ValueError
        If there is no such backend.
    """
    if how is False:
        return model
    if how is True:
        how = "inductor"
    choice("compile", how, torch.compiler.list_backends(exclude_tags=()))
    forward: Callable[[Tensor], Tensor] = torch.compile(model, backend=how)
    return forward
