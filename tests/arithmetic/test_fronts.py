"""The front: by hand, against the definition, and by what must not matter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tutorial.arithmetic import pareto_front

POINTS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=9)


def beats(one, other):
    """The definition, word by word: no dearer, no worse, and better in one."""
    return one[0] <= other[0] and one[1] >= other[1] and one != other


def test_by_hand():
    # 20 for 0.7 is beaten by 10 for 0.8; 30 for 0.9 by 30 for 0.95.
    costs, scores = [20, 30, 10, 30, 5], [0.7, 0.9, 0.8, 0.95, 0.1]
    assert pareto_front(costs, scores) == [4, 2, 3]


def test_equal_points_stand_together():
    assert pareto_front([1, 1, 1], [0.5, 0.5, 0.4]) == [0, 1]
    assert pareto_front([], []) == []


@settings(max_examples=60, deadline=None)
@given(POINTS)
def test_is_who_nobody_beats(points):
    found = pareto_front([c for c, _ in points], [s for _, s in points])
    unbeaten = [
        k for k, one in enumerate(points) if not any(beats(o, one) for o in points)
    ]
    assert sorted(found) == unbeaten
    assert [points[k] for k in found] == sorted(points[k] for k in unbeaten)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match=r"`costs` \(=2 numbers\) and `scores` \(=1\)"):
        pareto_front([1, 2], [0.5])
