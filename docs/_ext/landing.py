"""The landing page: the moving picture, and a strip of facts about this build.

``{sliding-window}`` draws the picture of :mod:`landing_picture`; ``{facts-strip}`` says
what the build did. The facts are put in when all pages are read, so that they are those
of this build and not of the one before.
"""

from __future__ import annotations

import json
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from landing_numbers import KERNELS, Slide, slide
from landing_picture import NARROW, WIDE, Picture
from page_facts import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docutils.nodes import Node
    from sphinx.application import Sphinx

DESCRIPTION = (
    "A window of 3 by 3 pixels stands on a handwritten digit. Its nine numbers are "
    "written as a column; each is multiplied by its weight in the kernel, and the sum "
    "is one pixel of the output. Below, all 36 columns side by side and their sums."
)
Fact = tuple[str, str, str]


def controls() -> str:
    """Return the buttons of the picture, hidden until the script can serve them."""
    kernels = "".join(
        f'<label><input type="radio" name="cnn-slide-kernel" value="{escape(name)}"'
        f"{' checked' if k == 0 else ''}>{escape(name)}</label>"
        for k, name in enumerate(KERNELS)
    )
    return (
        '<div class="cnn-slide__controls" hidden>'
        '<div class="cnn-slide__buttons">'
        '<button type="button" data-do="back">Back</button>'
        '<button type="button" data-do="play">Play</button>'
        '<button type="button" data-do="step">Step</button></div>'
        '<label class="cnn-slide__place"><span>Window</span>'
        '<input type="range" min="1" max="36" step="1"></label>'
        '<fieldset class="cnn-slide__kernels"><legend>Kernel</legend>'
        f"{kernels}</fieldset>"
        '<p class="cnn-slide__said" aria-live="polite"></p></div>'
    )


def data_of(numbers: Slide) -> str:
    """Return the numbers as JSON for the script."""
    kernels = [
        {
            "name": name,
            "weights": [weight for row in rows for weight in row],
            "output": numbers.outputs[name].tolist(),
        }
        for name, rows in KERNELS.items()
    ]
    columns = numbers.columns.T.tolist()
    data = {"columns": columns, "kernels": kernels, "still": numbers.still}
    return json.dumps(data, separators=(",", ":"))


def figure(numbers: Slide) -> str:
    """Return the picture with its data and buttons."""
    pictures = "".join(
        Picture(numbers, layout).svg(DESCRIPTION) for layout in (WIDE, NARROW)
    )
    return (
        f'<figure class="cnn-slide">{pictures}'
        f'<script type="application/json">{data_of(numbers)}</script>'
        f"{controls()}</figure>"
    )


def sources(package: Path) -> str:
    """Return a digest of the code that computes the numbers of the picture."""
    files = [*sorted((package / "convolution").glob("*.py")), Path(__file__)]
    files += sorted(Path(__file__).parent.glob("landing_*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


class SlidingWindow(SphinxDirective):
    """Draw the moving picture."""

    def run(self) -> list[Node]:
        """Return the picture as HTML."""
        self.env.metadata[self.env.docname]["cnn_slide"] = "yes"
        package = Path(self.env.srcdir).parent / "cnn_tutorial"
        digest = sources(package)
        known: dict[str, str] = getattr(self.env, "cnn_slide", {})
        if digest not in known:
            # The page is read in each build, and importing PyTorch takes seconds.
            known = {digest: figure(slide())}
            self.env.cnn_slide = known  # type: ignore[attr-defined]
        return [nodes.raw("", known[digest], format="html")]


class facts_strip(nodes.General, nodes.Element):  # noqa: N801
    """The place for the facts of this build."""


class FactsStrip(SphinxDirective):
    """Say what this build did."""

    def run(self) -> list[Node]:
        """Return the place; the facts are known when all pages are read."""
        return [facts_strip()]


def tests_passed(report: Path) -> tuple[int, str] | None:
    """Return how many tests passed in the last run, and on which day.

    Parameters
    ----------
    report : path
        What pytest wrote with ``--junitxml``.

    Returns
    -------
    int, str or None
        None where there is no report, or where a test failed.
    """
    try:
        suite = ET.parse(report).getroot().find("testsuite")
    except (OSError, ET.ParseError):
        return None
    if suite is None or int(suite.get("failures", 0)) + int(suite.get("errors", 0)):
        return None
    passed = int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
    return (passed, suite.get("timestamp", "")[:10]) if passed else None


def facts(build: Mapping[str, Any], tests: tuple[int, str] | None) -> Iterator[Fact]:
    """Choose what the strip says; what was not measured is not said.

    Parameters
    ----------
    build : dict
        What the extension ``ledger`` wrote.
    tests : int, str or None
        See :func:`tests_passed`.

    Yields
    ------
    str, str, str
        A number, what it counts, and the small print.
    """
    pages = [p for p in build.get("pages", {}).values() if p["kind"] == "lesson"]
    if pages:
        yield str(len(pages)), f"lesson{'s' * (len(pages) > 1)} executed", ""
        seconds = sum(page["seconds"] for page in pages)
        where = f"on {build['device']}, profile {build['profile']}"
        yield f"{seconds:.0f} s", "of computing", where
    if tests:
        yield str(tests[0]), "tests passed", f"on {tests[1]}"
    if build.get("date"):
        commit = build.get("commit")
        yield build["date"][:10], "built", f"from commit {commit[:7]}" if commit else ""


def strip(build: Mapping[str, Any], tests: tuple[int, str] | None) -> str:
    """Return the strip as HTML."""
    items = "".join(
        f"<div><dt>{escape(what)}</dt><dd><b>{escape(value)}</b>"
        f"{small and f'<small>{escape(small)}</small>'}</dd></div>"
        for value, what, small in facts(build, tests)
    )
    return f'<dl class="cnn-tally" aria-label="Facts of this build">{items}</dl>'


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the facts in their place."""
    del docname
    for place in list(doctree.findall(facts_strip)):
        folder = Path(app.outdir).parent
        # Authors' builds have a folder of their own in the one with the report.
        reports = [folder / "junit.xml", folder.parent / "junit.xml"]
        found = filter(None, map(tests_passed, reports))
        html = strip(read_json(folder / "facts.json"), next(found, None))
        place.replace_self(nodes.raw("", html, format="html"))


def link(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Load style and script on the page with the picture, and on no other."""
    del templatename, context, doctree
    if "cnn_slide" in app.env.metadata.get(pagename, {}):
        app.add_css_file("landing.css", priority=900)
        app.add_js_file("landing.mjs", type="module")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("sliding-window", SlidingWindow)
    app.add_directive("facts-strip", FactsStrip)
    app.add_node(facts_strip)
    app.connect("doctree-resolved", fill)
    app.connect("html-page-context", link)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
