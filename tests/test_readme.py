"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
NOXFILE = (ROOT / "noxfile.py").read_text(encoding="utf-8")
SESSIONS = set(re.findall(r"^def (\w+)\(_?session", NOXFILE, re.MULTILINE))
SESSIONS |= set(re.findall(r'^    "([a-z]+)": "[A-Z]', NOXFILE, re.MULTILINE))


def test_it_is_short_and_has_one_light_picture():
    assert len(README.splitlines()) <= 120
    (picture,) = re.findall(r"!\[.{20,}\]\((.+?)\)", README)
    assert (ROOT / picture).stat().st_size < 150_000


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)", README)
    missing = [a for a in links if "://" not in a and not (ROOT / a).exists()]
    assert links
    assert missing == []


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "contributing"])
def test_sessions_exist(text):
    commands = re.findall(r"python3 -m nox -s ((?:[a-z]+ ?)+)", text)
    named = {name for command in commands for name in command.split()}
    assert {"docs", "tests"} <= named
    assert named <= SESSIONS


def test_its_program_runs(capsys):
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict = {}
    exec(program, names)
    torch = names["torch"]
    expected = torch.nn.functional.conv2d(names["x"], names["weight"], padding=1)
    ours = names["convolution"].conv2d_unfold(names["x"], names["weight"], padding=1)
    torch.testing.assert_close(ours, expected)
    assert "81,194" in capsys.readouterr().out


def test_its_variables_are_read():
    sources = [*(ROOT / "cnn_tutorial").rglob("*.py"), ROOT / "noxfile.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    roles = {f"CNN_TUTORIAL_{role}" for role in ("DIGITS", "GREY", "COLOUR")}
    for name in set(re.findall(r"CNN_TUTORIAL_[A-Z]+", README)) - roles:
        assert name in code


def test_the_data_sets_it_names_exist():
    from cnn_tutorial import datasets

    table = "\n".join(line for line in README.splitlines() if line.startswith("| `"))
    named = set(re.findall(r"`([a-z0-9-]+)`", table.partition("`docs` (default)")[2]))
    assert named - {"full"} <= set(datasets.list_datasets())
    assert {"fashion-sample", "cifar10"} <= named
