"""Import modules one by one, each in a process of its own, and tell what each did.

Run as a script: ``python import_probe.py PRELOAD MODULE [MODULE ...]``. PRELOAD is a
comma-separated list of modules to import before the process forks, "" for none. Prints
JSON: module -> error, newly loaded modules, and whatever else changed.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import sys
import tempfile
import threading
from pathlib import Path


def state() -> dict[str, object]:
    """Describe what an import must not change."""
    found: dict[str, object] = {
        "folder": str(Path.cwd()),
        "environment": sorted(f"{k}={v}" for k, v in os.environ.items()),
        "random": hash(random.getstate()),
        "threads": threading.active_count(),
        "home": sorted(str(path) for path in Path.home().rglob("*")),
    }
    if numpy := sys.modules.get("numpy"):
        found["numpy.random"] = hash(numpy.random.get_state()[1].tobytes())
    if torch := sys.modules.get("torch"):
        found["torch.random"] = hash(torch.get_rng_state().numpy().tobytes())
        found["torch.threads"] = torch.get_num_threads()
        found["torch.dtype"] = str(torch.get_default_dtype())
        found["torch.grad"] = torch.is_grad_enabled()
    return found


def probe(name: str) -> dict[str, object]:
    """Import one module and compare the world before and after."""
    before, modules = state(), set(sys.modules)
    with tempfile.TemporaryFile() as output:
        screen = [os.dup(1), os.dup(2)]
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        error = None
        try:
            importlib.import_module(name)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
        sys.stdout.flush()
        os.dup2(screen[0], 1)
        os.dup2(screen[1], 2)
        output.seek(0)
        printed = output.read().decode()
    after = state()
    return {
        "error": error,
        "printed": printed,
        "changed": [key for key in before if before[key] != after[key]],
        "loaded": sorted(set(sys.modules) - modules),
    }


def in_child(name: str) -> dict[str, object]:
    """Probe in a forked process, so that one import cannot help the next."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            json.dump(probe(name), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer)


if __name__ == "__main__":
    for preload in filter(None, sys.argv[1].split(",")):
        importlib.import_module(preload)
    print(json.dumps({name: in_child(name) for name in sys.argv[2:]}))
