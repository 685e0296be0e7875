"""The process in which `cnn_tutorial.exercises.apart` tries a learner's file.

It is started with the file, its limits and the names of exercises, and writes a line of
JSON for each thing that happens to what was its standard output; what the learner's
code prints goes to its standard error.
"""

from __future__ import annotations

import json
import linecache
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnn_tutorial.exercises.exercise import Exercise

__all__: list[str] = []


def _limit_memory(megabytes: int) -> None:
    """Let this process take so much more than it has; POSIX only."""
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
    except (ImportError, OSError):
        return
    lines = dict(line.split(":", 1) for line in status.splitlines())
    held = 1024 * int(lines["VmData"].split()[0])
    most = held + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _attempt(path: Path, name: str) -> object:
    """Run what defines a name in a file, and return what it names."""
    from cnn_tutorial.exercises.slices import read_source, sliced

    source = read_source(path)
    module = ModuleType("attempt")
    module.__file__ = str(path)
    # Tracebacks show the learner's own lines, of a notebook as well.
    lines = source.splitlines(keepends=True)
    linecache.cache[str(path)] = len(source), None, lines, str(path)
    sys.modules["attempt"] = module
    code = compile(sliced(source, name), str(path), "exec")
    exec(code, module.__dict__)
    return getattr(module, name, None)


def _answer(path: Path, task: Exercise, seconds: float) -> dict[str, object]:
    from cnn_tutorial.exercises.faults import TooLong, explain
    from cnn_tutorial.exercises.feedback import FailingCase, Feedback, Status
    from cnn_tutorial.exercises.trial import time_limit

    try:
        with time_limit(seconds):
            attempt = _attempt(path, task.name)
        return asdict(task.check(attempt, seconds=seconds))
    except (Exception, SystemExit, TooLong) as error:
        fault = explain(error)
        case = FailingCase(
            "the file itself", path.name, "", f"{fault.what}\n{fault.where}"
        )
        said = "your file could not be run"
        return asdict(Feedback(Status.WRONG, task.title, said, case, hint=fault.hint))


def main(path: Path, seconds: float, megabytes: int, names: list[str]) -> None:
    """Answer for each exercise in turn."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**facts: object) -> None:
        channel.write(json.dumps(facts) + "\n")
        channel.flush()

    # The imports take seconds, which are not the learner's.
    from cnn_tutorial.exercises import get

    sys.path.insert(0, str(path.parent))
    _limit_memory(megabytes)
    for name in names:
        say(begin=name, printed=os.fstat(1).st_size)
        start = time.perf_counter()
        feedback = _answer(path, get(name), seconds)
        say(end=name, feedback=feedback, seconds=time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
