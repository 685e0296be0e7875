"""The child's half of :mod:`isolated_gallery`: one script in one process.

Nothing here knows of a Sphinx application. :func:`execute` can be called in any
process; :func:`main` is what a child runs: it does to its process what none can undo.
"""

from __future__ import annotations

import gc
import importlib
import logging
import multiprocessing
import os
import random
import resource
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO

from sphinx.util import logging as sphinx_logging
from sphinx_gallery import gen_rst

from lesson_failure import Failure, describe

#: The function that runs a script and writes its page; children need the real one.
generate_file_rst = gen_rst.generate_file_rst

#: Intro, title, (seconds, memory), and a dictionary with the rest.
Result = tuple[str, str, tuple[float, float], dict[str, Any]]

logger = sphinx_logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What a child needs to know.

    Parameters
    ----------
    fname, target_dir, src_dir, gallery_conf : arguments of Sphinx-Gallery's function
    environ : environment variables; those of the fork server may be older
    hooks : functions as ``"module.function"``, called with the settings of the gallery
    ours : folders whose Python warnings are warnings of the build
    seed : of ``random``, NumPy and PyTorch
    threads : threads of PyTorch's operators; 0 leaves the number to PyTorch
    """

    fname: str
    target_dir: str
    src_dir: str
    gallery_conf: dict[str, Any]
    environ: dict[str, str]
    hooks: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    seed: int = 0
    threads: int = 0

    @property
    def script(self) -> Path:
        """The source."""
        return Path(os.path.normpath(Path(self.src_dir, self.fname)))


@dataclass
class Outcome:
    """What a child sends back.

    Parameters
    ----------
    result : what Sphinx-Gallery's function returned
    failure : None when the page is done
    records : what was logged
    peak_mb : peak of resident memory, MB of 10**6 bytes
    gpu_mb : peak of memory allocated on the GPU, MB; None where none was used
    device : name of the GPU that was used, or ``cpu``
    """

    result: Result | None = None
    failure: Failure | None = None
    records: list[logging.LogRecord] = field(default_factory=list)
    peak_mb: float = 0.0
    gpu_mb: float | None = None
    device: str = "cpu"


def seed_everything(seed: int, threads: int) -> None:
    """Give a child a random state of its own; all start as copies of one process."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # Lessons may use libraries that do.
    torch.manual_seed(seed)
    if threads:
        torch.set_num_threads(threads)


def peak_memory() -> float:
    """Peak of resident memory of this process so far, MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def gpu_memory() -> tuple[float | None, str]:
    """Peak of memory allocated on the GPU, MB, and its name; None and cpu if unused."""
    import torch

    if torch.cuda.is_initialized():  # pragma: cuda
        return torch.cuda.max_memory_allocated() / 1e6, torch.cuda.get_device_name()
    return None, "cpu"


def _show_warning(script: Path, ours: tuple[str, ...]) -> Callable[..., None]:
    # Sphinx-Gallery would print the path of the builder's file onto the page.
    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        del file, line
        text = f"{category.__name__}: {message}"
        print(text, file=sys.stderr)
        if Path(filename) == script or filename.startswith(ours):
            logger.warning(text, location=f"{filename}:{lineno}", type="lesson")

    return show


def _call(name: str, conf: dict[str, Any]) -> None:
    module, _, function = name.rpartition(".")
    getattr(importlib.import_module(module), function)(conf)


def execute(job: Job) -> Outcome:
    """Run a script, write its page, and say how it went.

    Parameters
    ----------
    job : the script and the settings
    """
    seed_everything(job.seed, job.threads)
    outcome = Outcome()
    collector = sphinx_logging.LogCollector()
    showing = gen_rst._showwarning
    gen_rst._showwarning = _show_warning(job.script, job.ours)
    try:
        with collector.collect(), warnings.catch_warnings():
            for name in job.hooks:
                _call(name, job.gallery_conf)
            outcome.result = generate_file_rst(
                job.fname, job.target_dir, job.src_dir, job.gallery_conf
            )
    except BaseException as error:  # sys.exit() is a failure, too.
        outcome.failure = describe(job.script, error)
    finally:
        gen_rst._showwarning = showing
    sphinx_logging.convert_serializable(collector.logs)
    outcome.records = [r for r in collector.logs if r.levelno >= logging.WARNING]
    outcome.peak_mb = peak_memory()
    outcome.gpu_mb, outcome.device = gpu_memory()
    return outcome


def _die_with(connection: Connection) -> None:
    # The parent sends nothing: data to read means that its end was closed.
    connection.poll(None)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main(connection: Connection, job: Job) -> None:
    """Run a script as a child of the build.

    Parameters
    ----------
    connection : receives the :class:`Outcome`; when its other end goes, so does this
        process with all that it started
    job : the script and the settings
    """
    os.setsid()
    threading.Thread(target=_die_with, args=(connection,), daemon=True).start()
    os.environ.clear()
    os.environ.update(job.environ)
    # The compiler would warn, with a path, of tools for a GPU that is not there.
    logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
    # A child of a fork server would start its own children, such as the workers of a
    # DataLoader, from that server, where the classes of the script are unknown.
    multiprocessing.set_start_method(None, force=True)
    # Collections need not walk through all that the server has imported.
    gc.freeze()
    connection.send(execute(job))
