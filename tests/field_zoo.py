"""Small models, each with another way of moving information between pixels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    """A block whose shortcut is a projection with stride 2."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 5, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(5)
        self.conv2 = nn.Conv2d(5, 5, 3, padding=1)
        self.shortcut = nn.Conv2d(3, 5, 1, stride=2)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.conv2(self.relu(self.norm(self.conv1(x))))
        out += self.shortcut(x)
        return self.relu(out)


class Inception(nn.Module):
    """Branches of 1 x 1, 3 x 3, 5 x 5 and pooling, side by side."""

    def __init__(self, channels):
        super().__init__()
        self.one = nn.Conv2d(channels, 2, 1)
        self.three = nn.Sequential(
            nn.Conv2d(channels, 2, 1), nn.Conv2d(2, 3, 3, padding=1)
        )
        self.five = nn.Conv2d(channels, 2, (5, 3), padding=(2, 1))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(channels, 1, 1))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


class Dense(nn.Module):
    """Each layer reads all that came before."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(3 + 2 * k, 2, 3, padding=1) for k in range(3)
        )

    def forward(self, x):
        maps = [x]
        for layer in self.layers:
            maps.append(layer(F.relu(torch.cat(maps, 1))))
        return torch.cat(maps, 1)


class Gate(nn.Module):
    """Squeeze and excitation, with a shortcut."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.squeeze, self.excite = nn.Linear(3, 2), nn.Linear(2, 3)

    def forward(self, x):
        y = self.conv(x)
        gate = self.excite(F.relu(self.squeeze(y.mean(dim=(2, 3))))).sigmoid()
        return x + y * gate[:, :, None, None]


class PoolHead(nn.Module):
    """Global average pooling after three dilated convolutions."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Conv2d(3, 3, 3, padding=d, dilation=d) for d in (1, 2, 3))
        )
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(3, 7)

    def forward(self, x):
        return self.fc(self.pool(self.body(x)).flatten(1))


class Shuffle(nn.Module):
    """Halves of the channels, one convolved, then shuffled through views."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, stride=(1, 2), padding=1, groups=2)
        self.down = nn.Conv2d(2, 2, 1, stride=(1, 2))

    def forward(self, x):
        left, right = torch.cat([x, x[:, :1]], 1).chunk(2, dim=1)
        out = torch.cat([self.conv(left), self.down(right)], 1)
        n, c, h, w = out.shape
        return out.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Patches(nn.Module):
    """The convolution of lesson 30: unfold, multiply, reshape."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 3 * 3 * 3))

    def forward(self, x):
        out = torch.einsum("bpl,op->bol", F.unfold(x, 3, 2, 1, 2), self.weight)
        h, w = (x.shape[2] + 2 - 5) // 2 + 1, (x.shape[3] + 2 - 5) // 2 + 1
        return out.reshape(len(x), 5, h, w)


class Tokens(nn.Module):
    """Pixels as rows of a matrix, norm over channels, and back (as ConvNeXt does)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 5, 4, stride=4)
        self.norm, self.fc = nn.LayerNorm(5), nn.Linear(5, 3)

    def forward(self, x):
        x = self.stem(x)
        n, _, h, w = x.shape
        rows = self.fc(self.norm(x.flatten(2).transpose(1, 2)))
        return rows.transpose(1, 2).reshape(n, 3, h, w)


class Decides(nn.Module):
    """A way that depends on the shape, and a loop: nothing for a symbolic trace."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)

    def forward(self, x):
        while x.shape[-1] > 9:
            x = F.max_pool2d(self.conv(x), 3, 2, ceil_mode=True)
        return x if x.shape[-2] % 2 else x[:, :, 1:, ::2]


def stack(*layers):
    return nn.Sequential(*layers)


ZOO = {
    "strides": lambda: stack(
        nn.Conv2d(3, 4, (3, 5), (2, 1), (0, 2)), nn.Tanh(), nn.Conv2d(4, 2, 3, (1, 3))
    ),
    "ceil": lambda: stack(
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        nn.Conv2d(3, 2, 3, padding="same"),
        nn.AvgPool2d((2, 3), ceil_mode=True),
    ),
    "even": lambda: stack(
        nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(3, 2, 4), nn.MaxPool2d(2, 1, dilation=3)
    ),
    "dilated": lambda: stack(
        *(nn.Conv2d(3, 3, 3, padding=d, dilation=d, groups=3) for d in (1, 2, 4))
    ),
    "residual": Residual,
    "inception": lambda: stack(Inception(3), nn.MaxPool2d(2), Inception(8)),
    "dense": lambda: stack(Dense(), nn.AvgPool2d(2), nn.Conv2d(9, 2, 3)),
    "gate": Gate,
    "pool head": PoolHead,
    "flatten": lambda: stack(
        nn.Conv2d(3, 2, 3, padding=1), nn.Flatten(), nn.LazyLinear(7)
    ),
    "max head": lambda: stack(
        nn.Conv2d(3, 2, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten()
    ),
    "norms": lambda: stack(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Conv2d(4, 1, 1)),
    "instance norm": lambda: stack(nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4)),
    "response norm": lambda: stack(nn.Conv2d(3, 4, 3), nn.LocalResponseNorm(3)),
    "transposed": lambda: stack(
        nn.Conv2d(3, 2, 3, stride=3),
        nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1, output_padding=1),
        nn.Conv2d(2, 1, 3),
    ),
    "nearest": lambda: stack(
        nn.MaxPool2d(2), nn.Upsample(scale_factor=3), nn.Conv2d(3, 2, 2, 2)
    ),
    "bilinear": lambda: stack(
        nn.Conv2d(3, 2, 3, 2),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.AvgPool2d(3),
    ),
    "corners": lambda: stack(
        nn.Conv2d(3, 2, 3, 2), nn.Upsample((19, 29), mode="bicubic", align_corners=True)
    ),
    "adaptive": lambda: stack(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d((5, 7))),
    "pixel shuffle": lambda: stack(
        nn.Conv2d(3, 8, 3, 2),
        nn.PixelShuffle(2),
        nn.Conv2d(2, 2, 2),
        nn.PixelUnshuffle(3),
    ),
    "mirror": lambda: stack(nn.Conv2d(3, 2, 3, padding=1, padding_mode="reflect")),
    "channel shuffle": Shuffle,
    "patches": Patches,
    "tokens": Tokens,
    "decides": Decides,
}
"""Name to builder; each takes a batch of 3-channel images of 23 x 29 pixels."""
SIZE = (3, 23, 29)
