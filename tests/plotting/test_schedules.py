"""Lanes of boxes along a time axis."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import KERNEL, NEUTRAL, OUTPUT

LANES = {"one": [(0, 3, 1), (3, 7)], "two": [(1.5, 2, "b")]}


def draw(lanes=LANES, **settings):
    return plotting.schedule(lanes, title="What to see", xlabel="seconds", **settings)


def boxes(figure):
    return [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]


def test_boxes_lie_where_tasks_do():
    figure = draw()
    spans = [(box.get_x(), box.get_x() + box.get_width()) for box in boxes(figure)]
    assert spans == [(0, 3), (3, 7), (1.5, 2)]
    middles = [box.get_y() + box.get_height() / 2 for box in boxes(figure)]
    assert middles == pytest.approx([0, 0, 1])
    (axes,) = figure.axes
    first, last = axes.get_xlim()
    assert first == 0
    assert 7 < last < 7.2
    assert [t.get_text() for t in axes.get_yticklabels()] == ["one", "two"]
    assert axes.yaxis_inverted()  # the first lane is on top


def test_labels_stand_in_the_middle_of_their_boxes():
    texts = {t.get_text(): t.get_position() for t in draw().axes[0].texts}
    assert texts == {"1": (1.5, 0), "b": (1.75, 1)}


def test_a_label_without_room_is_left_out():
    figure = draw({"one": [(0, 1, "short"), (1, 100, "long")]})
    assert [t.get_text() for t in figure.axes[0].texts] == ["long"]


def test_roles():
    colors = [to_hex(b.get_edgecolor()).upper() for b in boxes(draw())]
    assert set(colors) == {NEUTRAL}
    figure = draw(roles={"one": "kernel", "two": "output"})
    colors = [to_hex(b.get_edgecolor()).upper() for b in boxes(figure)]
    assert colors == [KERNEL, KERNEL, OUTPUT]


@pytest.mark.parametrize(
    ("lanes", "rule"),
    [
        ({}, "nothing to draw"),
        ({"a": []}, "nothing to draw"),
        ({"a": [(3, 2)]}, "ends at 2, before its start at 3"),
        ({"a": [(1,)]}, r"must be \(start, end\)"),
        ({"a": [(0, float("nan"))]}, "lanes\\['a'\\]"),
    ],
)
def test_refusals(lanes, rule):
    with pytest.raises(ValueError, match=rule):
        draw(lanes)
