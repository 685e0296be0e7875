from __future__ import annotations

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from markdown_writer import MarkdownWriter, UnknownNodeError, absolute


def read(text):
    return publish_doctree(text, settings_overrides={"report_level": 5})


def written(text, base="https://a.org/c/"):
    return MarkdownWriter(absolute(base, "p/q.html")).blocks(read(text).children)


def box(kind, **attributes):
    return kind("", nodes.paragraph("", "text"), **attributes)


@pytest.mark.parametrize(
    ("rest", "markdown"),
    [
        ("Some ``code`` here.", "Some `code` here."),
        ("A ``tick ` in`` it.", "A ``tick ` in`` it."),
        ("**Bold** and *soft*.", "**Bold** and *soft*."),
        ("x\\ :sub:`i` :sup:`2`", "x<sub>i</sub> <sup>2</sup>"),
        (":title:`A book`", "*A book*"),
        ("A :math:`a_1^2` b", "A $a_1^2$ b"),
        ("`A site <https://b.org>`__", "[A site](https://b.org)"),
        ("`A page <../r.html#s>`__", "[A page](https://a.org/c/r.html#s)"),
        ("2 \\* 3, a_b, $5, \\`x\\`", "2 \\* 3, a_b, \\$5, \\`x\\`"),
        ("a < b > c, <b>", "a < b > c, \\<b>"),
        ("not [a](link)", "not \\[a](link)"),
        ("a list [0, 1]", "a list [0, 1]"),
        ("\\- minus\n\\# hash", "\\- minus\n\\# hash"),
        ("\\1. first", "1\\. first"),
    ],
)
def test_lines(rest, markdown):
    assert written(rest) == markdown


@pytest.mark.parametrize(
    ("rest", "markdown"),
    [
        ("* a\n* b\n\n  * c", "* a\n\n* b\n\n  * c"),
        ("* a\n* b", "* a\n* b"),
        ("3. a\n4. b\n   c", "3. a\n4. b\n   c"),
        ("term\n   What it is.", "* **term**: What it is."),
        ("   Quoted.\n\n   Twice.", "> Quoted.\n>\n> Twice."),
        ("::\n\n   x = 1\n\n   y", "```\nx = 1\n\ny\n```"),
        (".. code:: python\n\n   x", "```\nx\n```"),
        (">>> 1 + 1\n2", "```\n>>> 1 + 1\n2\n```"),
        (".. math::\n\n   a = b", "$$\na = b\n$$"),
        (".. tip:: Read.", "> **Tip**\n>\n> Read."),
        (".. admonition:: Myth\n\n   No.", "> **Myth**\n>\n> No."),
        (".. topic:: Aside\n\n   Yes.", "> **Aside**\n>\n> Yes."),
        (".. rubric:: Small *head*", "**Small *head***"),
        ("a\n\n----\n\nb", "a\n\n---\n\nb"),
        ("| one\n| two", "one  \ntwo"),
        ("..\n   a comment\n\nb", "b"),
        (".. raw:: html\n\n   <b>x</b>\n\nb", "b"),
        (".. container:: a\n\n   Inside.", "Inside."),
        ("See [#a]_.\n\n.. [#a] The note.", "See [1].\n\n[1] The note."),
        ("See [Li98]_.\n\n.. [Li98] A paper.", "See [Li98].\n\n[Li98] A paper."),
    ],
)
def test_blocks(rest, markdown):
    assert written(rest) == markdown


def test_table():
    rest = "====  ===\nname  sum\n====  ===\na|b   ``1``\nc     2\n====  ===\n"
    assert written(rest) == (
        "| name | sum |\n| --- | --- |\n| a\\|b | `1` |\n| c | 2 |"
    )


def test_table_with_title():
    rest = ".. table:: Sums\n\n   ==  ==\n   a   b\n   ==  ==\n   1   2\n   ==  ==\n"
    assert written(rest).startswith("**Sums**\n\n| a | b |")


def test_pictures_of_this_site_have_an_address():
    rest = ".. image:: ../x.png\n   :alt: A [cat]"
    assert written(rest) == "![A [cat]](https://a.org/c/x.png)"


def test_pictures_without_an_address_are_words():
    assert written(".. image:: x.png\n   :alt: A cat", base="") == "*A cat*"


def test_figure_with_caption_and_legend():
    rest = ".. figure:: https://b.org/x.png\n   :alt: A cat\n\n   Look.\n\n   Closely."
    assert written(rest) == "![A cat](https://b.org/x.png)\n\n*Look.*\n\nClosely."


def test_links_without_an_address_are_words():
    assert written("A `page <r.html>`__.", base="") == "A page."


def test_links_within_the_page():
    node = nodes.paragraph("", "", nodes.reference("", "there", refid="b"))
    writer = MarkdownWriter(absolute("https://a.org", "p/q.html"))
    assert writer.blocks([node]) == "[there](https://a.org/p/q.html#b)"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("q.html", "https://a.org/c/p/q.html"),
        ("../r.html", "https://a.org/c/r.html"),
        ("#s", "https://a.org/c/p/x.html#s"),
        ("https://b.org/z", "https://b.org/z"),
        ("mailto:x@b.org", "mailto:x@b.org"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_absolute_links(link, target):
    resolved = absolute("https://a.org/c", "p/x.html")(link)
    assert resolved == (None if link.startswith("javascript") else target)


def test_maths_with_a_number():
    node = nodes.math_block("", "a = b", number=7)
    assert MarkdownWriter(str).blocks([node]) == "$$\na = b \\tag{7}\n$$"


def test_fences_are_longer_than_those_inside():
    node = nodes.literal_block("", "```\nx\n```", language="Markdown")
    assert MarkdownWriter(str).blocks([node]) == "````markdown\n```\nx\n```\n````"


def test_code_of_sphinx_gallery_with_links():
    class code_links_block(nodes.TextElement):  # noqa: N801
        pass

    node = code_links_block("", "x = 1\n", lang="python")
    assert MarkdownWriter(str).blocks([node]) == "```python\nx = 1\n```"


def test_heading():
    title = nodes.title("", "", nodes.literal("", "fold"), nodes.Text("\n back"))
    assert MarkdownWriter(str).heading(title, 2) == "## `fold` back"


@pytest.mark.parametrize("inline", [False, True])
def test_what_cannot_be_said_is_an_error_with_its_line(inline):
    class Strange(nodes.TextElement):
        pass

    node = Strange("", "some text")
    node.line = 17
    inside = nodes.paragraph("", "", node) if inline else node
    with pytest.raises(UnknownNodeError, match=r"line 17: .*'Strange' \('some text'\)"):
        MarkdownWriter(str).blocks([inside])


def test_emphasis_of_nothing_is_nothing():
    node = nodes.paragraph("", "", nodes.Text("a"), nodes.strong("", " "))
    assert MarkdownWriter(str).blocks([node]) == "a "
