"""The file of a checkpoint: its name, its bytes, and what may go wrong with them."""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "file_name",
    "packed",
    "parsed",
    "read",
    "write",
]

_NAME = "step-{step:09d}.epoch-{epoch:05d}.score{score}.{checksum}.pt"
_PATTERN = re.compile(
    r"step-(\d{9,})\.epoch-(\d{5,})\.score([-+][^.]*(?:\.\d+)?(?:e[-+]\d+)?)\."
    r"([0-9a-f]{32})\.pt"
)


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Checkpoint:
    """What the name of a checkpoint says.

    Parameters
    ----------
    path
        The file.
    step
        Optimiser steps taken.
    epoch
        Epochs finished.
    score
        What it is ranked by; not a number if nobody judged it.
    checksum
        The first 32 hexadecimal digits of the SHA-256 of the file.
    """

    path: Path
    step: int
    epoch: int
    score: float
    checksum: str


def file_name(content: bytes, *, step: int, epoch: int, score: float) -> str:
    """Return the name of a checkpoint with these bytes."""
    return _NAME.format(
        step=step,
        epoch=epoch,
        score=f"{float(score):+.9e}",
        checksum=_checksum(content),
    )


def parsed(path: Path) -> Checkpoint | None:
    """Return what a file's name says, if it is one of ours."""
    match = _PATTERN.fullmatch(path.name)
    if match is None:
        return None
    step, epoch, score, checksum = match.groups()
    return Checkpoint(path, int(step), int(epoch), float(score), checksum)


def read(
    path: str | os.PathLike[str], *, device: torch.device | str = "cpu"
) -> dict[str, Any]:
    """Read a checkpoint; one that :class:`Checkpoints` named is compared with its name.

    Parameters
    ----------
    path
        The file.
    device
        Where its tensors go.

    Returns
    -------
    dict
        What was saved.

    Raises
    ------
    CheckpointError
        If it cannot be read, is damaged, or holds more than tensors and plain values.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}.") from error
    named = parsed(path)
    if named is not None and _checksum(content) != named.checksum:
        raise CheckpointError(
            f"{path.name} is damaged: its content does not have the checksum in its "
            "name."
        )
    try:
        state = torch.load(io.BytesIO(content), map_location=device, weights_only=True)
    except Exception as error:
        raise CheckpointError(f"{path.name} is no checkpoint: {_why(error)}") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{path.name} holds no dictionary.")
    return state


def packed(state: dict[str, Any]) -> bytes:
    """Return the bytes of a checkpoint, after a trial that they can be read."""
    buffer = io.BytesIO()
    try:
        torch.save(state, buffer)
        torch.load(io.BytesIO(buffer.getvalue()), "meta", weights_only=True)
    except Exception as error:
        raise CheckpointError(
            f"`state` must hold tensors and plain values only: {_why(error)}"
        ) from error
    return buffer.getvalue()


def _why(error: Exception) -> str:
    """Return the cause alone: PyTorch's advice is to switch the protection off."""
    found = re.search(r"GLOBAL (\S+)", str(error))
    if found:
        return f"it holds {found[1]}, and reading that may run code."
    return str(error).partition("\n")[0]


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is there with all its content, or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # The new name must survive a loss of power, too.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
