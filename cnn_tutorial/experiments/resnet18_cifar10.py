"""ResNet-18 on CIFAR-10: the recipe that is copied most often.

It needs the data set ``cifar10`` and, to end within minutes, a GPU. The stem is the
3x3 one for small images; see `cnn_tutorial.models.resnet`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from cnn_tutorial.experiments.experiment import Experiment
from cnn_tutorial.experiments.recipe import Recipe
from cnn_tutorial.models.resnet import resnet18

if TYPE_CHECKING:
    from cnn_tutorial.datasets import DatasetInfo

__all__ = ["EXPERIMENT"]

PAPER = Recipe(
    data="cifar10",
    epochs=20,
    batch_size=128,
    optimizer="sgd",
    lr=0.1,
    momentum=0.9,
    weight_decay=5e-4,
    schedule="cosine",  # T_max = 20 epochs
    crop=4,
    flip=True,
)


def build(recipe: Recipe, info: DatasetInfo) -> nn.Module:
    """Return ResNet-18 for the images of a data set."""
    return resnet18(
        in_channels=info.channels, num_classes=info.num_classes, **recipe.model
    )


EXPERIMENT = Experiment(
    name="resnet18-cifar10",
    title="How far do 20 epochs of the usual recipe get on CIFAR-10?",
    recipes={"paper": PAPER},
    build=build,
)
