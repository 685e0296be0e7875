"""Compare candidates that do the same thing: first what they return, then how fast."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.benchmarks.clock import (
    Clock,
    Method,
    calls_for,
    per_call,
    quiet,
    waiting_for,
)
from cnn_tutorial.benchmarks.comparison import Comparison, Row

__all__ = ["compare"]

#: Fewer rounds have no quartiles to speak of.
FEWEST_ROUNDS = 5
#: Who takes longer at the first call need not be called again before it counts.
SLOW = 0.5

# Why not torch.utils.benchmark: its Timer times one statement to the end before the
# next one starts, so a machine that slows down in between slows one of them only; and
# its Compare formats such results, it does not take them in turns.


def compare(
    candidates: Mapping[str, Method],
    *,
    baseline: str,
    title: str = "",
    rounds: int = 15,
    seconds: float = 2.0,
    shortest: float = 1e-3,
    threads: int | None = None,
    tolerance: float | None = 1e-4,
    agree: Callable[[object, object], bool] | None = None,
    seed: int = 0,
    clock: Clock = perf_counter,
) -> Comparison:
    """Time candidates in turns, after checking that they return the same.

    Each round calls every candidate in an order that is shuffled anew. Ratios to the
    baseline are taken within a round, and the median of these ratios is the result.

    Parameters
    ----------
    candidates
        Name -> function without arguments. Each is called once before anything counts,
        and again as often as it takes to know how many calls last `shortest`.
    baseline
        The candidate that the others are compared with.
    title
        What is compared, for the table.
    rounds
        At most so many rounds, at least 1.
    seconds
        No round begins later than this; but there are 5, or as many as `rounds` says.
    shortest
        Seconds between two looks at the clock, at least: short calls are repeated.
    threads
        Of PyTorch while it is timed; None: as many as now.
    tolerance
        Largest difference from the baseline's result, in units of its largest number.
        None: what they return is not compared.
    agree
        Compares a result with the baseline's instead; for what is no array.
    seed
        Of the order.
    clock
        Returns seconds.

    Returns
    -------
    Comparison
        A table with medians, ratios and their quartiles.

    Raises
    ------
    ValueError
        If there are no candidates, the baseline is none of them, a number is out of its
        range, or a candidate returns something else than the baseline.

    Examples
    --------
    >>> x = torch.ones(50, 70)
    >>> found = compare(
    ...     {"sum": x.sum, "einsum": lambda: torch.einsum("hw->", x)},
    ...     baseline="sum",
    ...     rounds=3,
    ... )
    >>> found.ratio("sum")  # to itself
    1.0
    """
    choice("baseline", baseline, candidates)
    integer("rounds", rounds, minimum=1)
    for name, value in (("seconds", seconds), ("shortest", shortest)):
        if not value >= 0:
            raise ValueError(f"`{name}` (={value!r}) must be at least 0.")
    with quiet(threads):
        first, results = _first_calls(candidates, clock)
        _check(results, baseline, tolerance, agree)
        wait = waiting_for(results.values())
        del results
        times = _rounds(
            candidates,
            {
                name: 1
                if first[name] > max(SLOW, shortest)
                else calls_for(candidate, shortest, clock=clock, wait=wait)
                for name, candidate in candidates.items()
            },
            limits=(min(rounds, FEWEST_ROUNDS), rounds, seconds),
            shuffle=random.Random(seed).shuffle,
            timer=lambda one, calls: per_call(one, calls, clock=clock, wait=wait),
            clock=clock,
        )
        used = torch.get_num_threads()
    rows = tuple(Row(name, tuple(found)) for name, found in times.items())
    return Comparison(rows, baseline=baseline, title=title, threads=used)


def _first_calls(
    candidates: Mapping[str, Method], clock: Clock
) -> tuple[dict[str, float], dict[str, object]]:
    """Call each once; return how long that took and what came."""
    took, results = {}, {}
    for name, candidate in candidates.items():
        start = clock()
        results[name] = candidate()
        took[name] = clock() - start
    return took, results


def _rounds(
    candidates: Mapping[str, Method],
    calls: Mapping[str, int],
    *,
    limits: tuple[int, int, float],
    shuffle: Callable[[list[str]], None],
    timer: Callable[[Method, int], float],
    clock: Clock,
) -> dict[str, list[float]]:
    """Let all take turns; return the time of a call in each round, in seconds."""
    (fewest, most, seconds), start = limits, clock()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for done in range(most):
        if done >= fewest and clock() - start >= seconds:
            break
        order = list(candidates)
        shuffle(order)
        for name in order:
            times[name].append(timer(candidates[name], calls[name]))
    return times


def _check(
    results: Mapping[str, object],
    baseline: str,
    tolerance: float | None,
    agree: Callable[[object, object], bool] | None,
) -> None:
    """Compare what the candidates return with what the baseline returns."""
    for name, result in results.items():
        if agree is not None:
            problem = "" if agree(result, results[baseline]) else "something else"
        elif tolerance is not None:
            problem = _difference(result, results[baseline], tolerance)
        else:
            return
        if problem:
            raise ValueError(
                f"`candidates[{name!r}]` must return what {baseline!r} returns, but it "
                f"returned {problem}: times of different work cannot be compared."
            )


def _difference(result: object, expected: object, tolerance: float) -> str:
    """Say what is different, or nothing."""
    ours, theirs = _numbers(result), _numbers(expected)
    if ours.shape != theirs.shape:
        return f"shape {tuple(ours.shape)} instead of {tuple(theirs.shape)}"
    if not ours.numel():
        return ""
    largest = float((ours - theirs).abs().max())
    allowed = tolerance * float(theirs.abs().max())
    # NaN is not at most anything.
    return "" if largest <= allowed else f"numbers that differ by {largest:.3g}"


def _numbers(result: object) -> Tensor:
    """Return a result in double precision on the processor."""
    array = result if isinstance(result, Tensor) else torch.as_tensor(np.array(result))
    array = array.detach().cpu()
    return array.to(torch.complex128 if array.is_complex() else torch.float64)
