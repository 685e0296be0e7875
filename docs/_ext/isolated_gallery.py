"""Run every script of the gallery in a fresh process of its own.

Sphinx-Gallery runs all scripts in one interpreter, where seeds, default types, thread
counts, environment variables and memory leak from one page to the next. Here its
function for one page is called in a child (:mod:`lesson_process`) that has run nothing
before. On Linux children are forked from a server that has imported the large libraries
and has run none of their operators: a start costs hundredths of a second, and CUDA can
be used.

Several pages run at a time (:mod:`lesson_queue`), but for those that ``lessons.toml``
says to run alone. What is logged in a child reaches this process, so that ``-W`` counts
its warnings. A page that raises, is killed, or takes a multiple of its budget ends the
build at once.

It replaces a function of Sphinx-Gallery that is not public: the version is pinned.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
import time
from datetime import UTC, datetime
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import SphinxError
from sphinx_gallery import gen_rst

import lesson_launch
import lesson_limits
import lesson_process
import page_facts
from lesson_process import Job, Outcome, Result
from lesson_queue import LessonQueue
from page_facts import PageFacts

PRELOAD = [
    "torch",
    "torchvision",
    "matplotlib.pyplot",
    "sklearn.datasets",
    "sphinx_gallery.gen_gallery",
    "lesson_process",
]


class LessonError(SphinxError):
    """A page that could not be made."""

    category = "Lesson failed"


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)


class Runner:
    """Stands in for :func:`sphinx_gallery.gen_rst.generate_file_rst`.

    Parameters
    ----------
    app : the application
    """

    def __init__(self, app: Sphinx) -> None:
        conf = app.config.sphinx_gallery_conf
        self.examples = Path(os.path.normpath(app.srcdir / conf["examples_dirs"]))
        self.config = app.config
        self.limits = lesson_limits.limits(app.config.gallery_limits)
        self.budgets = lesson_limits.budgets(self.examples)
        self.pages = sum(1 for _ in self.examples.glob("*/*.py"))
        self.seen = 0
        self.left = self.limits.total
        self.ours = (str(self.examples), *map(str, app.config.gallery_ours))
        method = app.config.gallery_start_method
        self.context = multiprocessing.get_context(method)
        self.gallery_conf: dict[str, Any] = conf
        self.output = Path(os.path.normpath(app.srcdir / conf["gallery_dirs"]))
        self.stop = threading.Event()
        self.queue: LessonQueue[Outcome] | None = None

    def __call__(
        self, fname: str, target_dir: str, src_dir: str, gallery_conf: dict[str, Any]
    ) -> Result:
        """Run a script if it has to run, and return what Sphinx-Gallery expects."""
        script = Path(os.path.normpath(Path(src_dir, fname)))
        self.gallery_conf = gallery_conf
        page = self._name(script)
        queue = self._queue()
        if page in queue or self._must_run(script):
            outcome = queue.result(page)
            assert outcome.result is not None
            for record in outcome.records:
                logging.getLogger(record.name).handle(record)
            return outcome.result
        result: Result = lesson_process.generate_file_rst(
            fname, target_dir, src_dir, gallery_conf
        )
        self._progress(page, "kept" if "stale" in result[3] else "not run")
        return result

    def _name(self, script: Path) -> str:
        return script.relative_to(self.examples).with_suffix("").as_posix()

    def _folder(self, page: str) -> Path:
        return self.output / page.rpartition("/")[0]

    def _must_run(self, script: Path) -> bool:
        if is_fresh(script, self._folder(self._name(script))):
            return False
        return bool(gen_rst.executable_script(str(script), self.gallery_conf))

    def _queue(self) -> LessonQueue[Outcome]:
        if self.queue is None:
            scripts = sorted(self.examples.glob("*/*.py"))
            pages = [self._name(script) for script in scripts if self._must_run(script)]
            places = self.config.gallery_places or lesson_limits.places()
            places = max(1, min(places, len(pages)))
            cores = os.cpu_count() or 1
            self.queue = LessonQueue(
                pages,
                lesson_limits.alone(self.examples),
                places,
                max(1, cores // places) if places > 1 else 0,
                self._run,
                self.stop,
            )
        return self.queue

    def _progress(self, page: str, text: str) -> None:
        self.seen += 1
        say(f"[{self.seen:>2}/{self.pages}] {page:<40} {text}")

    def _job(self, page: str, threads: int) -> Job:
        script = self.examples / f"{page}.py"
        return Job(
            script.name,
            str(self._folder(page)),
            str(script.parent),
            self.gallery_conf,
            dict(os.environ),
            tuple(self.config.gallery_hooks),
            self.ours,
            threads=self.config.gallery_threads or threads,
        )

    def _budget(self, page: str) -> float:
        if page in self.budgets:
            return self.limits.scale * self.budgets[page]
        return self.limits.budget

    def _run(self, page: str, threads: int) -> Outcome:
        # Sphinx-Gallery makes this one only when it comes to the chapter.
        (self._folder(page) / "images" / "thumb").mkdir(parents=True, exist_ok=True)
        before = self._outputs(page)
        for path in before:
            path.unlink()
        budget = self._budget(page)
        start = time.monotonic()
        outcome = self._child(page, budget, self._job(page, threads))
        self.left -= time.monotonic() - start
        if outcome.failure or outcome.result is None:
            raise LessonError(self._blame(page, outcome))
        after = set(self._outputs(page))
        self.config.gallery_vanished.extend(p.name for p in before if p not in after)
        facts = self._facts(page, outcome)
        page_facts.save(self._folder(page), facts)
        over = f"  over its budget of {facts.budget:g} s" if facts.over_budget else ""
        self._progress(page, f"{facts.seconds:6.1f} s {facts.peak_mb:6.0f} MB{over}")
        return outcome

    def _outputs(self, page: str) -> list[Path]:
        return [*page_facts.outputs(self._folder(page), [page.rpartition("/")[2]])]

    def _child(self, page: str, budget: float, job: Job) -> Outcome:
        limit = min(budget * self.limits.kill, self.left)
        try:
            return lesson_launch.run(self.context, job, limit, self.stop)
        except EOFError as error:
            raise LessonError(f"{page}: {error}") from None
        except TimeoutError:
            raise LessonError(self._too_long(page, budget, limit)) from None

    def _too_long(self, page: str, budget: float, limit: float) -> str:
        if limit < budget * self.limits.kill:
            rule = f"all pages together may take {self.limits.total:g} s"
        else:
            rule = f"{self.limits.kill:g} times its budget of {budget:g} s"
        return f"{page}: killed after {limit:.0f} s ({rule})"

    def _blame(self, page: str, outcome: Outcome) -> str:
        failure = outcome.failure
        assert failure is not None
        where = f"{self.examples.name}/{page}.py"
        where += f":{failure.line}" if failure.line else ""
        message = failure.message.replace("\n", "\n    ")
        code = f"\n    >>> {failure.code}" if failure.code else ""
        via = f"\n    raised in {failure.via}" if failure.via else ""
        return f"{page}\n{where}: {message}{code}{via}"

    def _facts(self, page: str, outcome: Outcome) -> PageFacts:
        assert outcome.result is not None
        _, title, (seconds, _), _ = outcome.result
        return PageFacts(
            page=page,
            title=title,
            seconds=round(seconds, 3),
            budget=self._budget(page),
            peak_mb=round(outcome.peak_mb, 1),
            gpu_mb=outcome.gpu_mb and round(outcome.gpu_mb, 1),
            device=outcome.device,
            profile=lesson_limits.profile(),
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            digest="" if outcome.records else self.config.gallery_digest,
            source=gen_rst.get_md5sum(self.examples / f"{page}.py", mode="t"),
            outputs=tuple(
                path.relative_to(self._folder(page)).as_posix()
                for path in self._outputs(page)
            ),
        )


def is_fresh(script: Path, folder: Path) -> bool:
    """Whether Sphinx-Gallery holds the page of a script for up to date.

    Parameters
    ----------
    script : the source
    folder : of its page
    """
    mark = folder / f"{script.name}.md5"
    return mark.is_file() and mark.read_text() == gen_rst.get_md5sum(script, mode="t")


def _warm_up(app: Sphinx, config: Config) -> None:
    # The server imports while Sphinx gets ready; a build that runs nothing needs none.
    conf = config.sphinx_gallery_conf
    folder = Path(app.srcdir, conf["gallery_dirs"])
    scripts = Path(app.srcdir, conf["examples_dirs"]).glob("*/*.py")
    old = any(not is_fresh(script, folder / script.parent.name) for script in scripts)
    if old and config.gallery_start_method == "forkserver":
        multiprocessing.set_forkserver_preload(config.gallery_preload)
        forkserver.ensure_running()


def _install(app: Sphinx) -> None:
    gen_rst.generate_file_rst = Runner(app)
    gen_rst.status_iterator = lambda iterable, *_, **__: iterable


def setup(app: Sphinx) -> dict[str, Any]:
    """Put the runner in the place of Sphinx-Gallery's function for one page."""
    app.setup_extension("sphinx_gallery.gen_gallery")
    # macOS: what Metal needs does not survive a fork.
    method = "forkserver" if sys.platform == "linux" else "spawn"
    app.add_config_value("gallery_start_method", method, "")
    app.add_config_value("gallery_preload", PRELOAD, "")
    app.add_config_value("gallery_threads", 0, "")
    app.add_config_value("gallery_places", 0, "")
    app.add_config_value("gallery_limits", {}, "")
    app.add_config_value("gallery_hooks", [], "")
    app.add_config_value("gallery_ours", [], "")
    # Not for conf.py: what other extensions tell this one, and it tells them.
    app.add_config_value("gallery_digest", "", "")
    app.add_config_value("gallery_vanished", [], "")
    # After old marks are gone (staleness, 8).
    app.connect("config-inited", _warm_up, priority=9)
    # Sphinx-Gallery completes its settings at 10 and makes the pages at 500.
    app.connect("builder-inited", _install, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
