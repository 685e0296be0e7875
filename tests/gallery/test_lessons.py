"""Every lesson runs: quickly on little data, its full path on files of the real kind.

The site's build runs each lesson in a process of its own; here they share one, so that
a lesson that leaves something behind is found.
"""

from __future__ import annotations

import ast
import io
import re
import runpy
import tokenize
import tomllib
from pathlib import Path

import pytest
import torch

from cnn_tutorial.questions import list_questions
from source import declared, distributions, imports

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "gallery"
SCRIPTS = sorted(GALLERY.glob("[0-9]*/[0-9]*.py"))
NAMES = [path.relative_to(GALLERY).with_suffix("").as_posix() for path in SCRIPTS]
LESSONS = tomllib.loads((GALLERY / "lessons.toml").read_text("utf-8"))["lessons"]
CODE_WIDTH = 88

each_lesson = pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)


def globals_of_torch() -> tuple:
    """Return the settings that one lesson must not leave to the next."""
    return (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        len(torch.nn.modules.module._global_forward_hooks),
    )


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a script as a reader would, in an empty folder."""

    def run_script(script: Path, profile: str) -> dict:
        monkeypatch.setenv("CNN_TUTORIAL_PROFILE", profile)
        folder = tmp_path / "empty"
        folder.mkdir()
        monkeypatch.chdir(folder)
        before = globals_of_torch()
        names = runpy.run_path(str(script), run_name="__main__")
        assert globals_of_torch() == before
        assert list(folder.iterdir()) == []
        return names

    return run_script


def test_there_are_lessons():
    assert len(SCRIPTS) >= 3
    assert sorted(LESSONS) == NAMES


@each_lesson
def test_it_runs_in_the_smoke_profile(script, run):
    import matplotlib.pyplot as plt

    run(script, "smoke")
    for number in plt.get_fignums():
        figure = plt.figure(number)
        titles = [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
        assert any(titles), "a figure without a title has no alternative text"


@each_lesson
def test_its_full_path_runs_on_files_of_the_real_kind(script, run, request):
    name = script.relative_to(GALLERY).with_suffix("").as_posix()
    if "full" not in script.read_text("utf-8") and LESSONS[name]["data"] == "none":
        pytest.skip("it does the same in every profile")
    request.getfixturevalue("full_data")
    run(script, "full")


@pytest.mark.slow
def test_transfer_reads_weights_that_are_on_disk(run, tmp_path, monkeypatch, capsys):
    """A file as torchvision leaves it there, but for its numbers, which are random."""
    from torchvision.models import ResNet18_Weights, resnet18

    name = Path(ResNet18_Weights.IMAGENET1K_V1.url).name
    file = tmp_path / "torch" / "hub" / "checkpoints" / name
    file.parent.mkdir(parents=True)
    torch.save(resnet18().state_dict(), file)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    run(GALLERY / "40_training" / "60_transfer.py", "smoke")
    assert "ImageNet's trunk, frozen:" in capsys.readouterr().out


@each_lesson
def test_code_fits_without_scrolling(script):
    """Prose may be as long as it likes: the site breaks its lines anew."""
    source = script.read_text("utf-8")
    prose = set(range(1, (ast.parse(source).body[0].end_lineno or 0) + 1))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
            prose.add(token.start[0])
    lines = enumerate(source.splitlines(), start=1)
    wide = [n for n, line in lines if len(line) > CODE_WIDTH and n not in prose]
    assert wide == []


@each_lesson
def test_it_says_what_style_asks_for(script):
    source = script.read_text("utf-8")
    assert re.search(r"^You will$", source, re.MULTILINE)
    assert re.search(r"^\*\*Before this:\*\*", source, re.MULTILINE)
    for heading in ("Takeaways", "Exercise", "References"):
        assert re.search(rf"^# {heading}", source, re.MULTILINE), heading
    # A claim that is checked in front of the reader, and an exercise that checks.
    assert "assert" in source
    assert "check(" in source


@each_lesson
def test_each_question_ends_its_cell(script):
    """Only the last value of a cell is shown: another question would go unasked."""
    cells = re.split(r"^# %%.*\n", script.read_text("utf-8"), flags=re.MULTILINE)
    early = [node for cell in cells for node in ast.parse(cell).body[:-1]]
    asked = [ast.unparse(node) for node in early]
    calls = ("predict(", "ask(")
    assert [source for source in asked if source.startswith(calls)] == []


@each_lesson
def test_it_asks_the_questions_that_were_made_for_it(script):
    name = script.relative_to(GALLERY).with_suffix("").as_posix()
    source = script.read_text("utf-8")
    asked = re.findall(r'^ask\("(\w+)"\)$', source, re.MULTILINE)
    assert asked
    made = {each.name for each in list_questions() if each.lesson == name}
    assert sorted(asked) == sorted(made)


@each_lesson
def test_it_does_not_set_up_the_world(script):
    """No package manager, no global style, no worker processes, no own data folder."""
    source = script.read_text("utf-8")
    for word in ("pip install", "rcParams", "num_workers", "download=True", "sys.path"):
        assert word not in source


@each_lesson
def test_it_imports_only_what_the_wheel_brings(script):
    assert distributions(imports(script)) <= declared()
