"""What a training goes on from, and whether it can."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from cnn_tutorial.training._context import Batch, on
from cnn_tutorial.training._precision import (
    Precision,
    as_precision,
    choose_precision,
)
from cnn_tutorial.training._seeds import undisturbed
from cnn_tutorial.training.checkpoints import CheckpointError, Checkpoints

__all__ = ["check_same", "opened", "settle", "tell_what_is_lost"]

# What a checkpoint holds, and what of it must be the same when a training goes on.
_HOLDS = {
    "asked", "callbacks", "curves", "data", "epoch", "halfway", "learning",
    "precision", "random", "scheduler", "seconds", "step", "stop",
}  # fmt: skip
_SAME = (
    *("model", "parameters", "batch_size", "optimizer", "scheduler", "loss"),
    *("average", "callbacks", "compile"),
)


def opened(checkpoints: Checkpoints | None, *, resume: bool) -> dict[str, Any] | None:
    """Return the checkpoint to go on from.

    Parameters
    ----------
    checkpoints, resume
        What `fit` was given.

    Returns
    -------
    dict or None
        None where the training begins.

    Raises
    ------
    CheckpointError
        If the last checkpoint was not written by `fit`.
    ValueError
        If there is nothing to resume from by settings, or there are checkpoints that
        nobody asked to resume.
    """
    if checkpoints is None:
        if resume:
            raise ValueError("`resume` (=True) needs `checkpoints` to go on from.")
        return None
    if resume:
        saved = checkpoints.load()
        if saved is not None and (lacks := sorted(_HOLDS - saved.keys())):
            raise CheckpointError(
                f"The last checkpoint in {str(checkpoints.folder)!r} is none of `fit`: "
                f"it lacks {', '.join(lacks)}."
            )
        return saved
    if checkpoints.list():
        raise ValueError(
            f"`checkpoints` (in {str(checkpoints.folder)!r}) holds those of a training "
            "already: pass `resume=True` to go on with it, or choose another folder."
        )
    return None


def settle(
    precision: Precision | str,
    saved: dict[str, Any] | None,
    model: nn.Module,
    train: Iterable[Batch],
    device: torch.device,
) -> tuple[Precision, dict[str, float]]:
    """Return the precision of the run, and the seconds of a step where they were taken.

    Parameters
    ----------
    precision
        A name, ``"auto"`` or a `Precision`.
    saved
        A checkpoint: what was chosen once stays.
    model, train, device
        What to measure with.
    """
    if saved is not None:
        return Precision(**saved["precision"]), {}
    if precision != "auto":
        return as_precision(precision), {}
    with undisturbed():
        images, _ = next(on(device, [_first(train)]))
    return choose_precision(model, images, device)


def _first(batches: Iterable[Batch]) -> Batch:
    """Return a batch, and put those that can tell their state back to where it was."""
    state = batches.state_dict() if hasattr(batches, "state_dict") else None
    batch = next(iter(batches))
    if state is not None:
        batches.load_state_dict(state)  # type: ignore[attr-defined]
    return batch


def check_same(saved: dict[str, Any], asked: dict[str, Any], train: object) -> None:
    """Refuse a checkpoint that this training cannot go on from.

    Parameters
    ----------
    saved
        The checkpoint.
    asked
        What `fit` was asked for.
    train
        Its batches.

    Raises
    ------
    ValueError
        If it is of another training, or its place within an epoch cannot be found.
    """
    for name in _SAME:
        if asked[name] != saved["asked"].get(name):
            raise ValueError(
                f"`checkpoints` are of another training: its {name} was "
                f"{saved['asked'].get(name)!r}, now it is {asked[name]!r}."
            )
    if saved["halfway"] and not hasattr(train, "load_state_dict"):
        raise ValueError(
            f"`train` (a {type(train).__name__}) cannot find the place within an epoch "
            "at which the last checkpoint was written: it has no `load_state_dict`. "
            "Pass batches of the kind that the training began with."
        )


def tell_what_is_lost(
    checkpoints: Checkpoints | None, train: object, saved: dict[str, Any] | None
) -> None:
    """Warn where checkpoints within an epoch were asked for and cannot be written.

    Parameters
    ----------
    checkpoints, train
        What `fit` was given.
    saved
        What it goes on from, if anything.

    Warns
    -----
    RuntimeWarning
        If `train` cannot tell its position. The message says where it goes on.
    """
    if checkpoints is None or not checkpoints.every or hasattr(train, "state_dict"):
        return
    now = f" This one goes on with epoch {saved['epoch'] + 1}." if saved else ""
    warnings.warn(
        f"`checkpoints` (every={checkpoints.every}) are written after each epoch only, "
        f"because `train` (a {type(train).__name__}) has no `state_dict` that would "
        f"tell its position: a training that is stopped begins its epoch again.{now}",
        RuntimeWarning,
        stacklevel=3,
    )
