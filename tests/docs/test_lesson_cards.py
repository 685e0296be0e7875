from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

import small_site
import thumbnails

HEADER = """
All
===

Everything.

.. lesson-cards::
"""

WORDS = """
Words
=====

.. lesson-cards::
   :chapter: 20_two

.. minigallery:: ../gallery/10_one/20_next.py

.. _axes:

Axes
----

.. glossary::

   stride
      Steps.
"""


def soup(text):
    return BeautifulSoup(text, "html.parser")


def write(root, words=WORDS, extensions=()):
    small_site.write(root, ["lesson_cards", *extensions])
    (root / "gallery" / "GALLERY_HEADER.rst").write_text(HEADER)
    (root / "docs" / "words.rst").write_text(words)
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    draw = pytest.MonkeyPatch()
    draw.setitem(thumbnails.DRAWINGS, "10_one/10_start", lambda: '<rect width="9"/>')
    yield small_site.build(write(tmp_path_factory.mktemp("cards")))
    draw.undo()


@pytest.fixture(scope="module")
def overview(built):
    return soup(built.html("auto_gallery/index"))


def test_there_are_no_warnings(built):
    assert built.warnings == ""


def test_chapters_stand_in_order_with_their_promises(overview):
    titles = [title.contents[0] for title in overview.select("h2")]
    assert titles == ["The first chapter", "The second chapter"]
    promises = [text.text for text in overview.select(".cnn-promise")]
    assert promises == ["It begins.", "It ends."]
    assert len(overview.select("h1")) == 1


def test_a_card_says_what_a_lesson_is(overview):
    card = overview.select_one(".cnn-cards > li.cnn-card")
    assert card.select_one(".cnn-card__title a")["href"] == "10_one/10_start.html"
    assert card.select_one(".cnn-card__title").text == "Start here & now"
    assert card.select_one(".cnn-card__promise").text == "Nothing is assumed."
    assert card.select_one(".cnn-card__meta").text == "first steps · 1 min"
    picture = card.select_one("svg.cnn-thumb")
    assert picture["aria-hidden"] == "true"


def test_every_lesson_has_one_card(overview):
    links = [a["href"] for a in overview.select(".cnn-card__title a")]
    assert links == [
        "10_one/10_start.html",
        "10_one/20_next.html",
        "20_two/10_last.html",
    ]


def test_there_is_one_link_in_a_card(overview):
    assert all(len(card.select("a")) == 1 for card in overview.select(".cnn-card"))


def test_chapters_can_be_linked(overview):
    assert overview.select_one("section#the-second-chapter > h2")


def test_the_tree_of_pages_is_whole(built):
    tree = built.app.env.toctree_includes
    assert tree["auto_gallery/index"] == [
        "auto_gallery/10_one/index",
        "auto_gallery/20_two/index",
    ]


def test_pages_of_chapters_have_cards_for_thumbnails(built):
    page = soup(built.html("auto_gallery/10_one/index"))
    links = [a["href"] for a in page.select(".cnn-card__title a")]
    assert links == ["10_start.html", "20_next.html"]


def test_one_chapter_and_small_galleries_have_cards(built):
    page = soup(built.html("words"))
    first, second = page.select(".cnn-cards")
    assert [a.text for a in first.select("a")] == ["Last"]
    assert [a.text for a in second.select("a")] == ["Next"]
    assert not page.select("h2 ~ h2")


@pytest.mark.parametrize("page", ["auto_gallery/index", "auto_gallery/10_one/index"])
def test_nothing_of_sphinx_gallery_is_left(built, page):
    text = built.html(page)
    assert "sphx-glr-thumb" not in text
    assert "sg-tag-list" not in text
    assert "tooltip" not in text


def test_thumbnails_of_sphinx_gallery_are_not_copied(built):
    assert not list((built.site / "_images").glob("*thumb*"))


def test_lessons_without_a_page_have_no_card(tmp_path):
    root = write(tmp_path)
    conf = root / "docs" / "conf.py"
    conf.write_text(conf.read_text() + 'exclude_patterns += ["auto_gallery/20_two"]\n')
    built = small_site.build(root)
    page = soup(built.html("auto_gallery/index"))
    assert "The second chapter" not in page.text
    assert len(page.select(".cnn-card")) == 2


def test_unknown_chapters_are_named(tmp_path):
    root = write(tmp_path, WORDS.replace("20_two", "30_three"))
    warnings = small_site.build(root).warnings
    assert "no chapter '30_three'; there are 10_one, 20_two" in warnings


def test_markdown_pages_can_use_them(tmp_path):
    root = write(tmp_path, extensions=["myst_parser"])
    (root / "docs" / "words.rst").unlink()
    glossary = "```{glossary}\nstride\n  A step.\n```\n"
    text = f"(axes)=\n# Words\n\n```{{lesson-cards}}\n```\n\n{glossary}"
    (root / "docs" / "words.md").write_text(text)
    built = small_site.build(root)
    assert built.warnings == ""
    page = soup(built.html("words"))
    assert [h.contents[0] for h in page.select("h2")][1] == "The second chapter"
    assert len(page.select(".cnn-card")) == 3


def test_links_without_pictures(tmp_path):
    small_site.write(tmp_path, ["lesson_cards"])
    text = "All\n===\n\n.. _axes:\n\n.. lesson-cards::\n   :links:\n"
    (tmp_path / "docs" / "titles.rst").write_text(text)
    page = soup(small_site.build(tmp_path).html("titles"))
    first, second = page.select("ul.cnn-links")
    assert [a.get_text() for a in first.select("a")] == ["Start here & now", "Next"]
    assert [a["href"] for a in second.select("a")] == [
        "auto_gallery/20_two/10_last.html"
    ]
    assert not page.select(".cnn-links svg, .cnn-card")
