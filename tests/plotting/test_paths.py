"""Contour lines lie on their height; paths keep their points, and are cut."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.contour import QuadContourSet

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import SERIES

X, Y = torch.linspace(-3, 3, 61), torch.linspace(-2, 2, 41)
BOWL = Y[:, None] ** 2 + 4 * X**2  # (rows, columns)
TRACK = [(2.0, 1.0), (1.0, 0.5), (0.0, 0.0)]
WORDS = {"title": "What to see", "xlabel": "k", "ylabel": "x0"}


def test_lines_lie_where_the_ground_has_their_height():
    figure = plotting.paths(X, Y, BOWL, {"straight": TRACK}, **WORDS)
    (lines,) = figure.findobj(QuadContourSet)
    seen = 0
    for level, segments in zip(lines.levels, lines.allsegs, strict=True):
        for segment in segments:
            x, y = segment.T
            np.testing.assert_allclose(y**2 + 4 * x**2, level, atol=0.02)
            seen += len(segment)
    assert seen > 100
    assert figure.axes[0].get_xlim() == (-3, 3)
    assert figure.axes[0].get_ylim() == (-2, 2)


def test_paths_keep_their_points_and_are_named():
    tracks = {"straight": TRACK, "long": [(2, 1 - k / 100) for k in range(100)]}
    figure = plotting.paths(X, Y, BOWL, tracks, **WORDS)
    lines = figure.axes[0].lines
    straight, end, _, long, *_ = lines
    assert straight.get_xydata().tolist() == [list(point) for point in TRACK]
    assert straight.get_marker() == "."
    assert end.get_xydata().tolist() == [[0, 0]]
    assert straight.get_color() == end.get_color() == SERIES[0]
    assert long.get_marker() == "None"
    rings = [line for line in lines if line.get_markerfacecolor() == "none"]
    assert [ring.get_xydata().tolist() for ring in rings] == [[[2, 1]]]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["straight", "long"]


def test_a_path_is_cut_where_it_is_no_longer_finite():
    nan, inf = float("nan"), float("inf")
    track = torch.tensor([(1, 1), (2, 2), (nan, 0), (3, 3)])
    figure = plotting.paths(X, Y, BOWL, {"a": track, "b": [(0, 0), (9, inf)]}, **WORDS)
    lines = figure.axes[0].lines
    assert lines[0].get_xydata().tolist() == [[1, 1], [2, 2]]
    assert lines[3].get_xydata().tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"heights": BOWL.T}, r"`heights` of shape \(61, 41\) must be \(41, 61\)"),
        ({"heights": BOWL * 0}, "`heights` are all the same"),
        ({"x": X.flip(0)}, "must ascend"),
        ({"y": Y[:1]}, r"`y` of shape \(1,\) must each have one axis"),
        ({"tracks": {}}, "`tracks` must be 1 to 5, not 0"),
        ({"tracks": {str(k): TRACK for k in range(6)}}, "must be 1 to 5, not 6"),
        ({"tracks": {"a": [1, 2]}}, r"`tracks\['a'\]` of shape \(2,\)"),
        ({"tracks": {"a": [(float("nan"), 0)]}}, "does not begin at a finite point"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    usual = {"x": X, "y": Y, "heights": BOWL, "tracks": {"a": TRACK}}
    with pytest.raises(ValueError, match=message):
        plotting.paths(**{**usual, **WORDS, **arguments})
