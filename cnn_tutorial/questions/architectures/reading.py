"""The columns of a trace: what grows with what, and which layer has most."""

from __future__ import annotations

import torch
from torch import nn

from cnn_tutorial.questions.question import Posed, question
from cnn_tutorial.summary import Trace, trace

__all__ = ["QUESTIONS"]

_COLUMNS = {
    "parameters": "parameters has it",
    "macs": "MACs does it need",
    "memory": "numbers does it put out",
}
_GROWN = {2: "doubled", 3: "tripled", 4: "made four times as large"}


@question(
    "50_architectures/05_reading_an_architecture",
    side=(1, 2, 3),
    batch=(1, 2, 4),
    channels=(1, 2, 3),
    column=tuple(_COLUMNS),
)
def growth_of_a_column(
    side: int, batch: int, channels: int, column: str
) -> Posed | None:
    """Growth of one column when the image, the batch or the width grows."""
    changes = {"the side of the images": side, "the batch": batch}
    changes |= {"the number of channels, in and out,": channels}
    told = [f"{name} is {_GROWN[k]}" for name, k in changes.items() if k > 1]
    if len(told) != 2:
        return None
    before, after = (
        getattr(c, column) for c in (_conv(), _conv(side, batch, channels))
    )
    factors = [channels] * (1 if column == "memory" else 2)
    factors += [batch, side, side] * (column != "parameters")
    product = " * ".join(str(k) for k in factors if k > 1) or "nothing changes"
    grown = after // before
    return Posed(
        f"A 3 x 3 convolution with padding 1, without bias. Now {' and '.join(told)}. "
        f"How many times as many {_COLUMNS[column]}?",
        grown,
        f"{_COUNTED[column]} So {product}: {grown} times.",
        _mistakes(column, side, batch, channels),
    )


def _conv(side: int = 1, batch: int = 1, channels: int = 1) -> Trace:
    with torch.device("meta"):
        layer = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, bias=False)
        return trace(layer, (2 * channels, 4 * side, 4 * side), batch_size=batch)


_COUNTED = {
    "parameters": "A weight for each channel in, channel out and pixel of the window.",
    "macs": "Each weight works in each place of each image.",
    "memory": "Channels out, times places, times images.",
}


def _mistakes(column: str, side: int, batch: int, channels: int) -> dict[object, str]:
    area = batch * side**2
    twice = "A side counts twice: maps have a height and a width."
    pairs = "A weight stands between one channel in and one channel out."
    stored = "Which of these changes adds a weight? More places use the same ones."
    found: dict[str, dict[object, str]] = {
        "parameters": {channels: pairs, area * channels**2: stored, area: _PLACES},
        "macs": {
            area * channels: pairs,
            batch * side * channels**2: twice,
            channels**2: "That is for the weights: in how many places do they work?",
            batch * side: twice,
            area: pairs,
        },
        "memory": {
            area * channels**2: "Nothing is put out for a channel that comes in.",
            batch * side * channels: twice,
            batch * channels: "A map has as many places as the image it comes from.",
            area: "Each channel that goes out is a map.",
        },
    }
    return found[column]


_PLACES = "Places and images add no weights. What does?"
_LAYERS = ("the first convolution", "the second convolution", "the affine map")


@question(
    "50_architectures/05_reading_an_architecture",
    first=(4, 8, 16),
    second=(4, 8, 32, 64),
    side=(4, 8, 16, 32),
    classes=(2, 10, 100),
    column=("parameters", "macs"),
)
def layer_with_most(
    first: int, second: int, side: int, classes: int, column: str
) -> Posed | None:
    """Layer that has most of a column."""
    with torch.device("meta"):
        net = nn.Sequential(
            nn.Conv2d(3, first, 3, padding=1, bias=False),
            nn.Conv2d(first, second, 3, stride=2, padding=1, bias=False),
            nn.Flatten(),
            nn.Linear(second * (side // 2) ** 2, classes, bias=False),
        )
        rows = [row for row in trace(net, (3, side, side)).rows if row.parameters]
    counts = dict(zip(_LAYERS, (getattr(row, column) for row in rows), strict=True))
    unit = "MACs" if column == "macs" else column
    told = ", ".join(f"{n:,}" for n in counts.values())
    most, next_most = sorted(counts.values(), reverse=True)[:2]
    if most < 2 * next_most:  # so that nobody has to count exactly
        return None
    return Posed(
        f"Images of 3 x {side} x {side}: a 3 x 3 convolution to {first} channels keeps "
        f"the side, one to {second} channels halves it, an affine map turns all their "
        f"numbers into {classes} scores. Which layer has the most {unit}?",
        max(counts, key=lambda name: counts[name]),
        f"In this order, without biases: {told}.",
        dict(zip(_LAYERS, _OVERRATED[column], strict=True)),
    )


_OVERRATED = {
    "parameters": (
        "It reads three channels only: how many weights has a kernel of it?",
        "Channels in, times channels out, times nine. Is that more than the others?",
        "It has a weight for each number that it reads and each score. Are these many?",
    ),
    "macs": (
        "Most places, yes. But has it many weights? Count both, layer by layer.",
        "It has a quarter of the places of the first one. Weights times places: count.",
        "Each of its weights works once for an image, a convolution's in every place.",
    ),
}

QUESTIONS = (growth_of_a_column, layer_with_most)
