from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from scipy.signal import correlate2d
from sklearn.datasets import load_digits

import landing
import landing_numbers
import small_site
from landing_numbers import FIRST, KERNELS, signed_text
from landing_picture import NARROW, WIDE, Picture
from node_packages import node_binary

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "_static" / "landing.mjs"
PAGE = """
Landing
=======

.. sliding-window::

.. facts-strip::
"""
BUILD = {
    "date": "2026-01-31T12:00:00+00:00",
    "commit": "0123abcd" * 5,
    "profile": "docs",
    "device": "cpu",
    "pages": {
        "a": {"kind": "lesson", "seconds": 12.3},
        "b": {"kind": "lesson", "seconds": 30.4},
        "c": {"kind": "notebook", "seconds": 100},
    },
}


@pytest.fixture(scope="module")
def slide():
    return landing_numbers.slide()


def test_the_numbers_are_those_of_a_real_digit(slide):
    data = load_digits()
    third = data.images[np.flatnonzero(data.target == 3)[0]]
    assert np.array_equal(slide.image, third)
    for k, column in enumerate(slide.columns.T):
        i, j = divmod(k, 6)
        assert np.array_equal(column, third[i : i + 3, j : j + 3].ravel())


def test_outputs_agree_with_scipy(slide):
    for name, kernel in KERNELS.items():
        expected = correlate2d(slide.image, np.array(kernel), mode="valid")
        assert np.array_equal(slide.outputs[name].reshape(6, 6), expected)


def test_the_still_picture_stands_on_the_largest_output(slide):
    assert slide.outputs[FIRST][slide.still] == slide.outputs[FIRST].max()


def test_minus_is_a_minus():
    assert (signed_text(-7), signed_text(0)) == ("\N{MINUS SIGN}7", "0")


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def drawn(request, slide):
    text = Picture(slide, request.param).svg('A "picture"')
    return request.param, ET.fromstring(text)


def _words(root, css):
    found = (t for t in root.iter("text") if css in t.get("class", "").split())
    return [int(t.text.replace("\N{MINUS SIGN}", "-")) for t in found]


def test_the_still_picture_is_a_correct_sum(drawn, slide):
    layout, root = drawn
    values, products = _words(root, "is-value"), _words(root, "is-product")
    weights = _words(root, "is-weight")
    assert weights == list(np.ravel(KERNELS[FIRST])) * (2 if layout.flat else 1)
    assert values == list(slide.columns[:, slide.still])
    assert products == [v * w for v, w in zip(values, weights[:9], strict=True)]
    assert _words(root, "is-sum") == [sum(products)] == [slide.outputs[FIRST].max()]


def test_the_still_picture_is_complete(drawn, slide):
    _, root = drawn
    cells = [r for r in root.iter("rect") if "is-out" in r.get("class", "")]
    output = slide.outputs[FIRST]
    for cell, value in zip(cells, [*output, *output], strict=True):
        assert ("is-negative" in cell.get("class")) == (value < 0)
        shade = abs(value) / abs(output).max()
        assert float(cell.get("fill-opacity")) == pytest.approx(shade, abs=0.01)


def test_the_picture_says_what_it_is(drawn):
    _, root = drawn
    assert root.get("aria-label") == 'A "picture"'
    assert root.get("role") == "img"


def test_nothing_is_drawn_outside(drawn):
    layout, root = drawn
    width, height = layout.size
    for node in [*root.iter("text"), *root.iter("line")]:
        for key, limit in (("x", width), ("y", height), ("x2", width), ("y2", height)):
            assert 0 <= float(node.get(key, 0)) <= limit


