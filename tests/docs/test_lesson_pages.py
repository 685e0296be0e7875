from __future__ import annotations

import json
import os
import re

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

import lesson_frame
import page_facts
import small_site
from lesson_frame import Links

EXTENSIONS = ["lesson_pages"]
FACTS = page_facts.PageFacts(
    page="10_one/10_start",
    title="Start",
    seconds=12.34,
    budget=5,
    peak_mb=1234.5,
    gpu_mb=None,
    device="cpu",
    profile="docs",
    date="2026-01-31T12:05:00+00:00",
    digest="",
    source="",
    outputs=(),
)


def soup(text):
    return BeautifulSoup(text, "html.parser")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    conf = 'lesson_repository = "o/r"\nlesson_branch = "taken-home"\n'
    conf += 'html_baseurl = "https://o.github.io/r/"\n'
    root = small_site.write(tmp_path_factory.mktemp("pages"), EXTENSIONS, conf=conf)
    build = root / "docs" / "_build"
    build.mkdir()
    versions = {
        "versions": {
            "numpy": "2.4",
            "pillow": "13",
            "python": "3.13.1",
            "torch": "2.9.0",
        }
    }
    (build / "facts.json").write_text(json.dumps(versions))
    page_facts.save(root / "docs" / "auto_gallery" / "10_one", FACTS)
    (root / "docs" / "data.rst").write_text(":orphan:\n\nData\n====\n")
    (root / "docs" / "reproducibility.rst").write_text(":orphan:\n\nRuns\n====\n")
    return root


@pytest.fixture(scope="module")
def built(root):
    return small_site.build(root)


@pytest.fixture(scope="module")
def start(built):
    return soup(built.html("auto_gallery/10_one/10_start"))


@pytest.fixture(scope="module")
def last(built):
    return soup(built.html("auto_gallery/20_two/10_last"))


def exists(built, page, link):
    path = (built.site / page).parent / link.partition("#")[0]
    return path.resolve().is_file()


def test_there_are_no_warnings(built):
    assert built.warnings == ""


def test_the_strip_stands_under_the_title(start):
    strip = start.select_one("h1").find_next_sibling()
    assert "cnn-strip" in strip["class"]
    assert strip["aria-label"] == "About this lesson"
    words = [item.get_text(" ", strip=True) for item in strip.select("li")]
    assert words == [
        "first steps",
        "1 min to read",
        "ran in 12 s",
        "data: handwritten digits",
        "Script .py",
        "Notebook .ipynb",
        "Open in Colab",
    ]


def test_links_of_the_strip_lead_somewhere(built, start):
    links = [link["href"] for link in start.select(".cnn-strip a")]
    *local, colab = links
    assert len(local) == 3
    for link in local:
        assert exists(built, "auto_gallery/10_one/10_start.html", link)
    assert colab == (
        "https://colab.research.google.com/github/o/r/blob/taken-home/"
        "notebooks/10_one/10_start.ipynb"
    )


def test_a_page_that_did_not_run_says_so(last):
    strip = last.select_one(".cnn-strip").text
    assert "not run in this build" in strip
    assert "data" not in strip
    assert last.select_one(".cnn-stamp") is None


def test_the_stamp_says_when_and_with_what(start):
    stamp = start.select_one(".cnn-stamp")
    entries = {row.dt.text: row.dd.text for row in stamp.select("dl > div")}
    assert entries == {
        "Ran": "31 January 2026, 12:05 UTC",
        "On": "a processor, no GPU",
        "Took": "12 s, 1\u202f234 MB",
        "Profile": "docs",
        "Versions": "python 3.13.1, torch 2.9.0, numpy 2.4",
        "Seed": "0",
    }
    assert stamp.select_one("time")["datetime"] == FACTS.date
    assert stamp.select_one("a")["href"] == "../../reproducibility.html"


