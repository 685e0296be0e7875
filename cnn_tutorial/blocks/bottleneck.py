"""A residual block whose 3x3 convolution works on a quarter of the channels."""

from __future__ import annotations

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import integer
from cnn_tutorial.blocks.conv import ConvNormAct
from cnn_tutorial.blocks.shortcut import shortcut

__all__ = ["Bottleneck"]


class Bottleneck(nn.Module):
    """1x1 to few channels, 3x3 among them, 1x1 to four times as many.

    The stride is on the 3x3 convolution, as in most programs; the paper has it on the
    first 1x1, where three of four positions are thrown away before anything looked at
    them.

    Parameters
    ----------
    in_channels
        Of the input, at least 1.
    channels
        Of the 3x3 convolution, at least 1; the output has four times as many.
    stride
        Of the 3x3 convolution and of the shortcut, at least 1.
    projection
        As for `BasicBlock`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    References
    ----------
    K. He and others, "Deep residual learning for image recognition", CVPR 2016, Fig. 5,
    right. The place of the stride: P. Goyal and others, "Accurate, large minibatch
    SGD", 2017, arXiv:1706.02677, section 5.1.

    Examples
    --------
    >>> import torch
    >>> Bottleneck(64, 64)(torch.zeros(2, 64, 7, 5)).shape  # 4 * 64 channels
    torch.Size([2, 256, 7, 5])
    """

    expansion: ClassVar[int] = 4

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
        out_channels = self.expansion * integer("channels", channels, minimum=1)
        self.conv1 = ConvNormAct(in_channels, channels, 1)
        self.conv2 = ConvNormAct(channels, channels, 3, stride=stride)
        self.conv3 = ConvNormAct(channels, out_channels, 1, act=None)
        self.shortcut = shortcut(
            in_channels, out_channels, stride=stride, projection=projection
        )

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The norm whose output is added to the shortcut's."""
        norm = self.conv3[1]
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
        float tensor, shape (N, 4*channels, ceil(H/stride), ceil(W/stride))
            Not negative.
        """
        x, past = self.conv3(self.conv2(self.conv1(x))), self.shortcut(x)
        return F.relu(x + past)
