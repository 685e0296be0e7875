"""What a classifier says about image files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cnn_tutorial._validation import integer
from cnn_tutorial.classifiers._classifier import Classifier
from cnn_tutorial.datasets.folder import read_image

__all__ = ["Reading", "read_images"]


@dataclass(frozen=True)
class Reading:
    """What a classifier says about one image.

    Parameters
    ----------
    path
        The file, as it was named.
    shares
        The best classes, best first, each with its share of the softmax, 0-1. A large
        share is no proof: an image of something else entirely gets one, too.
    """

    path: str
    shares: dict[str, float]

    @property
    def answer(self) -> str:
        """The class with the largest share."""
        return next(iter(self.shares))

    def __str__(self) -> str:
        ranked = ", ".join(f"{name} {share:.1%}" for name, share in self.shares.items())
        return f"{self.path}: {ranked}"


def read_images(
    classifier: Classifier,
    paths: Sequence[str | os.PathLike[str]],
    *,
    top: int = 3,
    batch_size: int = 64,
) -> list[Reading]:
    """Let a classifier read image files of any size.

    Images are turned, scaled, cut and standardised as those of a training folder.

    Parameters
    ----------
    classifier
        Stays as it is.
    paths
        Image files.
    top
        How many classes to tell of, at least 1.
    batch_size
        Images at a time, at least 1.

    Returns
    -------
    list of Reading
        One for each file, in their order.

    Raises
    ------
    DataError
        If a file is missing or no image.
    ValueError
        If a setting is out of its range.
    """
    top = min(integer("top", top, minimum=1), classifier.info.num_classes)
    step = integer("batch_size", batch_size, minimum=1)
    found: list[Reading] = []
    for start in range(0, len(paths), step):
        found += _read(classifier, paths[start : start + step], top)
    return found


@torch.inference_mode()
def _read(
    classifier: Classifier, paths: Sequence[str | os.PathLike[str]], top: int
) -> list[Reading]:
    info, network = classifier.info, classifier.network
    pixels = [
        read_image(Path(path), size=info.size, channels=info.channels) for path in paths
    ]
    device = next(network.parameters()).device
    images = info.normalize(torch.from_numpy(np.stack(pixels))).to(device)
    was_training = network.training
    network.eval()
    try:
        best = network(images).softmax(dim=1).cpu().topk(top, dim=1)
    finally:
        network.train(was_training)
    return [
        Reading(
            os.fspath(path),
            {info.classes[i]: share for i, share in zip(which, shares, strict=True)},
        )
        for path, which, shares in zip(
            paths, best.indices.tolist(), best.values.tolist(), strict=True
        )
    ]
