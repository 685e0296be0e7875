"""One run of Sphinx, and what to say when it fails."""

from __future__ import annotations

import re
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

from site_folders import BuildError


def run_sphinx(root: Path, docs: Path, build: Path, settings: dict[str, Any]) -> None:
    """Run Sphinx; every warning is an error.

    Parameters
    ----------
    root : of the project; its ``docs/conf.py`` is used
    docs : the documents
    build : gets ``staging`` and ``doctrees``
    settings : in place of those of ``conf.py``

    Raises
    ------
    BuildError
        If there were warnings.
    """
    from sphinx.application import Sphinx
    from sphinx.util.console import nocolor
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    if not (build / "doctrees" / "build_state.json").exists():
        for name in ("staging", "doctrees"):
            shutil.rmtree(build / name, ignore_errors=True)
    if not sys.stderr.isatty():
        nocolor()
    conf = root / "docs"
    folders = (docs, conf, build / "staging", build / "doctrees")
    quiet, loud = None, sys.stderr
    with patch_docutils(conf), docutils_namespace():
        app = Sphinx(*folders, "html", settings, quiet, loud, warningiserror=True)
        app.build()
    if app.statuscode:
        raise BuildError(f"warnings are errors here, and there were {app._warncount}")


def sphinx(root: Path, docs: Path, build: Path, settings: dict[str, Any]) -> None:
    """Run Sphinx, and say in few lines why there is no site.

    Parameters
    ----------
    root, docs, build, settings : see :func:`run_sphinx`

    Raises
    ------
    BuildError
        If there is no site, with the reason.
    """
    from sphinx.errors import ExtensionError, SphinxError

    import staleness

    try:
        run_sphinx(root, docs, build, settings)
    except Exception as error:
        staleness.note_failure(build / "doctrees")
        if isinstance(error, BuildError):
            raise
        if isinstance(error, ExtensionError) and error.orig_exc:
            raise BuildError(_unexpected(error.orig_exc, build)) from error
        if isinstance(error, SphinxError):
            raise BuildError(f"{error.category}: {error}") from error
        raise BuildError(_unexpected(error, build)) from error


def _unexpected(error: Exception, build: Path) -> str:
    cell = getattr(error.__cause__, "traceback", None)
    if isinstance(cell, str):  # A page of MyST-NB: the cell's own traceback.
        plain = re.sub(r"\x1b\[[0-9;]*m", "", cell)
        line = next((x for x in plain.splitlines() if x.startswith("---->")), "")
        return f"Page failed: {error}\n{line}\n{plain.strip().splitlines()[-1]}"
    log = build / "error.log"
    log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return f"{type(error).__name__}: {error}\n(the traceback is in {log})"
