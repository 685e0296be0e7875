"""What would go wrong later, said before the first step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CyclicLR, LRScheduler, OneCycleLR

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.summary import trace
from cnn_tutorial.training._context import Batch
from cnn_tutorial.training._labels import check_labels, known_labels
from cnn_tutorial.training._seeds import undisturbed

__all__ = ["check_batches", "check_optimizer", "check_schedule", "checked"]


def check_optimizer(model: nn.Module, optimizer: Optimizer) -> None:
    """Refuse an optimiser that holds none of the model's trainable parameters.

    Parameters
    ----------
    model, optimizer
        What `fit` was given.

    Raises
    ------
    ValueError
        If they do not belong together.
    """
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    if not any(id(p) in held for p in model.parameters() if p.requires_grad):
        raise ValueError(
            f"`optimizer` ({type(optimizer).__name__}) holds no trainable parameter of "
            f"`model` ({type(model).__name__}): was it made for another model?"
        )


def check_schedule(
    scheduler: LRScheduler | None, schedule_by: str | None, epochs: int, train: object
) -> bool:
    """Return whether the schedule is stepped after each batch, not after each epoch.

    Parameters
    ----------
    scheduler, schedule_by, epochs, train
        What `fit` was given.

    Raises
    ------
    ValueError
        If `epochs` is below 1, `schedule_by` unknown, or the schedule ends before the
        training.
    """
    integer("epochs", epochs, minimum=1)
    by_step = isinstance(scheduler, (OneCycleLR, CyclicLR))
    if schedule_by is not None:
        by_step = choice("schedule_by", schedule_by, ["step", "epoch"]) == "step"
    steps = epochs * (len(train) if by_step and isinstance(train, Sized) else 1)
    if isinstance(scheduler, OneCycleLR) and scheduler.total_steps < steps:
        raise ValueError(
            f"`scheduler` (OneCycleLR with total_steps={scheduler.total_steps}) ends "
            f"before the training: it will be stepped {steps} times."
        )
    return by_step


def check_batches(
    name: str, batches: Iterable[Batch], model: nn.Module, *, peek: bool
) -> None:
    """Refuse batches that are empty or can be gone through only once.

    Parameters
    ----------
    name
        The argument's, for the message.
    batches
        What `fit` was given.
    model
        The model that is to take them.
    peek
        Also look at the first batch. That starts an epoch of its own, which costs those
        that shuffle an order; PyTorch's random numbers stay as they are.

    Raises
    ------
    ValueError
        If something is wrong with them.
    """
    if isinstance(batches, Iterator):
        raise ValueError(
            f"`{name}` (a {type(batches).__name__}) can be gone through only once; "
            "pass something that starts anew in each `for` loop, such as a list or a "
            "DataLoader."
        )
    if isinstance(batches, Sized) and len(batches) == 0:
        raise ValueError(f"`{name}` is empty: it has no batch.")
    if peek:
        with undisturbed():
            next(checked(name, batches, model), None)


def checked(name: str, batches: Iterable[Batch], model: nn.Module) -> Iterator[Batch]:
    """Yield the batches, each one after a look at it.

    Parameters
    ----------
    name
        The argument's, for messages.
    batches
        Pairs of images and labels.
    model
        The model that is to take them.

    Raises
    ------
    ValueError
        If the model does not take the images, or a label is not one of its classes.
    """
    classes = 0
    for batch in batches:
        images, labels = _pair(name, batch)
        if not classes:
            classes = _classes(name, model, images)
            check_labels(name, known_labels(batches), classes)
        check_labels(name, labels, classes)
        yield images, labels


def _pair(name: str, batch: object) -> Batch:
    """Return images and labels, if they look like it."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise ValueError(
            f"`{name}` must give pairs (images, labels), not {batch!r:.60}."
        )
    images, labels = batch
    if not isinstance(images, Tensor) or not images.is_floating_point():
        kind = getattr(images, "dtype", type(images).__name__)
        raise ValueError(
            f"Images in `{name}` (of {kind}) must be float tensors: scale or "
            "standardise them first."
        )
    if (
        not isinstance(labels, Tensor)
        or labels.dtype != torch.int64
        or labels.shape != images.shape[:1]
    ):
        found = (getattr(labels, "dtype", type(labels)), getattr(labels, "shape", "?"))
        raise ValueError(
            f"Labels in `{name}` (of {found[0]} and shape {found[1]}) must be int64, "
            f"one for each of the {len(images)} images."
        )
    return images, labels


def _classes(name: str, model: nn.Module, images: Tensor) -> int:
    """Return how many scores the model gives for each image; nothing is computed."""
    try:
        run = trace(model, images.shape[1:], batch_size=len(images), dtype=images.dtype)
    except ValueError as error:
        raise ValueError(f"`{name}` does not fit `model`: {error}") from error
    shape = run.output_shape
    if len(shape) != 2 or shape[0] != len(images):
        raise ValueError(
            f"`model` ({run.model}) must return scores of shape (N, classes), here "
            f"({len(images)}, classes); it returns {shape}."
        )
    return shape[1]
