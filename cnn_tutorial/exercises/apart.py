"""Try a learner's file in a process of its own: nothing it does reaches ours."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnn_tutorial._validation import integer
from cnn_tutorial.exercises.feedback import FailingCase, Feedback, Status
from cnn_tutorial.exercises.frame import get, list_exercises
from cnn_tutorial.exercises.slices import defined_in, read_source

__all__ = ["Checked", "Limits", "check_file", "exercises_in"]

_START = 300.0  # seconds in which a worker has imported everything, on any machine
_GRACE = 5.0  # seconds for what the timer inside the worker cannot stop
_PRINTED = 2000  # characters


@dataclass(frozen=True)
class Limits:
    """What a learner's code may take.

    Raises
    ------
    ValueError
        If a limit is not positive.
    """

    seconds: float = 20.0
    """For each exercise."""
    megabytes: int = 2000
    """Beside what Python and PyTorch take; kept on Linux only."""

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"`seconds` (={self.seconds!r}) must be above 0.")
        integer("megabytes", self.megabytes, minimum=1)


@dataclass(frozen=True)
class Checked:
    """What became of one exercise in a file."""

    exercise: str
    """Its name."""
    feedback: Feedback
    """Not attempted, wrong or right."""
    seconds: float
    """How long it took."""
    printed: str = ""
    """The end of what the file printed meanwhile."""


def exercises_in(path: Path) -> list[str]:
    """Return the exercises that a file attempts, in its order.

    Parameters
    ----------
    path
        A script or a notebook.

    Raises
    ------
    ValueError
        If it is neither, or cannot be read.
    """
    known = {exercise.name for exercise in list_exercises()}
    return [name for name in defined_in(read_source(path)) if name in known]


def check_file(
    path: Path, names: Iterable[str] | None = None, limits: Limits | None = None
) -> list[Checked]:
    """Check the exercises in a file, within limits, whatever its code does.

    Of the file only that part runs which the exercise needs: see
    `cnn_tutorial.exercises.slices`. The code may still read, write and delete files, as
    any program of this user: the limits are against accidents, not against malice.

    Parameters
    ----------
    path
        A script or a notebook.
    names
        The exercises; by default those that the file attempts.
    limits
        On time and memory.

    Returns
    -------
    list of Checked
        One for each exercise.

    Raises
    ------
    ValueError
        If the file cannot be read, or there is no such exercise.
    """
    limits = limits or Limits()
    path = path.resolve()
    left = exercises_in(path) if names is None else [get(name).name for name in names]
    checked: list[Checked] = []
    # A process that ends early has answered for the one it ended in.
    while left:
        checked += _one_process(path, left, limits)
        done = {one.exercise for one in checked}
        left = [name for name in left if name not in done]
    return checked


def _one_process(path: Path, names: list[str], limits: Limits) -> list[Checked]:
    command = [sys.executable, "-m", "cnn_tutorial.exercises.worker", str(path)]
    command += [str(limits.seconds), str(limits.megabytes), *names]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        printed = Path(folder, "printed")
        with printed.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                encoding="utf-8",
                cwd=path.parent,
                env={**os.environ, "MPLBACKEND": "Agg", "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        try:
            return list(_answers(process, printed, names, limits))
        finally:
            _kill(process)


def _answers(
    process: subprocess.Popen[str], printed: Path, names: list[str], limits: Limits
) -> Iterator[Checked]:
    """Yield what the worker says; if it falls silent or ends, say so, and stop."""
    lines = _lines(process)
    begun, start, patience, mark = names[0], time.perf_counter(), _START, 0
    while True:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            line = None
            said = _silent(limits.seconds)
        else:
            said = _ended(process) if line is None else ("", "")
        if line is None:
            if begun:
                summary, hint = said
                title = get(begun).title
                feedback = Feedback(Status.WRONG, title, summary, hint=hint)
                lasted = time.perf_counter() - start
                yield Checked(begun, feedback, lasted, _tail(printed, mark))
            return
        facts: dict[str, Any] = json.loads(line)
        if "begin" in facts:
            begun, start = facts["begin"], time.perf_counter()
            patience, mark = limits.seconds + _GRACE, facts["printed"]
            continue
        text = _tail(printed, mark)
        yield Checked(begun, _feedback(facts["feedback"]), facts["seconds"], text)
        begun = ""


def _lines(process: subprocess.Popen[str]) -> queue.Queue[str | None]:
    """Read a process's lines in a thread; None follows the last."""
    found: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                found.put(line)
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    return found


def _kill(process: subprocess.Popen[str]) -> None:
    """End a worker, and what it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _tail(printed: Path, start: int) -> str:
    """Return the end of what was printed since a place in the file."""
    with printed.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(start, end - 4 * _PRINTED))
        return file.read().decode("utf-8", "replace")[-_PRINTED:]


def _silent(seconds: float) -> tuple[str, str]:
    """Return what happened, and a hint."""
    hint = "What does it wait for? No lock and no second thread or process is needed."
    return f"your code was still silent after {seconds:g} s, and was stopped", hint


def _ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what happened, and a hint."""
    status = process.wait()
    name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
    hint = "An answer must return. `os._exit` and running out of memory end a process."
    return f"your code ended the whole process ({name})", hint


def _feedback(facts: dict[str, Any]) -> Feedback:
    case = facts["case"] and FailingCase(**facts["case"])
    made = Feedback(**{**facts, "status": Status(facts["status"]), "case": None})
    return replace(made, case=case)
