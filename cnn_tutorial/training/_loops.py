"""One pass over the data: to learn from it, to judge, or to predict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from cnn_tutorial._validation import integer
from cnn_tutorial.training._context import Batch, mode, on, place
from cnn_tutorial.training._means import Evaluation, Means, NotFiniteError
from cnn_tutorial.training._precision import Precision, as_precision, positive
from cnn_tutorial.training._trouble import not_finite

__all__ = ["Learning", "Loss", "Mix", "evaluate", "predict", "train_epoch"]

Loss = Callable[[Tensor, Tensor], Tensor]
Mix = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

# Losses on a GPU are looked at in bunches: each look makes the processor wait.
_WINDOW = 32


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
    scaler: torch.amp.GradScaler = field(init=False)
    means: Means = field(init=False)

    def __post_init__(self) -> None:
        self.scaler = self.precision.scaler(self.device)
        self.begin()

    def begin(self) -> None:
        """Begin an epoch."""
        self.means = Means(window=1 if self.device.type == "cpu" else _WINDOW)

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
                    scores = self.model(images)
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


def train_epoch(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    optimizer: Optimizer,
    loss: Loss = F.cross_entropy,
    scheduler: LRScheduler | None = None,
    device: torch.device | str | None = None,
    precision: Precision | str = "float32",
    clip_norm: float | None = None,
    mix: Mix | None = None,
    average: AveragedModel | None = None,
) -> Evaluation:
    """Take one optimiser step for each batch.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes). It is in training mode during the epoch
        and then in the mode it was in.
    batches
        Pairs of images, shape (N, ...), and labels, int64, shape (N,).
    optimizer
        Made for the parameters of `model`.
    loss
        Mean loss of a batch from scores and labels.
    scheduler
        Stepped after each batch, if given.
    device
        Where to compute; the model is moved there. None: where the model is.
    precision
        Numbers and memory order to compute in.
    clip_norm
        Gradients are scaled down to this norm where theirs is larger.
    mix
        Makes other images and targets of a batch, for instance
        ``torchvision.transforms.v2.MixUp``; accuracy is still that on the labels.
    average
        A moving average of the model, brought up to date after each step.

    Returns
    -------
    Evaluation
        Of the scores that the steps were computed from: the model changed meanwhile,
        and dropout was on. `evaluate` says how good the model is now.

    Raises
    ------
    FloatingPointError
        If a loss is not finite. The message says at which step and in which layer. On
        a processor the step is not taken; on a GPU it is noticed some steps later.
    ValueError
        If there is no batch, or a setting is out of its range.

    Examples
    --------
    >>> model = nn.Linear(1, 2)
    >>> _ = nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    >>> batches = [(torch.tensor([[1.0]]), torch.tensor([1]))]
    >>> sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    >>> seen = train_epoch(model, batches, optimizer=sgd)
    >>> round(seen.loss, 4)  # ln 2: both classes equally likely
    0.6931
    >>> model.bias.tolist()  # minus the gradient, softmax less target: (1/2, -1/2)
    [-0.5, 0.5]
    """
    precision = as_precision(precision)
    model.to(memory_format=precision.memory_format)
    learning = Learning(
        model,
        optimizer,
        loss,
        place(model, device),
        scheduler,
        precision,
        positive("clip_norm", clip_norm),
        mix,
        average,
    )
    return learning.epoch(batches)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    loss: Loss = F.cross_entropy,
    device: torch.device | str | None = None,
    precision: Precision | str = "float32",
    top_k: tuple[int, ...] = (),
) -> Evaluation:
    """Judge a model, without changing it.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes). It is in evaluation mode meanwhile and
        then in the mode it was in.
    batches
        Pairs of images, shape (N, ...), and labels, int64, shape (N,).
    loss
        Mean loss of a batch from scores and labels.
    device
        Where to compute; the model is moved there. None: where the model is.
    precision
        Numbers and memory order to compute in.
    top_k
        Each k for which to count the samples whose label is among the k largest scores.

    Returns
    -------
    Evaluation
        Loss, accuracy and shares, averaged over all samples, however they are batched.

    Raises
    ------
    ValueError
        If there is no batch.

    Examples
    --------
    >>> batches = [
    ...     (torch.tensor([[9.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 0])),
    ...     (torch.tensor([[9.0, 0.0]]), torch.tensor([1])),
    ... ]
    >>> result = evaluate(nn.Identity(), batches)
    >>> result.count, round(result.accuracy, 4)  # 2 of 3; mean of batches: (1 + 0) / 2
    (3, 0.6667)
    """
    device, precision = place(model, device), as_precision(precision)
    for k in top_k:
        integer("top_k", k, minimum=1)
    means = Means(window=_WINDOW, top_k=top_k, finite=False)
    with mode(model, training=False):
        for images, labels in on(device, batches, precision.memory_format):
            with precision.autocast(device):
                scores = model(images)
                batch_loss = loss(scores, labels)
            means.add(batch_loss, scores, labels)
    return means.result()


@torch.no_grad()
def predict(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    device: torch.device | str | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the scores of all samples, and their labels.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes). It is in evaluation mode meanwhile and
        then in the mode it was in.
    batches
        Pairs of images, shape (N, ...), and labels, int64, shape (N,).
    device
        Where to compute; the model is moved there. None: where the model is.

    Returns
    -------
    scores : float tensor, shape (samples, classes)
        In the order of the batches, on the CPU.
    labels : int64 tensor, shape (samples,)
        Likewise.

    Raises
    ------
    ValueError
        If there is no batch.
    """
    device = place(model, device)
    all_scores, all_labels = [], []
    with mode(model, training=False):
        for images, labels in on(device, batches):
            all_scores.append(model(images).cpu())
            all_labels.append(labels.cpu())
    if not all_labels:
        raise ValueError("`batches` is empty: there is nothing to predict.")
    return torch.cat(all_scores), torch.cat(all_labels)
