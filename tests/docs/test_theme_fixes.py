from __future__ import annotations

import colorsys
import doctest
import re
import warnings
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.deprecation import RemovedInSphinx11Warning
from sphinx.errors import ExtensionError

import page_descriptions
import small_site
import theme_fixes

DOCS = Path(__file__).parents[2] / "docs"
STATIC = DOCS / "_static"
CONF = f"""
html_theme = "sphinx_book_theme"
templates_path = [{str(DOCS / "_templates")!r}]
html_static_path = [{str(STATIC)!r}]
html_sidebars = {{
    "**": ["site-brand.html", "search-button-field.html", "sbt-sidebar-nav.html"],
}}
"""
PAGE = """
.. meta::
   :description: What a "page" says & more.

Described
=========

.. image:: /dot.png
   :alt: A dot

.. toctree::

   undescribed
"""
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_doctests():
    for module in (page_descriptions, theme_fixes):
        assert doctest.testmod(module).failed == 0


# -- Colours --------------------------------------------------------------------------


def _colours(theme):
    css = (STATIC / "colours.css").read_text()
    block = re.search(rf'html\[data-theme="{theme}"\] \{{(.*?)\}}', css, re.DOTALL)[1]
    return dict(re.findall(r"--cnn-([a-z-]+): (#[0-9a-f]{6});", block))


def _luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_have_contrast(theme):
    c = _colours(theme)
    for words in ("ink", "muted", "accent", "string"):
        for behind in ("paper", "tile"):
            assert contrast(c[words], c[behind]) >= 4.5, (words, behind)
    assert contrast(c["accent"], c["accent-tint"]) >= 4.5
    for role in ("input", "kernel", "output", "gradient"):
        for behind in ("paper", "tile", f"{role}-tint"):
            assert contrast(c[f"{role}-ink"], c[behind]) >= 4.5, (role, behind)
            assert contrast(c["ink"], c[behind]) >= 7, (role, behind)
        for behind in ("paper", "tile"):
            assert contrast(c[role], c[behind]) >= 3, (role, behind)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_role_has_one_hue(theme):
    c = _colours(theme)
    okabe_ito = {"input": "#0072b2", "kernel": "#d55e00", "output": "#009e73"}
    okabe_ito["gradient"] = "#cc79a7"

    def hue(colour):
        channels = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
        return colorsys.rgb_to_hsv(*channels)[0] * 360

    for role, pure in okabe_ito.items():
        for kind in (role, f"{role}-ink", f"{role}-tint"):
            assert abs(hue(c[kind]) - hue(pure)) < 14, (kind, c[kind])


def test_both_themes_define_the_same_colours():
    assert set(_colours("light")) == set(_colours("dark"))


def test_every_variable_in_use_is_defined():
    sheets = {path.name: path.read_text() for path in STATIC.glob("*.css")}
    defined = set(re.findall(r"(--cnn-[a-z-]+):", "".join(sheets.values())))
    for name, css in sheets.items():
        used = set(re.findall(r"var\((--cnn-[a-z-]+)\)", css))
        assert used <= defined, name


def test_style_sheets_and_scripts_ask_nobody():
    for path in [*STATIC.glob("*.css"), *STATIC.glob("*.mjs")]:
        found = re.findall(r"(?:https?:)?//[\w.]+\.[a-z]{2,}\S*", path.read_text())
        assert [x for x in found if "www.w3.org" not in x] == [], path.name


def test_the_style_sheet_names_the_fonts_that_are_staged():
    named = re.findall(
        r"fonts/source-serif-4-([\w-]+)\.woff2", (STATIC / "text.css").read_text()
    )
    assert sorted(named) == sorted(theme_fixes.FONTS)


# -- Repairs --------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 2])
def test_a_theme_that_has_changed_is_noticed(count):
    script = '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>\n'
    assert theme_fixes.without_icon_script(f"<a>{script}</a>") == "<a></a>"
    with pytest.raises(ExtensionError, match=f"found {count}"):
        theme_fixes.without_icon_script(script * count)


def test_arrows_are_named_after_what_they_open():
    item = "<li><a>{0}</a><details><summary>{1}</summary><ul>{2}</ul></details></li>"
    inner = item.format("Inner", "<i></i>", "")
    html = theme_fixes.named_summaries(item.format("Outer", "<i></i>", inner))
    assert re.findall('aria-label="([^"]*)"', html) == ["Outer: pages", "Inner: pages"]
    with_words = "<details><summary>More</summary></details>"
    assert theme_fixes.named_summaries(with_words) == with_words
    lonely = "<details><summary></summary></details>"
    assert theme_fixes.named_summaries(lonely) == lonely


def _paragraphs(*texts):
    document = new_document("x")
    document += [nodes.paragraph(text, text) for text in texts]
    return document


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["Short.", "One sentence of a page. And one more."],
            "One sentence of a page.",
        ),
        (["A version like 2.6 is needed. Yes."], "A version like 2.6 is needed."),
        (["It is about the following things:"], "It is about the following things:"),
        (["no sentence at all but many words"], ""),
    ],
)
def test_the_first_sentence(texts, expected):
    assert page_descriptions.first_sentence(_paragraphs(*texts)) == expected


