"""How long each call of a layer takes, from a few passes of the model itself."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from contextlib import ExitStack

import torch
from torch import Tensor, nn

__all__ = ["seconds"]

PASSES = 5


def seconds(model: nn.Module, layers: Iterable[str], x: Tensor) -> list[float]:
    """Return the seconds of each call of these layers, in the order of their ends.

    Parameters
    ----------
    model
        Is called six times, without gradients; the first does not count.
    layers
        Names; time inside one of them counts for that one and not for its parent.
    x : tensor, shape (N, ...)
        What to call it with.

    Returns
    -------
    list of float
        Medians.
    """
    named = dict(model.named_modules())
    modules = [named[name] for name in dict.fromkeys(layers)]
    _first, *passes = (_once(model, modules, x) for _ in range(1 + PASSES))
    return [statistics.median(times) for times in zip(*passes, strict=True)]


def _once(model: nn.Module, layers: list[nn.Module], x: Tensor) -> list[float]:
    taken: list[float] = []
    open_calls: list[list[float]] = []  # begin, and seconds inside of others

    def begin(*_: object) -> None:
        open_calls.append([_now(x), 0.0])

    def end(*_: object) -> None:
        start, inside = open_calls.pop()
        whole = _now(x) - start
        taken.append(whole - inside)
        if open_calls:
            open_calls[-1][1] += whole

    with ExitStack() as stack, torch.no_grad():
        for layer in layers:
            stack.callback(layer.register_forward_pre_hook(begin).remove)
            stack.callback(layer.register_forward_hook(end).remove)
        model(x)
    return taken


def _now(x: Tensor) -> float:
    if x.device.type == "cuda":  # pragma: cuda
        torch.cuda.synchronize(x.device)
    return time.perf_counter()
