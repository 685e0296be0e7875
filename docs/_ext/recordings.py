"""The directive ``recorded-runs``: what pages show without running it, and its state.

A recording whose recipe or code has changed is said to be stale three times: on the
page that shows it, in this table, and at the end of the build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from build_facts import table
from isolated_gallery import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HEAD = ("Experiment", "runs", "recorded on", "with", "state")


def facts() -> dict[str, dict[str, Any]]:
    """Return what there is to say about each experiment, by its name.

    Those that nobody has recorded have no date, and are not stale.
    """
    from cnn_tutorial.experiments import get_experiment, list_experiments, load
    from cnn_tutorial.experiments.recording import RECORDS

    found: dict[str, dict[str, Any]] = {}
    for name in list_experiments():
        path = RECORDS / f"{name}.json"
        found[name] = {"title": get_experiment(name).title, "date": None, "stale": []}
        if path.is_file():
            recording = load(path)
            hardware = recording.hardware
            found[name] |= {
                "date": recording.created,
                "runs": sum(map(len, recording.runs.values())),
                "place": hardware.get("gpu") or hardware.get("processor", "unknown"),
                "stale": recording.changed,
            }
    return found


def cells(name: str, about: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Return the cells of an experiment's row.

    Parameters
    ----------
    name : of the experiment
    about : its `facts`

    Examples
    --------
    >>> cells("long", {"title": "How far?", "date": None, "stale": []})
    ('long: How far?', '', '', '', 'not recorded')
    """
    title = f"{name}: {about['title']}"
    if about["date"] is None:
        return title, "", "", "", "not recorded"
    state = f"stale: {', '.join(about['stale'])}" if about["stale"] else "holds"
    return title, str(about["runs"]), about["date"][:10], about["place"], state


class RecordedRuns(SphinxDirective):
    """``.. recorded-runs::``."""

    def run(self) -> list[nodes.Node]:
        """Set a row for each experiment."""
        self.env.note_reread()
        rows = (map(nodes.Text, cells(*item)) for item in facts().items())
        return [table(HEAD, rows)]


def _warn(app: Sphinx, error: Exception | None) -> None:
    del app
    if error is None:
        for name, about in facts().items():
            if about["stale"]:
                say(f"The recording of {name} is stale: {', '.join(about['stale'])}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive; say at the end which recordings are stale."""
    app.add_directive("recorded-runs", RecordedRuns)
    app.connect("build-finished", _warn, priority=960)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
