"""Answers with one thing wrong, for the exercise on MBConv."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["Other", "always", "at_equal_channels", "bent", "fitting", "identity"]


def identity(x: Tensor) -> Tensor:
    """Bend nothing."""
    return x


def fitting(x: Tensor, out: Tensor, stride: int) -> Tensor:
    """Add the input where it fits, as the reference does."""
    return x + out if stride == 1 and out.shape == x.shape else out


def bent(x: Tensor, out: Tensor, stride: int) -> Tensor:
    """Bend the sum."""
    return F.relu6(fitting(x, out, stride))


def at_equal_channels(x: Tensor, out: Tensor, stride: int) -> Tensor:
    """Add the input where the channels fit, at any stride."""
    same = out.shape[1] == x.shape[1]
    return x[:, :, ::stride, ::stride] + out if same else out


def always(x: Tensor, out: Tensor, stride: int) -> Tensor:
    """Add as many channels as there are, as some do by zero padding."""
    x = x[:, :, ::stride, ::stride]
    most = min(x.shape[1], out.shape[1])
    return torch.cat([x[:, :most] + out[:, :most], out[:, most:]], 1)


@dataclass(frozen=True)
class Other:
    """An answer that differs from the reference in one respect."""

    first: Callable[[Tensor], Tensor] = F.relu6
    second: Callable[[Tensor], Tensor] = F.relu6
    third: Callable[[Tensor], Tensor] = identity
    join: Callable[[Tensor, Tensor, int], Tensor] = fitting
    bends_anyway: bool = False
    overwritten: bool = False
    strides: bool = True
    stride_first: bool = False

    def __call__(
        self,
        x: Tensor,
        widen: Tensor | None,
        look: Tensor,
        narrow: Tensor,
        stride: int = 1,
    ) -> Tensor:
        """Return the answer."""
        wide = self.first(x) if self.bends_anyway else x
        if widen is not None:
            wide = self.first(torch.einsum("oc,nchw->nohw", widen, x))
        if self.stride_first:
            wide = wide[:, :, ::stride, ::stride]
        step = stride if self.strides and not self.stride_first else 1
        x = wide if self.overwritten else x
        hidden, k = look.shape[:2]
        wide = F.conv2d(wide, look[:, None], None, step, k // 2, groups=hidden)
        out = torch.einsum("oc,nchw->nohw", narrow, self.second(wide))
        return self.join(x, self.third(out), stride)
