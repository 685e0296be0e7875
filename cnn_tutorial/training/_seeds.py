"""One number from which all random numbers follow."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from cnn_tutorial._validation import integer

__all__ = ["seed_everything", "undisturbed"]

# Who puts an old state back must not undo what another thread has seeded meanwhile.
_LOCK = threading.RLock()


def seed_everything(seed: int) -> None:
    """Start the random numbers of Python, NumPy and PyTorch, on all devices, anew.

    On one machine, with the same versions and as many threads, a program that draws
    only from these gives the same numbers again. Not so on another kind of machine, and
    on a GPU only where each operation is deterministic
    (``torch.use_deterministic_algorithms``).

    The generators belong to the whole process. Threads that draw at the same time take
    turns in an order that nobody knows; what must be the same each time then needs a
    generator of its own, as `cnn_tutorial.datasets.Batches` has, or a process of its
    own.

    Parameters
    ----------
    seed
        From 0 to 2**32 - 1, the range of NumPy.

    Raises
    ------
    ValueError
        If `seed` is out of range.

    Examples
    --------
    >>> seed_everything(7)
    >>> first = torch.rand(3)
    >>> seed_everything(7)
    >>> torch.equal(torch.rand(3), first)
    True
    """
    integer("seed", seed, minimum=0, maximum=2**32 - 1)
    with _LOCK:
        random.seed(seed)
        # What other libraries draw comes from this one; ours take a generator.
        np.random.seed(seed)  # noqa: NPY002
        torch.manual_seed(seed)


@contextmanager
def undisturbed(device: torch.device | None = None) -> Iterator[None]:
    """Draw from PyTorch's random numbers, and leave them as they were.

    Parameters
    ----------
    device
        Whose generator to keep besides that of the processor.
    """
    gpus = [device] if device is not None and device.type == "cuda" else []
    with _LOCK, torch.random.fork_rng(devices=gpus):
        yield
