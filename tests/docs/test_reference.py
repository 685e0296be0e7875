from __future__ import annotations

import json
from types import ModuleType, SimpleNamespace

import pytest
from sphinx.addnodes import pending_xref
from torch import nn

import reference


@pytest.fixture
def module():
    made = ModuleType("shop")
    inner = ModuleType("shop.inner")
    inner.__all__ = ["weigh"]
    inner.weigh = len
    made.__all__ = ["Box", "TooHeavy", "LIMIT", "inner"]
    made.Box = type("Box", (), {})
    made.TooHeavy = type("TooHeavy", (ValueError,), {})
    made.LIMIT = 7
    made.inner = inner
    return made


def test_every_public_name_is_documented_by_its_kind(module):
    page = reference.lines(module)
    directives = [line for line in page if line.startswith(".. auto") and "::" in line]
    assert directives == [
        ".. automodule:: shop",
        ".. autosummary::",
        ".. autoclass:: shop.Box",
        ".. autoexception:: shop.TooHeavy",
        ".. autodata:: shop.LIMIT",
        ".. autofunction:: shop.inner.weigh",
    ]
    assert "   inner.weigh" in page


def test_a_module_without_public_names_is_refused():
    with pytest.raises(ValueError, match=r"shop must name its public objects"):
        reference.public(ModuleType("shop"))


def test_lessons_are_those_that_name_the_module_or_its_parts(tmp_path):
    def entry(script, chapter):
        return [f"{script}.py", f"/src/gallery/{chapter}", "/out", "intro", "title"]

    index = tmp_path / "all.json"
    index.write_text(
        json.dumps(
            {
                "shop.Box": [entry("30_b", "20_y"), entry("10_a", "10_x")],
                "shop.inner.weigh": [entry("10_a", "10_x")],
                "shopping.Cart": [entry("50_c", "10_x")],
            }
        )
    )
    assert reference.used_in("shop", index) == {"10_x/10_a", "20_y/30_b"}
    assert reference.used_in("shop.inner", index) == {"10_x/10_a"}
    assert reference.used_in("shop", tmp_path / "none.json") == set()


def test_a_private_base_is_not_shown(module):
    hidden = type("Hidden", (), {"__module__": "shop._hidden"})
    module.Box = type("Box", (hidden,), {"__module__": "shop"})
    page = reference.lines(module)
    assert "   :members:" in page
    assert "   :show-inheritance:" not in page
    module.Box = type("Box", (dict,), {"__module__": "shop"})
    assert "   :show-inheritance:" in reference.lines(module)


def test_bases_have_the_names_that_people_import():
    class Own(nn.Sequential):
        pass

    assert reference.public_path(nn.Conv2d) == "torch.nn.Conv2d"
    assert reference.public_path(dict) == "dict"
    assert reference.public_path(Own).endswith(".Own")
    bases = [nn.Sequential, "something written"]
    reference.name_bases(None, "", None, None, bases)
    assert bases == [":py:class:`~torch.nn.Sequential`", "something written"]


def test_many_lessons_become_links_by_chapter(monkeypatch):
    def lesson(name):
        return SimpleNamespace(name=name)

    chapters = [SimpleNamespace(title=title) for title in ("One", "Two", "Three")]
    using = [[lesson("10_a/10_x"), lesson("10_a/20_y")], [], [lesson("30_c/10_z")]]
    found = {"g/10_a/10_x", "g/10_a/20_y"}
    env = SimpleNamespace(docname="reference/shop", found_docs=found)
    monkeypatch.setattr("gallery_pages.folders", lambda _env: (None, "g"))
    monkeypatch.setattr("lesson_cards.cards", lambda lessons, _env: len(lessons))
    assert reference._lessons(chapters, using, env) == [3]
    monkeypatch.setattr(reference, "MOST_CARDS", 2)
    title, links = reference._lessons(chapters, using, env)
    assert title.astext() == "One"  # the lesson of chapter three has no page
    assert [link["reftarget"] for link in links.findall(pending_xref)] == [
        "/g/10_a/10_x",
        "/g/10_a/20_y",
    ]
