"""What a call does that its result does not show: memory, operations, their times."""

from __future__ import annotations

import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from cnn_tutorial._validation import integer
from cnn_tutorial.benchmarks.clock import Method

__all__ = ["memory", "operations", "time_shares"]


@contextmanager
def _silence() -> Iterator[None]:
    """Keep PyTorch's profiler from writing to the terminal when it is first used."""
    before = os.environ.get("KINETO_LOG_LEVEL")
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    try:
        yield
    finally:
        if before is None:
            del os.environ["KINETO_LOG_LEVEL"]


def _profiled(function: Method, *, with_memory: bool) -> tuple[list[Any], object]:
    """Return the profiler's events in order of time, and what the function returned."""
    with (
        _silence(),
        torch.autograd.profiler.profile(profile_memory=with_memory) as found,
    ):
        # Kept, or the memory of the result would be given back before the end.
        result = function()
    events = found.kineto_results.events()
    return sorted(events, key=lambda event: event.start_ns()), result


def memory(function: Method) -> int:
    """Return the most memory that a call held at once, in bytes.

    Counted are PyTorch's tensors on the processor, NumPy's arrays and Python's objects,
    the result among them, but not what was there before. Memory that a library asks
    the system for by itself is not seen. Tensors and the rest are watched in calls of
    their own, and their peaks are added: a function that holds the one after the other
    gets too large a number.

    Parameters
    ----------
    function
        Called three times; the first one may import and remember things.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    ValueError
        If tracemalloc is running, which is needed here.

    Examples
    --------
    >>> x = torch.ones(500, 500)
    >>> held = memory(lambda: (2 * x).sum())  # 250,000 numbers of 4 bytes, and the sum
    >>> round(held / 1e6, 2)
    1.0
    """
    if tracemalloc.is_tracing():
        raise ValueError("`tracemalloc` must not be running: it is needed here.")
    function()
    return _of_tensors(function) + _of_python(function)


def _of_tensors(function: Method) -> int:
    """Return the most bytes that tensors held during a call."""
    events, _ = _profiled(function, with_memory=True)
    held = most = 0
    for event in events:
        if event.name() == "[memory]":
            held += event.nbytes()
            most = max(most, held)
    return most


def _of_python(function: Method) -> int:
    """Return the most bytes that arrays and objects held during a call."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def operations(function: Method) -> list[str]:
    """Return the names of PyTorch's operations that a call started, in order.

    Parameters
    ----------
    function
        Called once.

    Returns
    -------
    list of str
        Without ``aten::``; an operation that starts others comes before them.

    Examples
    --------
    >>> operations(lambda: torch.ones(3))  # asks for memory, then fills it
    ['ones', 'empty', 'fill_']
    """
    events, _ = _profiled(function, with_memory=False)
    names = [event.name() for event in events]
    return [name.removeprefix("aten::") for name in names if name.startswith("aten::")]


def time_shares(function: Method, *, most: int = 6) -> dict[str, float]:
    """Return which operations took the time of a call on the processor, in percent.

    An operation counts without those that it starts: a convolution that hands its work
    to another operation has none of it. What a GPU does meanwhile is not seen.

    Parameters
    ----------
    function
        Called twice; the first one may remember things.
    most
        How many operations, at least 1.

    Returns
    -------
    dict of str to float
        Largest first, 0-100, without ``aten::``; all operations together have 100.

    Raises
    ------
    ValueError
        If `most` is no such number.

    Examples
    --------
    >>> x = torch.ones(300, 300)
    >>> next(iter(time_shares(lambda: x.sin() @ x)))  # 27 million products
    'mm'
    """
    integer("most", most, minimum=1)
    function()
    with _silence(), torch.autograd.profiler.profile() as found:
        function()
    times: Counter[str] = Counter()
    for event in found.key_averages():
        # The backward pass is called "autograd::engine::evaluate_function: NAME".
        name = event.key.removeprefix("aten::").rpartition(": ")[2]
        times[name] += event.self_cpu_time_total
    total = sum(times.values())
    return {name: 100 * time / total for name, time in times.most_common(most)}
