"""Averages over samples, and the moment a loss stops being a number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from cnn_tutorial.training._classes import PerClass, per_class

__all__ = ["Evaluation", "Means", "NotFiniteError"]


class NotFiniteError(FloatingPointError):
    """A loss is not finite."""

    def __init__(self, value: float, step: int) -> None:
        super().__init__(f"the loss is {value} at step {step}")
        self.value, self.step = value, step


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
    top_k
        For each k that was asked for, the share of the samples whose label is among the
        k largest scores, 0-1.
    per_class
        How it does on each class, with the confusion matrix; None if nobody asked.
    """

    loss: float
    accuracy: float
    count: int
    top_k: dict[int, float] = field(default_factory=dict)
    per_class: PerClass | None = field(default=None, compare=False, repr=False)


class Means:
    """Averages over samples: a short last batch must not count like a full one.

    On a GPU a look at each loss would make the processor wait for it. The losses of
    `window` batches wait there instead, and are looked at together.

    Parameters
    ----------
    window
        Batches between two looks.
    top_k
        Which shares besides that of the largest score.
    finite
        Whether a loss that is not finite is an error.
    per_class
        Whether to keep each prediction, for an account of each class.
    """

    def __init__(
        self,
        *,
        window: int = 1,
        top_k: tuple[int, ...] = (),
        finite: bool = True,
        per_class: bool = False,
    ) -> None:
        self.window, self.top_k, self.finite = window, top_k, finite
        self.per_class, self.classes = per_class, 0
        self._kept: list[tuple[Tensor, Tensor]] = []
        self.loss, self.count, self.batches = 0.0, 0, 0
        self.correct, self.ranked = 0, [0] * len(top_k)
        self._waiting: list[tuple[Tensor, list[Tensor], int]] = []

    def add(self, loss: Tensor, scores: Tensor, labels: Tensor) -> None:
        """Count a batch in.

        Raises
        ------
        NotFiniteError
            If a loss since the last look is not finite.
        """
        predicted = scores.argmax(dim=1)
        right = [(predicted == labels).sum()]
        if self.per_class:
            self.classes = scores.shape[1]
            self._kept.append((labels, predicted))
        if self.top_k:
            right += self._ranked(scores, labels)
        self._waiting.append((loss, right, len(labels)))
        if len(self._waiting) >= self.window:
            self.look()

    def look(self) -> None:
        """Look at what waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        losses = _numbers([loss for loss, _, _ in waiting])
        hits = [
            _numbers([right[i] for _, right, _ in waiting])
            for i in range(len(waiting[0][1]))
        ]
        for batch, (_, _, count) in enumerate(waiting):
            self.batches += 1
            if self.finite and not math.isfinite(losses[batch]):
                raise NotFiniteError(losses[batch], self.batches)
            self.loss += losses[batch] * count
            self.count += count
            self.correct += int(hits[0][batch])
            for k, numbers in enumerate(hits[1:]):
                self.ranked[k] += int(numbers[batch])

    def _ranked(self, scores: Tensor, labels: Tensor) -> list[Tensor]:
        largest, classes = max(self.top_k), scores.shape[1]
        if largest > classes:
            raise ValueError(
                f"`top_k` (={largest}) must be at most the model's {classes} classes."
            )
        places = scores.topk(largest, dim=1).indices == labels[:, None]
        return [places[:, :k].sum() for k in self.top_k]

    def result(self) -> Evaluation:
        """Return the averages.

        Raises
        ------
        ValueError
            If there was no sample.
        """
        self.look()
        if self.count == 0:
            raise ValueError("`batches` is empty: there is nothing to average.")
        loss, accuracy = self.loss / self.count, self.correct / self.count
        shares = [ranked / self.count for ranked in self.ranked]
        top_k = dict(zip(self.top_k, shares, strict=True))
        return Evaluation(loss, accuracy, self.count, top_k, self._classes())

    def _classes(self) -> PerClass | None:
        if not self.per_class:
            return None
        labels, predicted = map(torch.cat, zip(*self._kept, strict=True))
        return per_class(labels, predicted, self.classes)

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on counting."""
        self.look()
        return {
            "loss": self.loss,
            "count": self.count,
            "batches": self.batches,
            "correct": self.correct,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on counting from there."""
        self.loss, self.count = state["loss"], state["count"]
        self.batches, self.correct = state["batches"], state["correct"]


def _numbers(tensors: list[Tensor]) -> list[float]:
    """Return the numbers in tensors of one element, with one wait for all."""
    if len(tensors) == 1:
        return [tensors[0].item()]
    found: list[float] = torch.stack([t.detach() for t in tensors]).tolist()
    return found
