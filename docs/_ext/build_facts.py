"""The directive ``build-facts``: what this build ran, on what, and how long it took.

The numbers are those of the ledger's ``facts.json``; here they are only set in tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gallery_pages
import ledger
import page_facts


def table(head: Iterable[str], rows: Iterable[Iterable[nodes.Node]]) -> nodes.table:
    """Make a table of a head and of rows of inline nodes."""

    def row(cells: Iterable[nodes.Node]) -> nodes.row:
        entries = (nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells)
        return nodes.row("", *entries)

    titles = list(head)
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in titles))
    group["cols"] = len(titles)
    group += nodes.thead("", row(nodes.Text(title) for title in titles))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group, classes=["cnn-facts"])


def summary(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return label and value of what holds for the whole build.

    Parameters
    ----------
    facts
        As the ledger writes them.

    Examples
    --------
    >>> facts = {"date": "2026-01-31T12:00:00+00:00", "commit": None, "device": "cpu"}
    >>> facts |= {"profile": "docs", "versions": {"torch": "2.9"}}
    >>> summary(facts)[:2]
    [('built', '2026-01-31 12:00 UTC'), ('profile', 'docs')]
    """
    rows = [
        ("built", facts["date"][:16].replace("T", " ") + " UTC"),
        ("profile", facts["profile"]),
        ("device", facts["device"]),
    ]
    if facts["commit"]:
        rows.append(("commit", facts["commit"][:12]))
    return rows + sorted(facts["versions"].items())


def cells(page: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return seconds, budget, memory and day of a page, for its row.

    Parameters
    ----------
    page
        Facts of one page; memory in MB of 10**6 bytes.
    """
    budget, memory = page["budget"], page["peak_mb"]
    return (
        f"{page['seconds']:.1f}" + (" (over)" if page["over_budget"] else ""),
        "" if budget is None else f"{budget:.0f}",
        "" if memory is None else f"{memory:.0f}",
        page["date"][:10],
    )


class BuildFacts(SphinxDirective):
    """``.. build-facts::``."""

    def run(self) -> list[nodes.Node]:
        """Set the facts of the build so far."""
        self.env.note_reread()
        app = self.env._app
        facts = page_facts.read_json(ledger.facts_file(app))
        if not facts:
            raise self.error("build-facts: the ledger has written no facts.json yet")
        about = table(
            ("Of this build", "value"),
            ([nodes.Text(a), nodes.literal("", b)] for a, b in summary(facts)),
        )
        head = ("Page", "seconds", "budget (s)", "peak memory (MB)", "ran on")
        return [about, table(head, self._rows(facts["pages"]))]

    def _rows(self, pages: dict[str, dict[str, Any]]) -> Iterable[list[nodes.Node]]:
        _, folder = gallery_pages.folders(self.env._app)
        slowest = sorted(pages.items(), key=lambda item: -item[1]["seconds"])
        for name, page in slowest:
            lesson = page["kind"] == "lesson"
            link = addnodes.pending_xref(
                "",
                nodes.inline("", page["title"]),
                refdomain="std",
                reftype="doc",
                reftarget=f"/{folder}/{name}" if lesson else f"/{name}",
                refexplicit=True,
                refwarn=True,
                refdoc=self.env.docname,
            )
            yield [link, *map(nodes.Text, cells(page))]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("build-facts", BuildFacts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