def test_the_way_on_crosses_chapters(built, start, last):
    links = [link["href"] for link in start.select(".cnn-next a")]
    assert links == ["20_next.html"]
    middle = soup(built.html("auto_gallery/10_one/20_next"))
    after, before = middle.select(".cnn-next a")
    assert after["href"] == "../20_two/10_last.html"
    assert "That was all." in after.text
    assert (before["href"], before["rel"]) == ("10_start.html", ["prev"])
    assert before.text == "Before: Start here & now"
    overview, before = last.select(".cnn-next a")
    assert overview["href"] == "../index.html"


def test_other_pages_have_no_strip(built):
    for page in ("index", "words", "auto_gallery/index", "auto_gallery/10_one/index"):
        assert "cnn-strip" not in built.html(page)


def test_the_frame_of_sphinx_gallery_is_gone(start):
    text = start.text
    assert "Go to the end" not in text
    assert "running time" not in text
    assert not start.select("[class*=sphx-glr-footer], [class*=sphx-glr-download]")
    assert not start.select("br")


def test_what_is_gone_is_not_copied(built):
    assert not (built.site / "_downloads").exists()


def test_checked_cells_say_so(start):
    (box,) = start.select(".cnn-checked")
    assert box.select_one(".cnn-box__label").text == "Checked in this build"
    assert "assert x + x == 4" in box.select_one("pre").text


def test_errors_on_purpose_say_so(start):
    (box,) = start.select(".cnn-breaks")
    assert box.select_one(".cnn-box__label").text == "Breaks on purpose"
    assert "ValueError: no" in box.select_one("pre").text
    assert "sphx-glr-script-out" not in box["class"]


def test_other_output_stays_as_it_is(last):
    assert "Text of Last." in last.select_one(".sphx-glr-script-out pre").text
    assert not last.select(".cnn-box")


def test_a_site_that_did_not_run_claims_no_checks(tmp_path):
    conf = 'plot_gallery = False\nlesson_repository = "o/r"\nlesson_branch = ""\n'
    root = small_site.write(tmp_path, EXTENSIONS, conf=conf)
    page = soup(small_site.build(root).html("auto_gallery/10_one/10_start"))
    assert "assert x + x == 4" in page.text
    assert not page.select(".cnn-checked")
    # There is no branch with notebooks, and no page about data.
    assert "Colab" not in page.text
    assert "data: handwritten digits" in page.select_one(".cnn-strip").text


def test_new_metadata_reach_a_page_that_did_not_run_again(tmp_path):
    root = small_site.write(tmp_path, EXTENSIONS)
    small_site.build(root)
    path = root / "gallery" / "lessons.toml"
    path.write_text(path.read_text().replace('"first steps"', '"deeper"'))
    os.utime(path, (2e9, 2e9))
    page = soup(small_site.build(root).html("auto_gallery/10_one/10_start"))
    assert page.select_one(".cnn-level").text == "deeper"


def test_wrong_metadata_end_the_build_before_a_script_runs(tmp_path):
    root = small_site.write(tmp_path, EXTENSIONS)
    mark = root / "ran"
    script = root / "gallery" / "10_one" / "30_extra.py"
    script.write_text(f'"""\nX\n=\n"""\nopen({str(mark)!r}, "w").close()\n')
    with pytest.raises(ExtensionError, match="10_one/30_extra has no entry"):
        small_site.build(root)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.99, "under a second"), (1.2, "1 s"), (59.4, "59 s"), (119.6, "2 min 0 s")],
)
def test_seconds(value, words):
    assert lesson_frame.seconds(value) == words


def test_a_page_without_title():
    with pytest.raises(ValueError, match="begin with a title"):
        lesson_frame.insert("<p>x</p>", under_title="", at_end="")


def test_the_stamp_of_a_gpu_without_page_about_runs():
    text = lesson_frame.stamp(
        page_facts.PageFacts(**{**vars(FACTS), "device": "NVIDIA <H100>"}),
        {},
        Links("a.py", "a.ipynb"),
    )
    assert "NVIDIA &lt;H100&gt;" in text
    assert "Versions" not in text
    assert not re.search(r"<a\b", text)
