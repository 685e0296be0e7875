"""The parent's half of :mod:`lesson_process`: start a child, hear it, end it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess

import lesson_process
from lesson_process import Job, Outcome


def _kill(process: BaseProcess) -> None:
    if process.pid is None:  # It did not start.
        return
    # The child leads a group with all that it started; what is left of it goes, too.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():  # Too young to lead a group.
        process.kill()
    process.join()


def ending(code: int | None) -> str:
    """How a process ended, in words.

    Parameters
    ----------
    code : exit code; the number of a signal, negative, if one killed it

    Examples
    --------
    >>> ending(3)
    'its process ended with exit code 3 before the page was done'
    """
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        memory = " (often: out of memory)" if -code == signal.SIGKILL else ""
        return f"its process was killed by {name}{memory}"
    return f"its process ended with exit code {code} before the page was done"


def receive(
    process: BaseProcess,
    connection: Connection,
    seconds: float,
    stop: threading.Event | None = None,
) -> Outcome:
    """Wait for what a child sends.

    Parameters
    ----------
    process : the child
    connection : on which it sends
    seconds : to wait at most
    stop : ends the waiting when it is set

    Raises
    ------
    TimeoutError
        If it takes longer.
    EOFError
        If it ended without a word.
    InterruptedError
        If it was stopped.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if stop is not None and stop.is_set():
            raise InterruptedError
        # Its children may hold copies of both ends, so its death is asked for, too.
        wait([connection, process.sentinel], min(left, 1.0))
        if connection.poll():
            outcome: Outcome = connection.recv()
            return outcome
        if process.exitcode is not None:
            raise EOFError
    raise TimeoutError


def run(
    context: ForkServerContext | SpawnContext,
    job: Job,
    seconds: float,
    stop: threading.Event | None = None,
) -> Outcome:
    """Run a script in a child, and leave nothing of the child behind.

    Parameters
    ----------
    context : of :mod:`multiprocessing`
    job : the script and the settings
    seconds : that it may take
    stop : ends it when it is set

    Raises
    ------
    TimeoutError
        If it takes longer.
    EOFError
        If it ended without a word, with how it ended.
    InterruptedError
        If it was stopped.
    """
    ours, theirs = context.Pipe()
    process = context.Process(target=lesson_process.main, args=(theirs, job))
    try:
        process.start()
        theirs.close()
        outcome = receive(process, ours, seconds, stop)
        process.join(5)
    except EOFError:
        process.join(5)
        raise EOFError(ending(process.exitcode)) from None
    finally:
        _kill(process)
        ours.close()
    return outcome
