"""Exercise: the least time that a machine needs for a network."""

from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Layers = list[tuple[float, float]]
"""Of each layer: its MACs, and the bytes that it reads and writes."""


def roofline_seconds(
    layers: Layers, macs_per_second: float, bytes_per_second: float
) -> float:
    """Return the least seconds for layers, a list of (macs, bytes), one by one."""
    return sum(
        max(macs / macs_per_second, size / bytes_per_second) for macs, size in layers
    )


def _by(rule: Callable[[list[float], list[float]], float]) -> Attempt:
    """Return an answer that makes something else of the times of each layer."""

    def attempt(
        layers: Layers, macs_per_second: float, bytes_per_second: float
    ) -> float:
        computing = [macs / macs_per_second for macs, _ in layers]
        moving = [size / bytes_per_second for _, size in layers]
        return rule(computing, moving)

    return attempt


def _multiplied(
    layers: Layers, macs_per_second: float, bytes_per_second: float
) -> float:
    return sum(
        max(macs * macs_per_second, size * bytes_per_second) for macs, size in layers
    )


def _swapped(layers: Layers, macs_per_second: float, bytes_per_second: float) -> float:
    return roofline_seconds(layers, bytes_per_second, macs_per_second)


MISTAKES = (
    Mistake(
        "only the multiplications are counted",
        "A layer that moves many bytes waits for them: each layer takes the longer of "
        "its two times.",
        _by(lambda computing, _: sum(computing)),
    ),
    Mistake(
        "only the bytes are counted",
        "A layer that multiplies much waits for that: each layer takes the longer of "
        "its two times.",
        _by(lambda _, moving: sum(moving)),
    ),
    Mistake(
        "both times are added",
        "At best a machine computes while it moves. The longer of the two counts.",
        _by(lambda computing, moving: sum(computing) + sum(moving)),
    ),
    Mistake(
        "the shorter time counts",
        "A layer is not ready before both are: take the maximum.",
        _by(
            lambda computing, moving: sum(
                min(pair) for pair in zip(computing, moving, strict=True)
            )
        ),
    ),
    Mistake(
        "the maximum of the sums",
        "Layers run one after the other, and each waits for its own slower half: sum "
        "the maxima.",
        _by(lambda computing, moving: max(sum(computing), sum(moving))),
    ),
    Mistake(
        "the slowest layer alone",
        "Layers run one after the other: add their times.",
        _by(lambda computing, moving: max([*computing, *moving])),
    ),
    Mistake(
        "multiplied by the speed",
        "Seconds are work divided by speed.",
        _multiplied,
    ),
    Mistake(
        "the two speeds are swapped",
        "MACs go with `macs_per_second`, bytes with `bytes_per_second`.",
        _swapped,
    ),
)


def _case(name: str, layers: Layers, macs: float, size: float) -> Case:
    def make() -> dict[str, object]:
        return {
            "layers": [tuple(layer) for layer in layers],
            "macs_per_second": macs,
            "bytes_per_second": size,
        }

    return Case(name, make)


EXERCISE = Exercise(
    reference=roofline_seconds,
    title="The least time of a network",
    lesson="50_architectures/64_macs_and_time",
    level="core",
    minutes=10,
    prompt="Layers run one after the other, and each is given as (MACs, bytes read and "
    "written). At best a machine computes and moves numbers at the same time. Return "
    "the least seconds that it needs.",
    observe=call_it(roofline_seconds),
    cases=(
        # 60 / 10 = 6 against 4 / 2 = 2.
        _case("one layer that computes", [(60.0, 4.0)], 10.0, 2.0),
        # 10 / 10 = 1 against 14 / 2 = 7.
        _case("one layer that moves", [(10.0, 14.0)], 10.0, 2.0),
        # 6 + 7; by the sums it would be max(6 + 1, 2 + 7) = 9.
        _case("one of each", [(60.0, 4.0), (10.0, 14.0)], 10.0, 2.0),
        # 3.6e6 / 2e10 = 1.8e-4 against 1.7e5 / 1e10 = 1.7e-5; 1.8e-4 against 3.2e-4.
        _case(
            "a full and a depthwise layer", [(3.6e6, 1.7e5), (3.6e6, 3.2e6)], 2e10, 1e10
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "How long does one layer take, if it may compute and move at once?",
        "The longer of macs / macs_per_second and bytes / bytes_per_second.",
        "sum(max(macs / ..., size / ...) for macs, size in layers)",
    ),
    next="Which of the layers would you change to save time? And how many bytes does a "
    "convolution move if its norm and its ReLU are computed on the way?",
)
