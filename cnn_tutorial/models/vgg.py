"""Networks of 3x3 convolutions in blocks that end in a pooling (VGG, 2015).

Deviations from the paper: batch norm after each convolution, unless asked otherwise;
Kaiming's initial weights. `vgg_small` is not of the paper: three blocks for 32 x 32,
and the mean over all places in front of two small affine maps.

References
----------
K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image
recognition", ICLR 2015, Table 1, columns A and D.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict, Unpack

from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.blocks import ConvNormAct
from cnn_tutorial.models._checks import check_depths, check_images

__all__ = ["VGG", "vgg11", "vgg16", "vgg_small"]


class VGG(nn.Module):
    """Blocks of 3x3 convolutions, each followed by a 2x2 max pooling; a small head.

    Parameters
    ----------
    plan
        The channels of each convolution of each block, in units of `width`.
    in_channels
        Channels of the images.
    num_classes
        How many scores come out for each image.
    width
        Channels of the first convolutions.
    norm
        Whether each convolution is followed by a batch norm.
    bias
        Whether convolutions have a bias. None: where no norm follows.
    head
        ``"mean"``: mean over all places, then two affine maps; ``"flat"``: the paper's
        three affine maps of 7 x 7 places.
    hidden
        Numbers between the affine maps.
    drop
        Probability of dropout between the affine maps, 0-1.

    Raises
    ------
    ValueError
        If an argument is out of its range; on a call, if the images have other
        channels.

    Examples
    --------
    >>> sum(p.numel() for p in vgg_small().parameters())
    1805002
    >>> sum(p.numel() for p in vgg_small(bias=True).parameters())  # that do nothing
    1806154
    """

    def __init__(
        self,
        plan: Sequence[Sequence[int]],
        *,
        in_channels: int = 3,
        num_classes: int = 10,
        width: int = 64,
        norm: bool = True,
        bias: bool | None = None,
        head: Literal["mean", "flat"] = "mean",
        hidden: int = 256,
        drop: float = 0.5,
    ) -> None:
        super().__init__()
        self.in_channels = channels = integer("in_channels", in_channels, minimum=1)
        integer("width", width, minimum=1)
        integer("num_classes", num_classes, minimum=1)
        integer("hidden", hidden, minimum=1)
        choice("head", head, ("mean", "flat"))
        stages = []
        for widths in plan:
            stage: list[nn.Module] = []
            for times in widths:
                out, kind = times * width, nn.BatchNorm2d if norm else None
                stage.append(ConvNormAct(channels, out, 3, norm=kind, bias=bias))
                channels = out
            stages.append(nn.Sequential(*stage, nn.MaxPool2d(2)))
        self.stages = nn.Sequential(*stages)
        side = 1 if head == "mean" else 7
        self.pool = nn.AdaptiveAvgPool2d(side)
        between = [channels * side * side, hidden, *([hidden] if side == 7 else [])]
        layers: list[nn.Module] = []
        for numbers in between[:-1]:
            layers += [nn.Linear(numbers, hidden), nn.ReLU(), nn.Dropout(drop)]
        self.head = nn.Sequential(*layers, nn.Linear(hidden, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

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
        x = self.pool(self.stages(x)).flatten(1)
        scores: Tensor = self.head(x)
        return scores


class Settings(TypedDict, total=False):
    """What the builders hand on to `VGG`."""

    in_channels: int
    num_classes: int
    width: int
    norm: bool
    bias: bool | None
    head: Literal["mean", "flat"]
    hidden: int
    drop: float


def vgg_small(
    *, depths: Sequence[int] = (2, 2, 3), **settings: Unpack[Settings]
) -> VGG:
    """Return three blocks for images of about 32 x 32.

    Parameters
    ----------
    depths
        Convolutions in each block.
    settings
        As for `VGG`.
    """
    return VGG(_plan((1, 2, 4), depths), **settings)


def vgg11(
    *, depths: Sequence[int] = (1, 1, 2, 2, 2), **settings: Unpack[Settings]
) -> VGG:
    """Return column A of Table 1, eight convolutions.

    Parameters
    ----------
    depths
        Convolutions in each block.
    settings
        As for `VGG`.
    """
    return VGG(_plan((1, 2, 4, 8, 8), depths), **settings)


def vgg16(
    *, depths: Sequence[int] = (2, 2, 3, 3, 3), **settings: Unpack[Settings]
) -> VGG:
    """Return column D of Table 1, 13 convolutions.

    Parameters
    ----------
    depths
        Convolutions in each block.
    settings
        As for `VGG`.
    """
    return VGG(_plan((1, 2, 4, 8, 8), depths), **settings)


def _plan(widths: Sequence[int], depths: Sequence[int]) -> list[list[int]]:
    """Return a plan of blocks with one width each."""
    found = check_depths(depths, stages=len(widths))
    return [[times] * depth for times, depth in zip(widths, found, strict=True)]
