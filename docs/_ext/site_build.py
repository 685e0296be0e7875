"""Build the site: ``python docs/_ext/site_build.py [--no-run | PAGE ...]``.

Without arguments the whole site is built in ``docs/_build/staging`` and put in the
place of ``docs/_build/html`` when it is done, so the last good site stays when a build
fails or is stopped. One build at a time.

With names of lessons only those run; with ``--no-run`` none does. The rest of the pages
shows what it printed in the last build, if its script is still the same. Both are for
authors and work on a copy of the sources in ``docs/_build/author``.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from site_folders import BuildError, lock, publish, recover, stage
from site_sphinx import sphinx

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130


def lessons(gallery: Path) -> list[str]:
    """Names of all lessons, in the order of the course.

    Parameters
    ----------
    gallery : folder with the chapters
    """
    paths = sorted(gallery.glob("*/[0-9]*.py"))
    return [path.relative_to(gallery).with_suffix("").as_posix() for path in paths]


def choose(wanted: list[str], known: list[str]) -> list[str]:
    """Find lessons by chapter and name, or by a name that only one has.

    Parameters
    ----------
    wanted : such as ``30_unfold``, ``20_convolution/30_unfold`` or a path
    known : names of all lessons

    Raises
    ------
    BuildError
        If a name fits none, or more than one.
    """
    chosen = []
    for name in wanted:
        plain = name.removeprefix("./").removeprefix("gallery/").removesuffix(".py")
        found = [page for page in known if plain in (page, page.rpartition("/")[2])]
        if len(found) != 1:
            say = "more than one lesson has the name" if found else "there is no lesson"
            listing = "".join(f"\n  {page}" for page in found or known)
            raise BuildError(f"{say} {name!r}; these are:{listing}")
        chosen += found
    return chosen


def build_site(root: Path, started: float) -> None:
    """Build the whole site and publish it.

    Parameters
    ----------
    root : of the project
    started : seconds since the epoch
    """
    build = root / "docs" / "_build"
    with lock(build):
        recover(build / "html")
        sphinx(root, root / "docs", build, {"ledger_started": started})
        publish(build / "staging", build / "html")
    report(build, "python -m nox -s serve")


def build_for_author(root: Path, started: float, wanted: list[str]) -> None:
    """Build a copy of the site in which only some lessons ran.

    Parameters
    ----------
    root : of the project
    started : seconds since the epoch
    wanted : names of lessons
    """
    build = root / "docs" / "_build" / "author"
    pages = choose(wanted, lessons(root / "gallery"))
    with lock(build):
        docs = stage(root, build)
        for page in pages:
            (docs / "auto_gallery" / f"{page}.py.md5").unlink(missing_ok=True)
        pattern = "|".join(re.escape(page) for page in pages)
        settings = {
            "ledger_started": started,
            "staleness_any_run": True,
            "plot_gallery": str(bool(pages)),
            "sphinx_gallery_conf.filename_pattern": rf"/(?:{pattern})\.py$",
        }
        sphinx(root, docs, build, settings)
        publish(build / "staging", build / "html")
    names = [f"auto_gallery/{page}.html" for page in pages]
    report(build, " ".join(str(build / "html" / n) for n in names or ["index.html"]))


def report(build: Path, how: str) -> None:
    """Print what the build cost and how to look at it.

    Parameters
    ----------
    build : has ``facts.json``
    how : command or path
    """
    import ledger
    import page_facts

    print(ledger.table(page_facts.read_json(build / "facts.json")))
    print(f"The site is in {os.path.relpath(build / 'html')}. To read it: {how}")


def _stop(number: int, frame: object) -> NoReturn:
    del frame
    raise KeyboardInterrupt(number)


def prepare_environment(root: Path) -> None:
    """Set what scripts and notebooks inherit.

    Parameters
    ----------
    root : of the project
    """
    # Kernels read the settings of nobody's account, and say no more than they must.
    settings = root / "docs" / "_build" / "ipython"
    (settings / "profile_default").mkdir(parents=True, exist_ok=True)
    file = settings / "profile_default" / "ipython_kernel_config.py"
    file.write_text("c.IPKernelApp.log_level = 40\n", encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(settings)
    ours = [str(root), str(root / "docs" / "_ext")]
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    rest = [path for path in inherited if path and path not in ours]
    os.environ["PYTHONPATH"] = os.pathsep.join([*ours, *rest])
    sys.path[:0] = [path for path in ours if path not in sys.path]
    # Threads that wait must not spin; PyTorch reads this when it is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def run(work: Callable[[], None]) -> int:
    """Do the work; return an exit code.

    Parameters
    ----------
    work : raises :class:`BuildError` if there is no site
    """
    try:
        work()
    except BuildError as error:
        print(f"\nNo new site: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next build goes on from here.", file=sys.stderr)
        return INTERRUPTED
    return 0


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Build the site; return an exit code.

    Parameters
    ----------
    arguments : of the command line
    root : of the project
    """
    started = time.time()
    parser = argparse.ArgumentParser("docs", description="Build the site.")
    parser.add_argument("page", nargs="*", metavar="PAGE", help="run only these")
    parser.add_argument("--no-run", action="store_true", help="run no lesson")
    options = parser.parse_args(arguments)
    if options.page and options.no_run:
        parser.error("either --no-run or names of lessons")
    prepare_environment(root)
    signal.signal(signal.SIGTERM, _stop)
    if options.page or options.no_run:
        return run(lambda: build_for_author(root, started, options.page))
    return run(lambda: build_site(root, started))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
