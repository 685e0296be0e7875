"""One small network of three stages whose parts can be exchanged one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import nn

from cnn_tutorial._validation import choice
from cnn_tutorial.blocks import BasicBlock, ConvNormAct

if TYPE_CHECKING:
    from cnn_tutorial.datasets import DatasetInfo
    from cnn_tutorial.experiments.recipe import Recipe

__all__ = ["BLOCKS", "build", "small_net"]

Norm = Callable[[int], nn.Module] | None


def _plain(a: int, b: int, norm: Norm) -> nn.Module:
    return ConvNormAct(a, b, 3, norm=norm)


def _deeper(a: int, b: int, norm: Norm) -> nn.Module:
    return nn.Sequential(ConvNormAct(a, b, norm=norm), ConvNormAct(b, b, norm=norm))


def _residual(a: int, b: int, norm: Norm) -> nn.Module:  # noqa: ARG001
    return BasicBlock(a, b)


def _separable(a: int, b: int, norm: Norm) -> nn.Module:
    """MobileNet: look at each channel alone, then mix the channels of each place."""
    return nn.Sequential(
        ConvNormAct(a, a, 3, groups=a, norm=norm), ConvNormAct(a, b, 1, norm=norm)
    )


def _shuffled(a: int, b: int, norm: Norm) -> nn.Module:
    """ShuffleNet: mix channels in groups only, and deal them anew in between."""
    return nn.Sequential(
        ConvNormAct(a, b, 1, groups=4, norm=norm),
        nn.ChannelShuffle(4),
        ConvNormAct(b, b, 3, groups=b, norm=norm, act=None),
        ConvNormAct(b, b, 1, groups=4, norm=norm),
    )


BLOCKS = {
    "plain": _plain,
    "deeper": _deeper,
    "residual": _residual,
    "separable": _separable,
    "shuffled": _shuffled,
}
"""What a stage may be made of, by name."""


def small_net(
    in_channels: int,
    num_classes: int,
    *,
    block: str = "plain",
    width: int = 16,
    norm: bool = True,
    dropout: float = 0.0,
) -> nn.Sequential:
    """Return a stem, two stages that halve the maps, the mean of each map, and scores.

    Parameters
    ----------
    in_channels, num_classes
        Of the images, and of the scores.
    block
        What the stages are made of: one of `BLOCKS`.
    width
        Channels after the stem, a multiple of 4; each stage doubles them.
    norm
        Whether convolutions are followed by a batch norm; residual blocks always are.
    dropout
        Share of the last features that is left out in training, 0-1.

    Raises
    ------
    ValueError
        If there is no such block.

    Examples
    --------
    >>> net = small_net(1, 10, width=16)
    >>> sum(p.numel() for p in net.parameters())  # without norms 144+4,608+18,432+650
    24058
    """
    stage = BLOCKS[choice("block", block, BLOCKS)]
    kind = nn.BatchNorm2d if norm else None
    return nn.Sequential(
        ConvNormAct(in_channels, width, 3, norm=kind),
        nn.MaxPool2d(2),
        stage(width, 2 * width, kind),
        nn.MaxPool2d(2),
        stage(2 * width, 4 * width, kind),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(4 * width, num_classes),
    )


def build(recipe: Recipe, info: DatasetInfo) -> nn.Module:
    """Return the network that a recipe asks for, for the images of a data set."""
    return small_net(info.channels, info.num_classes, **recipe.model)
