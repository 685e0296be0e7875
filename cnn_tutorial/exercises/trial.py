"""Run an attempt on one case, whatever it does, and leave no trace."""

from __future__ import annotations

import inspect
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import numpy as np
import torch
from torch import Tensor, nn

from cnn_tutorial.exercises.faults import (
    Explained,
    Fault,
    TooLong,
    explain,
    in_place,
    is_unwritten,
    two_answers,
)
from cnn_tutorial.exercises.values import difference

__all__ = [
    "Attempt",
    "Case",
    "Observe",
    "Outcome",
    "ask",
    "run",
    "time_limit",
    "undisturbed",
]

Attempt = Callable[..., object]
Observe = Callable[[Attempt, dict[str, object]], Mapping[str, object]]


@dataclass(frozen=True)
class Case:
    """One question that is put to an attempt."""

    name: str
    """What it is about, in words that a learner knows."""
    make: Callable[[], dict[str, object]]
    """Makes the arguments by name, new and equal each time."""


@dataclass(frozen=True)
class Outcome:
    """What an attempt did with a case."""

    seen: Mapping[str, object] = field(default_factory=dict)
    """What was observed, by name; empty after a fault."""
    fault: Fault | None = None
    """Why nothing was observed."""


def ask(attempt: Attempt, *args: object, **kwargs: object) -> object:
    """Call an attempt, and say so when it cannot be called or returns nothing.

    Parameters
    ----------
    attempt
        The learner's function.
    *args, **kwargs
        What it is given.

    Returns
    -------
    object
        What it returned; never None.

    Raises
    ------
    Explained
        If its parameters do not fit, or it returned None.
    """
    try:
        signature = inspect.signature(attempt)
        signature.bind(*args, **kwargs)
    except (TypeError, ValueError) as error:
        name = getattr(attempt, "__name__", "attempt")
        call = ", ".join(["...", *(f"{key}=..." for key in kwargs)])
        what = f"{name}({call}) with {len(args)} positional arguments: {error}"
        hint = "Keep the parameters of the stub: names, order and defaults."
        fault = Fault(what, "", hint, "your function could not be called")
        raise Explained(fault) from None
    result = attempt(*args, **kwargs)
    if result is None:
        what = "Your function returned None."
        hint = "Is there a `return` on every path, and does it return the result?"
        summary = "your function returned nothing"
        raise Explained(Fault(what, "", hint, summary, unwritten=True))
    return result


def run(observe: Observe, case: Case, attempt: Attempt) -> Outcome:
    """Observe an attempt twice on equal arguments.

    Parameters
    ----------
    observe
        Calls the attempt and says what is to be compared.
    case
        Makes the arguments.
    attempt
        The learner's function or class.

    Returns
    -------
    Outcome
        With a fault when it raised, changed its arguments, or gave two answers.
    """
    first = _observe(observe, case, attempt)
    if first.fault:
        return first
    second = _observe(observe, case, attempt)
    if second.fault:
        return second
    for key, value in first.seen.items():
        problem = difference(value, second.seen.get(key))
        if problem:
            return Outcome(fault=two_answers(problem))
    return first


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put the global random states back to what they were."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.set_rng_state(states[2])
        if cuda:
            torch.cuda.set_rng_state_all(cuda)


@contextmanager
def time_limit(seconds: float, left: float | None = None) -> Iterator[None]:
    """Raise `TooLong` in the code inside once its time is over.

    This takes the signal of a timer: it does nothing where there is none (Windows), in
    any thread but the first, and where somebody else's timer runs. Code in C is stopped
    only when it comes back to Python.

    Parameters
    ----------
    seconds
        The limit, above 0.
    left
        What is left of it, above 0; all of it by default.
    """
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
        or signal.getitimer(signal.ITIMER_REAL)[0]
    ):
        yield
        return

    def stop(_: int, frame: FrameType | None) -> None:
        if not _imports(frame):
            raise TooLong(f"no answer within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    # Again each second: it may have been caught, or have come in the wrong moment.
    signal.setitimer(signal.ITIMER_REAL, left or seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def _imports(frame: FrameType | None) -> bool:
    """Whether an import is under way: half a module would stay behind for everybody."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@contextmanager
def _usual_modes() -> Iterator[None]:
    """Switch gradients on, and put back what an attempt may set for everybody."""
    dtype = torch.get_default_dtype()
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


def _observe(observe: Observe, case: Case, attempt: Attempt) -> Outcome:
    inputs, before = case.make(), case.make()
    try:
        with _usual_modes():
            seen = observe(attempt, inputs)
    except (Exception, SystemExit, TooLong) as error:
        if is_unwritten(error):
            return Outcome(fault=Fault("NotImplementedError", unwritten=True))
        return Outcome(fault=explain(error))
    changed = [name for name in inputs if not _unchanged(before[name], inputs[name])]
    if changed:
        return Outcome(fault=in_place(changed[0], inputs[changed[0]]))
    return Outcome(seen)


def _unchanged(before: object, after: object) -> bool:
    if isinstance(before, nn.Module) and isinstance(after, nn.Module):
        modes = before.training == after.training
        return modes and not difference(before.state_dict(), after.state_dict())
    if isinstance(before, (Tensor, Mapping)):
        return not difference(before, after)
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_unchanged(b, a) for b, a in pairs)
    return type(before) is type(after)
