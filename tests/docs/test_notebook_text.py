from __future__ import annotations

import json
import os
import re
from pathlib import Path

import nbformat
import pytest
from sphinx.errors import ExtensionError

import small_site
from notebook_text import complete, notebook, problems

EXTENSIONS = ["notebook_text", "site_wheel"]
BASE = 'html_baseurl = "https://a.org/c/"\n'

MORE = '''"""
Everything
==========

.. note::

   A note with a footnote [#f]_, on :func:`len`.

.. [#f] Down here.
"""

# sphinx_gallery_thumbnail_number = 2

print(1)  # noqa: T201

# %%
# Below
# -----
# .. math::
#    :label: sum
#
#    1 + 1 = 2
#
# See :eq:`sum` and :ref:`axes`.
#
# .. figure:: /picture.png
#    :alt: A picture
#
#    What it shows.

x = """
`:func:`not a role
"""

# %%
# Deeper
# ~~~~~~
#
# Text.
'''


def read(built, name):
    path = built.site / "notebooks" / f"{name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def texts(made, kind="markdown"):
    return ["".join(c["source"]) for c in made["cells"] if c["cell_type"] == kind]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    small_site.write(root, EXTENSIONS, conf=BASE)
    (root / "gallery" / "10_one" / "20_next.py").write_text(MORE)
    (root / "docs" / "picture.png").write_bytes(b"")
    old = root / "docs" / "_build" / "html" / "notebooks" / "10_one"
    old.mkdir(parents=True)
    (old / "05_gone.ipynb").write_text("{}")
    return small_site.build(root)


@pytest.fixture(scope="module")
def start(built):
    return read(built, "10_one/10_start")


@pytest.fixture(scope="module")
def everything(built):
    return read(built, "10_one/20_next")


def test_every_lesson_has_notebook_and_script_and_nothing_is_left_over(built):
    found = sorted(
        path.relative_to(built.site / "notebooks").as_posix()
        for path in (built.site / "notebooks").rglob("*.*")
    )
    names = ("10_one/10_start", "10_one/20_next", "20_two/10_last")
    assert found == sorted(f"{n}.{end}" for n in names for end in ("py", "ipynb"))
    script = built.site / "notebooks" / "10_one" / "10_start.py"
    assert script.read_text() == small_site.START


def test_sphinx_gallery_makes_no_notebooks(built):
    pages = built.site.parents[1] / "auto_gallery"
    assert list(pages.rglob("*.py"))
    assert not list(pages.rglob("*.ipynb"))


@pytest.mark.parametrize("name", ["10_one/10_start", "10_one/20_next"])
def test_notebooks_are_valid_and_without_problems(built, name):
    made = read(built, name)
    nbformat.validate(made)
    assert problems(made) == []


def test_links_lead_to_the_site(start):
    title, claim, *_ = texts(start)
    assert title.startswith(
        "# Start `here` & now\n\nA page about $x^2$, a [stride](https"
    )
    assert "[Names of axes](https://a.org/c/words.html#axes)" in title
    assert "[Words](https://a.org/c/words.html)" in title
    assert claim.startswith("## A claim\n\n")
    assert "[a site](https://example.org):" in claim


def test_links_without_a_known_site_are_words(tmp_path):
    made = read(
        small_site.build(small_site.write(tmp_path, EXTENSIONS)), "10_one/10_start"
    )
    title = texts(made)[0]
    assert "a stride, Names of axes and Words." in title
    assert "pip install ." in texts(made, "code")[0]
    assert problems(made) == []


def test_the_first_code_cell_installs_the_wheel_of_the_site(start):
    assert [cell["cell_type"] for cell in start["cells"][:2]] == ["markdown", "code"]
    install = texts(start, "code")[0]
    assert "%pip install --quiet https://a.org/c/dist/cnn_tutorial-7.0" in install


def test_code_is_that_of_the_script(start, everything):
    code = texts(start, "code")
    assert code[1] == "import math\n\nx = 2"
    assert code[2] == "assert x + x == 4"
    assert code[3].endswith('with expect_error():\n    raise ValueError("no")')
    # Comments that are meant for Sphinx-Gallery stay behind.
    assert texts(everything, "code")[1] == "print(1)  # noqa: T201"


def test_boxes_footnotes_numbers_and_figures(everything):
    top, below, deeper = texts(everything)
    assert "> **Note**\n>\n> A note with a footnote [1], on `len()`." in top
    assert "[1] Down here." in top
    assert "$$\n1 + 1 = 2 \\tag{1}\n$$" in below
    assert (
        "See [(1)](https://a.org/c/auto_gallery/10_one/20_next.html#equation-sum)"
        in below
    )
    assert "![A picture](https" in below or "*A picture*" in below
    assert "*What it shows.*" in below
    assert deeper == "### Deeper\n\nText."


