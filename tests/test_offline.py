"""The default profile does not notice that there is no network.

CI goes further: it runs all tests and builds the site this way (`.ci/offline.py`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

OFFLINE = Path(__file__).resolve().parents[1] / ".ci" / "offline.py"
NOT_PERMITTED = 77


@pytest.fixture
def run_offline(tmp_path):
    """Run Python without network, at home where nothing was downloaded."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("CNN_TUTORIAL_")
        }
        done = subprocess.run(
            [sys.executable, str(OFFLINE), "--require", sys.executable, *arguments],
            env=kept | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == NOT_PERMITTED:
            pytest.skip(done.stderr.strip())
        return done

    return run


def test_there_is_no_network_but_loopback(run_offline):
    done = run_offline(
        "-c",
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname(), timeout=5)\n"
        "try:\n"
        "    socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
        "except OSError as problem:\n"
        "    print(problem.errno == __import__('errno').ENETUNREACH)\n",
    )
    assert done.stdout == "True\n", done.stderr


def test_every_role_has_its_data(run_offline):
    done = run_offline(
        "-c",
        "from cnn_tutorial import datasets, profiles\n"
        "for role in profiles.ROLES:\n"
        "    data = datasets.for_role(role)\n"
        "    print(role, all(map(len, (data.train, data.validation, data.test))))\n",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["digits", "True", "grey", "True", "colour", "True"]


def test_the_command_line_lists_the_data(run_offline):
    done = run_offline("-m", "cnn_tutorial", "data", "list")
    assert done.returncode == 0, done.stderr
    assert "photo-patches" in done.stdout
