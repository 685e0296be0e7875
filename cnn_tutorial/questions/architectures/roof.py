"""What a count of MACs can tell about time, and what it cannot."""

from __future__ import annotations

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "50_architectures/64_macs_and_time",
    peak=(40, 60, 100),
    bandwidth=(10, 20),
    intensity=(1, 2, 3, 8, 12),
)
def under_the_roof(peak: int, bandwidth: int, intensity: int) -> Posed | None:
    """Most MACs a second of a layer on a machine."""
    slope = intensity * bandwidth
    if slope == peak:
        return None
    many = "MAC" if intensity == 1 else "MACs"
    return Posed(
        f"A machine can do {peak} billion MACs a second and move {bandwidth} GB a "
        f"second. A layer has {intensity} {many} for each byte that it moves. How "
        "many billion MACs a second can it reach at most?",
        min(peak, slope),
        f"{bandwidth} GB bring work for {intensity} * {bandwidth} = {slope}, and the "
        f"machine can multiply {peak}: the smaller one counts.",
        {
            max(peak, slope): "A layer has to stay below both limits. Which is lower?",
            bandwidth: "These are bytes. How many MACs does each of them bring?",
            peak + slope: "The two limits do not add: each holds on its own.",
        },
    )


_TIMES = {
    0.25: "a quarter as many",
    0.5: "half as many",
    1.0: "as many as before",
    2.0: "twice as many",
    4.0: "four times as many",
}
_WAYS = dict.fromkeys((0.25, 0.5), "fewer") | dict.fromkeys((2.0, 4.0), "more")
_WAYS[1.0] = "more or fewer"
_TIME = (0.5, "That may happen to the time. Does it save products?")
# What happens to a convolution: factors on channels in, channels out, side, groups;
# and a wrong answer with what leads there.
_CHANGES: dict[str, tuple[tuple[float, float, float, int], tuple[float, str]]] = {
    "gets a stride of 2": (
        (1, 1, 0.5, 1),
        (0.5, "The stride acts on rows and on columns."),
    ),
    "reads twice as many channels and makes twice as many": (
        (2, 2, 1, 1),
        (2.0, "There is a product for each pair of channels."),
    ),
    "makes twice as many channels, and reads as many as before": (
        (1, 2, 1, 1),
        (4.0, "One of the two numbers of channels is what it was."),
    ),
    "is split into two groups": (
        (1, 1, 1, 2),
        (0.25, "Each output reads fewer channels. Are there fewer outputs, too?"),
    ),
    "is split into four groups": (
        (1, 1, 1, 4),
        (0.5, "Which part of the channels does each output still read?"),
    ),
    "reads maps of twice the side": (
        (1, 1, 2, 1),
        (2.0, "Rows and columns are twice as many."),
    ),
    "swallows the norm behind it": ((1, 1, 1, 1), _TIME),
    "gets its maps in `channels_last`": ((1, 1, 1, 1), _TIME),
    "computes in bfloat16": ((1, 1, 1, 1), _TIME),
}


@question(
    "50_architectures/64_macs_and_time",
    change=tuple(_CHANGES),
    channels=(16, 32, 64),
    side=(14, 28),
)
def macs_after_a_change(change: str, channels: int, side: int) -> Posed:
    """MACs of a convolution before and after a change."""
    (c_in, c_out, longer, groups), (likely, why) = _CHANGES[change]
    reads, makes, to = int(c_in * channels), int(c_out * channels), int(longer * side)
    before = arithmetic.conv_macs(channels, channels, 3, side)
    after = arithmetic.conv_macs(reads, makes, 3, to, groups=groups)
    factors = "places, channels made, numbers read for each"
    return Posed(
        f"A 3 x 3 convolution from {channels} to {channels} channels puts out maps of "
        f"{side} x {side}. Now it {change}; all else stays. How many MACs has it then?",
        _TIMES[after / before],
        "These are the same products. If anything is gained, it is time."
        if after == before
        else f"{to} * {to} places, {makes} channels made, {reads // groups} * 9 read "
        f"for each of them; it was {side} * {side}, {channels} and {channels} * 9.",
        {
            _TIMES[likely]: why,
            **{
                _TIMES[times]: f"Which of these has become {_WAYS[times]}: {factors}?"
                for times in (1.0, 2.0, 0.5, 0.25, 4.0)
                if times != likely
            },
        },
    )


QUESTIONS = (under_the_roof, macs_after_a_change)
