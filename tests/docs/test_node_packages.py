from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

import node_packages

ROOT = Path(__file__).parents[2]
PINS = json.loads((ROOT / "docs" / "package.json").read_text())["dependencies"]


def test_node_runs():
    command = [node_packages.node_binary(), "--print", "6 * 7"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"42\n"


def test_without_the_wheel_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setattr(node_packages, "find_spec", lambda name: None)
    with pytest.raises(ExtensionError, match="nox -s env"):
        node_packages.node_binary()


def test_a_missing_package_is_named(tmp_path):
    with pytest.raises(ExtensionError, match=r"needs katex/dist/k\.js.*nox -s env"):
        node_packages.package_file(tmp_path, "katex/dist/k.js")


@pytest.mark.parametrize("name", PINS)
def test_what_is_installed_is_what_is_pinned(name):
    assert re.fullmatch(r"\d+\.\d+\.\d+", PINS[name])
    path = node_packages.package_file(
        node_packages.NODE_MODULES, f"{name}/package.json"
    )
    assert json.loads(path.read_text())["version"] == PINS[name]
