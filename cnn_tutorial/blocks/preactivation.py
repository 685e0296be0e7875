"""A residual block whose norms and activations come before its convolutions."""

from __future__ import annotations

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import integer
from cnn_tutorial.blocks.shortcut import needs_projection

__all__ = ["PreActBlock"]


class PreActBlock(nn.Module):
    """Norm, ReLU, 3x3, twice; the input is added last, and nothing changes the sum.

    Where shapes differ, a 1x1 convolution of the first activation is added instead.

    Parameters
    ----------
    in_channels, channels
        Of the input, and of the output; at least 1.
    stride
        Of the first convolution and of the shortcut, at least 1.
    projection
        As for `BasicBlock`.

    Raises
    ------
    ValueError
        If an argument is out of its range, or `projection` is False and shapes differ.

    References
    ----------
    K. He and others, "Identity mappings in deep residual networks", ECCV 2016, Fig. 4e.

    Examples
    --------
    >>> import torch
    >>> PreActBlock(3, 5, stride=2)(torch.zeros(2, 3, 8, 6)).shape
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
        integer("in_channels", in_channels, minimum=1)
        integer("channels", channels, minimum=1)
        integer("stride", stride, minimum=1)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.shortcut: nn.Module | None = None
        if needs_projection(
            in_channels, channels, stride=stride, projection=projection
        ):
            self.shortcut = nn.Conv2d(in_channels, channels, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Feature maps.

        Returns
        -------
        float tensor, shape (N, channels, ceil(H/stride), ceil(W/stride))
            Of either sign.
        """
        active = F.relu(self.norm1(x))
        past = x if self.shortcut is None else self.shortcut(active)
        new: Tensor = self.conv2(F.relu(self.norm2(self.conv1(active))))
        return past + new
