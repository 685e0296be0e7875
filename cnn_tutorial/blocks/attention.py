"""Gates for channels: squeeze the maps to numbers, and weigh the maps by them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cnn_tutorial._validation import integer

__all__ = ["SEBlock"]


class SEBlock(nn.Module):
    """Squeeze-and-excitation: one factor between 0 and 1 for each channel.

    Parameters
    ----------
    channels
        Of the input and of the output, at least 1.
    reduction
        How many times fewer channels there are in the middle; at most `channels`.
    hidden
        Channels in the middle, in place of `channels` // `reduction`.
    bias
        Whether the two affine maps have one. Hu and others say nothing of it; their
        program has none.
    act
        Makes the activation in the middle.

    Raises
    ------
    ValueError
        If a number is out of its range, or `reduction` leaves no channel.

    References
    ----------
    J. Hu, L. Shen, G. Sun, "Squeeze-and-excitation networks", CVPR 2018, section 3,
    Fig. 1 and eq. (2) to (4).

    Examples
    --------
    >>> block = SEBlock(64, reduction=16)
    >>> sum(p.numel() for p in block.parameters())  # 64 * 4 + 4 * 64
    512
    >>> block(torch.ones(2, 64, 5, 7)).shape
    torch.Size([2, 64, 5, 7])
    """

    def __init__(
        self,
        channels: int,
        *,
        reduction: int = 16,
        hidden: int | None = None,
        bias: bool = False,
        act: Callable[[], nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        integer("channels", channels, minimum=1)
        if hidden is None:
            hidden = channels // integer("reduction", reduction, minimum=1)
            if hidden == 0:
                raise ValueError(
                    f"`reduction` (={reduction}) must be at most `channels` "
                    f"(={channels}): there would be no channel in the middle."
                )
        self.squeeze = nn.Conv2d(
            channels, integer("hidden", hidden, minimum=1), 1, bias=bias
        )
        self.act = act()
        self.excite = nn.Conv2d(hidden, channels, 1, bias=bias)

    def gates(self, x: Tensor) -> Tensor:
        """Return the factors.

        Parameters
        ----------
        x : float tensor, shape (N, channels, H, W)
            Feature maps.

        Returns
        -------
        float tensor, shape (N, channels, 1, 1)
            0-1.
        """
        mean = x.mean((2, 3), keepdim=True)  # (N, C, 1, 1)
        return torch.sigmoid(self.excite(self.act(self.squeeze(mean))))

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps, each times its factor.

        Parameters
        ----------
        x : float tensor, shape (N, channels, H, W)
            Feature maps.

        Returns
        -------
        float tensor, shape (N, channels, H, W)
            Of the same shape.
        """
        return x * self.gates(x)
