"""Epochs, one after the other, and the record of them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from cnn_tutorial.records import RunRecord, environment, peak_memory
from cnn_tutorial.training._checks import (
    check_batches,
    check_optimizer,
    check_schedule,
    checked,
)
from cnn_tutorial.training._context import Batch, place
from cnn_tutorial.training._loops import Loss, evaluate, train_epoch
from cnn_tutorial.training._seeds import seed_everything

__all__ = ["fit"]


def fit(
    model: nn.Module,
    train: Iterable[Batch],
    validation: Iterable[Batch] | None = None,
    *,
    optimizer: Optimizer,
    epochs: int,
    loss: Loss = F.cross_entropy,
    scheduler: LRScheduler | None = None,
    schedule_by: str | None = None,
    device: torch.device | str | None = None,
    seed: int | None = None,
    progress: Callable[[int, dict[str, float]], object] | None = None,
    config: Mapping[str, Any] | None = None,
) -> RunRecord:
    """Train a model for some epochs, and record how it went.

    Each epoch is a `train_epoch`, followed by an `evaluate` where there is validation
    data.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes).
    train, validation
        Pairs of images, shape (N, ...), and labels, int64, shape (N,).
    optimizer
        Made for the parameters of `model`.
    epochs
        How often to go through `train`; at least 1.
    loss
        Mean loss of a batch from scores and labels.
    scheduler
        Changes the learning rate of `optimizer`.
    schedule_by
        Whether `scheduler` is stepped after each ``"step"`` or each ``"epoch"``. None:
        after each step for those that PyTorch means so (``OneCycleLR``, ``CyclicLR``),
        else after each epoch. ``ReduceLROnPlateau`` is told the validation loss, or the
        training loss where there is no validation.
    device
        Where to compute; the model is moved there. None: where the model is.
    seed
        For `seed_everything`, before the first epoch. The model's first weights and the
        order of batches with a generator of their own were drawn before. None: nothing
        is seeded.
    progress
        Called after each epoch with its number, from 1, and its row of the curves.
    config
        What else to put into the record's `config`.

    Returns
    -------
    RunRecord
        Its curves are ``train_loss``, ``train_accuracy``, ``seconds`` and, with
        validation data, ``validation_loss`` and ``validation_accuracy``. The training
        ones are averages over an epoch in which the model changed.

    Raises
    ------
    ValueError
        Before the first step, if `train` is empty, images do not fit the model, labels
        are not among its classes, the optimiser is that of another model, or the
        schedule ends too early.
    FloatingPointError
        If a loss is not finite. The message names the step.

    Examples
    --------
    >>> seed_everything(0)
    >>> x = torch.tensor([[-1.0], [1.0]])
    >>> model = nn.Linear(1, 2)
    >>> sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    >>> record = fit(model, [(x, torch.tensor([0, 1]))], optimizer=sgd, epochs=9)
    >>> len(record.curves["train_loss"]), record.curves["train_accuracy"][-1]
    (9, 1.0)
    """
    by_step = check_schedule(scheduler, schedule_by, epochs, train)
    check_optimizer(model, optimizer)
    check_batches("train", train, model, peek=False)
    if validation is not None:
        check_batches("validation", validation, model, peek=True)
    if seed is not None:
        seed_everything(seed)
    device = place(model, device)
    asked = _settings(model, train, optimizer, scheduler, loss) | {"epochs": epochs}
    curves = defaultdict(list)
    start = _start(device)
    for epoch in range(1, epochs + 1):
        begin = time.perf_counter()
        with _naming(epoch):
            seen = train_epoch(
                model,
                checked("train", train, model) if epoch == 1 else train,
                optimizer=optimizer,
                loss=loss,
                scheduler=scheduler if by_step else None,
                device=device,
            )
        row = {"train_loss": seen.loss, "train_accuracy": seen.accuracy}
        if validation is not None:
            judged = evaluate(model, validation, loss=loss, device=device)
            row |= {
                "validation_loss": judged.loss,
                "validation_accuracy": judged.accuracy,
            }
        if scheduler is not None and not by_step:
            _step(scheduler, row)
        row["seconds"] = time.perf_counter() - begin
        for name, value in row.items():
            curves[name].append(value)
        if progress is not None:
            progress(epoch, row)
    return RunRecord(
        config=asked | dict(config or {}),
        curves=dict(curves),
        seed=seed,
        seconds=time.perf_counter() - start,
        peak_memory=peak_memory(device),
        **environment(device),
    )


def _start(device: torch.device) -> float:
    """Return the time, with the device's record of memory set back."""
    if device.type == "cuda":  # pragma: cuda
        torch.cuda.reset_peak_memory_stats(device)
    return time.perf_counter()


@contextmanager
def _naming(epoch: int) -> Iterator[None]:
    """Add the epoch to what is said about a step."""
    try:
        yield
    except FloatingPointError as error:
        raise FloatingPointError(f"In epoch {epoch}: {error}") from error


def _step(scheduler: LRScheduler, row: dict[str, float]) -> None:
    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(row.get("validation_loss", row["train_loss"]))
    else:
        scheduler.step()


def _settings(
    model: nn.Module,
    train: Iterable[Batch],
    optimizer: Optimizer,
    scheduler: LRScheduler | None,
    loss: Loss,
) -> dict[str, Any]:
    """Return what was asked for, in words and numbers."""
    group = {k: v for k, v in optimizer.param_groups[0].items() if k != "params"}
    schedule = {} if scheduler is None else scheduler.state_dict()
    return {
        "model": type(model).__name__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "batch_size": getattr(train, "batch_size", None),
        "optimizer": type(optimizer).__name__,
        "optimizer_settings": _plain(group),
        "scheduler": None if scheduler is None else type(scheduler).__name__,
        "scheduler_settings": _plain(schedule),
        "loss": getattr(loss, "__name__", type(loss).__name__),
    }


def _plain(settings: Mapping[str, object]) -> dict[str, object]:
    """Return what JSON can hold, without what is nobody's business."""
    return {k: v for k, v in settings.items() if k[0] != "_" and _is_plain(v)}


def _is_plain(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))
