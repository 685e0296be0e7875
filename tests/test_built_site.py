"""The checks of the site see what they look for."""

from __future__ import annotations

import pytest

import built_site

PAGE = """<!doctype html><html lang="en"><head><title>A <b>title</b></title>
<link rel="canonical" href="https://example.org/here.html">
<link rel="stylesheet" href="https://cdn.example.org/x.css">
<link rel="preconnect" href="//fonts.example.org">
<style>/* url(https://comment.example.org) */ @import "https://style.example.org/a.css";
  p { background: url('pic.png') }</style>
</head><body id="top"><article>
<p style="background: url(https://attribute.example.org/a.png)">One <br> two
<img src="local.png" srcset="https://set.example.org/1.png 1x, two.png 2x" alt="x">
<svg><title>Drawing</title><use xlink:href="#shape"/></svg>
<a href="other.html#place" name="old">other</a>
<script>fetch("https://script.example.org/data.json")</script>
</article></body></html>"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(built_site, "SITE", tmp_path)
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return built_site.parse(path)


def test_what_a_browser_fetches(page):
    fetched = [address for _, address in page.fetched()]
    assert [a for a in fetched if built_site.is_external(a)] == [
        "https://cdn.example.org/x.css",
        "//fonts.example.org",
        "https://attribute.example.org/a.png",
        "https://set.example.org/1.png",
        "https://style.example.org/a.css",
    ]
    assert {"local.png", "two.png", "pic.png", "#shape"} <= set(fetched)


def test_what_a_reader_follows(page):
    assert [address for _, address in page.followed()] == ["other.html#place"]
    assert {"top", "old"} <= page.anchors


def test_where_a_tag_stands(page):
    (image,) = page.find("img")
    assert "article" in image.inside
    assert "br" not in image.inside
    assert page.find("link")[0].inside == ("html", "head")
    assert page.title == "A "


def test_addresses(tmp_path):
    source = tmp_path / "a" / "page.html"
    assert built_site.resolve(source, "#x") == (source, "x")
    assert built_site.resolve(source, "../b%20c.html#%C3%A9?") == (
        tmp_path / "b c.html",
        "é?",
    )
    assert built_site.resolve(source, "..") == (tmp_path / "index.html", "")


@pytest.mark.parametrize(
    "script",
    [
        'fetch("https://a.org/x")',
        "import('//a.org/x.mjs')",
        'import x from "https://a.org/x.mjs"',
        "img.src = `https://a.org/x.png`",
        'new WebSocket("wss://a.org")',
        'request.open("GET", "https://a.org/x")',
    ],
)
def test_scripts_that_ask_elsewhere_are_seen(script):
    assert len(built_site.asked_by_script(script)) == 1


@pytest.mark.parametrize(
    "script",
    [
        '// see https://a.org/licence\nfetch("data.json")',
        'const namespace = "http://www.w3.org/2000/svg"',
        'import { x } from "./x.mjs"',
    ],
)
def test_scripts_that_only_name_an_address_pass(script):
    assert built_site.asked_by_script(script) == []


@pytest.mark.parametrize(
    "text", ["plot 7", "Figure", "a1b2c3d4e5f60718293a4b5c", "unfold_3.png"]
)
def test_placeholders_are_recognised(text):
    assert built_site.says_nothing(text)
    assert not built_site.says_nothing("The middle window becomes a column")
