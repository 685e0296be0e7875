from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
import torch
from sphinx.errors import ConfigError

import isolated_gallery
import lesson_launch
import lesson_limits
import lesson_process
from gallery_project import Project, eventually, is_alive, make_project
from lesson_failure import describe


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    return make_project(tmp_path, monkeypatch)


def test_nothing_leaks_from_page_to_page(project):
    project.lesson(
        "10_a/10_dirty",
        """
        import os, random, torch
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.rand(7)
        random.random()
        os.environ["LEAK"] = "1"
        """,
    )
    project.lesson(
        "10_a/20_clean",
        """
        import os, random, numpy, torch
        print(torch.get_default_dtype(), torch.is_grad_enabled(), "LEAK" in os.environ)
        print(torch.rand(3).tolist(), torch.get_num_threads())
        print(random.random(), numpy.random.rand())
        """,
    )
    assert project.build() == 0
    assert project.ran() == ["10_dirty", "20_clean"]
    page = (project.auto / "10_a/20_clean.rst").read_text()
    assert "torch.float32 True False" in page
    expected = torch.rand(3, generator=torch.Generator().manual_seed(0)).tolist()
    assert f"{expected} 1" in page
    # random.Random(0).random() and np.random.RandomState(0).rand()
    assert "0.8444218515250481 0.5488135039273248" in page


def test_workers_of_a_data_loader_know_the_classes_of_the_script(project):
    project.lesson(
        "10_a/10_loader",
        """
        import torch

        class Squares(torch.utils.data.Dataset):
            def __len__(self):
                return 5
            def __getitem__(self, i):
                return i * i

        loader = torch.utils.data.DataLoader(Squares(), batch_size=5, num_workers=2)
        print(next(iter(loader)))
        """,
    )
    assert project.build() == 0
    assert (
        "tensor([ 0,  1,  4,  9, 16])"
        in (project.auto / "10_a/10_loader.rst").read_text()
    )


def test_a_page_that_raises_ends_the_build_by_name_and_line(project, capfd):
    project.write("toy.py", "def double(x):\n    raise ValueError(f'x is {x}')\n")
    project.lesson("10_a/10_good")
    project.lesson("10_a/20_bad", "import toy\n\ntoy.double(3)")
    project.lesson("10_a/30_later")
    assert project.build() == 1
    assert project.ran() == ["10_good"]
    out = capfd.readouterr()
    assert "No new site: Lesson failed: 10_a/20_bad" in out.err
    assert "gallery/10_a/20_bad.py:10: ValueError: x is 3" in out.err
    assert ">>> toy.double(3)" in out.err
    assert re.search(r"raised in .*/toy.py:2\n", out.err)
    assert "Traceback" not in out.out + out.err
    assert not project.site.exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = (", "10_bad.py:8: SyntaxError: '(' was never closed"),
        ("import sys\nsys.exit('no')", "10_bad.py:9: the script called sys.exit('no')"),
        ("import os\nos._exit(3)", "ended with exit code 3 before the page was done"),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
            "10_a/10_bad: its process was killed by SIGKILL (often: out of memory)",
        ),
    ],
)
def test_other_ways_to_fail(project, capfd, code, message):
    project.lesson("10_a/10_bad", code)
    assert project.build() == 1
    assert message in capfd.readouterr().err


def test_a_page_that_hangs_is_killed_with_all_it_started(project, capfd):
    pid = project.root / "pid"
    project.write("gallery/lessons.toml", '[lessons."10_a/10_hang"]\nbudget = 0.5')
    project.lesson(
        "10_a/10_hang",
        f"""
        import pathlib, subprocess, time
        child = subprocess.Popen(["sleep", "60"])
        pathlib.Path({str(pid)!r}).write_text(str(child.pid))
        time.sleep(60)
        """,
    )
    start = time.monotonic()
    assert project.build() == 1
    assert time.monotonic() - start < 50
    err = capfd.readouterr().err
    assert "10_a/10_hang: killed after 5 s (10 times its budget of 0.5 s)" in err
    assert eventually(lambda: not is_alive(int(pid.read_text())), 5)


def test_all_pages_together_have_a_limit(project, capfd):
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("gallery_limits = {'total': 1}\n")
    project.lesson("10_a/10_slow", "import time\ntime.sleep(20)")
    assert project.build() == 1
    assert "(all pages together may take 1 s)" in capfd.readouterr().err


def test_a_page_over_its_budget_is_told_and_kept(project, capsys):
    project.write("gallery/lessons.toml", '[lessons."10_a/10_slow"]\nbudget = 0.1')
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("gallery_limits = {'kill': 1000}\n")
    project.lesson("10_a/10_slow", "import time\ntime.sleep(0.2)")
    assert project.build() == 0
    out = capsys.readouterr().out
    assert re.search(r"\[ 1/1\] 10_a/10_slow .* MB  over its budget of 0.1 s", out)
    assert "10_a/10_slow, over its budget\n" in out
    assert project.facts()["totals"]["over_budget"] == 1


