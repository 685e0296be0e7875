from __future__ import annotations

import recordings
from cnn_tutorial.experiments import list_experiments


def test_every_experiment_has_a_row():
    facts = recordings.facts()
    assert list(facts) == list_experiments()
    for name, about in facts.items():
        row = recordings.cells(name, about)
        assert len(row) == len(recordings.HEAD)
        assert row[-1] in ("holds", "not recorded") or row[-1].startswith("stale: ")


def test_a_stale_one_names_what_changed():
    about = {"title": "Why?", "date": "2026-01-31T12:00:00+00:00", "runs": 6}
    about |= {"place": "a processor", "stale": ["one", "two"]}
    row = recordings.cells("a", about)
    assert row == ("a: Why?", "6", "2026-01-31", "a processor", "stale: one, two")
