"""Dense blocks: each layer reads everything that was made before it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from cnn_tutorial._validation import integer

__all__ = ["DenseBlock", "DenseLayer", "Transition"]


class DenseLayer(nn.Module):
    """Norm, ReLU, 1x1 to a few channels, norm, ReLU, 3x3 to fewer.

    Parameters
    ----------
    in_channels
        At least 1.
    growth
        Channels that come out, at least 1.
    bottleneck
        Channels between the convolutions, in units of `growth`.
    drop
        Probability of each output number to be dropped in training, 0-1.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    G. Huang, Z. Liu, L. van der Maaten, K. Weinberger, "Densely connected convolutional
    networks", CVPR 2017, section 3, "bottleneck layers".

    Examples
    --------
    >>> DenseLayer(64, growth=32)(torch.zeros(2, 64, 5, 7)).shape
    torch.Size([2, 32, 5, 7])
    """

    def __init__(
        self,
        in_channels: int,
        growth: int = 32,
        *,
        bottleneck: int = 4,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        if not 0 <= drop < 1:
            raise ValueError(f"`drop` (={drop!r}) must be at least 0 and below 1.")
        self.drop = drop
        integer("in_channels", in_channels, minimum=1)
        middle = integer("bottleneck", bottleneck, minimum=1) * integer(
            "growth", growth, minimum=1
        )
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, middle, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the new channels.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Everything that was made before.

        Returns
        -------
        float tensor, shape (N, growth, H, W)
            Of either sign.
        """
        x = self.conv1(F.relu(self.norm1(x)))
        x = self.conv2(F.relu(self.norm2(x)))
        return F.dropout(x, self.drop, self.training) if self.drop else x


class DenseBlock(nn.Module):
    """Layers whose outputs are all kept: the next one reads them side by side.

    Parameters
    ----------
    in_channels
        At least 1.
    depth
        Number of layers, at least 1.
    growth, bottleneck, drop
        As for `DenseLayer`.
    recompute
        Keep nothing inside a layer for the backward pass, and compute it a second time
        there: less memory, more time. Running statistics of norms are then updated
        twice a step.

    Attributes
    ----------
    out_channels : int
        `in_channels` + `depth` * `growth`.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    G. Huang and others, CVPR 2017, Fig. 1 and eq. (2). Recomputing: G. Pleiss and
    others, "Memory-efficient implementation of DenseNets", 2017, arXiv:1707.06990.

    Examples
    --------
    >>> block = DenseBlock(64, depth=4, growth=32)
    >>> block.out_channels, sum(p.numel() for p in block.parameters())
    (192, 206720)
    """

    def __init__(
        self,
        in_channels: int,
        depth: int,
        *,
        growth: int = 32,
        bottleneck: int = 4,
        drop: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        self.recompute = recompute
        self.layers = nn.ModuleList(
            DenseLayer(
                in_channels + i * growth, growth, bottleneck=bottleneck, drop=drop
            )
            for i in range(integer("depth", depth, minimum=1))
        )
        self.out_channels = in_channels + depth * growth

    def forward(self, x: Tensor) -> Tensor:
        """Return the input and what each layer added, one after the other.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Feature maps.

        Returns
        -------
        float tensor, shape (N, out_channels, H, W)
            The first `in_channels` are the input.
        """
        for layer in self.layers:
            again = self.recompute and torch.is_grad_enabled()
            new = checkpoint(layer, x, use_reentrant=False) if again else layer(x)
            x = torch.cat([x, new], dim=1)
        return x


class Transition(nn.Sequential):
    """Norm, ReLU, 1x1 to fewer channels, and the mean of each 2x2.

    Parameters
    ----------
    in_channels, out_channels
        At least 1.

    Raises
    ------
    ValueError
        If a number of channels is out of its range.

    References
    ----------
    G. Huang and others, CVPR 2017, section 3, "pooling layers" and "compression".

    Examples
    --------
    >>> Transition(6, 3)(torch.zeros(2, 6, 10, 7)).shape
    torch.Size([2, 3, 5, 3])
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        integer("in_channels", in_channels, minimum=1)
        integer("out_channels", out_channels, minimum=1)
        super().__init__(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.AvgPool2d(2),
        )
