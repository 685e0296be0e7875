"""Where a model and its batches are, and in which mode it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

__all__ = ["Batch", "mode", "on", "place"]

Batch = tuple[Tensor, Tensor]


def place(model: nn.Module, device: torch.device | str | None = None) -> torch.device:
    """Move the model, if asked to, and return where it is.

    Parameters
    ----------
    model
        A module; one without parameters counts as on the CPU.
    device
        Where it should be; None leaves it.
    """
    if device is not None:
        model.to(device)
    tensors = [*model.parameters(), *model.buffers()]
    return tensors[0].device if tensors else torch.device(device or "cpu")


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
