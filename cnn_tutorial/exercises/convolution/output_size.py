"""Exercise: how many places a window has along one axis."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def output_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return how many places a window has along an axis of `size` pixels."""
    span = dilation * (kernel_size - 1) + 1
    room = size + 2 * padding - span
    return room // stride + 1  # steps that fit, and the place before the first


def _wrong(places: Callable[[int, int, int, int, int], object]) -> Attempt:
    """Return a wrong rule as an answer: places of n, k, s, p, d."""

    def attempt(
        size: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
    ) -> object:
        return places(size, kernel_size, stride, padding, dilation)

    return attempt


def _rounded(places: Callable[[int, int], object]) -> Attempt:
    """Return a rule that knows room and stride and rounds in its own way."""
    return _wrong(lambda n, k, s, p, d: places(n + 2 * p - d * (k - 1) - 1, s))


MISTAKES = (
    Mistake(
        "the padding is forgotten",
        "Zeros go before and after the pixels: the window has H + 2P to stand on.",
        _wrong(lambda n, k, s, p, d: output_size(n, k, s, 0, d)),
    ),
    Mistake(
        "the padding is counted once",
        "There are zeros on both sides: H + 2P, not H + P.",
        _wrong(lambda n, k, s, p, d: output_size(n + p, k, s, 0, d)),
    ),
    Mistake(
        "the stride is forgotten",
        "Each step takes S pixels: divide the room by the stride.",
        _wrong(lambda n, k, s, p, d: output_size(n, k, 1, p, d)),
    ),
    Mistake(
        "the dilation is forgotten",
        "With dilation D the window spans D(K - 1) + 1 pixels, not K.",
        _wrong(lambda n, k, s, p, d: output_size(n, k, s, p)),
    ),
    Mistake(
        "the dilation is multiplied with the whole kernel",
        "K elements have K - 1 gaps between them: the span is D(K - 1) + 1, not DK.",
        _wrong(lambda n, k, s, p, d: output_size(n, d * k, s, p)),
    ),
    Mistake(
        "the first place is not counted",
        "The window stands in a place before it moves: steps, and one more.",
        _rounded(lambda room, stride: room // stride),
    ),
    Mistake(
        "the one is added before the division",
        "Divide the room by the stride, round down, then add one.",
        _rounded(lambda room, stride: (room + 1) // stride),
    ),
    Mistake(
        "the size is divided first",
        "The zeros and the span count in pixels, not in steps: take the span away "
        "before you divide.",
        _wrong(lambda n, k, s, p, d: n // s + 2 * p - d * (k - 1)),
    ),
    Mistake(
        "the result is not a whole number",
        "Half a step takes the window nowhere. Python's `//` rounds down.",
        _rounded(lambda room, stride: room / stride + 1),
    ),
    Mistake(
        "it is rounded to the nearest",
        "A step that does not fit does not count, however little is missing: round "
        "down with `//`.",
        _rounded(lambda room, stride: int(room / stride + 0.5) + 1),
    ),
    Mistake(
        "it is rounded up",
        "A window that does not fit is left out, so round down with `//`.",
        _rounded(lambda room, stride: -(-room // stride) + 1),
    ),
)


def _case(name: str, size: int, kernel_size: int, **settings: int) -> Case:
    arguments = {"size": size, "kernel_size": kernel_size, **settings}
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=output_size,
    title="The output size",
    lesson="20_convolution/20_output_size",
    level="first steps",
    minutes=5,
    prompt="Count the places of a window along one axis, for any stride, padding and "
    "dilation. The window always fits.",
    observe=call_it(output_size),
    cases=(
        _case("5 pixels, window of 3", 5, 3),
        _case("a window as large as the image", 3, 3),
        _case("padding", 5, 3, padding=1),
        _case("stride", 7, 2, stride=3),
        _case("a step that nearly fits", 7, 3, stride=3),
        _case("a step that hardly fits", 8, 3, stride=4),
        _case("dilation", 11, 3, dilation=4),
        _case("all settings at once", 31, 5, stride=3, padding=2, dilation=2),
        _case("the first layer of ResNet", 224, 7, stride=2, padding=3),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Draw the padded row. How many pixels does the window span, and how many "
            "are left for it to move?"
        ),
        (
            "The span is D(K - 1) + 1, the room is H + 2P less the span. How many "
            "steps of S pixels fit into it?"
        ),
        (
            "`span = dilation * (kernel_size - 1) + 1`, `room = size + 2 * padding - "
            "span`, and the answer is `room // stride + 1`."
        ),
    ),
    next="Turn the question round: which input sizes make a given output? The lesson "
    "on transposed convolution needs the answer.",
)
