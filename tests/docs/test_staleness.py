from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

import digests
import page_facts
import staleness
from gallery_project import Project, eventually, is_alive, make_project


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    return make_project(tmp_path, monkeypatch)


def files_with(folder: Path, name: str) -> list[Path]:
    return [p for p in folder.rglob("*") if name in p.name and p.is_file()]


def test_what_runs_again(project, monkeypatch):
    project.lesson("10_a/10_one")
    project.lesson("10_a/20_two")
    project.lesson("20_b/10_three")
    everything = ["10_one", "20_two", "10_three"]
    assert project.build() == 0
    assert project.ran() == everything

    assert project.build() == 0
    assert project.ran() == []

    project.lesson("10_a/20_two", "print('more')")
    assert project.build() == 0
    assert project.ran() == ["20_two"]
    assert "more" in project.page("auto_gallery/10_a/20_two")

    with (project.root / "toy.py").open("a") as package:
        package.write("\nx = 1\n")
    assert project.build() == 0
    assert project.ran() == everything

    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "smoke")
    assert project.build() == 0
    assert project.ran() == everything


def test_a_deleted_lesson_leaves_nothing(project, tmp_path):
    code = "import matplotlib.pyplot as plt\nimport toy\n_ = plt.plot([toy.double(1)])"
    project.lesson("10_a/10_stays", code, title="Stays")
    gone = project.lesson("10_a/10_stays_not", code, title="Goes away")
    chapter = project.lesson("20_b/10_goes", code, title="Goes with its chapter")
    assert project.build() == 0
    assert "Goes away" in project.page("api")
    assert "Goes with its chapter" in project.page("api")

    gone.unlink()
    for path in [chapter, chapter.with_name("GALLERY_HEADER.rst")]:
        path.unlink()
    chapter.parent.rmdir()
    project.ran()
    assert project.build() == 0
    assert project.ran() == []
    for name in ("10_stays_not", "10_goes", "20_b"):
        assert files_with(project.docs, name) == []
        assert name not in project.page("api") + project.page("auto_gallery/index")
    assert "Goes" not in (project.site / "searchindex.js").read_text()
    assert "Goes" not in project.page("api")
    assert "Stays" in project.page("api")


def test_a_page_with_fewer_figures_leaves_no_picture(project):
    plot = "import matplotlib.pyplot as plt\n_ = plt.plot([1])\n"
    cell = f"{plot}\n# %%\n# Text.\n\n_ = plt.figure(); plt.plot([2])"
    project.lesson("10_a/10_one", cell)
    assert project.build() == 0
    assert len(files_with(project.auto, "10_one_00")) == 2
    project.lesson("10_a/10_one", plot)
    assert project.build() == 0
    assert len(files_with(project.auto, "10_one_00")) == 1
    assert len(files_with(project.site, "10_one_00")) == 1


def test_mini_galleries_follow_the_lessons(project):
    project.lesson("10_a/10_one")
    assert project.build() == 0
    assert "sphx-glr-thumbnail" not in project.page("api")
    project.lesson("10_a/10_one", "import toy\ntoy.double(2)")
    assert project.build() == 0
    assert "sphx-glr-thumbnail-title" in project.page("api")


def test_a_page_without_proof_runs_again(project):
    project.lesson("10_a/10_one")
    project.lesson("10_a/20_two")
    assert project.build() == 0
    project.ran()
    (project.auto / "10_a" / "10_one.facts.json").write_text('{"page": ')
    (project.auto / "10_a" / "20_two.ipynb").unlink()
    assert project.build() == 0
    assert project.ran() == ["10_one", "20_two"]
    assert project.build() == 0
    assert project.ran() == []


def test_a_build_that_failed_goes_on_where_it_was(project):
    project.lesson("10_a/10_one")
    project.lesson("10_a/20_two", "raise OSError")
    project.lesson("10_a/30_three")
    assert project.build() == 1
    assert project.ran() == ["10_one"]
    project.lesson("10_a/20_two")
    assert project.build() == 0
    assert project.ran() == ["20_two", "30_three"]


