"""Networks that note how they are used, for exercises on loops."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Batches", "WatchedNet"]

Batches = list[tuple[Tensor, Tensor]]


class WatchedNet(nn.Linear):
    """A linear layer that is left in a mode, and notes the one in which it is called.

    Parameters
    ----------
    weight
        Its weight; there is no bias.
    training
        The mode in which it is handed over.
    """

    def __init__(self, weight: Tensor, *, training: bool) -> None:
        super().__init__(weight.shape[1], weight.shape[0], bias=False)
        self.weight.data.copy_(weight)
        self.train(training)
        self.modes: list[str] = []
        self.graphs: list[bool] = []

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores; in training mode they are doubled, so that it shows."""
        self.modes.append("training" if self.training else "evaluation")
        self.graphs.append(torch.is_grad_enabled())
        scores = super().forward(x)
        return 2 * scores if self.training else scores
