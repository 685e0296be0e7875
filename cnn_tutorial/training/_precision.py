"""In which numbers and in which memory order to compute; measured, not guessed."""

from __future__ import annotations

import copy
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import choice
from cnn_tutorial.training._seeds import undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "DTYPES",
    "Precision",
    "as_precision",
    "choose_precision",
    "measured",
    "positive",
]

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_ROUNDS, _FEWEST, _ENOUGH = 5, 3, 3.0  # rounds: most, fewest; seconds that are enough
#: A first look is at so many images; who takes so many times as long is not tried.
_FEW, _HOPELESS = 8, 4.0


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


def choose_precision(
    model: nn.Module, images: Tensor, device: torch.device | str | None = None
) -> tuple[Precision, dict[str, float]]:
    """Time steps of copies of the model, and take the fastest way to compute them.

    All candidates take turns, and what counts is the time over that of float32 in
    PyTorch's memory order in the same round. Among those within 5 % of the fastest the
    more exact one is taken. A candidate that is hopeless on a few images, as bfloat16
    is on processors without units for it, is not tried on all of them.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes). It stays as it is.
    images : float tensor, shape (N, ...)
        A batch, as in the training.
    device
        Where to compute. None: where the images are.

    Returns
    -------
    precision : Precision
        What `fit` takes; float32 in PyTorch's order where nothing is 5 % faster.
    seconds : dict
        Median seconds of a step, by name, of those that were timed.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.LazyLinear(3))
    >>> images = torch.ones(4, 1, 7, 7)
    >>> _ = net(images)  # makes the lazy layer's weights
    >>> precision, seconds = choose_precision(net, images)
    >>> str(precision) in seconds
    True
    """
    device = images.device if device is None else torch.device(device)
    images = images.to(device)
    tries = candidates(device)
    if images.ndim != 4:
        tries = [p for p in tries if not p.channels_last]
    plain, *others = tries
    with undisturbed(device):
        steps = {p: _step(copy.deepcopy(model).to(device), p, device) for p in tries}
        few = images[:_FEW]
        looks = {p: measured({p: partial(steps[p], few)}, rounds=1)[p] for p in tries}
        hopeless = _HOPELESS * min(looks[plain])
        others = [p for p in others if min(looks[p]) <= hopeless]
        times = measured({p: partial(steps[p], images) for p in [plain, *others]})
    ratios = {p: _ratio(taken, times[plain]) for p, taken in times.items()}
    limit = 1.05 * min(ratios.values())
    chosen = next(p for p in ratios if ratios[p] <= limit)
    return chosen, {str(p): median(taken) for p, taken in times.items()}


def _ratio(times: list[float], plain: list[float]) -> float:
    """Return the median ratio of the rounds that both took part in."""
    return median(a / b for a, b in zip(times, plain, strict=False))


def measured(
    steps: Mapping[Precision, Callable[[], object]],
    clock: Callable[[], float] = time.perf_counter,
    rounds: int | None = None,
) -> dict[Precision, list[float]]:
    """Return seconds, round by round; rounds go through all candidates in turn.

    Parameters
    ----------
    steps
        What to time. The first one is the yardstick and always stays; another one that
        took twice the fastest one's time leaves.
    clock
        Seconds.
    rounds
        At most so many. None: five, or three when these take long.

    Returns
    -------
    dict
        Of all of them; who left has fewer rounds.
    """
    for step in steps.values():
        step()
    taken: dict[Precision, list[float]] = {p: [] for p in steps}
    running, yardstick, start = list(steps), next(iter(steps)), clock()
    for number in range(1, (rounds or _ROUNDS) + 1):
        for p in running:
            begin = clock()
            steps[p]()
            taken[p].append(clock() - begin)
        limit = 2 * min(map(median, taken.values()))
        running = [p for p in running if p == yardstick or median(taken[p]) <= limit]
        if number >= _FEWEST and clock() - start > _ENOUGH:
            break
    return taken


def _step(
    model: nn.Module, precision: Precision, device: torch.device
) -> Callable[[Tensor], object]:
    """Return a function that takes one step, without the optimiser's part."""
    model.train()
    model.to(memory_format=precision.memory_format)

    def step(images: Tensor) -> None:
        images = images.to(memory_format=precision.memory_format)
        model.zero_grad()
        with precision.autocast(device):
            scores = model(images)
            loss = F.cross_entropy(scores, scores.detach().argmax(dim=1))
        loss.backward()
        if device.type == "cuda":  # pragma: cuda
            torch.cuda.synchronize(device)

    return step
