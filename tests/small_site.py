"""A course of three pages, for the tests of the extensions in ``docs/_ext``."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

CONF = """
project = "Small"
extensions = {extensions!r}
exclude_patterns = ["_build"]
sphinx_gallery_conf = {{
    "examples_dirs": "../gallery",
    "gallery_dirs": "auto_gallery",
    "backreferences_dir": "generated",
    "filename_pattern": r"\\.py$",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "write_computation_times": False,
    "download_all_examples": False,
    "show_signature": False,
}}
wheel_root = ".."
html_theme = "basic"
mathjax_path = "none.js"
"""

INDEX = """
Small
=====

.. toctree::

   auto_gallery/index
   words

The {wheel}.
"""

WORDS = """
Words
=====

.. _axes:

Names of axes
-------------

.. glossary::

   stride
      Pixels between two places.
"""

METADATA = """
[chapters.10_one]
title = "The first chapter"
promise = "It begins."

[chapters.20_two]
title = "The second chapter"
promise = "It ends."

[lessons."10_one/10_start"]
level = "first steps"
data = "digits"
promise = "Nothing is assumed."
budget = 5

[lessons."10_one/20_next"]
level = "core"
data = "none"
promise = "Something is."

[lessons."20_two/10_last"]
level = "deeper"
data = "none"
promise = "That was all."
"""

START = '''"""
Start ``here`` & now
====================

A page about :math:`x^2`, a :term:`stride`, :ref:`axes` and :doc:`/words`.
"""

import math

x = 2

# %%
# A claim
# -------
# Two and two is four, see `a site <https://example.org>`__:

assert x + x == 4

# %%
# .. tip:: Read it aloud.
#
# A box needs an answer, and a list

# * of code

class expect_error:
    def __enter__(self):
        return self
    def __exit__(self, *raised):
        print("ValueError: no")
        return True

with expect_error():
    raise ValueError("no")

# %%
# The end.
'''

SHORT = '''"""
{title}
{line}

{text}
"""

print({text!r})
'''

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "cnn-tutorial"
version = "7.0"
"""


@dataclass
class Result:
    """What came of a build.

    Parameters
    ----------
    site : folder of the pages
    warnings : what Sphinx complained about
    app : the application
    """

    site: Path
    warnings: str
    app: object

    def html(self, page: str) -> str:
        """Text of a page."""
        return (self.site / f"{page}.html").read_text(encoding="utf-8")


def write(
    root: Path, extensions: list[str], *, conf: str = "", gallery: bool = True
) -> Path:
    """Write the course below a folder.

    Parameters
    ----------
    root : folder
    extensions : of Sphinx; Sphinx-Gallery comes by itself
    conf : more settings
    gallery : whether the lessons become pages
    """
    one, two, docs = root / "gallery/10_one", root / "gallery/20_two", root / "docs"
    for folder in (one, two, docs, root / "cnn_tutorial"):
        folder.mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "cnn_tutorial/__init__.py").write_text("")
    (root / "gallery/lessons.toml").write_text(METADATA)
    (root / "gallery/GALLERY_HEADER.rst").write_text("All\n===\n\nEverything.\n")
    (one / "GALLERY_HEADER.rst").write_text(
        "The first chapter\n==================\n\nIt begins.\n"
    )
    (two / "GALLERY_HEADER.rst").write_text(
        "The second chapter\n==================\n\nIt ends.\n"
    )
    (one / "10_start.py").write_text(START)
    for path, title in ((one / "20_next.py", "Next"), (two / "10_last.py", "Last")):
        text = SHORT.format(title=title, line="=" * 9, text=f"Text of {title}.")
        path.write_text(text)
    names = [*extensions, *(["sphinx_gallery.gen_gallery"] if gallery else [])]
    (docs / "conf.py").write_text(CONF.format(extensions=names) + conf)
    wheel = ":wheel-link:`package`" if "site_wheel" in names else "end"
    index = INDEX.format(wheel=wheel)
    if not gallery:
        index = index.replace("   auto_gallery/index\n", "")
        settings = docs / "conf.py"
        text = settings.read_text()
        settings.write_text(text.replace("sphinx_gallery_conf", "unused"))
    (docs / "index.rst").write_text(index)
    (docs / "words.rst").write_text(WORDS)
    return root


def build(root: Path, *, builder: str = "html") -> Result:
    """Build the site of a course.

    Parameters
    ----------
    root : folder of the course
    builder : of Sphinx
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    docs, warnings = root / "docs", io.StringIO()
    site = docs / "_build" / builder
    with patch_docutils(docs), docutils_namespace():
        app = Sphinx(
            docs,
            docs,
            site,
            docs / "_build" / "doctrees",
            builder,
            status=io.StringIO(),
            warning=warnings,
            freshenv=False,
        )
        app.build()
    return Result(site, warnings.getvalue(), app)
