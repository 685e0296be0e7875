"""Batch norms with one thing wrong, for the exercise on writing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

__all__ = ["Other", "along_columns", "divided"]


def divided(x: Tensor, mean: Tensor, var: Tensor, eps: float) -> Tensor:
    """Return what the reference does with mean and variance."""
    return (x - mean) / torch.sqrt(var + eps)


def along_columns(x: Tensor, mean: Tensor, var: Tensor, eps: float) -> Tensor:
    """Line the channels up with the last axis."""
    return divided(x, mean.flatten(), var.flatten(), eps)


@dataclass(frozen=True)
class Other:
    """An answer that differs from the reference in one respect."""

    axes: tuple[int, ...] = (0, 2, 3)
    measured: int = 0
    kept: int = 1
    normalise: Callable[[Tensor, Tensor, Tensor, float], Tensor] = divided
    uses: Literal["batch", "memory", "new memory", ""] = ""
    changes: bool | None = None
    swapped: bool = False

    def __call__(
        self,
        x: Tensor,
        running_mean: Tensor,
        running_var: Tensor,
        training: bool,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the batch normalised, and the running values."""
        share, memory = 1 - momentum if self.swapped else momentum, (0, 2, 3)
        new = running_mean.clone(), running_var.clone()
        if training if self.changes is None else self.changes:
            mean, var = x.mean(dim=memory), x.var(dim=memory, correction=self.kept)
            new = running_mean.lerp(mean, share), running_var.lerp(var, share)
        mean = x.mean(dim=self.axes, keepdim=True)
        var = x.var(dim=self.axes, correction=self.measured, keepdim=True)
        source = self.uses or ("batch" if training else "memory")
        if source != "batch":
            found = new if source == "new memory" else (running_mean, running_var)
            mean, var = (values[:, None, None] for values in found)
        return self.normalise(x, mean, var, eps), *new
