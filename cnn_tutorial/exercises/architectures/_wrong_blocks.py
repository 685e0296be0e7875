"""Residual blocks with one thing wrong, for the exercise on writing one."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Other"]


@dataclass(frozen=True)
class Other:
    """Builds a block; each field is one thing that may be wrong with it."""

    bias: bool = False
    norms: bool = True
    one_norm: bool = False
    padding: int = 1
    strides: tuple[bool, bool] = (True, False)
    between: bool = True
    end: str = "relu of the sum"
    past: str = "where shapes differ"
    past_norm: bool = True
    past_stride: bool = True
    past_size: int = 1
    grows_late: bool = False

    def __call__(self, in_channels: int, channels: int, stride: int = 1) -> nn.Module:
        """Return the block."""
        return _Block(self, in_channels, channels, stride)

    def pair(self, a: int, b: int, stride: int) -> nn.Sequential:
        """Return a 3x3 convolution and its norm."""
        conv = nn.Conv2d(a, b, 3, stride, padding=self.padding, bias=self.bias)
        return nn.Sequential(conv, nn.BatchNorm2d(b) if self.norms else nn.Identity())

    def shortcut(self, a: int, b: int, stride: int) -> nn.Module:
        """Return what leads past them."""
        needed = {
            "where shapes differ": stride != 1 or a != b,
            "always": True,
            "never": False,
            "by stride only": stride != 1,
            "by channels only": a != b,
        }[self.past]
        if not needed:
            return nn.Identity()
        step, size = stride if self.past_stride else 1, self.past_size
        conv = nn.Conv2d(a, b, size, step, padding=size // 2, bias=self.bias)
        return nn.Sequential(conv, *([nn.BatchNorm2d(b)] if self.past_norm else []))


class _Block(nn.Module):
    def __init__(self, other: Other, a: int, b: int, stride: int) -> None:
        super().__init__()
        first, second = (stride if here else 1 for here in other.strides)
        self.other = other
        middle = a if other.grows_late else b
        self.first = other.pair(a, middle, first)
        self.second = other.pair(middle, b, second)
        if other.one_norm:
            self.second[1] = self.first[1]
        self.past = None
        if other.end != "nothing added":
            self.past = other.shortcut(a, b, stride)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.first(x)
        inner = self.second(F.relu(inner) if self.other.between else inner)
        if self.past is None:
            return F.relu(inner)
        past: Tensor = self.past(x)
        end = self.other.end
        if end == "relu before the sum":
            return F.relu(inner) + past
        return inner + past if end == "no relu" else F.relu(inner + past)
