"""One pass over the data: to learn from it, to judge, or to predict."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from cnn_tutorial.training._context import Batch, mode, on, place

__all__ = ["Evaluation", "Loss", "evaluate", "predict", "train_epoch"]

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Evaluation:
    """How a model does on a set of samples.

    Parameters
    ----------
    loss
        Mean over the samples.
    accuracy
        Share of the samples whose largest score is that of their label, 0-1.
    count
        Number of samples.
    """

    loss: float
    accuracy: float
    count: int


class _Mean:
    """Averages over samples: a short last batch must not count like a full one."""

    def __init__(self) -> None:
        self.loss, self.correct, self.count = 0.0, 0, 0

    def add(self, loss: float, scores: Tensor, labels: Tensor) -> None:
        self.loss += loss * len(labels)
        self.correct += int((scores.argmax(dim=1) == labels).sum())
        self.count += len(labels)

    def result(self) -> Evaluation:
        if self.count == 0:
            raise ValueError("`batches` is empty: there is nothing to average.")
        loss, accuracy = self.loss / self.count, self.correct / self.count
        return Evaluation(loss, accuracy, self.count)


def train_epoch(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    optimizer: Optimizer,
    loss: Loss = F.cross_entropy,
    scheduler: LRScheduler | None = None,
    device: torch.device | str | None = None,
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

    Returns
    -------
    Evaluation
        Of the scores that the steps were computed from: the model changed meanwhile,
        and dropout was on. `evaluate` says how good the model is now.

    Raises
    ------
    FloatingPointError
        If a loss is not finite; the step is not taken.
    ValueError
        If there is no batch.

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
    device = place(model, device)
    mean = _Mean()
    with mode(model, training=True):
        for step, (images, labels) in enumerate(on(device, batches), 1):
            scores = model(images)
            batch_loss = loss(scores, labels)
            mean.add(_finite(batch_loss, step, optimizer), scores, labels)
            optimizer.zero_grad()
            batch_loss.backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
    return mean.result()


@torch.no_grad()
def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    loss: Loss = F.cross_entropy,
    device: torch.device | str | None = None,
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

    Returns
    -------
    Evaluation
        Loss and accuracy, averaged over all samples, however they are batched.

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
    device = place(model, device)
    mean = _Mean()
    with mode(model, training=False):
        for images, labels in on(device, batches):
            scores = model(images)
            mean.add(loss(scores, labels).item(), scores, labels)
    return mean.result()


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


def _finite(loss: Tensor, step: int, optimizer: Optimizer) -> float:
    value = loss.item()
    if not math.isfinite(value):
        rates = ", ".join(f"{group['lr']:.3g}" for group in optimizer.param_groups)
        raise FloatingPointError(
            f"The loss is {value} at step {step} (learning rate {rates}). The "
            "parameters are those before this step. A smaller learning rate or clipped "
            "gradients may help; else look for inputs that are not finite."
        )
    return value
