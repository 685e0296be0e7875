"""In which numbers and in which memory order to compute; measured, not guessed."""

from __future__ import annotations

import copy
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import choice

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DTYPES", "Precision", "as_precision", "choose", "measured", "positive"]

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_ROUNDS, _ENOUGH = 5, 3.0  # repetitions, and the seconds after which two must do


@dataclass(frozen=True)
class Precision:
    """Numbers and memory order of a training.

    Parameters
    ----------
    dtype
        ``"float32"``, ``"bfloat16"`` or ``"float16"``: what ``torch.autocast`` computes
        products in. Parameters stay float32.
    channels_last
        Whether the channels of a pixel lie side by side in memory, as the fast kernels
        of many processors want them.
    """

    dtype: str = "float32"
    channels_last: bool = False

    def __post_init__(self) -> None:
        """Check the name."""
        choice("precision", self.dtype, DTYPES)

    def __str__(self) -> str:
        return self.dtype + (", channels_last" if self.channels_last else "")

    @property
    def memory_format(self) -> torch.memory_format:
        """What images and model are converted to."""
        if self.channels_last:
            return torch.channels_last
        return torch.preserve_format

    def autocast(self, device: torch.device) -> AbstractContextManager[object]:
        """Return the context of the forward pass."""
        return torch.autocast(
            device.type, DTYPES[self.dtype], enabled=self.dtype != "float32"
        )

    def scaler(self, device: torch.device) -> torch.amp.GradScaler:
        """Return what keeps small gradients of float16 from becoming 0."""
        return torch.amp.GradScaler(device.type, enabled=self.dtype == "float16")


def as_precision(precision: Precision | str) -> Precision:
    """Return a precision; a name alone stands for PyTorch's own memory order."""
    return precision if isinstance(precision, Precision) else Precision(precision)


def positive(name: str, value: float | None) -> float | None:
    """Return `value` if it is None or above 0.

    Raises
    ------
    ValueError
        If it is not.
    """
    if value is not None and not value > 0:
        raise ValueError(f"`{name}` (={value!r}) must be above 0.")
    return value


def candidates(device: torch.device) -> list[Precision]:
    """Return what is worth a try on a device."""
    names = ["float32", "bfloat16"]
    if device.type == "cuda":  # pragma: cuda
        names = ["float32", "bfloat16", "float16"]
        if not torch.cuda.is_bf16_supported(including_emulation=False):
            names.remove("bfloat16")
    return [Precision(name, last) for name in names for last in (False, True)]


def choose(
    model: nn.Module, images: Tensor, device: torch.device
) -> tuple[Precision, dict[str, float]]:
    """Measure forward and backward passes of a copy of the model, and take the fastest.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes).
    images
        A batch, shape (N, ...), on `device`.
    device
        Where to compute.

    Returns
    -------
    precision : Precision
        The fastest; float32 in PyTorch's order where nothing is at least 5 % faster.
    seconds : dict
        Median seconds of a step, by name.
    """
    tries = candidates(device)
    if images.ndim != 4:
        tries = [p for p in tries if not p.channels_last]
    with torch.random.fork_rng(_devices(device)):
        steps = {p: _step(copy.deepcopy(model), images, p, device) for p in tries}
        seconds = measured(steps)
    plain = tries[0]
    fastest = min(seconds, key=lambda p: seconds[p])
    if seconds[fastest] > 0.95 * seconds[plain]:
        fastest = plain
    return fastest, {str(p): value for p, value in seconds.items()}


def measured(
    steps: dict[Precision, Callable[[], object]],
    clock: Callable[[], float] = time.perf_counter,
) -> dict[Precision, float]:
    """Return median seconds; rounds go through all candidates in turn.

    Parameters
    ----------
    steps
        What to time. A candidate that took twice the fastest one's time leaves.
    clock
        Seconds.

    Returns
    -------
    dict
        Of all of them.
    """
    for step in steps.values():
        step()
    taken: dict[Precision, list[float]] = {p: [] for p in steps}
    running = list(steps)
    start = clock()
    for number in range(_ROUNDS):
        for p in running:
            begin = clock()
            steps[p]()
            taken[p].append(clock() - begin)
        fastest = min(map(median, taken.values()))
        running = [p for p in running if median(taken[p]) <= 2 * fastest]
        if number and clock() - start > _ENOUGH:
            break
    return {p: median(times) for p, times in taken.items()}


def _step(
    model: nn.Module, images: Tensor, precision: Precision, device: torch.device
) -> Callable[[], object]:
    """Return a function that takes one step, without the optimiser's part."""
    model.train()
    model.to(memory_format=precision.memory_format)
    images = images.to(memory_format=precision.memory_format)

    def step() -> None:
        model.zero_grad()
        with precision.autocast(device):
            scores = model(images)
            loss = F.cross_entropy(scores, scores.detach().argmax(dim=1))
        loss.backward()
        if device.type == "cuda":  # pragma: cuda
            torch.cuda.synchronize(device)

    return step


def _devices(device: torch.device) -> list[torch.device]:
    return [device] if device.type == "cuda" else []
