from __future__ import annotations

import builtins
import importlib
import re
import runpy
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

DOCS = Path(__file__).parents[2] / "docs"
INVENTORIES = sorted((DOCS / "inventories").glob("*.txt"))


@pytest.fixture
def conf(monkeypatch) -> dict:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    return runpy.run_path(str(DOCS / "conf.py"))


def find(name: str) -> object:
    """Import what a dotted name stands for."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    return getattr(builtins, name)


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.stem)
def test_every_name_of_our_inventories_is_there(path):
    inventory = InventoryFile.loads(path.read_bytes(), uri="https://example.org")
    names = [name for kind in inventory.data.values() for name in kind]
    assert len(names) == len(path.read_text().splitlines()) - 3
    for name in names:
        if name not in ("None", "True", "False"):
            find(name)


def test_each_inventory_is_used(conf):
    used = {DOCS / file for _, file in conf["intersphinx_mapping"].values()}
    assert used == set(INVENTORIES)


def test_settings_are_settings(conf):
    """Short, no mechanism, no extension that is not there."""
    text = (DOCS / "conf.py").read_text()
    assert len(text.splitlines()) <= 150
    assert not re.search(r"^(def|class) ", text, re.MULTILINE)
    for name in conf["extensions"]:
        assert importlib.util.find_spec(name), name
    assert len(conf["extensions"]) == len(set(conf["extensions"]))


def test_nothing_is_asked_for_elsewhere(conf):
    assert conf["nb_ipywidgets_js"] == {}
    assert conf["ogp_social_cards"] == {"enable": False}
    assert conf["sphinx_gallery_conf"]["write_computation_times"] is False
    assert "sphinx.ext.mathjax" not in conf["extensions"]


def test_the_address_of_the_site(monkeypatch):
    def address() -> str:
        return runpy.run_path(str(DOCS / "conf.py"))["html_baseurl"]

    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    monkeypatch.delenv("CNN_TUTORIAL_SITE_URL", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert address() == ""
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/course")
    assert address() == "https://someone.github.io/course/"
    monkeypatch.setenv("CNN_TUTORIAL_SITE_URL", "https://example.org/x/")
    assert address() == "https://example.org/x/"


def test_all_scripts_of_the_gallery_run(conf):
    pattern = conf["sphinx_gallery_conf"]["filename_pattern"]
    for script in (DOCS.parent / "gallery").glob("*/*.py"):
        assert re.search(pattern, str(script))


def test_what_makes_outputs_old_is_there(conf):
    for path in conf["staleness_run"] + conf["staleness_site"]:
        assert (DOCS / path).exists()
    for module in conf["staleness_modules"]:
        assert (DOCS / "_ext" / f"{module}.py").is_file()


def test_cells_can_be_shown_without_a_kernel():
    """Builds for authors run no cells, and then nothing else says what they are."""
    pages = [page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")]
    executed = [text for text in pages if "\nkernelspec:" in text]
    assert executed
    assert all("\n  language: python\n" in text for text in executed)
