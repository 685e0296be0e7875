"""A training as data: everything that somebody chose, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR

from cnn_tutorial import datasets, training
from cnn_tutorial._validation import choice, integer
from cnn_tutorial.datasets.augmentation import Augmentation, RandomCrop, RandomFlip

if TYPE_CHECKING:
    from cnn_tutorial.datasets import Dataset, DatasetInfo, Split
    from cnn_tutorial.records import RunRecord

__all__ = ["Build", "Recipe", "Run", "train"]

OPTIMIZERS = ("sgd", "adamw")
SCHEDULES = ("constant", "cosine", "one-cycle")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is trained on what, and how; a variant is ``dataclasses.replace(...)`` away.

    Parameters
    ----------
    data
        Name of a data set, as in `cnn_tutorial.datasets.load`.
    model
        Settings of the experiment's model.
    images
        How many training images, each class in its proportion; None for all.
    epochs, batch_size
        At least 1.
    optimizer
        ``"sgd"`` or ``"adamw"``.
    lr
        The learning rate; the highest one, where a schedule changes it.
    momentum
        Of ``"sgd"``, 0-1.
    weight_decay
        At least 0.
    schedule
        ``"constant"``; ``"cosine"``, down to zero by epochs; or ``"one-cycle"``, up and
        down by steps.
    crop
        Pixels of padding for random crops; 0 for none.
    flip
        Whether half of the training images are mirrored, left to right.
    label_smoothing
        Share of the target that is spread over all classes, 0-1.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Examples
    --------
    >>> from dataclasses import replace
    >>> base = Recipe(data="digits", epochs=3, flip=False)
    >>> replace(base, lr=0.05).lr
    0.05
    """

    data: str
    epochs: int
    model: Mapping[str, Any] = field(default_factory=dict)
    images: int | None = None
    batch_size: int = 128
    optimizer: Literal["sgd", "adamw"] = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: Literal["constant", "cosine", "one-cycle"] = "cosine"
    crop: int = 0
    flip: bool = False
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        integer("epochs", self.epochs, minimum=1)
        integer("batch_size", self.batch_size, minimum=1)
        integer("crop", self.crop, minimum=0)
        if self.images is not None:
            integer("images", self.images, minimum=1)
        choice("optimizer", self.optimizer, OPTIMIZERS)
        choice("schedule", self.schedule, SCHEDULES)
        for name in ("momentum", "label_smoothing"):
            if not 0 <= getattr(self, name) < 1:
                value = getattr(self, name)
                raise ValueError(f"`{name}` (={value!r}) must be from 0 to below 1.")

    @property
    def augmentations(self) -> list[Augmentation]:
        """The random changes of training images, in order."""
        crop: list[Augmentation] = [RandomCrop(self.crop)] if self.crop else []
        return crop + ([RandomFlip()] if self.flip else [])


#: Builds an experiment's model for a recipe and a data set.
Build = Callable[[Recipe, "DatasetInfo"], nn.Module]


@dataclass(frozen=True)
class Run:
    """One training from one seed.

    Parameters
    ----------
    seed
        Of first weights, orders and random changes.
    record
        Curves and settings, as `cnn_tutorial.training.fit` returns them.
    train_accuracy
        Share of the training images that the model gets right at the end, 0-1: the
        images as they are, not changed at random.
    test_accuracy
        Share of the test images that are right, 0-1; looked at once, at the end.
    net
        The trained model; None for a run that was read from a file.
    """

    seed: int
    record: RunRecord
    train_accuracy: float
    test_accuracy: float
    net: nn.Module | None = None

    @property
    def curves(self) -> Mapping[str, list[float]]:
        """One number per epoch by name, as `cnn_tutorial.plotting.curves` wants it."""
        return self.record.curves

    @property
    def validation_accuracy(self) -> float:
        """Share of the validation images that are right after the last epoch, 0-1."""
        return self.curves["validation_accuracy"][-1]

    @property
    def gap(self) -> float:
        """Training accuracy minus validation accuracy."""
        return self.train_accuracy - self.validation_accuracy


def train(
    recipe: Recipe,
    build: Build,
    seed: int,
    *,
    data: Dataset | None = None,
    device: torch.device | str | None = None,
) -> Run:
    """Carry out a recipe.

    Parameters
    ----------
    recipe
        What to do.
    build
        Builds the model.
    seed
        For `cnn_tutorial.training.seed_everything`, and for the order of the images.
    data
        Other images than those that the recipe names.
    device
        Where to compute; None: on the processor.

    Returns
    -------
    Run
        Curves on training and validation images, the accuracy on test images, and the
        model.

    Examples
    --------
    >>> recipe = Recipe(data="digits", epochs=1, images=50)
    >>> linear = lambda recipe, info: nn.Sequential(
    ...     nn.Flatten(), nn.Linear(32 * 32, info.num_classes)
    ... )
    >>> sorted(train(recipe, linear, seed=0).curves)[:2]
    ['seconds', 'train_accuracy']
    """
    found = data or datasets.load(recipe.data)
    images = _images(recipe, found)
    training.seed_everything(seed)
    net = build(recipe, found.info)
    batches = images.batches(
        recipe.batch_size, shuffle=True, seed=seed, augment=recipe.augmentations
    )
    optimizer = _optimizer(recipe, net)
    record = training.fit(
        net,
        batches,
        found.validation.batches(500),
        optimizer=optimizer,
        scheduler=_schedule(recipe, optimizer, len(batches)),
        epochs=recipe.epochs,
        loss=nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing),
        device=device,
        precision="float32",
    )
    taught, tested = (
        training.evaluate(net, split.batches(500), device=device).accuracy
        for split in (images, found.test)
    )
    return Run(seed, record, taught, tested, net)


def _images(recipe: Recipe, data: Dataset) -> Split:
    if recipe.images is None or recipe.images >= len(data.train):
        return data.train
    return data.train.sample(recipe.images)


def _optimizer(recipe: Recipe, net: nn.Module) -> torch.optim.Optimizer:
    parameters, decay = net.parameters(), recipe.weight_decay
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(parameters, recipe.lr, weight_decay=decay)
    momentum = recipe.momentum
    return torch.optim.SGD(parameters, recipe.lr, momentum, weight_decay=decay)


def _schedule(
    recipe: Recipe, optimizer: torch.optim.Optimizer, steps: int
) -> LRScheduler | None:
    if recipe.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=recipe.epochs)
    if recipe.schedule == "one-cycle":
        total = recipe.epochs * steps
        # By default it would set a momentum of its own, whatever the recipe says.
        return OneCycleLR(optimizer, recipe.lr, total, cycle_momentum=False)
    return None