def _node(program):
    command = [str(node_binary()), "--input-type=module", "--eval", program]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_the_script_moves_to_the_same_numbers(slide):
    data = landing.data_of(slide)
    frames = _node(f"""
        import {{ frame, sentence }} from {json.dumps(SCRIPT.as_uri())};
        const data = {data};
        const all = data.kernels.flatMap((_, kernel) => data.columns.map((_, k) => {{
            const shown = frame(data, kernel, k);
            return {{ ...shown, said: sentence(shown, k) }};
        }}));
        console.log(JSON.stringify(all));
    """)
    assert len(frames) == 3 * 36
    for n, shown in enumerate(frames):
        output = slide.outputs[[*KERNELS][n // 36]]
        assert shown["sum"] == output[n % 36] == sum(shown["products"])
        assert shown["column"] == slide.columns[:, n % 36].tolist()
        assert shown["shades"][n % 36] == pytest.approx(
            output[n % 36] / abs(output).max()
        )
    row, column, terms = re.fullmatch(
        r"Row (\d), column (\d): (.*) = 42", frames[13]["said"]
    ).groups()
    assert (row, column) == ("3", "2")
    assert terms.startswith("2·(\N{MINUS SIGN}1) + 1·0 + 13·1 + ")


def _report(path, **counts):
    attributes = " ".join(f'{key}="{value}"' for key, value in counts.items())
    path.write_text(f"<testsuites><testsuite {attributes}/></testsuites>")
    return path


def test_only_a_green_run_is_told(tmp_path):
    day = {"timestamp": "2026-02-03T04:05:06"}
    report = tmp_path / "junit.xml"
    assert landing.tests_passed(report) is None
    _report(report, tests=17, skipped=4, failures=0, errors=0, **day)
    assert landing.tests_passed(report) == (13, "2026-02-03")
    for key in ("failures", "errors"):
        _report(report, tests=17, **{key: 1}, **day)
        assert landing.tests_passed(report) is None
    _report(report, tests=4, skipped=4, **day)
    assert landing.tests_passed(report) is None
    for text in ("<testsuites/>", "<half"):
        report.write_text(text)
        assert landing.tests_passed(report) is None


def test_facts_are_those_of_the_build():
    told = list(landing.facts(BUILD, (13, "2026-02-03")))
    assert told == [
        ("2", "lessons executed", ""),
        ("43 s", "of computing", "on cpu, profile docs"),
        ("13", "tests passed", "on 2026-02-03"),
        ("2026-01-31", "built", "from commit 0123abc"),
    ]


def test_what_was_not_measured_is_not_said():
    assert list(landing.facts({}, None)) == []
    told = list(landing.facts(BUILD | {"pages": {}, "commit": None}, None))
    assert told == [("2026-01-31", "built", "")]
    one = BUILD | {"pages": {"a": BUILD["pages"]["a"]}}
    assert next(landing.facts(one, None)) == ("1", "lesson executed", "")


@pytest.fixture
def site(tmp_path, monkeypatch):
    small_site.write(tmp_path, ["landing"], gallery=False)
    (tmp_path / "docs/landing.rst").write_text(PAGE)
    (tmp_path / "docs/_build").mkdir()
    (tmp_path / "docs/_build/facts.json").write_text(json.dumps(BUILD))
    return tmp_path


def test_the_page_has_picture_data_and_facts(site, slide):
    result = small_site.build(site)
    html = result.html("landing")
    assert html.count('<svg class="cnn-slide__picture') == 2
    data = re.search(r'<script type="application/json">(.*?)</script>', html)[1]
    assert json.loads(data)["columns"] == slide.columns.T.tolist()
    assert "<b>2</b>" in html
    assert "lessons executed" in html
    assert "landing.mjs" in html
    assert "landing.mjs" not in result.html("words")


def test_the_facts_of_an_authors_build_have_the_report_of_the_tests(site):
    _report(site / "docs/junit.xml", tests=5, timestamp="2026-02-03")
    assert "tests passed" in small_site.build(site).html("landing")


def test_numbers_are_computed_again_only_when_their_code_changes(site, monkeypatch):
    calls = []

    def counted():
        calls.append(1)
        return landing_numbers.slide()

    monkeypatch.setattr(landing, "slide", counted)
    page = site / "docs/landing.rst"
    for text in (PAGE, PAGE + "\nMore.\n"):
        page.write_text(text)
        small_site.build(site)
    assert len(calls) == 1
    code = site / "cnn_tutorial" / "convolution" / "unfolding.py"
    code.parent.mkdir()
    code.write_text("# changed")
    page.write_text(PAGE)
    small_site.build(site)
    assert len(calls) == 2
