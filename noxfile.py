"""Sessions; all share the environment ``.nox/env``, so PyTorch is installed once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "typecheck", "tests", "docs"]
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
# An environment that is there already may be named.
ENV = Path(os.environ.get("CNN_TUTORIAL_ENV", ROOT / ".nox" / "env"))
BIN = ENV / ("Scripts" if os.name == "nt" else "bin")


@nox.session(reuse_venv=True, default=False)
def env(session: nox.Session) -> None:
    """Make or update the environment of the other sessions."""
    if "CNN_TUTORIAL_ENV" in os.environ:
        session.log(f"Using {ENV}.")
        return
    pyproject = nox.project.load_toml(ROOT / "pyproject.toml")
    stamp = ENV / "cnn-tutorial.stamp"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        session.log("The environment is up to date.")
        return
    session.install("-e", ".", *nox.project.dependency_groups(pyproject, "dev"))
    stamp.write_text(wanted)
