"""Batches of a split: a new order in each epoch, and always the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from cnn_tutorial.datasets.augmentation import Augmentation, augmented
from cnn_tutorial.datasets.epochs import Epochs

if TYPE_CHECKING:
    from cnn_tutorial.datasets.splits import Split

__all__ = ["Batches"]


class Batches(Epochs):
    """Standardised images and labels, batch by batch; each ``for`` loop is one epoch.

    The images stay bytes in memory; a batch is moved to the device as bytes, a quarter
    of the traffic, and standardised there in one go.

    Parameters
    ----------
    split : Split
        What to take batches of.
    batch_size : int
        Images in a batch; the last one may be shorter.
    shuffle : bool
        Draw a new order for each epoch.
    seed : int
        Start of the generator that draws the orders. It belongs to these batches alone:
        neither ``torch.manual_seed`` nor other batches change the orders.
    device : torch.device or str, optional
        Where the batches go; without it they stay where the split is.
    drop_last : bool
        Leave out a last batch that would be shorter.
    augment : sequence of augmentations
        Random changes of each batch, in order, for instance ``[RandomCrop(4),
        RandomFlip()]``: other ones in each epoch, the same ones for the same `seed`.

    Raises
    ------
    ValueError
        If `batch_size` is not positive, or `drop_last` would leave no batch.

    See Also
    --------
    Loader : the same images, one at a time, changed by ``torchvision.transforms``.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> batches = datasets.load("digits").validation.batches(64)
    >>> [len(labels) for images, labels in batches]  # 180 = 64 + 64 + 52
    [64, 64, 52]
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
        drop_last: bool = False,
        augment: Sequence[Augmentation] = (),
    ) -> None:
        super().__init__(
            split,
            batch_size,
            shuffle=shuffle,
            seed=seed,
            drop_last=drop_last,
            changed=bool(augment),
        )
        self.device = device
        self.augment = tuple(augment)

    def _made(
        self, cuts: Sequence[Tensor], first: int, seed: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        split = self.split
        for number in range(first, len(cuts)):
            indices = cuts[number].to(split.images.device)
            images, labels = split.images[indices], split.labels[indices]
            if self.device is not None:
                images, labels = images.to(self.device), labels.to(self.device)
            images = augmented(images, self.augment, seed=seed + number)
            yield split.info.normalize(images), labels
