"""The layers of LeNet-5 that went out of use.

References: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied
to Document Recognition", Proceedings of the IEEE 86(11), 1998, Section II-B.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "C3_CONNECTIONS",
    "DIGIT_CODES",
    "CodeDistance",
    "Subsampling",
    "TableConv2d",
    "scaled_tanh",
]


def _picture(rows: list[str], ink: str) -> Tensor:
    return torch.tensor([[sign == ink for sign in row] for row in rows])


# Table I. A row for each map of S2, a column for each map of C3.
C3_CONNECTIONS = _picture(
    [
        "X...XXX..XXXX.XX",
        "XX...XXX..XXXX.X",
        "XXX...XXX..X.XXX",
        ".XXX..XXXX..X.XX",
        "..XXX..XXXX.XX.X",
        "...XXX..XXXX.XXX",
    ],
    ink="X",
).long()

_DRAWINGS = """\
..###.. ...##.. .#####. ######. ....##. ####### ..####. ####### .#####. .#####.
.##.##. ..###.. ##...## .....## ...###. ##..... .##.... .....## ##...## ##...##
##...## .####.. .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## ##.##.. .....## .....## .##.##. ##..... ##..... ....##. ##...## ##...##
##...## ...##.. ....##. ....##. ##..##. ######. ##..... ....##. .##.##. ##...##
##...## ...##.. ...##.. ..###.. ##..##. .....## ######. ...##.. ..###.. .######
##...## ...##.. ..##... ....##. ####### .....## ##...## ...##.. .##.##. .....##
##...## ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...##.. ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...##.. ##..... .....## ....##. .....## ##...## .##.... ##...## .....##
.##.##. ...##.. ##..... ##...## ....##. ##...## ##...## .##.... ##...## ....##.
..###.. .###### ####### .#####. ....##. .#####. .#####. .##.... .#####. .####..
"""
# A row for each digit: its drawing, 12 x 7 pixels row by row; +1 is ink, -1 is paper.
DIGIT_CODES = torch.stack(
    [
        _picture(list(rows), ink="#").flatten()
        for rows in zip(*map(str.split, _DRAWINGS.splitlines()), strict=True)
    ]
).float().mul(2).sub(1)  # fmt: skip


def scaled_tanh(a: Tensor) -> Tensor:
    """Return 1.7159 tanh(2a/3), eq. (6); 1 stays 1 and -1 stays -1 (Appendix A).

    Parameters
    ----------
    a : float tensor
        Weighted sums.

    Examples
    --------
    >>> scaled_tanh(torch.tensor([0.0, 1.0, 9.0]))
    tensor([0.0000, 1.0000, 1.7159])
    """
    return 1.7159 * torch.tanh(2 / 3 * a)


class Subsampling(nn.Module):
    """Add each block of 2 x 2 pixels, scale the sum and shift it: two numbers a map.

    Parameters
    ----------
    channels
        Number of maps.

    Examples
    --------
    >>> layer = Subsampling(1)
    >>> _ = nn.init.constant_(layer.weight, 0.5), nn.init.constant_(layer.bias, 3.0)
    >>> layer(torch.arange(4.0).reshape(1, 1, 2, 2)).item()  # 0.5 (0 + 1 + 2 + 3) + 3
    6.0
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start from the plain average."""
        nn.init.constant_(self.weight, 1 / 4)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of half the size.

        Parameters
        ----------
        x : float tensor, shape (N, C, H, W)
            Maps; an odd last row or column is dropped.
        """
        total = 4 * F.avg_pool2d(x, 2)  # (N, C, H/2, W/2)
        return total * self.weight[:, None, None] + self.bias[:, None, None]


class TableConv2d(nn.Module):
    """Convolve, where each output map sees only some of the input maps.

    Parameters
    ----------
    table : int tensor, shape (C_in, C_out)
        1 where the output map sees the input map, else 0.
    kernel_size
        Height and width of all kernels, in pixels.

    Attributes
    ----------
    weight : float tensor, shape (ones in the table, kernel_size, kernel_size)
        A kernel for each 1, output map by output map.
    """

    sources: Tensor
    targets: Tensor

    def __init__(self, table: Tensor, kernel_size: int) -> None:
        super().__init__()
        self.in_channels, self.out_channels = table.shape
        targets, sources = table.T.nonzero(as_tuple=True)
        self.register_buffer("targets", targets, persistent=False)
        self.register_buffer("sources", sources, persistent=False)
        self.weight = nn.Parameter(torch.empty(len(sources), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.empty(self.out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw evenly between -2.4/F and 2.4/F, F the inputs of a unit (Appendix A)."""
        fan_in = self.targets.bincount() * self.weight[0].numel()
        bound = 2.4 / fan_in
        with torch.no_grad():
            self.weight.uniform_(-1, 1).mul_(bound[self.targets, None, None])
            self.bias.uniform_(-1, 1).mul_(bound)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums over the maps that each output map sees.

        Parameters
        ----------
        x : float tensor, shape (N, C_in, H, W)
            Maps.

        Returns
        -------
        float tensor, shape (N, C_out, H - kernel_size + 1, W - kernel_size + 1)
            Maps.
        """
        full = self.weight.new_zeros(
            self.out_channels, self.in_channels, *self.weight.shape[1:]
        )
        full[self.targets, self.sources] = self.weight
        return F.conv2d(x, full, self.bias)

    def extra_repr(self) -> str:
        """Return what ``print`` shows of it."""
        size = tuple(self.weight.shape[1:])
        return f"{self.in_channels}, {self.out_channels}, kernel_size={size}"


class CodeDistance(nn.Module):
    """Measure the squared distance to fixed codes: radial basis units of eq. (7).

    Parameters
    ----------
    codes : float tensor, shape (num_classes, features)
        The codes. Not trained.
    """

    codes: Tensor

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes.clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return the squared distance to each code.

        Parameters
        ----------
        x : float tensor, shape (N, features)
            What the last layer says.

        Returns
        -------
        float tensor, shape (N, num_classes)
            At least 0.
        """
        return (x[:, None] - self.codes).square().sum(dim=2)

    def extra_repr(self) -> str:
        """Return what ``print`` shows of it."""
        return f"classes={self.codes.shape[0]}, features={self.codes.shape[1]}"
