"""Networks of inverted residual blocks: MobileNetV2 (2018), EfficientNet-B0 (2019).

Deviations from the papers: no stochastic depth; small images (32 x 32) get a stem and a
second stage without stride, so that two halvings fewer are left to do; weights start by
"fan out". Widths are rounded to multiples of 8 as the papers' programs do, from 8 on.

References
----------
M. Sandler and others, "MobileNetV2", CVPR 2018, Table 2. M. Tan, Q. Le, "EfficientNet",
ICML 2019, Table 1 and section 4.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.blocks import ConvNormAct, MBConv
from cnn_tutorial.models._checks import check_depths, check_images

__all__ = ["MobileNet", "Stage", "efficientnet_b0", "mobilenet_v2"]


@dataclass(frozen=True)
class Stage:
    """Blocks in a row; the first changes channels and size.

    Parameters
    ----------
    expansion, channels, depth, stride, kernel_size
        As the columns of the papers' tables.
    """

    expansion: int
    channels: int
    depth: int
    stride: int
    kernel_size: int = 3


MOBILENET_V2 = (
    *(Stage(1, 16, 1, 1), Stage(6, 24, 2, 2), Stage(6, 32, 3, 2), Stage(6, 64, 4, 2)),
    *(Stage(6, 96, 3, 1), Stage(6, 160, 3, 2), Stage(6, 320, 1, 1)),
)
EFFICIENTNET_B0 = (
    *(Stage(1, 16, 1, 1), Stage(6, 24, 2, 2), Stage(6, 40, 2, 2, 5)),
    *(Stage(6, 80, 3, 2), Stage(6, 112, 3, 1, 5), Stage(6, 192, 4, 2, 5)),
    Stage(6, 320, 1, 1),
)


class MobileNet(nn.Module):
    """A 3x3 stem, stages of `MBConv`, a wide 1x1, mean over all places, a linear layer.

    Parameters
    ----------
    stages
        The rows of the paper's table.
    in_channels
        Channels of the images.
    num_classes
        How many scores come out for each image.
    width
        Channels of the stem, 32 in the papers; all others in proportion.
    stem
        ``"small"`` for images of about 32 x 32, ``"large"`` for about 224 x 224.
    drop
        Probability of dropout before the linear layer, 0-1.
    act
        Makes the activation.
    block
        `MBConv`, or a ``partial`` of it.

    Raises
    ------
    ValueError
        If an argument is out of its range; on a call, if the images have other
        channels.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        *,
        in_channels: int = 3,
        num_classes: int = 10,
        width: int = 32,
        stem: Literal["small", "large"] = "small",
        drop: float = 0.2,
        act: Callable[[], nn.Module] = nn.ReLU6,
        block: Callable[..., nn.Module] = MBConv,
    ) -> None:
        super().__init__()
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        channels = integer("width", width, minimum=1)
        small = choice("stem", stem, ("small", "large")) == "small"
        stride = 1 if small else 2
        self.stem = ConvNormAct(in_channels, channels, 3, stride=stride, act=act)
        made = []
        for number, plan in enumerate(stages):
            out = _scaled(plan.channels, width)
            stride = 1 if small and number == 1 else plan.stride
            blocks = []
            for k in range(plan.depth):
                blocks.append(
                    block(
                        channels,
                        out,
                        expansion=plan.expansion,
                        kernel_size=plan.kernel_size,
                        stride=1 if k else stride,
                        act=act,
                    )
                )
                channels = out
            made.append(nn.Sequential(*blocks))
        self.stages = nn.Sequential(*made)
        wide = _scaled(1280, width)
        self.last = ConvNormAct(channels, wide, 1, act=act)
        self.dropout = nn.Dropout(drop)
        self.head = nn.Linear(wide, integer("num_classes", num_classes, minimum=1))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

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
        scores: Tensor = self.head(self.dropout(x.mean((2, 3))))
        return scores


def _scaled(channels: int, width: int) -> int:
    """Return the channels for another width, rounded to a multiple of 8.

    Never down by more than a tenth, as the papers' programs do.
    """
    wanted = channels * width / 32
    if wanted < 8:
        return max(1, round(wanted))
    near = int(wanted + 4) // 8 * 8
    return near if near >= 0.9 * wanted else near + 8


def _deep(stages: Sequence[Stage], depths: Sequence[int] | None) -> Sequence[Stage]:
    """Return the stages with so many blocks each; None: as they are."""
    if depths is None:
        return stages
    found = check_depths(depths, stages=len(stages))
    return [replace(plan, depth=d) for plan, d in zip(stages, found, strict=True)]


def mobilenet_v2(
    *,
    in_channels: int = 3,
    num_classes: int = 10,
    width: int = 32,
    depths: Sequence[int] | None = None,
    stem: Literal["small", "large"] = "small",
    drop: float = 0.2,
) -> MobileNet:
    """Return MobileNetV2 (Table 2); arguments as for `MobileNet`.

    `depths` replaces the table's column n: the blocks in each of the seven stages.

    Examples
    --------
    >>> net = mobilenet_v2(num_classes=1000, stem="large")
    >>> sum(p.numel() for p in net.parameters())  # the paper: 3.4 million
    3504872
    """
    return MobileNet(
        _deep(MOBILENET_V2, depths),
        in_channels=in_channels,
        num_classes=num_classes,
        width=width,
        stem=stem,
        drop=drop,
    )


def efficientnet_b0(
    *,
    in_channels: int = 3,
    num_classes: int = 10,
    width: int = 32,
    depths: Sequence[int] | None = None,
    stem: Literal["small", "large"] = "small",
    drop: float = 0.2,
) -> MobileNet:
    """Return EfficientNet-B0 (Table 1); arguments as for `MobileNet`.

    Its gates are narrower than the *input* of their block by four, at least one
    channel. `depths` replaces the table's column of layers in each of seven stages.

    Examples
    --------
    >>> net = efficientnet_b0(num_classes=1000, stem="large")
    >>> sum(p.numel() for p in net.parameters())  # the paper: 5.3 million
    5288548
    """
    return MobileNet(
        _deep(EFFICIENTNET_B0, depths),
        in_channels=in_channels,
        num_classes=num_classes,
        width=width,
        stem=stem,
        drop=drop,
        act=nn.SiLU,
        block=functools.partial(
            MBConv,
            se_reduction=4 if width >= 8 else 1,
            se_from="input",
            se_bias=True,
        ),
    )
