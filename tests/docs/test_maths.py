from __future__ import annotations

import doctest
import os
import signal
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

import maths
import small_site
from katex_pipe import Katex, MathsError
from node_packages import NODE_MODULES

PAGE = r"""
Formulas
========

Inline :math:`\inputof{x} \in \R^n`, and by number:

.. math:: E = m c^2
   :label: energy

See :eq:`energy`.

.. math::

   a &= b \\
     &= c
"""


@pytest.fixture
def katex():
    server = Katex()
    yield server
    server.close()


def test_doctests():
    assert doctest.testmod(maths).failed == 0


def test_a_formula_becomes_html_and_mathml(katex):
    html = katex.render(r"\frac{1}{7}")
    assert "<mfrac>" in html
    assert 'class="katex"' in html
    assert "katex-display" not in html
    assert "katex-display" in katex.render("x", display=True)


def test_every_macro_is_understood(katex):
    for name, meaning in maths.MACROS.items():
        arguments = "{x}" * max(meaning.count("#1"), meaning.count("#2") + 1)
        formula = name + (arguments if "#" in meaning else "")
        assert "katex-html" in katex.render(formula, macros=maths.MACROS)
        with pytest.raises(MathsError, match="Undefined control sequence"):
            katex.render(formula)


def test_meaning_becomes_a_class(katex):
    html = katex.render(r"\kernelof{w}", macros=maths.MACROS)
    assert 'class="enclosing cnn-kernel"' in html


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (r"\nope", "Undefined control sequence"),
        (r"\frac{1", "Unexpected end of input"),
        (r"\begin{matrix} 1", "Expected"),
        ("x % y", "comment"),
    ],
)
def test_what_is_not_understood_is_an_error(katex, bad, words):
    with pytest.raises(MathsError, match=words):
        katex.render(bad)
    assert katex.render("x")  # The process is still there.


def test_a_second_process_answers_when_the_first_was_closed(katex):
    first = katex.render("x + 1")
    katex.close()
    katex._known.clear()
    assert katex.render("x + 1") == first


@pytest.mark.skipif(os.name == "nt", reason="there are no signals to send")
def test_a_dead_process_ends_the_build_with_a_message(katex):
    katex.render("x")
    katex._process.send_signal(signal.SIGKILL)
    katex._process.wait()
    with pytest.raises(ExtensionError, match="exit code"):
        katex.render("y")
    assert katex.render("z")


def test_a_formula_of_several_parts_keeps_them():
    split = maths.split_lines("a = b\n\nc &= d \\\\ &= e")
    assert split == (
        r"\begin{gathered}a = b \\ "
        r"\begin{split}c &= d \\ &= e\end{split}\end{gathered}"
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("maths")
    small_site.write(root, ["maths"], gallery=False)
    (root / "docs/formulas.rst").write_text(PAGE)
    return small_site.build(root)


def test_the_page_has_finished_formulas(built):
    html = built.html("formulas")
    assert html.count('class="katex"') == 3
    assert '<span class="eqno">(1)' in html
    assert 'href="#equation-energy"' in html
    assert "cdn" not in html
    assert "mathjax" not in html.lower()
    assert "KaTeX" not in built.warnings


def test_only_pages_with_formulas_load_the_style_sheet(built):
    assert "katex.min.css" in built.html("formulas")
    assert "katex.min.css" not in built.html("words")


def test_fonts_are_woff2_and_all_there(built):
    folder = built.site / "_static" / "katex"
    css = (folder / "katex.min.css").read_text()
    named = {part.split(")")[0] for part in css.split("url(")[1:]}
    there = {f"fonts/{path.name}" for path in (folder / "fonts").iterdir()}
    assert named == there
    assert len(named) == 20
    assert all(name.endswith(".woff2") for name in named)


def test_an_unknown_command_is_a_warning_with_its_line(tmp_path):
    small_site.write(tmp_path, ["maths"], gallery=False)
    (tmp_path / "docs/formulas.rst").write_text("Bad\n===\n\n:math:`\\nope & x`\n")
    result = small_site.build(tmp_path)
    assert "formulas.rst:4: WARNING: KaTeX parse error" in result.warnings
    assert r"<code>\nope &amp; x</code>" in result.html("formulas")


def test_macros_of_the_site_are_unknown_where_notebooks_are_made(tmp_path):
    small_site.write(tmp_path, ["maths"])
    lesson = tmp_path / "gallery/20_two/10_last.py"
    text = lesson.read_text()
    assert "Text of" in text
    formulas = r":math:`\\E + x` and :math:`\\R^n`; text of"
    lesson.write_text(text.replace("Text of", formulas, 1))
    warnings = small_site.build(tmp_path).warnings
    assert r"Undefined control sequence: \E" in warnings
    assert r"Undefined control sequence: \unknowntonotebooks" in warnings
    assert warnings.count("is known to notebooks") == 2


def test_without_katex_the_build_says_what_to_run(tmp_path):
    conf = f'\nnode_modules = "{(tmp_path / "nothing").as_posix()}"\n'
    small_site.write(tmp_path, ["maths"], gallery=False, conf=conf)
    with pytest.raises(ExtensionError, match="nox -s env"):
        small_site.build(tmp_path)


def test_other_builders_need_no_katex(tmp_path):
    conf = f'\nnode_modules = "{(tmp_path / "nothing").as_posix()}"\n'
    small_site.write(tmp_path, ["maths"], gallery=False, conf=conf)
    assert small_site.build(tmp_path, builder="text").app.statuscode == 0


def test_the_packages_are_in_the_environment():
    assert Path(NODE_MODULES, "katex").is_dir()
