"""A small project with a gallery, built by the real machinery."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sphinx_gallery import gen_rst

import page_facts
import site_build

EXT = Path(site_build.__file__).parent

CONF = """
project = "Small"
extensions = ["ledger", "sphinx.ext.autodoc"]
html_theme = "basic"
exclude_patterns = ["_build", "auto_gallery/**/*.ipynb"]
sphinx_gallery_conf = {
    "examples_dirs": "../gallery",
    "gallery_dirs": "auto_gallery",
    "filename_pattern": r"\\.py$",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("toy",),
    "abort_on_example_error": True,
    "write_computation_times": False,
    "download_all_examples": False,
}
staleness_run = ["../toy.py"]
staleness_site = ["conf.py"]
staleness_versions = ["torch", "no-such-distribution"]
staleness_generated = ["generated"]
gallery_threads = 1
gallery_places = 1
gallery_preload = ["torch", "matplotlib.pyplot", "sphinx_gallery.gen_gallery"]
gallery_preload += ["lesson_process"]
"""

INDEX = """
Small
=====

.. toctree::

   auto_gallery/index
   api

Text.
"""

API = """
API
===

.. autofunction:: toy.double

.. minigallery:: toy.double
"""

TOY = '''
"""A package."""


def double(x):
    """Twice x."""
    return 2 * x
'''


class Project:
    """A project in a folder; its pages are made with :meth:`lesson`.

    Parameters
    ----------
    root : the folder, empty
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.docs = root / "docs"
        self.site = root / "docs" / "_build" / "html"
        self.auto = root / "docs" / "auto_gallery"
        self.write("docs/conf.py", CONF)
        self.write("docs/api.rst", API)
        self.write("toy.py", TOY)
        self.write("gallery/GALLERY_HEADER.rst", "Lessons\n=======\n")
        self.write("docs/index.rst", INDEX)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def lesson(self, name: str, code: str = "", title: str = "") -> Path:
        """Write a script; its code begins in line 8."""
        chapter, _, stem = name.partition("/")
        self.write(f"gallery/{chapter}/GALLERY_HEADER.rst", f"{chapter}\n{'=' * 20}\n")
        title = title or f"Title of {stem}"
        head = f'"""\n{title}\n{"=" * len(title)}\n\nText.\n"""\n\n'
        ran = f'open("{self.root}/ran", "a").write("{stem} ")\n'
        body = textwrap.dedent(code).lstrip("\n")
        return self.write(f"gallery/{name}.py", f"{head}{body}\n{ran}")

    def waiting_lesson(self, name: str) -> Path:
        """Write a script that waits for :meth:`go`; return the file with its pid."""
        pid = self.root / "pid"
        self.lesson(
            name,
            f"""
            import os, pathlib, time
            pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))
            while not pathlib.Path({str(self.root / "go")!r}).exists():
                time.sleep(0.02)
            """,
        )
        return pid

    def go(self) -> None:
        """Let scripts that wait end."""
        (self.root / "go").touch()

    def ran(self) -> list[str]:
        """Scripts that ran to their end since the last call."""
        path = self.root / "ran"
        names = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return names

    def build(self, *arguments: str) -> int:
        """Build in this process; return the exit code."""
        return site_build.main(list(arguments), self.root)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Build in a process of its own."""
        code = (
            f"import sys, pathlib; sys.path.insert(0, {str(EXT)!r}); import site_build;"
            f"sys.exit(site_build.main({list(arguments)!r},"
            f" pathlib.Path({str(self.root)!r})))"
        )
        return subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger wrote."""
        return page_facts.read_json(self.docs / "_build" / "facts.json")

    def page(self, name: str) -> str:
        """HTML of a page of the published site."""
        return (self.site / f"{name}.html").read_text(encoding="utf-8")


def make_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project, and have what a build does to this process undone."""
    monkeypatch.setattr(gen_rst, "generate_file_rst", gen_rst.generate_file_rst)
    monkeypatch.setattr(gen_rst, "status_iterator", gen_rst.status_iterator)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "path", [str(root), *sys.path])
    monkeypatch.delitem(sys.modules, "toy", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    for name in [name for name in os.environ if name.startswith("CNN_TUTORIAL_")]:
        monkeypatch.delenv(name)
    return Project(root)


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait until something holds; whether it does in the end."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def is_alive(pid: int) -> bool:
    """Whether a process is there and not only waits to be buried."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
