"""Evaluations with one thing wrong, for the exercise on writing one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises.training._nets import Batches

__all__ = [
    "Variant",
    "accuracy_per_batch",
    "counted",
    "loss_per_batch",
    "over_batches",
    "per_batch",
    "per_image",
    "percent",
    "swapped",
    "weighed_twice",
]

Counts = list[tuple[float, int, int]]
"""Of each batch: its mean loss, how many are right, how many there are."""


def per_image(counts: Counts) -> tuple[float, float]:
    """Return both means over images."""
    n = sum(size for _, _, size in counts)
    loss = sum(loss * size for loss, _, size in counts) / n
    return loss, sum(right for _, right, _ in counts) / n


def per_batch(counts: Counts) -> tuple[float, float]:
    """Return means of batch means."""
    n = len(counts)
    shares = [right / size for _, right, size in counts]
    return sum(loss for loss, _, _ in counts) / n, sum(shares) / n


@dataclass(frozen=True)
class Variant:
    """An evaluation with one thing wrong."""

    evaluation: bool = True
    give_back: bool = True
    always_train: bool = False
    graph: bool = False
    mean: Callable[[Counts], tuple[float, float]] = per_image
    last: int | None = None
    axis: int = 1

    def __call__(self, net: nn.Module, batches: Batches) -> tuple[float, float]:
        """Return loss and accuracy."""
        was_training = net.training
        if self.evaluation:
            net.eval()
        counts = []
        with nullcontext() if self.graph else torch.no_grad():
            for images, labels in batches[: self.last]:
                scores = net(images)
                loss = F.cross_entropy(scores, labels).item()
                right = int((scores.argmax(dim=self.axis) == labels).sum())
                counts.append((loss, right, len(labels)))
        if self.give_back:
            net.train(was_training or self.always_train)
        return self.mean(counts)


def swapped(counts: Counts) -> tuple[float, float]:
    """Return the accuracy first."""
    loss, accuracy = per_image(counts)
    return accuracy, loss


def loss_per_batch(counts: Counts) -> tuple[float, float]:
    """Return a mean of batch means for the loss alone."""
    return per_batch(counts)[0], per_image(counts)[1]


def accuracy_per_batch(counts: Counts) -> tuple[float, float]:
    """Return a mean of batch means for the accuracy alone."""
    return per_image(counts)[0], per_batch(counts)[1]


def counted(counts: Counts) -> tuple[float, float]:
    """Return how many are right, in place of the share."""
    return per_image(counts)[0], float(sum(right for _, right, _ in counts))


def percent(counts: Counts) -> tuple[float, float]:
    """Return the accuracy in per cent."""
    loss, accuracy = per_image(counts)
    return loss, 100 * accuracy


def weighed_twice(counts: Counts) -> tuple[float, float]:
    """Multiply sums by the number of images once more."""
    return per_image([(loss * size, right, size) for loss, right, size in counts])


def over_batches(counts: Counts) -> tuple[float, float]:
    """Divide by the number of batches."""
    return per_image([(loss, right, 1) for loss, right, _ in counts])
