"""How good a classifier is on a split, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from cnn_tutorial.classifiers._classifier import Classifier
from cnn_tutorial.datasets import Split
from cnn_tutorial.training import predict

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True)
class Judgement:
    """What a classifier got right.

    Parameters
    ----------
    loss
        Mean cross-entropy of the images.
    accuracy
        Share of the images that were read right, 0-1.
    count
        Number of images.
    by_class
        For each class the share of its images that were read right, 0-1; None for a
        class without images.
    """

    loss: float
    accuracy: float
    count: int
    by_class: dict[str, float | None]

    def __str__(self) -> str:
        width = max(map(len, self.by_class))
        head = f"accuracy {self.accuracy:.2%} of {self.count:,} images"
        rows = [
            f"  {name:{width}}  " + ("-" if share is None else f"{share:6.1%}")
            for name, share in self.by_class.items()
        ]
        return "\n".join([f"{head}, loss {self.loss:.4f}", *rows])


def judge(
    classifier: Classifier,
    split: Split,
    *,
    device: torch.device | str | None = None,
    batch_size: int = 256,
) -> Judgement:
    """Judge a classifier by images with labels.

    Parameters
    ----------
    classifier
        Stays as it is.
    split
        The images; standardised with the figures of the classifier.
    device
        Where to compute. None: where the network is.
    batch_size
        Images at a time, at least 1.

    Returns
    -------
    Judgement
        Loss, accuracy, and accuracy by class.

    Raises
    ------
    ValueError
        If the images have other classes, channels or size than the classifier.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> digits = datasets.load("digits").limited(40)
    >>> untrained = Classifier.create("lenet", digits.info)
    >>> judge(untrained, digits.test).count
    40
    """
    classifier.check(split.info)
    batches = classifier.standardised(split).batches(batch_size)
    scores, labels = predict(classifier.network, batches, device=device)
    right = scores.argmax(dim=1) == labels
    by_class: dict[str, float | None] = {}
    for label, name in enumerate(classifier.info.classes):
        own = right[labels == label]
        by_class[name] = own.double().mean().item() if len(own) else None
    loss = F.cross_entropy(scores, labels).item()
    return Judgement(loss, right.double().mean().item(), len(labels), by_class)
