"""Residual networks, for small images and for large ones; gated ones, and plain ones.

Deviations from the paper: the stride of a bottleneck is on its 3x3 convolution; small
images (32 x 32) get the stem of the paper's CIFAR networks, one 3x3 convolution without
pooling, in front of the stages of its ImageNet networks, as is common since; weights
start by "fan out" (He and others, 2015, eq. 14, by output channels). The
pre-activation network has the depths of ResNet-18, which its paper does not.

References
----------
K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR
2016, Table 1 and section 4.2. "Delving deep into rectifiers", ICCV 2015, section 2.2.
"Identity mappings in deep residual networks", ECCV 2016. J. Hu, L. Shen, G. Sun,
"Squeeze-and-excitation networks", CVPR 2018.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Literal, TypedDict, Unpack, cast

from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.blocks import (
    BasicBlock,
    Bottleneck,
    ConvNormAct,
    PlainBlock,
    PreActBlock,
    ResidualBlock,
    SEBasicBlock,
)
from cnn_tutorial.models._checks import check_depths, check_images

__all__ = [
    "ResNet",
    "plain20",
    "preact_resnet18",
    "resnet8",
    "resnet18",
    "resnet20",
    "resnet34",
    "resnet50",
    "resnet101",
    "se_resnet18",
]


class ResNet(nn.Module):
    """Stem, stages of residual blocks, mean over all places, one linear layer.

    Parameters
    ----------
    block
        `BasicBlock`, `Bottleneck`, or what is called like them.
    depths
        Blocks in each stage. From the second stage on, the first block halves the maps
        and doubles the channels.
    in_channels
        Channels of the images.
    num_classes
        How many scores come out for each image.
    width
        Channels inside the blocks of the first stage.
    stem
        ``"small"``, 3x3, for images of about 32 x 32; ``"large"``, 7x7 with stride 2
        and a pooling, for about 224 x 224.
    pre_activation
        For blocks that begin with norm and activation: the stem has neither, and both
        come once more after the last block.
    zero_last_norm
        Let the last norm of each block start at 0, so that each block starts as the
        identity (Goyal and others, 2017, section 5.1).

    Raises
    ------
    ValueError
        If an argument is out of its range; on a call, if the images have other
        channels.

    Examples
    --------
    >>> import torch
    >>> net = resnet18(in_channels=1, width=8)
    >>> net(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        block: ResidualBlock,
        depths: Sequence[int],
        *,
        in_channels: int = 3,
        num_classes: int = 10,
        width: int = 64,
        stem: Literal["small", "large"] = "small",
        pre_activation: bool = False,
        zero_last_norm: bool = False,
    ) -> None:
        super().__init__()
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        channels = integer("width", width, minimum=1)
        choice("stem", stem, ("small", "large"))
        self.stem = _stem(stem, in_channels, width, plain=pre_activation)
        stages = []
        for number, depth in enumerate(check_depths(depths)):
            stage = []
            for k in range(depth):
                stride = 2 if number and k == 0 else 1
                stage.append(block(channels, width << number, stride=stride))
                channels = cast("int", stage[-1].expansion) * width << number
            stages.append(nn.Sequential(*stage))
        self.stages = nn.Sequential(*stages)
        last = (nn.BatchNorm2d(channels), nn.ReLU()) if pre_activation else ()
        self.last = nn.Sequential(*last)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(channels, integer("num_classes", num_classes, minimum=1))
        self._start(zero_last_norm=zero_last_norm)

    def _start(self, *, zero_last_norm: bool) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif zero_last_norm and hasattr(module, "last_norm"):
                nn.init.zeros_(cast("nn.BatchNorm2d", module.last_norm).weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Images of any size.

        Returns
        -------
        float tensor, shape (N, num_classes)
            Scores (logits).
        """
        check_images(x, channels=self.in_channels)
        x = self.last(self.stages(self.stem(x)))  # (N, C, H', W')
        x = self.pool(x).flatten(1)  # (N, C)
        scores: Tensor = self.head(x)
        return scores


def _stem(kind: str, in_channels: int, width: int, *, plain: bool) -> nn.Module:
    kernel_size, stride = (3, 1) if kind == "small" else (7, 2)
    first: nn.Sequential = ConvNormAct(
        in_channels, width, kernel_size, stride=stride, bias=False
    )
    if plain:
        first = nn.Sequential(first[0])
    if kind == "small":
        return first
    return nn.Sequential(*first, nn.MaxPool2d(3, stride=2, padding=1))


class Settings(TypedDict, total=False):
    """What the builders hand on to `ResNet`, `depths` in place of the name's."""

    depths: Sequence[int]
    in_channels: int
    num_classes: int
    width: int
    stem: Literal["small", "large"]
    zero_last_norm: bool


def _built(block: ResidualBlock, depths: Sequence[int], settings: Settings) -> ResNet:
    plan: Settings = {"depths": depths, **settings}
    return ResNet(block, **plan)


def resnet8(**settings: Unpack[Settings]) -> ResNet:
    """Return the smallest network of the paper's family for 32 x 32 images (n = 1).

    Its three stages have 16, 32 and 64 channels unless `settings`, as for `ResNet`,
    say another width. The paper begins with n = 3.

    Examples
    --------
    Stem 432 + 32; stages 4,672, 14,528 and 57,728; head 650:

    >>> sum(p.numel() for p in resnet8().parameters())
    78042
    """
    return _built(BasicBlock, (1, 1, 1), {"width": 16, **settings})


def resnet18(**settings: Unpack[Settings]) -> ResNet:
    """Return ResNet-18 (Table 1); `settings` as for `ResNet`."""
    return _built(BasicBlock, (2, 2, 2, 2), settings)


def resnet20(**settings: Unpack[Settings]) -> ResNet:
    """Return the paper's network for 32 x 32 images (section 4.2 with n = 3).

    Its three stages have 16, 32 and 64 channels unless `settings`, as for `ResNet`,
    say another width. Shortcuts that change shape convolve (the paper: option A).

    Examples
    --------
    >>> sum(p.numel() for p in resnet20().parameters())  # the paper: 0.27 million
    272474
    """
    return _built(BasicBlock, (3, 3, 3), {"width": 16, **settings})


def plain20(**settings: Unpack[Settings]) -> ResNet:
    """Return `resnet20` without shortcuts (section 4.2, "plain-20")."""
    return _built(PlainBlock, (3, 3, 3), {"width": 16, **settings})


def preact_resnet18(**settings: Unpack[Settings]) -> ResNet:
    """Return ResNet-18 of `PreActBlock`; `settings` as for `ResNet`."""
    settings.setdefault("depths", (2, 2, 2, 2))
    return ResNet(PreActBlock, pre_activation=True, **settings)


def se_resnet18(*, reduction: int = 16, **settings: Unpack[Settings]) -> ResNet:
    """Return ResNet-18 of `SEBasicBlock`.

    Parameters
    ----------
    reduction
        As for `SEBlock`; at most the width.
    settings
        As for `ResNet`.
    """
    block = functools.partial(SEBasicBlock, reduction=reduction)
    return _built(block, (2, 2, 2, 2), settings)


def resnet34(**settings: Unpack[Settings]) -> ResNet:
    """Return ResNet-34 (Table 1); `settings` as for `ResNet`."""
    return _built(BasicBlock, (3, 4, 6, 3), settings)


def resnet50(**settings: Unpack[Settings]) -> ResNet:
    """Return ResNet-50 (Table 1); `settings` as for `ResNet`."""
    return _built(Bottleneck, (3, 4, 6, 3), settings)


def resnet101(**settings: Unpack[Settings]) -> ResNet:
    """Return ResNet-101 (Table 1); `settings` as for `ResNet`."""
    return _built(Bottleneck, (3, 4, 23, 3), settings)
