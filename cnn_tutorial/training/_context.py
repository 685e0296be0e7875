"""Where a model and its batches are, and in which mode it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["Batch", "check_places", "mode", "on", "place"]

Batch = tuple[Tensor, Tensor]


def place(model: nn.Module, device: torch.device | str | None = None) -> torch.device:
    """Move the model, if asked to, and return where it is.

    Parameters
    ----------
    model
        A module; one without parameters counts as on the CPU.
    device
        Where it should be; None leaves it.

    Raises
    ------
    ValueError
        If it has no numbers.
    """
    tensors = _numbers(model)
    if any(t.is_meta for t in tensors):
        raise ValueError(
            f"`model` ({type(model).__name__}) is on PyTorch's meta device, where "
            "tensors have shapes and no numbers: make it on another one."
        )
    if device is not None:
        model.to(device)
        tensors = _numbers(model)
    return tensors[0].device if tensors else torch.device(device or "cpu")


def check_places(
    model: nn.Module,
    optimizer: Optimizer,
    loss: object,
    average: nn.Module | None,
    device: torch.device,
) -> None:
    """Refuse what would meet on different devices in the first step.

    Parameters
    ----------
    model, optimizer, loss, average
        What `fit` was given.
    device
        Where it computes; batches are moved there.

    Raises
    ------
    ValueError
        If some numbers are elsewhere.
    """
    state = [t for held in optimizer.state.values() for t in held.values()]
    # PyTorch keeps step counts, single numbers, on the processor.
    moments = [t for t in state if isinstance(t, Tensor) and t.ndim > 0]
    for name, tensors in (
        ("model", _numbers(model)),
        ("optimizer", moments),
        ("loss", _numbers(loss)),
        ("average", _numbers(average)),
    ):
        elsewhere = {str(t.device) for t in tensors} - {str(device)}
        if elsewhere:
            raise ValueError(
                f"`{name}` has numbers on {', '.join(sorted(elsewhere))}, but the "
                f"training computes on {device}: move them there first."
            )


def _numbers(module: object) -> list[Tensor]:
    if not isinstance(module, nn.Module):
        return []
    # Counts may be anywhere: `AveragedModel` keeps its own on the processor.
    counts = (b for b in module.buffers() if b.ndim > 0 or b.is_floating_point())
    return [*module.parameters(), *counts]


def on(
    device: torch.device,
    batches: Iterable[Batch],
    layout: torch.memory_format = torch.preserve_format,
) -> Iterator[Batch]:
    """Yield the batches, moved to a device, the images in a memory order."""
    # Towards the CPU one would read numbers that have not arrived.
    ahead = device.type == "cuda"
    for images, labels in batches:
        yield (
            images.to(device, non_blocking=ahead, memory_format=layout),
            labels.to(device, non_blocking=ahead),
        )


@contextmanager
def mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Set the mode; afterwards each module has its own again, frozen norms too."""
    modes = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, was_training in modes:
            module.training = was_training