@pytest.mark.parametrize(
    "alt", [None, "plot 7", "30_unfold.png", "a3f" * 8, "image", "Figure 2"]
)
def test_a_text_that_says_nothing_is_no_text(alt, monkeypatch):
    document = new_document("x")
    document += nodes.image(uri="a.png", **({} if alt is None else {"alt": alt}))
    seen = []
    monkeypatch.setattr(
        theme_fixes.logger, "warning", lambda _, *args, **more: seen.append(args)
    )
    theme_fixes.check_pictures(None, document, "page")
    assert seen == [("page", "a.png", alt)]


@pytest.mark.parametrize("alt", ["", "A window of 3 by 3", "Plot of the loss"])
def test_decoration_and_descriptions_are_fine(alt, monkeypatch):
    document = new_document("x")
    document += nodes.image(uri="a.png", alt=alt)
    monkeypatch.setattr(theme_fixes.logger, "warning", pytest.fail)
    theme_fixes.check_pictures(None, document, "page")


# -- A site ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("theme")
    conf = CONF + "html_css_files = ['colours.css']\n"
    small_site.write(root, ["theme_fixes", "sphinx.ext.mathjax"], conf=conf)
    (root / "docs/described.rst").write_text(PAGE)
    with (root / "docs/index.rst").open("a") as index:
        index.write("\n.. toctree::\n\n   described\n")
    (root / "docs/dot.png").write_bytes(DOT)
    (root / "docs/undescribed.rst").write_text("Bare\n====\n\n.. image:: /dot.png\n")
    with warnings.catch_warnings():
        # The theme's, not ours.
        warnings.simplefilter("ignore", RemovedInSphinx11Warning)
        return small_site.build(root)


def _description(html):
    found = re.findall(r'<meta[^>]*name="description"[^>]*>', html)
    assert len(found) == 1
    return re.search('content="([^"]*)"', found[0])[1]


def test_each_page_has_a_description(built):
    assert _description(built.html("described")) == (
        "What a &quot;page&quot; says &amp; more."
    )
    lesson = built.html("auto_gallery/10_one/10_start")
    assert _description(lesson) == "Nothing is assumed."
    assert _description(built.html("auto_gallery/20_two/index")) == "It ends."
    assert _description(built.html("search")).startswith("Search the lessons")
    assert _description(built.html("genindex")).startswith("All functions")


def test_a_page_without_one_is_a_warning(built):
    pages = re.findall(
        r"([\w/]+)(?:\.rst)?: WARNING: the page has no desc", built.warnings
    )
    bare = ["auto_gallery/index", "index", "undescribed", "words"]
    assert (
        sorted(page.removeprefix("docs/").split("docs/")[-1] for page in pages) == bare
    )


def test_a_picture_without_text_is_a_warning(built):
    found = re.findall(r"WARNING: (\w+): the picture '([\w.]+)'", built.warnings)
    assert found == [("undescribed", "dot.png")]


def test_icons_are_drawn_once(built):
    assert "fontawesome.js" not in built.html("words")
    assert "pydata-sphinx-theme.js" in built.html("words")
    assert not list((built.site / "_static").rglob("fontawesome.js*"))
    assert list((built.site / "_static").rglob("fa-solid-900.woff2"))


def test_the_text_font_is_in_the_site(built):
    html = built.html("auto_gallery/10_one/10_start")
    preload = re.search(r'<link rel="preload" as="font"[^>]*href="([^"]*)"', html)[1]
    page = built.site / "auto_gallery/10_one"
    assert (page / preload).resolve().is_file()
    fonts = {path.name for path in (built.site / "_static/fonts").iterdir()}
    assert fonts == {f"source-serif-4-{font}.woff2" for font in theme_fixes.FONTS}


def test_everything_in_the_frame_has_a_name(built):
    html = built.html("words")
    assert re.findall(r"<summary(?![^>]*aria-label)[^>]*><span", html) == []
    assert 'aria-label="Described: pages"' in html
    button = re.search(r"<button[^>]*search-button-field[^>]*>", html)[0]
    assert "aria-label" not in button
    assert 'class="cnn-brand" aria-label="Home"' in html


def test_a_role_that_aria_dropped_is_replaced():
    body = '<div role="list"><div id="a" role="doc-biblioentry">x</div></div>'
    assert theme_fixes._repair_body(body) == (
        '<div role="list"><div id="a" role="listitem">x</div></div>'
    )


def test_other_builders_need_no_font(tmp_path):
    conf = f'\nnode_modules = "{(tmp_path / "nothing").as_posix()}"\n'
    small_site.write(tmp_path, ["theme_fixes"], gallery=False, conf=conf)
    result = small_site.build(tmp_path, builder="text")
    assert "description" not in result.warnings
