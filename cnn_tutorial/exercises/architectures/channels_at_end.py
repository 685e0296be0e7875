"""Exercise: the channels of a DenseNet, from its plan."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def channels_at_end(depths: list[int], growth: int, keep: float = 0.5) -> int:
    """Return the channels behind the last block; the stem makes 2 * growth."""
    channels = 2 * growth
    for k, depth in enumerate(depths):
        if k > 0:
            channels = int(keep * channels)  # the transition in front of this block
        channels += depth * growth
    return channels


def _no_transition(depths: list[int], growth: int, keep: float = 0.5) -> int:
    return 2 * growth + sum(depths) * growth


def _transition_behind(depths: list[int], growth: int, keep: float = 0.5) -> int:
    return int(keep * channels_at_end(depths, growth, keep))


def _transition_first(depths: list[int], growth: int, keep: float = 0.5) -> int:
    channels = 2 * growth
    for depth in depths:
        channels = int(keep * channels) + depth * growth
    return channels


def _always_half(depths: list[int], growth: int, keep: float = 0.5) -> int:
    return channels_at_end(depths, growth)


def _narrow_stem(depths: list[int], growth: int, keep: float = 0.5) -> int:
    channels = growth
    for k, depth in enumerate(depths):
        channels = (int(keep * channels) if k else channels) + depth * growth
    return channels


def _no_stem(depths: list[int], growth: int, keep: float = 0.5) -> int:
    channels = 0
    for depth in depths:
        channels = int(keep * channels) + depth * growth
    return channels


def _last_block(depths: list[int], growth: int, keep: float = 0.5) -> int:
    return depths[-1] * growth


def _rounded_up(depths: list[int], growth: int, keep: float = 0.5) -> int:
    channels = 2 * growth
    for k, depth in enumerate(depths):
        channels = (-int(-keep * channels // 1) if k else channels) + depth * growth
    return channels


def _two_each(depths: list[int], growth: int, keep: float = 0.5) -> int:
    return channels_at_end([2 * depth for depth in depths], growth, keep)


MISTAKES = (
    Mistake(
        "the transitions are forgotten",
        "Between two blocks a transition keeps only a part of the channels.",
        _no_transition,
    ),
    Mistake(
        "there is a transition behind the last block",
        "Behind the last block come a norm and the mean: transitions stand *between* "
        "blocks.",
        _transition_behind,
    ),
    Mistake(
        "there is a transition in front of the first block",
        "The first block reads the stem as it is: transitions stand *between* blocks.",
        _transition_first,
    ),
    Mistake(
        "a transition always keeps a half",
        "How much it keeps is `keep`.",
        _always_half,
    ),
    Mistake(
        "the stem makes as many channels as a layer",
        "It makes twice the growth.",
        _narrow_stem,
    ),
    Mistake(
        "the stem is forgotten",
        "It makes 2 * growth channels, which the first block hands on.",
        _no_stem,
    ),
    Mistake(
        "only what the last block made",
        "A block hands on what it has read, too.",
        _last_block,
    ),
    Mistake(
        "a transition rounds up",
        "There are no half channels: round down, as `int` does.",
        _rounded_up,
    ),
    Mistake(
        "each layer adds twice",
        "A layer has two convolutions, and only the second one makes channels that "
        "stay.",
        _two_each,
    ),
)


def _case(name: str, depths: list[int], growth: int, **more: float) -> Case:
    def make() -> dict[str, object]:
        return {"depths": list(depths), "growth": growth, **more}

    return Case(name, make)


EXERCISE = Exercise(
    reference=channels_at_end,
    title="The channels of a plan",
    lesson="50_architectures/51_densenet",
    level="first steps",
    minutes=6,
    prompt="A stem makes `2 * growth` channels. Each layer of a block adds `growth`. "
    "A transition between two blocks keeps the share `keep`, rounded down. Return how "
    "many channels come out of the last block.",
    observe=call_it(channels_at_end),
    cases=(
        # 6 + 4 * 3.
        _case("one block", [4], 3),
        # 4 + 3 * 2 = 10, half of it 5, 5 + 1 * 2.
        _case("two blocks", [3, 1], 2),
        # 8 + 4 = 12, three quarters of it 9, 9 + 2 * 4.
        _case("two blocks that keep three quarters", [1, 2], 4, keep=0.75),
        # 2 + 1 = 3, half of it rounded down is 1, 1 + 1.
        _case("an odd number of channels", [1, 1], 1),
        _case("DenseNet-121", [6, 12, 24, 16], 32),
    ),
    mistakes=MISTAKES,
    hints=(
        "Follow the channels from the stem through one block, then to the next.",
        (
            "A block adds depth * growth. A transition comes before every block but "
            "the first."
        ),
        "In a loop: `if k > 0: channels = int(keep * channels)`, then add.",
    ),
    next="And how many numbers has one image there, if each transition halves both "
    "sides?",
)
