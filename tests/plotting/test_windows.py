from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from cnn_tutorial import plotting


@pytest.mark.parametrize(
    ("backend", "opens"),
    [("agg", 0), ("svg", 0), ("nbagg", 0), ("TkAgg", 1), ("qtagg", 1)],
)
def test_only_a_screen_opens_windows(monkeypatch, backend, opens):
    calls = []
    monkeypatch.setattr(mpl, "get_backend", lambda: backend)
    monkeypatch.setattr(plt, "show", lambda: calls.append(backend))
    plotting.show()
    assert len(calls) == opens