def test_metadata_name_kernel_version_and_title(start):
    metadata = start["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert re.fullmatch(r"3\.\d+\.\d+", metadata["language_info"]["version"])
    assert metadata["title"] == "Start here & now"


def test_same_page_same_bytes(built):
    path = built.site / "notebooks" / "10_one" / "20_next.ipynb"
    before = path.read_bytes()
    again = small_site.build(built.site.parents[2])
    assert path.read_bytes() == before
    assert again.warnings == built.warnings


def test_a_notebook_is_made_again_when_it_has_to_be(tmp_path):
    root = small_site.write(tmp_path, EXTENSIONS, conf=BASE)
    built = small_site.build(root)
    folder = built.site / "notebooks" / "10_one"
    start, following = folder / "10_start.ipynb", folder / "20_next.ipynb"
    before = start.read_bytes()
    start.unlink()
    os.utime(following, (1e9, 1e9))
    # As at the end of a build that wrote none of the pages.
    complete(built.app, None)
    assert start.read_bytes() == before
    assert following.stat().st_mtime == 1e9
    wheel = next(Path(built.app.doctreedir, "dist").iterdir())
    wheel.rename(wheel.with_name(wheel.name.replace("7.0", "7.1")))
    complete(built.app, None)
    for path in (start, following):
        assert "cnn_tutorial-7.1" in path.read_text()


def test_ids_depend_on_the_lesson_and_the_place_only():
    one = notebook("a/b", "T", [("code", "x = 1"), ("markdown", "y")])
    two = notebook("a/b", "U", [("code", "x = 2"), ("markdown", "z")])
    other = notebook("a/c", "T", [("code", "x = 1"), ("markdown", "y")])
    ids = [[cell["id"] for cell in made["cells"]] for made in (one, two, other)]
    assert ids[0] == ids[1] != ids[2]
    assert len(set(ids[0])) == 2


def test_empty_cells_are_left_out():
    assert notebook("a/b", "T", [("markdown", " \n")])["cells"] == []


def small(source, kind="markdown", **changes):
    cell = {"id": "a", "cell_type": kind, "source": source}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {}},
        "cells": [cell],
    } | changes


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("See :func:`x.y`.", "role: :func:`x.y`"),
        ("See :cite:p:`li98`.", "role: :cite:p:`li98`"),
        (".. note:: Look.", "directive: .. note:: Look."),
        ("a\n\n   .. image:: x.png", "directive: .. image:: x.png"),
        (".. _label:", "target or footnote of reST: .. _label:"),
        (".. [#f] A note.", "target or footnote of reST: .. [#f] A note."),
        ("`a <https://b.org>`_", "link of reST: `a <https://b.org>`_"),
        ("see [#f]_", "footnote mark of reST: [#f]_"),
        ("Some ``code``.", "double backticks: ``code``"),
        ("Title\n=====", "underlined heading of reST: Title\n====="),
        ("![x](images/x.png)", "image that is not there: ![x](images/x.png)"),
        ('<img src="x.png">', 'image that is not there: <img src="x.png">'),
        ("![x](file:///a/x.png)", "file of the builder's machine: file:///a/x.png)"),
        ("in /home/me/x.py", "absolute path: /home/me/x.py"),
        ("in C:\\Users\\me", "absolute path: C:\\Users\\me"),
    ],
)
def test_leftovers_are_found(source, message):
    assert f"cell 0: {message}" in problems(small(source))


@pytest.mark.parametrize(
    "source",
    [
        "Write ``a ` b`` for it.",
        "```rst\n.. note:: in a block of code, :func:`x`\n```",
        "In `.. note::` style, `[#f]_` and `a_`.",
        "A [link](https://a.org/home/x), $x_1$, `x` and **y**.",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "![x](https://a.org/x.png) ![y](data:image/png;base64,AA)",
        "text\n\n---\n\ntext",
    ],
)
def test_what_is_fine_is_not_found(source):
    assert problems(small(source)) == []


def test_code_is_not_searched_for_markup():
    assert problems(small('"""See :func:`x` and ``y``."""', kind="code")) == []
    assert problems(small("open('/tmp/x')", kind="code"))


def test_source_may_be_lines():
    assert problems(small(["a\n", ".. note:: b"])) == ["cell 0: directive: .. note:: b"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nbformat_minor": 0}, "format must be 4.5, is (4, 0)"),
        ({"metadata": {}}, "metadata: no kernelspec"),
        (
            {"cells": [{"cell_type": "code", "source": "", "outputs": [1], "id": "a"}]},
            "cell 0: has outputs",
        ),
        (
            {"cells": 2 * [{"cell_type": "code", "source": "", "id": "a"}]},
            "cells must have ids, each its own",
        ),
        (
            {"cells": [{"cell_type": "code", "source": ""}]},
            "cells must have ids, each its own",
        ),
    ],
)
def test_form(changes, message):
    assert problems(small("", **changes)) == [message]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("The end.", "See /home/me/x.", r"notebook of 10_one/10_start:\n  .*/home/me"),
        (
            "The end.",
            ".. hlist::\n#\n#    * a\n#    * b",
            "10_one/10_start: .*no way to show 'hlist'",
        ),
        (
            "The end.",
            ".. GENERATED FROM PYTHON SOURCE LINES 1-2",
            "10_one/10_start: the page has 8 blocks and the script 7",
        ),
    ],
)
def test_a_page_that_makes_no_good_notebook_ends_the_build(tmp_path, old, new, message):
    root = small_site.write(tmp_path, EXTENSIONS)
    script = root / "gallery" / "10_one" / "10_start.py"
    script.write_text(script.read_text().replace(old, new))
    with pytest.raises(ExtensionError, match=message):
        small_site.build(root)


def test_other_builders_make_no_notebooks(tmp_path):
    root = small_site.write(tmp_path, EXTENSIONS)
    assert not (small_site.build(root, builder="text").site / "notebooks").exists()
