"""A model that knows its shapes and none of its numbers."""

from __future__ import annotations

import copy

import torch
from torch import nn

__all__ = ["without_numbers"]


def without_numbers(model: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode whose tensors have shapes and no numbers.

    Parameters
    ----------
    model
        Any module; it stays as it is, and its numbers are not copied on the way.

    Returns
    -------
    module
        Parameters and buffers are on PyTorch's *meta* device.

    Examples
    --------
    >>> next(without_numbers(nn.Linear(3, 2)).parameters()).device.type
    'meta'
    """
    memo: dict[int, object] = {}
    for parameter in model.parameters():
        empty = torch.empty_like(parameter, device="meta")
        memo[id(parameter)] = nn.Parameter(empty, requires_grad=False)
    for buffer in model.buffers():
        memo[id(buffer)] = torch.empty_like(buffer, device="meta")
    return copy.deepcopy(model, memo).eval()
