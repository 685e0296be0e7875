from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest

import ledger
import page_facts
from gallery_project import Project, make_project


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    return make_project(tmp_path, monkeypatch)


def page(seconds: float, status: str = "ran", **more) -> dict:
    facts = {
        "seconds": seconds,
        "status": status,
        "peak_mb": 512.3,
        "gpu_mb": None,
        "budget": 60.0,
        "over_budget": False,
    }
    return facts | more


def test_facts_of_a_build_and_of_the_next(project, capsys):
    project.lesson("10_a/10_one", "import time\ntime.sleep(0.3)", title="The one")
    project.lesson("10_a/20_two")
    assert project.build() == 0
    facts = project.facts()
    assert facts["complete"] is True
    assert facts["profile"] == "docs"
    assert facts["versions"]["no-such-distribution"] == "absent"
    one = facts["pages"]["10_a/10_one"]
    assert 0.3 <= one["seconds"] < 30
    assert 50 < one["peak_mb"] < 5000
    assert (one["title"], one["status"], one["kind"]) == ("The one", "ran", "lesson")
    assert (one["budget"], one["over_budget"], one["gpu_mb"]) == (60, False, None)
    sums = facts["totals"]
    assert (sums["pages"], sums["ran"], sums["kept"]) == (2, 2, 0)
    assert sums["wall_seconds"] > sums["ran_seconds"] > 0
    out = capsys.readouterr().out
    assert "[ 1/2] 10_a/10_one" in out
    assert out.index("  10_a/10_one\n") < out.index(
        "  10_a/20_two\n"
    )  # The slower first.
    assert "To read it: python -m nox -s serve\n" in out

    project.lesson("10_a/20_two", "print('new')")
    assert project.build() == 0
    facts = project.facts()
    assert facts["pages"]["10_a/10_one"] == one | {"status": "kept"}
    assert facts["pages"]["10_a/20_two"]["status"] == "ran"
    assert "10_a/10_one (kept)" in capsys.readouterr().out


def test_pages_can_show_facts_of_their_build(project):
    """They are there when pages are written, and the pages that show them are new."""
    with (project.docs / "conf.py").open("a") as conf:
        conf.write(f"import sys; sys.path.append({str(project.docs)!r})\n")
        conf.write("extensions.append('showing'); ledger_pages = ['index']\n")
    project.write(
        "docs/showing.py",
        """
        import pathlib, page_facts
        def show(app, name, template, context, doctree):
            facts = page_facts.read_json(pathlib.Path(app.outdir).parent / "facts.json")
            assert not facts["complete"]
            context["body"] = "ran: %d" % facts["totals"]["ran"]
        def setup(app):
            app.connect("html-page-context", show)
        """,
    )
    project.lesson("10_a/10_one")
    project.lesson("10_a/20_two")
    assert project.build() == 0
    assert "ran: 2" in project.page("index")
    assert project.build() == 0
    assert "ran: 0" in project.page("index")


def test_totals():
    pages = {"a": page(1.5), "b": page(2.25, over_budget=True), "c": page(4, "kept")}
    sums = ledger.totals(pages, 10.0)
    # All: 1.5 + 2.25 + 4 = 7.75; new: 3.75.
    assert sums == {
        "pages": 3,
        "ran": 2,
        "kept": 1,
        "over_budget": 1,
        "page_seconds": 7.8,
        "ran_seconds": 3.8,
        "wall_seconds": 10.0,
    }
    assert ledger.totals(pages, None)["wall_seconds"] is None


def test_table():
    pages = {
        "fast": page(1, gpu_mb=100.4),
        "slow": page(99, over_budget=True),
        "notes": page(2, "kept", peak_mb=None, budget=None),
    }
    text = ledger.table({"pages": pages, "totals": ledger.totals(pages, 120)})
    assert text.splitlines()[1:5] == [
        "seconds      MB  page",
        "   99.0     512  slow, over its budget",
        "    2.0          notes (kept)",
        "    1.0     512  fast, 100 MB on the GPU",
    ]
    assert text.endswith(
        "2 pages ran, 100.0 s in all, lessons beside each other; 1 were kept. "
        "The build took 120.0 s."
    )


def test_notebooks_are_in_the_ledger(capsys):
    def run(mtime, runtime=3.25):
        return {"exec_data": {"mtime": mtime, "runtime": runtime}}

    title = SimpleNamespace(astext=lambda: "Notation")
    env = SimpleNamespace(
        nb_metadata={"new": run(200), "old": run(50), "gone": run(1), "no": {}},
        found_docs={"new", "old", "no"},
        titles={"new": title, "old": title},
        docname="new",
    )
    app = SimpleNamespace(env=env, config=SimpleNamespace(ledger_started=100))
    found = dict(ledger._notebooks(app))
    assert {name: facts["status"] for name, facts in found.items()} == {
        "new": "ran",
        "old": "kept",
    }
    assert found["new"]["seconds"] == 3.25
    assert found["old"]["date"] == "1970-01-01T00:00:50+00:00"
    ledger._notebook_line(app, None)
    assert capsys.readouterr().out.split() == ["new", "3.2", "s"]


def test_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_SHA", "abc")
    assert ledger.commit(tmp_path) == "abc"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q", tmp_path], check=True)
    commit = ["commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run([*git, "-C", tmp_path, *commit], check=True)
    found = ledger.commit(tmp_path)
    assert found is not None
    assert len(found) == 40


def test_facts_survive_a_round_trip_and_nothing_else_does(tmp_path):
    facts = page_facts.PageFacts(
        *("10_a/10_one", "T", 1.5, 60, 300.0, None, "cpu", "docs", "2026", "d", "s"),
        outputs=("10_one.rst",),
    )
    page_facts.save(tmp_path, facts)
    path = page_facts.facts_path(tmp_path, "10_one")
    assert page_facts.load(path) == facts
    assert page_facts.load_all(tmp_path) == {"10_a/10_one": facts}
    for broken in ("", "[]", '{"page": "x"}'):
        path.write_text(broken)
        assert page_facts.load(path) is None
    assert page_facts.load(tmp_path / "absent") is None


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("10_a.py.md5", "10_a"),
        ("sphx_glr_10_a_b_001.png", "10_a_b"),
        ("sphx_glr_10_a_001_2_00x.png", "10_a"),
        ("sphx_glr_10_a_thumb.svg", "10_a"),
        ("sphx_glr_10_a_thumbs_002.svg", "10_a_thumbs"),
    ],
)
def test_owner(tmp_path, name, stem):
    assert page_facts.owner(tmp_path / name) == stem
