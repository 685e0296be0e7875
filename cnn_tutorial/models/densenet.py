"""Densely connected networks (2017), for small images and for large ones.

Deviations from the paper: weights start by "fan in" as in torchvision's program; small
images get a stem of one 3x3 convolution in front of any plan.

References
----------
G. Huang, Z. Liu, L. van der Maaten, K. Weinberger, "Densely connected convolutional
networks", CVPR 2017, Table 1, and section 3, "implementation details".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict, Unpack

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.blocks import ConvNormAct, DenseBlock, Transition
from cnn_tutorial.models._checks import check_depths, check_images

__all__ = ["DenseNet", "densenet121", "densenet169", "densenet_bc100"]


class DenseNet(nn.Module):
    """Stem, dense blocks with transitions between them, mean, one linear layer.

    Parameters
    ----------
    depths
        Layers in each block; each has two convolutions.
    in_channels
        Channels of the images.
    num_classes
        How many scores come out for each image.
    width
        Growth: channels that each layer adds. The stem has twice as many.
    compression
        What a transition leaves of the channels, above 0, at most 1.
    stem
        ``"small"``, 3x3, for images of about 32 x 32; ``"large"``, 7x7 with stride 2
        and a pooling, for about 224 x 224.
    drop, recompute
        As for `DenseBlock`.

    Raises
    ------
    ValueError
        If an argument is out of its range; on a call, if the images have other
        channels.

    Examples
    --------
    >>> sum(p.numel() for p in densenet_bc100().parameters())  # the paper: 0.8 million
    769162
    """

    def __init__(
        self,
        depths: Sequence[int],
        *,
        in_channels: int = 3,
        num_classes: int = 10,
        width: int = 32,
        compression: float = 0.5,
        stem: Literal["small", "large"] = "small",
        drop: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        if not 0 < compression <= 1:
            raise ValueError(
                f"`compression` (={compression!r}) must be above 0 and at most 1."
            )
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        channels = 2 * integer("width", width, minimum=1)
        choice("stem", stem, ("small", "large"))
        self.stem = _stem(stem, in_channels, channels)
        layers: list[nn.Module] = []
        for depth in check_depths(depths):
            if layers:
                fewer = max(1, int(channels * compression))
                layers.append(Transition(channels, fewer))
                channels = fewer
            options = {"growth": width, "drop": drop, "recompute": recompute}
            block = DenseBlock(channels, depth, **options)  # type: ignore[arg-type]
            layers.append(block)
            channels = block.out_channels
        self.stages = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, integer("num_classes", num_classes, minimum=1))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Images of any size that the poolings leave something of.

        Returns
        -------
        float tensor, shape (N, num_classes)
            Scores (logits).
        """
        check_images(x, channels=self.in_channels)
        x = F.relu(self.norm(self.stages(self.stem(x))))  # (N, C, H', W')
        scores: Tensor = self.head(x.mean((2, 3)))
        return scores


def _stem(kind: str, in_channels: int, channels: int) -> nn.Module:
    if kind == "small":
        return ConvNormAct(in_channels, channels, 3, norm=None, act=None, bias=False)
    first = ConvNormAct(in_channels, channels, 7, stride=2)
    return nn.Sequential(*first, nn.MaxPool2d(3, stride=2, padding=1))


class Settings(TypedDict, total=False):
    """What the builders hand on to `DenseNet`, `depths` in place of the name's."""

    depths: Sequence[int]
    in_channels: int
    num_classes: int
    width: int
    compression: float
    stem: Literal["small", "large"]
    drop: float
    recompute: bool


def densenet121(**settings: Unpack[Settings]) -> DenseNet:
    """Return DenseNet-121 (Table 1, growth 32); `settings` as for `DenseNet`."""
    settings.setdefault("depths", (6, 12, 24, 16))
    return DenseNet(**settings)


def densenet169(**settings: Unpack[Settings]) -> DenseNet:
    """Return DenseNet-169 (Table 1, growth 32); `settings` as for `DenseNet`."""
    settings.setdefault("depths", (6, 12, 32, 32))
    return DenseNet(**settings)


def densenet_bc100(**settings: Unpack[Settings]) -> DenseNet:
    """Return DenseNet-BC of depth 100 (Table 2), growth 12 unless `width` says more."""
    settings.setdefault("width", 12)
    settings.setdefault("depths", (16, 16, 16))
    return DenseNet(**settings)
