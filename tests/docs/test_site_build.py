from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import site_build
import site_folders
from gallery_project import Project, eventually, is_alive, make_project
from site_folders import BuildError


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    return make_project(tmp_path, monkeypatch)


def tree(folder) -> dict[str, bytes]:
    """Names and contents of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_last_good_site_stays_when_a_build_fails(project, capfd):
    script = project.lesson("10_a/10_one", "print('good')")
    assert project.build() == 0
    good = tree(project.site)
    project.lesson("10_a/10_one", "1 / 0")
    assert project.build() == 1
    assert "ZeroDivisionError: division by zero" in capfd.readouterr().err
    assert tree(project.site) == good
    script.write_text("no title")
    assert project.build() == 1
    assert tree(project.site) == good


def test_a_second_build_says_so_until_the_first_is_killed(project):
    """No script outlives its build, and the next build goes on where the first was."""
    pid = project.waiting_lesson("10_a/20_two")
    project.lesson("10_a/10_one")
    first = project.start()
    assert eventually(lambda: pid.exists() and pid.read_text() != "", 120)
    second = project.start()
    _, err = second.communicate(timeout=60)
    assert second.returncode == 1
    assert re.fullmatch(
        rf"\nNo new site: a build is already running here \(process {first.pid}, "
        r"since \d\d:\d\d:\d\d\)\n",
        err,
    )
    first.kill()
    first.communicate(timeout=60)
    assert eventually(lambda: not is_alive(int(pid.read_text())), 10)
    assert project.ran() == ["10_one"]
    project.go()
    assert project.build() == 0
    assert project.ran() == ["20_two"]


def test_only_one_page_runs_for_its_author(project, monkeypatch):
    project.lesson("10_a/10_one", "print('one', 1)")
    two = project.lesson("10_a/20_two", "print('two', 2)")
    assert project.build() == 0
    before, marks = tree(project.site), tree(project.auto)
    facts = project.facts()
    project.ran()
    project.lesson("10_a/10_one", "print('one', 10)")
    two.write_text(two.read_text() + "\n# %%\n# New words.\n")
    monkeypatch.chdir(project.root)
    assert project.build("gallery/10_a/20_two.py") == 0
    assert project.ran() == ["20_two"]
    author = project.docs / "_build" / "author" / "html" / "auto_gallery" / "10_a"
    assert "New words" in (author / "20_two.html").read_text()
    one = (author / "10_one.html").read_text()
    # Its code is shown; it has changed since it ran, so its output is not.
    assert "one 1" not in re.sub("<[^>]*>", "", one)

    assert project.build("--no-run") == 0
    assert project.ran() == []
    shown = re.sub("<[^>]*>", "", (author / "20_two.html").read_text())
    assert "two 2" in shown

    assert (tree(project.site), tree(project.auto)) == (before, marks)
    assert project.facts() == facts
    assert project.build() == 0
    assert project.ran() == ["10_one", "20_two"]


def test_a_page_runs_again_as_often_as_its_author_asks(project):
    project.lesson("10_a/10_one")
    for _ in range(2):
        assert project.build("10_one") == 0
        assert project.ran() == ["10_one"]
    assert not project.site.exists()
    assert not project.auto.exists()


def test_authors_see_what_was_deleted_go(project):
    page = project.lesson("10_a/10_one")
    project.lesson("10_a/20_two")
    assert project.build("--no-run") == 0
    page.unlink()
    assert project.build("--no-run") == 0
    html = project.docs / "_build" / "author" / "html" / "auto_gallery" / "10_a"
    assert not (html / "10_one.html").exists()
    assert (html / "20_two.html").exists()


def test_unknown_lessons_list_what_there_is(project, capsys):
    project.lesson("10_a/10_one")
    project.lesson("20_b/20_two")
    assert project.build("30_three") == 1
    assert capsys.readouterr().err == (
        "\nNo new site: there is no lesson '30_three'; these are:"
        "\n  10_a/10_one\n  20_b/20_two\n"
    )


@pytest.mark.parametrize(
    "name", ["30_x", "10_a/30_x", "10_a/30_x.py", "gallery/10_a/30_x.py", "./10_a/30_x"]
)
def test_names_of_lessons(name):
    assert site_build.choose([name], ["10_a/30_x", "20_b/40_y"]) == ["10_a/30_x"]


def test_a_name_that_two_lessons_have():
    with pytest.raises(BuildError, match=r"more than one .*\n  10_a/1_x\n  20_b/1_x$"):
        site_build.choose(["1_x"], ["10_a/1_x", "10_a/2_y", "20_b/1_x"])


def test_no_run_and_names_exclude_each_other(project, capsys):
    with pytest.raises(SystemExit):
        project.build("--no-run", "10_one")
    assert "either --no-run or names of lessons" in capsys.readouterr().err


def test_a_page_of_myst_nb(project, capfd):
    """It runs once, again when the package changes, and is named when it raises."""
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("extensions.append('myst_nb'); nb_execution_mode = 'cache'\n")
        conf.write("nb_execution_raise_on_error = True; nb_ipywidgets_js = {}\n")
    (project.docs / "api.rst").unlink()
    head = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
    cell = "# API\n\n```{code-cell}\nimport toy\nprint(toy.double(21))\n```\n"
    page = project.write("docs/api.md", head + cell)
    project.lesson("10_a/10_one")
    for change, status in [("", "ran"), ("", "kept"), ("\n# New.\n", "ran")]:
        with (project.root / "toy.py").open("a") as package:
            package.write(change)
        assert project.build() == 0
        assert project.facts()["pages"]["api"]["status"] == status
        assert "42" in project.page("api")
        assert not (project.docs / "_build" / "html" / "jupyter_execute").exists()
        assert len(list((project.docs / "_build" / ".jupyter_cache").iterdir())) == 1
    page.write_text(page.read_text().replace("21", "twenty"))
    capfd.readouterr()
    assert project.build() == 1
    err = capfd.readouterr().err
    assert re.search(r"Page failed: .*docs/api\.md\n----> 2 print\(toy\.", err)
    assert err.endswith("NameError: name 'twenty' is not defined\n")
    assert "42" in project.page("api")


def test_what_nobody_expected_leaves_a_traceback_in_a_file(project, capsys):
    project.write(
        "docs/broken.py",
        """
        def setup(app): app.connect("builder-inited", f)
        def f(app): {}["key"]
        """,
    )
    with (project.docs / "conf.py").open("a") as conf:
        conf.write(f"import sys; sys.path.append({str(project.docs)!r})\n")
        conf.write("extensions.append('broken')\n")
    project.lesson("10_a/10_one")
    assert project.build() == 1
    err = capsys.readouterr().err
    assert "No new site: KeyError: 'key'\n(the traceback is in " in err
    assert "Traceback" not in err
    assert "in f" in (project.docs / "_build" / "error.log").read_text()


def test_mirror(tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    for name in ("x", "sub/y", "made/z"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    (source / "x").chmod(0o444)
    site_folders.mirror(source, target, {"made"})
    assert tree(target) == {"x": b"x", "sub/y": b"sub/y"}
    (source / "x").chmod(0o644)
    (source / "x").write_text("new")
    (source / "sub" / "y").unlink()
    (target / "made").mkdir()
    (target / "made" / "theirs").write_text("stays")
    (target / "old").mkdir()
    site_folders.mirror(source, target, {"made"})
    assert tree(target) == {"x": b"new", "made/theirs": b"stays"}
    (target / "x").write_text("newer")
    os.utime(target / "x", (2e9, 2e9))
    site_folders.mirror(source, target, {"made"}, delete=False)
    assert (target / "x").read_text() == "newer"


def test_a_site_is_put_in_place_whole_or_not_at_all(tmp_path):
    staging, site = tmp_path / "staging", tmp_path / "html"
    (staging / "a").mkdir(parents=True)
    (staging / "a" / "new").write_text("new")
    site.mkdir()
    (site / "old").write_text("old")
    site_folders.publish(staging, site)
    assert tree(site) == tree(staging) == {"a/new": b"new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "staging"]
    # A kill between the two renames:
    site.rename(tmp_path / "html.old")
    site_folders.recover(site)
    assert tree(site) == tree(staging)
    site_folders.recover(site)
    assert tree(site) == tree(staging)


def test_what_scripts_inherit(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"/theirs{os.pathsep}{tmp_path}")
    monkeypatch.setattr(sys, "path", ["/x"])
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    site_build.prepare_environment(tmp_path)
    ext = str(tmp_path / "docs" / "_ext")
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), ext, "/theirs"]
    assert sys.path == [str(tmp_path), ext, "/x"]
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


def test_help_needs_no_sphinx():
    """Children of the fork server import this module again: it has to be light."""
    code = "import sys, site_build; print('sphinx' in sys.modules)"
    folder = Path(site_build.__file__).parent
    out = subprocess.check_output([sys.executable, "-c", code], cwd=folder, text=True)
    assert out == "False\n"
