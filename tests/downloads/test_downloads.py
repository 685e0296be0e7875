"""What a reader takes home runs where only the wheel of the site is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from built_site import SITE, lessons
from readers_machine import ReadersMachine

pytestmark = pytest.mark.downloads

# One lesson of each chapter: all lessons run in tests/gallery, this is about the files.
CHAPTERS = {name.partition("/")[0]: name for name in reversed(lessons())}
each_chapter = pytest.mark.parametrize("name", sorted(CHAPTERS.values()))


@pytest.fixture(scope="session")
def machine(site, tmp_path_factory) -> ReadersMachine:
    (wheel,) = site.rglob("*.whl")
    machine = ReadersMachine(tmp_path_factory.mktemp("reader"), wheel)
    machine.make()
    return machine


@pytest.fixture
def home(tmp_path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_there_is_the_wheel_and_nothing_of_ours(machine):
    asked = "import cnn_tutorial; print(cnn_tutorial.__file__)"
    assert machine.run("-c", asked).startswith(str(machine.folder))
    for tool in ("sphinx", "pytest", "ipykernel", "docutils", "hatchling"):
        with pytest.raises(AssertionError, match=f"No module named '{tool}'"):
            machine.run("-c", f"import {tool}")


def test_the_requirements_are_complete(machine):
    pip = [sys.executable, "-m", "pip", "--python", str(machine.python), "check"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@each_chapter
def test_a_script_runs(name, machine, home):
    shutil.copy(SITE / "notebooks" / f"{name}.py", home / "lesson.py")
    machine.run("-W", "error", "lesson.py", cwd=home)
    assert [path.name for path in home.iterdir()] == ["lesson.py"]


@each_chapter
def test_a_notebook_runs(name, machine, home, monkeypatch):
    kernels = machine.folder / "jupyter" / "kernels" / "reader"
    kernels.mkdir(parents=True, exist_ok=True)
    start = (
        f"import sys; sys.path.append({str(machine.kernel)!r});"
        "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    )
    command = [str(machine.python), "-c", start, "-f", "{connection_file}"]
    description = {"argv": command, "display_name": "reader", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(description))
    monkeypatch.setenv("JUPYTER_PATH", str(machine.folder / "jupyter"))
    notebook = nbformat.read(SITE / "notebooks" / f"{name}.ipynb", as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="reader",
        timeout=300,
        resources={"metadata": {"path": str(home)}},
    )
    client.execute(env=machine.variables())
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert outputs
    assert not [each for each in outputs if each.output_type == "error"]
    assert list(home.iterdir()) == []
