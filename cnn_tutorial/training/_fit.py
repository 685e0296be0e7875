"""Epochs, one after the other, and the record of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from cnn_tutorial.records import RunRecord, environment, peak_memory
from cnn_tutorial.training._checks import (
    check_batches,
    check_optimizer,
    check_schedule,
)
from cnn_tutorial.training._context import Batch, check_places, place
from cnn_tutorial.training._learning import Learning, Loss, Mix
from cnn_tutorial.training._precision import Precision, positive
from cnn_tutorial.training._resume import opened, settle, tell_what_is_lost
from cnn_tutorial.training._seeds import seed_everything
from cnn_tutorial.training._trainer import Trainer
from cnn_tutorial.training.callbacks import Callback, Run
from cnn_tutorial.training.checkpoints import Checkpoints

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
    precision: Precision | str = "float32",
    clip_norm: float | None = None,
    mix: Mix | None = None,
    average: AveragedModel | None = None,
    compile: bool | str = False,  # noqa: A002 - PyTorch's word
    checkpoints: Checkpoints | None = None,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
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
    precision
        Numbers and memory order to compute in; ``"auto"`` times steps of copies of the
        model and takes the fastest, so that the result depends on the machine. What was
        taken is in the record, and a resumed training takes it again.
    clip_norm
        Gradients are scaled down to this norm where theirs is larger.
    mix
        Makes other images and targets of a batch, for instance
        ``torchvision.transforms.v2.MixUp``; accuracy is still that on the labels.
    average
        A moving average of the model, brought up to date after each step; validation
        judges it instead of the model.
    compile
        Whether the training steps run the model through ``torch.compile``, or the name
        of a backend of it. It needs a C++ compiler and some time before the first step,
        again for a last batch of another size. Names in checkpoints stay the model's,
        which a compiled model passed as `model` would change; numbers are those of
        other kernels, equal within rounding.
    checkpoints
        Where to write one after each epoch, or more often.
    resume
        Go on from the last checkpoint, if there is one, as if the training had not been
        interrupted. Give everything else as the first time, newly made. On a processor
        the curves are then the same to the last bit. The middle of an epoch can be kept
        where `train` has a ``state_dict``, as `cnn_tutorial.datasets.Batches` has;
        with any other the epoch starts again, and a warning says so.
    callbacks
        Told of each event, in order.
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
        are not among its classes, the optimiser is that of another model, its numbers
        or those of `loss` or `average` are on another device, the schedule ends too
        early, or `checkpoints` holds those of another training.
    FloatingPointError
        If a loss is not finite. The message names epoch, step and layer, and the last
        checkpoint, which is whole and good.

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
    positive("clip_norm", clip_norm)
    saved = opened(checkpoints, resume=resume)
    if seed is not None:
        seed_everything(seed)
    device = place(model, device)
    check_places(model, optimizer, loss, average, device)
    tell_what_is_lost(checkpoints, train, saved)
    chosen, timed = settle(precision, saved, model, train, device)
    model.to(memory_format=chosen.memory_format)
    stepped = scheduler if by_step else None
    steps = len(train) if isinstance(train, Sized) else None
    trainer = Trainer(
        Run(model, optimizer, epochs, steps_per_epoch=steps),
        Learning(
            *(model, optimizer, loss, device, stepped, chosen),
            *(clip_norm, mix, average, compile),
        ),
        train,
        validation,
        scheduler=scheduler,
        callbacks=callbacks,
        checkpoints=checkpoints,
        asked=_settings(model, train, optimizer, scheduler, loss)
        | {
            "average": average is not None,
            "callbacks": [type(callback).__name__ for callback in callbacks],
            "compile": compile,
        },
    )
    trainer.restore(saved)
    run = trainer.run
    _reset_peak(device)
    trainer.tell("on_fit_start")
    try:
        first = True
        while (run.epoch < epochs or trainer.halfway) and not run.stop:
            trainer.epoch(look=first)
            first = False
    finally:
        trainer.tell("on_fit_end")
    asked = trainer.asked | {"epochs": epochs, "precision": str(chosen)}
    asked |= {"seconds_per_step": timed} if timed else {}
    return RunRecord(
        config=asked | dict(config or {}),
        curves=run.curves,
        seed=seed,
        seconds=trainer.seconds,
        peak_memory=peak_memory(device),
        **environment(device),
    )


def _reset_peak(device: torch.device) -> None:
    if device.type == "cuda":  # pragma: cuda
        torch.cuda.reset_peak_memory_stats(device)


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
