"""Residual blocks: learn what to add, and let the rest pass."""

from __future__ import annotations

from typing import ClassVar, Protocol

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import integer
from cnn_tutorial.blocks.attention import SEBlock
from cnn_tutorial.blocks.conv import ConvNormAct
from cnn_tutorial.blocks.shortcut import shortcut

__all__ = [
    "BasicBlock",
    "PlainBlock",
    "ResidualBlock",
    "SEBasicBlock",
]


class ResidualBlock(Protocol):
    """What makes a block of a residual network: one of the classes, or a ``partial``.

    The module has ``expansion``: channels that come out, in units of `channels`.
    """

    def __call__(self, in_channels: int, channels: int, *, stride: int) -> nn.Module:
        """Return a block from `in_channels` to `expansion` * `channels`."""
        ...


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, and the input added before the last ReLU.

    Parameters
    ----------
    in_channels
        Of the input, at least 1.
    channels
        Of both convolutions and of the output, at least 1.
    stride
        Of the first convolution and of the shortcut, at least 1.
    projection
        Whether a 1x1 convolution carries the input past the block. None: where shapes
        differ, the paper's option B; True: always, option C.

    Raises
    ------
    ValueError
        If an argument is out of its range, or `projection` is False and shapes differ.

    References
    ----------
    K. He and others, "Deep residual learning for image recognition", CVPR 2016, Fig. 5,
    left.

    Examples
    --------
    >>> import torch
    >>> BasicBlock(3, 5, stride=2)(torch.zeros(2, 3, 8, 6)).shape
    torch.Size([2, 5, 4, 3])
    """

    expansion: ClassVar[int] = 1

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        stride: int = 1,
        projection: bool | None = None,
    ) -> None:
        super().__init__()
        integer("stride", stride, minimum=1)
        self.conv1 = ConvNormAct(in_channels, channels, 3, stride=stride)
        self.conv2 = ConvNormAct(channels, channels, 3, act=None)
        self.shortcut = shortcut(
            in_channels, channels, stride=stride, projection=projection
        )

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The norm whose output is added to the shortcut's."""
        norm = self.conv2[1]
        assert isinstance(norm, nn.BatchNorm2d)
        return norm

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Feature maps.

        Returns
        -------
        float tensor, shape (N, channels, ceil(H/stride), ceil(W/stride))
            Not negative.
        """
        return F.relu(self.conv2(self.conv1(x)) + self.shortcut(x))


class PlainBlock(nn.Sequential):
    """The two convolutions of a `BasicBlock`, and nothing that goes past them.

    Parameters
    ----------
    in_channels, channels, stride
        As for `BasicBlock`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    K. He and others, "Deep residual learning for image recognition", CVPR 2016, section
    3.3, "plain network".

    Examples
    --------
    >>> sum(p.numel() for p in PlainBlock(3, 5).parameters())  # 9*3*5 + 9*5*5 + 4*5
    380
    """

    expansion: ClassVar[int] = 1

    def __init__(self, in_channels: int, channels: int, *, stride: int = 1) -> None:
        integer("stride", stride, minimum=1)
        super().__init__(
            ConvNormAct(in_channels, channels, 3, stride=stride),
            ConvNormAct(channels, channels, 3),
        )


class SEBasicBlock(BasicBlock):
    """A `BasicBlock` whose second convolution is gated before the input is added.

    Parameters
    ----------
    in_channels, channels, stride, projection
        As for `BasicBlock`.
    reduction
        As for `SEBlock`; at most `channels`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    J. Hu, L. Shen, G. Sun, "Squeeze-and-excitation networks", CVPR 2018, Fig. 3.

    Examples
    --------
    >>> import torch
    >>> SEBasicBlock(64, 64)(torch.zeros(2, 64, 5, 7)).shape
    torch.Size([2, 64, 5, 7])
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        stride: int = 1,
        projection: bool | None = None,
        reduction: int = 16,
    ) -> None:
        super().__init__(in_channels, channels, stride=stride, projection=projection)
        self.gate = SEBlock(channels, reduction=reduction)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output; shapes as for `BasicBlock`."""
        return F.relu(self.gate(self.conv2(self.conv1(x))) + self.shortcut(x))
