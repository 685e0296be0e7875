"""What every page must have, and what no file may hold."""

from __future__ import annotations

import getpass
import itertools
import re
import socket
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import pytest

from built_site import ROOT, is_embedded, is_external, resolve, says_nothing

pytestmark = pytest.mark.site

KILO = 1000
# Bytes before compression, the limits of docs/contributing.md.
PAGE_HTML = 400 * KILO
PAGE_STYLES_AND_SCRIPTS = 1200 * KILO
TEXTS = {
    ".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".py", ".rst", ".svg", ".txt",
    ".xml",
}  # fmt: skip


def test_each_page_has_one_heading_a_title_and_a_language(pages):
    problems = []
    for page in pages.values():
        # The theme repeats the title outside of the article, for paper.
        everywhere = page.find("h1")
        headings = [h1 for h1 in everywhere if "article" in h1.inside] or everywhere
        title, language = page.title.strip(), page.find("html")[0].get("lang")
        if len(headings) != 1 or not title or language != "en":
            problems.append(f"{page.name}: {len(headings)} h1, {title!r}, {language!r}")
    assert problems == []


def test_titles_tell_pages_apart(pages):
    titles = Counter(page.title.strip() for page in pages.values())
    assert [title for title, count in titles.items() if count > 1] == []


def test_each_page_is_described(pages):
    missing = [
        page.name
        for page in pages.values()
        if not any(
            tag.get("name") == "description" and len(tag.get("content").strip()) > 20
            for tag in page.find("meta")
        )
    ]
    assert missing == []


def test_ids_are_unique(pages):
    doubled = {}
    for page in pages.values():
        ids = Counter(tag.get("id") for tag in page.tags if tag.get("id"))
        if found := [name for name, count in ids.items() if count > 1]:
            doubled[page.name] = found
    assert doubled == {}


def test_headings_do_not_skip_a_level(pages):
    skipping = []
    for page in pages.values():
        names = [tag.name for tag in page.tags if re.fullmatch("h[1-6]", tag.name)]
        steps = itertools.pairwise(int(name[1]) for name in names)
        skipping += [f"{page.name}: h{a}, h{b}" for a, b in steps if b > a + 1]
    assert skipping == []


def test_pictures_say_what_is_to_be_seen(pages):
    silent = []
    for page in pages.values():
        for tag in page.find("img"):
            text = tag.get("alt").strip()
            # Outside of the text an empty one says: decoration, beside its own name.
            missing = "alt" not in tag.attributes
            if missing or says_nothing(text) or ("article" in tag.inside and not text):
                silent.append(f"{page.name}:{tag.line}: {tag.get('src')[:60]} {text!r}")
        for tag in page.find("svg"):
            named = tag.get("aria-label").strip() or tag.get("aria-labelledby")
            if tag.get("role") == "img" and not named:
                silent.append(f"{page.name}:{tag.line}: svg")
    assert silent == []


def test_pictures_reserve_their_place(pages):
    """Width and height: text does not jump while a lesson's pictures arrive."""
    jumping = [
        f"{page.name}:{tag.line}: {tag.get('src')[:80]}"
        for page in pages.values()
        for tag in page.find("img")
        if "article" in tag.inside
        and not (tag.get("width") and tag.get("height"))
        and page.name != "py-modindex.html"  # Sphinx's own template
    ]
    assert jumping == []


def weight(page, kinds: set[str]) -> int:
    files = {
        resolve(page.path, address)[0]
        for tag, address in page.fetched()
        if tag.name in kinds and not is_external(address) and not is_embedded(address)
    }
    return sum(path.stat().st_size for path in files)


def test_pages_are_light(pages):
    heavy = {}
    for page in pages.values():
        html = page.path.stat().st_size
        rest = weight(page, {"link", "script"})
        # One page for each module: plotting has more than forty functions.
        most = 1.2 * PAGE_HTML if page.name.startswith("reference/") else PAGE_HTML
        if html > most or rest > PAGE_STYLES_AND_SCRIPTS:
            heavy[page.name] = {"html": html, "styles and scripts": rest}
    assert heavy == {}


def inner_texts(path: Path) -> list[tuple[str, str]]:
    """Return (name, text) of a file, or of the files in it."""
    if path.suffix == ".inv":
        head, _, body = path.read_bytes().partition(b"zlib.\n")
        return [(path.name, (head + zlib.decompress(body)).decode())]
    if path.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(path) as archive:
            return [
                (f"{path.name}/{name}", archive.read(name).decode("utf-8", "replace"))
                for name in archive.namelist()
                if Path(name).suffix in {*TEXTS, ""} and not name.endswith("/")
            ]
    if path.suffix in TEXTS or not path.suffix:
        return [(path.name, path.read_text(encoding="utf-8"))]
    return []


def private_words() -> list[str]:
    """Return what would tell where, and by whom, the site was built."""
    folders = {str(ROOT), str(Path.home()), sys.prefix, tempfile.gettempdir()}
    words = [f"{folder.rstrip('/')}/" for folder in folders if len(folder) > 3]
    words += [f"{ROOT}", "file://"]
    # Short names are words of the language too.
    return words + [
        name for name in (socket.gethostname(), getpass.getuser()) if len(name) > 7
    ]


def test_no_file_tells_where_it_was_built(site):
    words = private_words()
    leaks = [
        f"{path.relative_to(site)} ({name}): {word}"
        for path in sorted(site.rglob("*"))
        if path.is_file()
        for name, text in inner_texts(path)
        for word in words
        if word in text
    ]
    assert leaks == []


def test_the_site_has_the_wheel_of_this_version(site):
    wheels = list(site.rglob("*.whl"))
    assert len(wheels) == 1
    with zipfile.ZipFile(wheels[0]) as archive:
        names = archive.namelist()
    assert "cnn_tutorial/__init__.py" in names
    assert not [
        name for name in names if name.startswith(("tests/", "docs/", "gallery"))
    ]
    assert any(name.endswith("licenses/LICENSE") for name in names)
