"""The timeline of a call."""

from __future__ import annotations

import pytest
import torch
from matplotlib.colors import to_hex
from torch import nn

from cnn_tutorial import plotting
from cnn_tutorial.hooks import CallTimeline, Event
from cnn_tutorial.plotting.colors import GRADIENT, INK, INPUT, OUTPUT, PAPER

NET = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 5))


def steps(figure):
    """Return (x, y, colour, ring) of each step, from first to last."""
    found = []
    for line in figure.axes[0].lines:
        if line.get_marker() == "o":
            (x,), (y,) = line.get_data()
            ring = to_hex(line.get_markerfacecolor()).upper() == PAPER
            found.append((x, y, to_hex(line.get_color()).upper(), ring))
    return found


def test_steps_of_a_call_are_in_order_and_in_their_lanes():
    with CallTimeline(NET) as call:
        NET(torch.ones(1, 2))
    figure = plotting.timeline(call.events, title="A call", name="net")
    found = steps(figure)
    assert len(found) == len(call.events) == 15
    heights = [y for _, y, _, _ in found]
    assert heights == sorted(heights)
    wanted = {"forward pre-hook": INPUT, "forward": INK, "forward hook": OUTPUT}
    lanes = {}
    for event, (x, _, color, ring) in zip(call.events, found, strict=True):
        kind = event.kind.removeprefix("global ")
        assert color == wanted[kind]
        assert ring == event.kind.startswith("global ")
        assert lanes.setdefault(kind, x) == x
    assert lanes["forward pre-hook"] < lanes["forward"] < lanes["forward hook"]


def test_words_stand_beside_their_steps(read):
    events = [
        Event(order=1, kind="forward pre-hook", module="", hook="announce"),
        Event(order=2, kind="forward", module=""),
        Event(order=3, kind="global forward hook", module="0", depth=1),
    ]
    figure = plotting.timeline(events, title="Three steps", name="net")
    words = read(figure)
    assert words[:3] == ["forward\npre-hook", "forward", "forward\nhook"]
    assert words[3:] == ["1", "net · announce", "2", "net", "3", "0 · global"]
    places = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    for (_, y, _, _), word in zip(steps(figure), words[4::2], strict=True):
        assert places[word][1] == y
    assert places["0 · global"][0] > places["net"][0] == places["net · announce"][0]


def test_backward_hooks_are_about_gradients():
    with CallTimeline(NET) as call:
        NET(torch.ones(1, 2, requires_grad=True)).sum().backward()
    figure = plotting.timeline(call.events, title="There and back")
    colors = [color for _, _, color, _ in steps(figure)]
    assert colors.count(GRADIENT) == 12
    assert set(colors[-12:]) == {GRADIENT}
    xs = {x for x, _, _, _ in steps(figure)}
    assert len(xs) == 5


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([], "`events` must be 1 to 60 events, not 0"),
        ([Event(k, "forward", "") for k in range(61)], "not 61"),
        (
            [Event(1, "sideways hook", "")],
            "one of kind 'sideways hook'; kinds are 'forw",
        ),
    ],
)
def test_what_is_no_timeline(events, message):
    with pytest.raises(ValueError, match=message):
        plotting.timeline(events, title="Nothing")
