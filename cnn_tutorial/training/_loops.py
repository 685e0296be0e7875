"""One pass over the data: to learn from it, to judge, or to predict."""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from cnn_tutorial._validation import integer
from cnn_tutorial.training._context import Batch, mode, on, place
from cnn_tutorial.training._learning import WINDOW, Learning, Loss, Mix
from cnn_tutorial.training._means import Evaluation, Means
from cnn_tutorial.training._precision import Precision, as_precision, positive

__all__ = ["evaluate", "predict", "train_epoch"]


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
    per_class: bool = False,
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
    per_class
        Also count who is taken for whom: confusion matrix, precision, recall.

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
    >>> evaluate(nn.Identity(), batches, per_class=True).per_class.confusion.tolist()
    [[2, 0], [1, 0]]
    """
    device, precision = place(model, device), as_precision(precision)
    for k in top_k:
        integer("top_k", k, minimum=1)
    means = Means(window=WINDOW, top_k=top_k, finite=False, per_class=per_class)
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
