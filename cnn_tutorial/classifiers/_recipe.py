"""How to train, as data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR

from cnn_tutorial._validation import integer
from cnn_tutorial.datasets import Augmentation, Batches, RandomCrop, RandomFlip, Split
from cnn_tutorial.records import RunRecord
from cnn_tutorial.training import Precision, fit

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """SGD with momentum, one cycle of the learning rate, mild augmentation.

    The defaults were chosen for `cnn_tutorial.models.resnet8` on the validation images
    of the Fashion sample, and are a fair start for any network with norms.

    Parameters
    ----------
    epochs
        Passes over the training images, at least 1.
    batch_size
        Images of a step, at least 1.
    rate
        Highest learning rate of the cycle, above 0.
    weight_decay
        At least 0.
    label_smoothing
        Share of the target that is spread over all classes, 0-1.
    crop
        Pixels by which an image may move each way; 0 for none.
    flip
        Mirror every other image, left to right. Digits and letters must not be.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    L. N. Smith, N. Topin, "Super-convergence: very fast training of neural networks
    using large learning rates", 2017, arXiv:1708.07120.

    Examples
    --------
    >>> Recipe(epochs=0)
    Traceback (most recent call last):
    ValueError: `epochs` (=0) must be at least 1.
    """

    epochs: int = 8
    batch_size: int = 64
    rate: float = 0.1
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    crop: int = 0
    flip: bool = True

    def __post_init__(self) -> None:
        """Check the settings."""
        integer("epochs", self.epochs, minimum=1)
        integer("batch_size", self.batch_size, minimum=1)
        integer("crop", self.crop, minimum=0)
        if not self.rate > 0:
            raise ValueError(f"`rate` (={self.rate!r}) must be above 0.")
        if not self.weight_decay >= 0:
            raise ValueError(f"`weight_decay` (={self.weight_decay!r}) must be >= 0.")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(
                f"`label_smoothing` (={self.label_smoothing!r}) must be from 0 to 1."
            )

    def batches(self, split: Split, *, seed: int) -> Batches:
        """Return training batches of full size, shuffled and augmented.

        Where there are fewer images than that, all of them are one batch.

        Parameters
        ----------
        split
            The images.
        seed
            Start of orders and augmentations.
        """
        changes: list[Augmentation] = []
        if self.crop:
            changes.append(RandomCrop(self.crop))
        if self.flip:
            changes.append(RandomFlip())
        return split.batches(
            self.batch_size,
            shuffle=True,
            seed=seed,
            augment=changes,
            # Norms know little from a short batch; other images are left out next time.
            drop_last=len(split) >= self.batch_size,
        )

    def optimizer(self, network: nn.Module) -> torch.optim.SGD:
        """Return the optimiser of a network."""
        return torch.optim.SGD(
            [p for p in network.parameters() if p.requires_grad],
            lr=self.rate,
            momentum=0.9,
            nesterov=True,
            weight_decay=self.weight_decay,
        )

    def schedule(
        self, optimizer: torch.optim.Optimizer, batches: Batches
    ) -> OneCycleLR:
        """Return one cycle of the learning rate over all steps."""
        steps = self.epochs * len(batches)
        return OneCycleLR(optimizer, self.rate, steps)

    @property
    def loss(self) -> Callable[[Tensor, Tensor], Tensor]:
        """Cross-entropy, smoothed."""
        return functools.partial(F.cross_entropy, label_smoothing=self.label_smoothing)

    def fit(
        self,
        network: nn.Module,
        split: Split,
        *,
        seed: int = 0,
        device: torch.device | str | None = None,
        precision: Precision | str = "float32",
    ) -> RunRecord:
        """Train any network on a split, in place; nothing is judged on the way.

        Parameters
        ----------
        network
            Takes images of the split and returns scores; its first weights are the
            caller's.
        split
            The images.
        seed, device, precision
            As for `cnn_tutorial.training.fit`. `seed` also starts orders and
            augmentations.

        Returns
        -------
        RunRecord
            Curves and settings.

        Raises
        ------
        ValueError
            If `cnn_tutorial.training.fit` refuses something.

        Examples
        --------
        >>> from cnn_tutorial import datasets
        >>> digits = datasets.load("digits").train.sample(40)
        >>> network = nn.Sequential(nn.Flatten(), nn.Linear(32 * 32, 10))
        >>> record = Recipe(epochs=3, batch_size=20).fit(network, digits)
        >>> len(record.curves["train_loss"])
        3
        """
        batches, optimizer = self.batches(split, seed=seed), self.optimizer(network)
        return fit(
            network,
            batches,
            optimizer=optimizer,
            scheduler=self.schedule(optimizer, batches),
            epochs=self.epochs,
            loss=self.loss,
            device=device,
            seed=seed,
            precision=precision,
        )
