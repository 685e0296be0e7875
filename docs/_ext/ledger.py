"""What the build cost by page: ``facts.json`` for the site, a table for the reader.

``facts.json`` stands beside the folder of the site. It is written three times: when the
gallery has run (pages that are read or written later can show it), when all pages are
read (notebooks are in it), and at the end (``complete`` is true if all went well).
Pages kept from an earlier build are in it with the facts of the run that made them.

.. code-block:: python

    {
        "complete": True,
        "date": "2026-01-31T12:00:00+00:00",
        "commit": "0123abcd...",  # None outside of a checkout
        "profile": "docs",
        "device": "cpu",
        "versions": {"python": "3.13.1", "torch": "2.9.0"},
        "pages": {
            "20_convolution/30_unfold": {
                "kind": "lesson",  # or "notebook", by name of its document
                "title": "The unfold engine",
                "seconds": 12.3,
                "budget": 60.0,  # None for notebooks
                "over_budget": False,
                "peak_mb": 512.0,  # None for notebooks
                "gpu_mb": None,
                "device": "cpu",
                "date": "2026-01-31T12:00:00+00:00",
                "status": "ran",  # or "kept"
            }
        },
        "totals": {
            "pages": 1,
            "ran": 1,
            "kept": 0,
            "over_budget": 0,
            "page_seconds": 12.3,  # of all pages
            "ran_seconds": 12.3,  # of those that ran in this build
            "wall_seconds": 20.0,  # None until complete
        },
    }
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import page_facts
from digests import device, versions
from isolated_gallery import say
from lesson_limits import profile


def facts_file(app: Sphinx) -> Path:
    """Where the facts of a build are.

    Parameters
    ----------
    app : the application
    """
    return Path(app.outdir).parent / "facts.json"


def commit(folder: Path) -> str | None:
    """Id of the commit that is checked out; None outside of a checkout.

    Parameters
    ----------
    folder : in the checkout
    """
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return os.environ.get("GITHUB_SHA")
    return out.stdout.strip()


def _lessons(app: Sphinx) -> dict[str, dict[str, Any]]:
    conf = app.config.sphinx_gallery_conf
    gallery = Path(app.srcdir, conf["gallery_dirs"])
    ran = {
        f"{Path(script).parent.name}/{Path(script).stem}"
        for script in conf["passing_examples"]
    }
    pages = {}
    for page, facts in page_facts.load_all(gallery).items():
        entry = asdict(facts)
        for key in ("page", "profile", "digest", "source", "outputs"):
            del entry[key]
        status = "ran" if page in ran else "kept"
        over = facts.over_budget
        pages[page] = entry | {"kind": "lesson", "status": status, "over_budget": over}
    return pages


def _notebooks(app: Sphinx) -> Iterator[tuple[str, dict[str, Any]]]:
    metadata = getattr(app.env, "nb_metadata", {})
    for name in sorted(set(metadata) & app.env.found_docs):
        run = metadata[name].get("exec_data")
        if not run or run["runtime"] is None:
            continue
        date = datetime.fromtimestamp(run["mtime"], UTC)
        status = "ran" if run["mtime"] >= app.config.ledger_started else "kept"
        yield (
            name,
            {
                "kind": "notebook",
                "title": app.env.titles[name].astext(),
                "seconds": round(run["runtime"], 3),
                "budget": None,
                "over_budget": False,
                "peak_mb": None,
                "gpu_mb": None,
                "device": "cpu",
                "date": date.isoformat(timespec="seconds"),
                "status": status,
            },
        )


def totals(pages: dict[str, dict[str, Any]], wall: float | None) -> dict[str, Any]:
    """Sum the facts of the pages.

    Parameters
    ----------
    pages : facts by name
    wall : seconds that the build took; None if it goes on
    """
    ran = [page for page in pages.values() if page["status"] == "ran"]
    ran_seconds = sum(page["seconds"] for page in ran)
    return {
        "pages": len(pages),
        "ran": len(ran),
        "kept": len(pages) - len(ran),
        "over_budget": sum(page["over_budget"] for page in pages.values()),
        "page_seconds": round(sum(page["seconds"] for page in pages.values()), 1),
        "ran_seconds": round(ran_seconds, 1),
        "wall_seconds": None if wall is None else round(wall, 1),
    }


def _write(app: Sphinx, *, complete: bool = False) -> None:
    pages = _lessons(app) | dict(_notebooks(app))
    wall = time.time() - app.config.ledger_started if complete else None
    facts = {
        "complete": complete,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(Path(app.confdir)),
        "profile": profile(),
        "device": device(),
        "versions": versions(app.config.staleness_versions),
        "pages": pages,
        "totals": totals(pages, wall),
    }
    page_facts.write_json(facts_file(app), facts)


def table(facts: dict[str, Any]) -> str:
    """Put the cost of a build into words: pages, slowest first, then the sums.

    Parameters
    ----------
    facts : as in ``facts.json``
    """
    pages = sorted(facts["pages"].items(), key=lambda item: -item[1]["seconds"])
    lines = ["", "seconds      MB  page"]
    for name, page in pages:
        peak = f"{page['peak_mb']:7.0f}" if page["peak_mb"] is not None else " " * 7
        gpu = f", {page['gpu_mb']:.0f} MB on the GPU" if page["gpu_mb"] else ""
        kept = " (kept)" if page["status"] == "kept" else ""
        over = ", over its budget" if page["over_budget"] else ""
        lines.append(f"{page['seconds']:7.1f} {peak}  {name}{kept}{gpu}{over}")
    sums = facts["totals"]
    lines.append("")
    lines.append(
        f"{sums['ran']} pages ran, {sums['ran_seconds']:.1f} s in all, lessons beside "
        f"each other; {sums['kept']} were kept. The build took "
        f"{sums['wall_seconds']:.1f} s."
    )
    return "\n".join(lines)


def _outdated(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    # A page shows how long it ran, also when it printed what it printed before.
    folder = app.config.sphinx_gallery_conf["gallery_dirs"]
    ran = {
        f"{folder}/{page}" for page, f in _lessons(app).items() if f["status"] == "ran"
    }
    return sorted((ran | set(app.config.ledger_pages)) & env.found_docs)


def _reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    del app, env
    say(f"Reading {len(docnames)} pages ...")


def _writing(app: Sphinx, builder: object) -> None:
    del app, builder
    say("Writing pages ...")


def _notebook_line(app: Sphinx, doctree: object) -> None:
    del doctree
    name = app.env.docname
    for found, page in _notebooks(app):
        if found == name:
            kept = "kept" if page["status"] == "kept" else f"{page['seconds']:6.1f} s"
            say(f"        {name:<40} {kept}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events."""
    app.setup_extension("staleness")
    app.add_config_value("ledger_started", time.time(), "")
    app.add_config_value("ledger_pages", [], "")
    app.connect("builder-inited", _write, priority=600)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-before-read-docs", _reading)
    app.connect("doctree-read", _notebook_line)
    app.connect("env-updated", lambda app, _: _write(app), priority=900)
    app.connect("write-started", _writing)
    app.connect(
        "build-finished",
        lambda app, error: _write(app, complete=error is None and not app._warncount),
        priority=950,
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
