"""Each lesson was run, shows what it gave, and can be taken home."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict

import nbformat
import pytest

from built_site import ROOT, is_embedded, lessons, resolve

pytestmark = pytest.mark.site

PICTURES = 600_000  # bytes a lesson
notebook_text = pytest.importorskip("notebook_text")


@pytest.fixture(scope="session")
def facts(site):
    found = json.loads((site.parent / "facts.json").read_text(encoding="utf-8"))
    return found["pages"]


@pytest.fixture(scope="session")
def gallery(pages):
    folder = "auto_gallery/"
    return {
        name.removeprefix(folder).removesuffix(".html"): page
        for name, page in pages.items()
        if name.startswith(folder) and not name.endswith("index.html")
    }


def test_every_script_has_a_page_and_no_page_lacks_its_script(gallery):
    assert sorted(gallery) == lessons()


def test_nothing_was_run_by_the_wrong_machine(site):
    """A notebook of the gallery that MyST-NB claims is run twice."""
    claimed = {path.stem for path in site.parent.glob("jupyter_execute/**/*.ipynb")}
    assert not claimed & {name.rpartition("/")[2] for name in lessons()}


@pytest.mark.parametrize("name", lessons())
class TestLesson:
    def test_it_was_run(self, name, facts, gallery):
        assert facts[name]["seconds"] > 0
        assert facts[name]["status"] in {"ran", "kept"}
        html = gallery[name].path.read_text(encoding="utf-8")
        assert "sphx-glr-script-out" in html or "sphx-glr-single-img" in html

    def test_no_error_was_published(self, name, gallery):
        html = gallery[name].path.read_text(encoding="utf-8")
        assert "Traceback (most recent call last)" not in html

    def test_its_pictures_are_light(self, name, gallery):
        """Of the resolutions of a picture a reader's browser fetches one."""
        page, heaviest = gallery[name], defaultdict(int)
        for tag, address in page.fetched():
            pictures = (
                tag.name in {"img", "source", "image"} and "article" in tag.inside
            )
            if pictures and not is_embedded(address):
                size = resolve(page.path, address)[0].stat().st_size
                heaviest[id(tag)] = max(heaviest[id(tag)], size)
        html = page.path.read_text(encoding="utf-8")
        embedded = sum(
            map(len, re.findall(r"<svg.*?</svg>|data:image[^\"']*", html, re.DOTALL))
        )
        assert sum(heaviest.values()) + embedded < PICTURES

    def test_the_script_to_take_home_is_the_lesson(self, name, site):
        taken = site / "notebooks" / f"{name}.py"
        source = taken.read_text(encoding="utf-8")
        ast.parse(source)
        assert source == (ROOT / "gallery" / f"{name}.py").read_text(encoding="utf-8")

    def test_the_notebook_is_valid_and_readable(self, name, site):
        notebook = nbformat.read(site / "notebooks" / f"{name}.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert notebook_text.problems(notebook) == []
        assert [cell for cell in notebook.cells if cell.cell_type == "code"]

    def test_the_page_links_both(self, name, gallery, site):
        page = gallery[name]
        linked = {resolve(page.path, address)[0] for _, address in page.followed()}
        for suffix in ("py", "ipynb"):
            assert site / "notebooks" / f"{name}.{suffix}" in linked
