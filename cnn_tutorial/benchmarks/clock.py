"""Timed calls on a machine that is held still."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from cnn_tutorial._validation import integer

__all__ = ["Method", "calls_for", "nothing", "per_call", "quiet", "waiting_for"]

Method = Callable[[], object]
#: Seconds since some moment.
Clock = Callable[[], float]
#: Most calls between two looks at the clock.
MOST_CALLS = 100_000


@contextmanager
def quiet(threads: int | None = None) -> Iterator[None]:
    """Hold the garbage collector and the number of threads; put both back after it.

    Parameters
    ----------
    threads
        Threads of PyTorch's operations, at least 1; None: as many as now. SciPy's
        filters have one in any case.

    Raises
    ------
    ValueError
        If `threads` is no such number.

    Examples
    --------
    >>> before = torch.get_num_threads()
    >>> with quiet(threads=1):
    ...     torch.get_num_threads(), gc.isenabled()
    (1, False)
    >>> torch.get_num_threads() == before
    True
    """
    if threads is not None:
        integer("threads", threads, minimum=1)
    before, collecting = torch.get_num_threads(), gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        if threads is not None:
            torch.set_num_threads(threads)
        yield
    finally:
        if collecting:
            gc.enable()
        if threads is not None:
            torch.set_num_threads(before)


def nothing() -> None:
    """Wait for nobody: work on the processor is done when a call returns."""


def waiting_for(results: Iterable[object]) -> Method:
    """Return what to call so that work on the results' devices is done.

    Parameters
    ----------
    results
        What the candidates returned.
    """
    kinds = {result.device.type for result in results if isinstance(result, Tensor)}
    if "cuda" in kinds:  # pragma: cuda
        return torch.cuda.synchronize
    if "mps" in kinds:
        return torch.mps.synchronize
    return nothing


def per_call(
    candidate: Method, calls: int, *, clock: Clock, wait: Method = nothing
) -> float:
    """Return the time of one call, from `calls` in a row.

    Parameters
    ----------
    candidate
        What to call.
    calls
        How often, at least 1.
    clock
        Returns seconds.
    wait
        Returns when the device is done.
    """
    wait()
    start = clock()
    for _ in range(calls):
        candidate()
    wait()
    return (clock() - start) / calls


def calls_for(
    candidate: Method, shortest: float, *, clock: Clock, wait: Method = nothing
) -> int:
    """Return how many calls take at least `shortest` seconds, by trying.

    Trying also warms up: memory has been asked for, caches and processor are awake.

    Parameters
    ----------
    candidate, clock, wait
        As in :func:`per_call`.
    shortest
        Seconds.
    """
    calls = 1
    while True:
        took = calls * per_call(candidate, calls, clock=clock, wait=wait)
        if took >= shortest or calls >= MOST_CALLS:
            return calls
        # At most ten times as many: the first calls are slower than those to come.
        wanted = calls * shortest / took if took > 0 else 10 * calls
        calls = min(max(calls + 1, round(1.1 * wanted)), 10 * calls, MOST_CALLS)
