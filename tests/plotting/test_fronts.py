"""Scores over costs: who is on the front, and names that touch nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.text import Text

from cnn_tutorial import plotting
from cnn_tutorial.plotting._placing import places
from cnn_tutorial.plotting.colors import NEUTRAL, OUTPUT, PAPER

AXES = {"xlabel": "parameters", "ylabel": "accuracy"}
COSTS = {"small": 10, "slow": 1000, "large": 100}
SCORES = {"small": 0.5, "slow": torch.tensor([0.6, 0.7]), "large": 0.75}


def crowd(count, seed):
    """Return costs and scores of networks that are close to each other."""
    chance = np.random.default_rng(seed)
    names = [f"Network-{k}" for k in range(count)]
    costs = 10 ** chance.uniform(4, 6, count)
    scores = chance.uniform(0.7, 0.9, (count, 3))
    return dict(zip(names, costs, strict=True)), dict(zip(names, scores, strict=True))


def boxes(figure):
    """Return the rectangle of each name and of each point, in pixels."""
    figure.canvas.draw()
    (axes,) = figure.axes
    names = [Text.get_window_extent(t) for t in axes.texts]  # without the line
    names = [np.array([b.x0, b.y0 + 2, b.x1, b.y1 - 2]) for b in names]
    at = axes.transData.transform([t.xy for t in axes.texts])
    return names, [np.array([x - 4, y - 4, x + 4, y + 4]) for x, y in at]


def touch(one, other):
    apart = np.maximum(one[:2], other[:2]) >= np.minimum(one[2:], other[2:])
    return not apart.any()


def test_front_is_drawn_full_and_the_beaten_as_rings():
    figure = plotting.pareto(COSTS, SCORES, title="Large beats slow", **AXES)
    (axes,) = figure.axes
    steps, *rest = axes.lines
    assert steps.get_xdata().tolist() == [10, 100]
    assert steps.get_ydata().tolist() == [0.5, 0.75]
    points = {line.get_xdata()[0]: line for line in rest if line.get_marker() == "o"}
    for cost, color, fill in (
        (10, OUTPUT, OUTPUT),
        (100, OUTPUT, OUTPUT),
        (1000, NEUTRAL, PAPER),
    ):
        assert to_hex(points[cost].get_color()).upper() == color
        assert to_hex(points[cost].get_markerfacecolor()).upper() == fill
    assert points[1000].get_ydata()[0] == pytest.approx(0.65)
    (bar,) = (line for line in rest if line.get_marker() != "o")
    assert bar.get_ydata() == pytest.approx([0.6, 0.7])
    assert axes.get_title(loc="left").endswith("bar: range of 2 seeds")


def test_axes_are_read_as_they_are_said(read):
    figure = plotting.pareto(COSTS, SCORES, title="Large beats slow", **AXES)
    figure.canvas.draw()
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert {"10", "100", "1k"} <= {t.get_text() for t in axes.get_xticklabels()}
    assert "70 %" in {t.get_text() for t in axes.get_yticklabels()}
    assert sorted(read(figure)) == ["large", "slow", "small"]


@pytest.mark.parametrize("width", [3.25, 6.4])
@pytest.mark.parametrize("seed", [0, 1])
def test_names_touch_nothing_at_either_width(seed, width):
    """The narrow one is what a telephone is shown."""
    count = 12 if width > 4 else 8
    figure = plotting.pareto(*crowd(count, seed), title="A crowd", **AXES)
    figure.set_size_inches(width, 3.6)
    names, points = boxes(figure)
    for one, other in itertools.combinations(names, 2):
        assert not touch(one, other)
    for one, other in itertools.product(names, points):
        assert not touch(one, other)


def test_a_name_that_is_far_is_tied_to_its_point():
    costs = {9 * letter: 100 + k for k, letter in enumerate("abcdefgh")}
    figure = plotting.pareto(costs, dict.fromkeys(costs, 0.5), title="One", **AXES)
    figure.axes[0].set_xlim(1, 10_000)
    figure.canvas.draw()
    tied = [t.arrow_patch.get_visible() for t in figure.axes[0].texts]
    assert any(tied)
    assert not all(tied)


def test_a_name_moves_off_a_line_and_stays_inside():
    point, low, high = np.array([[50.0, 50.0]]), np.zeros(2), np.full(2, 100.0)
    right = places(point, [20], np.empty((0, 4)), low, high)
    assert right[0, 0] > 50
    line = np.array([[50.0, 50.0, 90.0, 50.0]])
    assert places(point, [20], line, low, high)[0, 0] < 50
    edge = np.array([[97.0, 50.0]])
    assert places(edge, [20], np.empty((0, 4)), low, high)[0, 0] < 90


def test_what_cannot_be_drawn():
    for costs, scores, message in (
        ({}, {}, "the same names"),
        (COSTS, {"small": 1}, "the same names"),
        ({"a": 0}, {"a": 1}, "one positive number"),
        ({"a": [1, 2]}, {"a": 1}, "one positive number"),
        ({"a": 1}, {"a": [[1]]}, "one for each seed"),
    ):
        with pytest.raises(ValueError, match=message):
            plotting.pareto(costs, scores, title="None", **AXES)