def test_a_build_that_was_stopped_goes_on_where_it_was(project):
    """The script that runs is stopped, too, and no page is half there."""
    pid = project.waiting_lesson("10_a/20_two")
    project.lesson("10_a/10_one")
    build = project.start()
    assert eventually(lambda: pid.exists() and pid.read_text() != "", 120)
    build.terminate()
    _, err = build.communicate(timeout=60)
    assert build.returncode == 130
    assert err == "\nStopped. The next build goes on from here.\n"
    assert eventually(lambda: not is_alive(int(pid.read_text())), 10)
    assert project.ran() == ["10_one"]
    project.go()
    assert project.build() == 0
    assert project.ran() == ["20_two"]


def test_half_written_pages_are_written_again(project):
    project.lesson("10_a/10_one")
    assert project.build() == 0
    build = project.docs / "_build"
    staged = build / "staging" / "index.html"
    whole = staged.read_text()
    # As a kill in the middle of writing leaves it.
    staged.write_text(whole[:100])
    state = page_facts.read_json(build / "doctrees" / staleness.STATE)
    cache = build / ".jupyter_cache" / state["run"] / "half.ipynb"
    cache.parent.mkdir(parents=True)
    cache.write_text("{")
    page_facts.write_json(
        build / "doctrees" / staleness.STATE,
        {"run": state["run"], "site": state["site"]},
    )
    project.ran()
    assert project.build() == 0
    assert project.ran() == []
    assert project.page("index") == whole
    assert not cache.exists()


def test_without_a_state_nothing_of_sphinx_is_trusted(project):
    project.lesson("10_a/10_one")
    assert project.build() == 0
    (project.docs / "_build" / "doctrees" / staleness.STATE).unlink()
    (project.docs / "_build" / "staging" / "left.html").write_text("over")
    project.ran()
    assert project.build() == 0
    assert project.ran() == []
    assert not (project.site / "left.html").exists()


def test_warnings_do_not_get_lost_in_the_next_build(project, capfd):
    project.lesson("10_a/10_one")
    project.write("docs/api.rst", "API\n===\n\n:func:`no_such_role")
    for _ in range(2):
        assert project.build() == 1
        assert "api.rst:4: WARNING" in capfd.readouterr().err


def test_closure_follows_imports_within_the_folder(tmp_path):
    (tmp_path / "a.py").write_text("import os, b\n")
    (tmp_path / "b.py").write_text(
        "def f():\n    from c import x\n    from . import y\n"
    )
    (tmp_path / "c.py").write_text("import a\n")
    (tmp_path / "d.py").write_text("")
    names = [path.name for path in digests.closure(tmp_path, ["a", "absent"])]
    assert names == ["a.py", "b.py", "c.py"]


def test_digest_sees_names_contents_and_facts(tmp_path):
    file = tmp_path / "x" / "data.bin"
    file.parent.mkdir()
    file.write_bytes(b"1")
    seen = {digests.digest([file.parent], {"a": "1"})}
    (file.parent / "__pycache__").mkdir()
    (file.parent / "__pycache__" / "x.pyc").write_bytes(b"")
    assert digests.digest([file.parent], {"a": "1"}) in seen
    seen.add(digests.digest([file.parent], {"a": "2"}))
    file.write_bytes(b"2")
    seen.add(digests.digest([file.parent], {"a": "1"}))
    file.rename(file.with_name("other.bin"))
    seen.add(digests.digest([file.parent], {"a": "1"}))
    assert len(seen) == 4
    with pytest.raises(ConfigError, match=r"no .*data\.bin"):
        digests.digest([file], {})


def test_a_folder_of_images_counts_by_its_files(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_GREY", f"folder:{tmp_path}")
    before = digests.roles()
    assert before["DIGITS"] == ""
    (tmp_path / "a.png").write_bytes(b"x")
    os.utime(tmp_path / "a.png", (1, 1))
    after = digests.roles()["GREY"]
    assert after != before["GREY"]
    assert after.endswith("a.png 1 1.0")


def test_the_device_can_be_asked_for(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
    assert digests.device() == "mps"
    monkeypatch.setenv("CNN_TUTORIAL_DEVICE", "cpu")
    assert digests.device() == "cpu"


def test_versions_of_what_is_absent():
    found = digests.versions(["torch", "no-such-distribution"])
    assert re.match(r"\d+\.\d+", found["torch"])
    assert found["no-such-distribution"] == "absent"
