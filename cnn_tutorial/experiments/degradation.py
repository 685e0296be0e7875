"""Does a deeper network learn less? Plain and residual ones at growing depth.

The same blocks, with and without shortcuts. What counts is how many
of its own *training* images a network gets right: where fewer are right with more
layers, the reason cannot be that the network learns too much by heart. The deepest
plain network gets a second chance, at a lower learning rate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from torch import nn

from cnn_tutorial.blocks import BasicBlock, PlainBlock, ResidualBlock
from cnn_tutorial.experiments.experiment import Experiment
from cnn_tutorial.experiments.recipe import Recipe
from cnn_tutorial.models.resnet import ResNet

if TYPE_CHECKING:
    from cnn_tutorial.datasets import DatasetInfo

__all__ = ["DEPTHS", "EXPERIMENT"]

DEPTHS = (8, 20, 44)
"""Layers with weights, 6n + 2, in n blocks for each of three stages."""

BLOCKS: dict[str, ResidualBlock] = {"plain": PlainBlock, "residual": BasicBlock}

BASE = Recipe(
    data="fashion-sample",
    images=2000,
    epochs=12,
    batch_size=50,
    optimizer="sgd",
    lr=0.1,
    momentum=0.9,
    weight_decay=1e-4,
    schedule="one-cycle",
)


def build(recipe: Recipe, info: DatasetInfo) -> nn.Module:
    """Return a narrow network of the paper's family, behind a mean that halves images.

    Small maps and few channels make room for depth within the same time.
    """
    n = (recipe.model["depth"] - 2) // 6
    net = ResNet(
        BLOCKS[recipe.model["block"]],
        (n, n, n),
        in_channels=info.channels,
        num_classes=info.num_classes,
        width=8,
    )
    return nn.Sequential(nn.AvgPool2d(2), net)


def _recipe(block: str, depth: int) -> Recipe:
    return replace(BASE, model={"block": block, "depth": depth})


EXPERIMENT = Experiment(
    name="degradation",
    title="Does a deeper network learn less of what it is taught?",
    recipes={
        f"{block} {depth}": _recipe(block, depth)
        for depth in DEPTHS
        for block in BLOCKS
    }
    | {
        f"plain {DEPTHS[-1]}, lower rate": replace(
            _recipe("plain", DEPTHS[-1]), lr=0.02
        )
    },
    build=build,
)