def test_a_warning_of_a_script_fails_the_build_each_time(project, capfd):
    project.lesson("10_a/10_warns", "import warnings\nwarnings.warn('look out')")
    for _ in range(2):
        assert project.build() == 1
        assert project.ran() == ["10_warns"]
        err = capfd.readouterr().err
        assert "gallery/10_a/10_warns.py:9: WARNING: UserWarning: look out" in err
        assert "warnings are errors here, and there were 1" in err
    text = (project.auto / "10_a/10_warns.rst").read_text()
    assert "UserWarning: look out" in text
    assert "10_warns.py:9" not in text


def test_a_warning_of_a_library_is_only_printed(project):
    project.write("library.py", "import warnings\nwarnings.warn('not our business')\n")
    project.lesson("10_a/10_quiet", "import library")
    assert project.build() == 0
    text = (project.auto / "10_a/10_quiet.rst").read_text()
    assert "UserWarning: not our business" in text
    assert "library.py" not in text.replace("import library", "")


def test_hooks_run_in_the_child(project):
    project.write(
        "hooking.py",
        "import builtins\ndef hook(conf): builtins.seen = conf['gallery_dirs']",
    )
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("gallery_hooks = ['hooking.hook']\n")
    project.lesson("10_a/10_hooked", "import builtins\nprint('dirs', builtins.seen)")
    assert project.build() == 0
    assert "dirs auto_gallery" in (project.auto / "10_a/10_hooked.rst").read_text()


def test_two_pages_wait_for_each_other(project):
    """It can only end if both run at the same time; the next chapter's dir is new."""
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("gallery_places = 2\n")
    meeting = """
        import pathlib, time
        root = pathlib.Path({root!r})
        (root / "{me}").touch()
        while not (root / "{other}").exists():
            time.sleep(0.01)
        """
    names = {"me": "left", "other": "right", "root": str(project.root)}
    project.lesson("10_a/10_left", meeting.format(**names))
    names |= {"me": "right", "other": "left"}
    project.lesson("20_b/10_right", meeting.format(**names))
    assert project.build() == 0
    assert sorted(project.ran()) == ["10_left", "10_right"]
    assert project.build() == 0
    assert project.ran() == []


def test_a_page_that_fails_ends_the_one_beside_it(project, capfd):
    pid = project.root / "pid"
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("gallery_places = 2\n")
    project.lesson(
        "10_a/10_long",
        f"""
        import os, pathlib, time
        pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))
        time.sleep(60)
        """,
    )
    project.lesson(
        "10_a/20_bad",
        f"""
        import pathlib, time
        while not pathlib.Path({str(pid)!r}).exists():
            time.sleep(0.01)
        raise ValueError("no")
        """,
    )
    assert project.build() == 1
    assert "20_bad.py:11: ValueError: no" in capfd.readouterr().err
    assert project.ran() == []
    assert eventually(lambda: not is_alive(int(pid.read_text())), 5)


@pytest.mark.slow
def test_children_that_are_not_forked(project):
    """As on macOS."""
    with (project.docs / "conf.py").open("a") as conf:
        conf.write("gallery_start_method = 'spawn'\n")
    project.lesson("10_a/10_one", "print('spawned')")
    assert project.build() == 0
    assert "spawned" in (project.auto / "10_a/10_one.rst").read_text()


def test_profiles_have_limits(monkeypatch):
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "full")
    full = lesson_limits.limits({"total": 5})
    assert (full.budget, full.total) == (1800, 5)
    monkeypatch.setenv("CNN_TUTORIAL_PROFILE", "huge")
    with pytest.raises(ConfigError, match="'huge'; known are smoke, docs, full"):
        lesson_limits.limits({})


def test_budgets_of_a_gallery_without_metadata(tmp_path):
    assert lesson_limits.budgets(tmp_path) == {}


def test_failures_outside_of_the_script_name_its_cell(tmp_path):
    script = tmp_path / "10_a.py"
    script.write_text("a = 1\n\nb = 2\n")

    cell = SimpleNamespace(lineno=3)

    def execute_code_block(block):
        raise RuntimeError("\n".join("abcdefghijklmn"))

    with pytest.raises(RuntimeError) as caught:
        execute_code_block(cell)
    failure = describe(script, caught.value)
    assert (failure.line, failure.code, failure.via) == (3, "b = 2", "")
    assert failure.message.endswith("j\n... (4 more lines)")


def test_execute_in_this_process(project):
    """The child's part, where a debugger and the coverage can see it."""
    gen = isolated_gallery.gen_rst
    script = project.lesson("10_a/10_one", "import warnings\nwarnings.warn('w')")
    before = gen._showwarning
    job = lesson_process.Job(
        script.name, str(project.auto), str(script.parent), {}, {}, threads=1
    )
    outcome = lesson_process.execute(job)
    assert outcome.failure is not None  # No settings: Sphinx-Gallery cannot run.
    assert outcome.failure.line == 0
    assert outcome.peak_mb > 50
    assert (outcome.gpu_mb, outcome.device) == (None, "cpu")
    assert gen._showwarning is before


def test_warnings_are_shown_without_paths(tmp_path, capsys):
    script = tmp_path / "s.py"
    show = lesson_process._show_warning(script, ())
    show("careful", UserWarning, "/lib/other.py", 3)
    assert capsys.readouterr().err == "UserWarning: careful\n"


def test_endings():
    assert lesson_launch.ending(-15) == "its process was killed by SIGTERM"
