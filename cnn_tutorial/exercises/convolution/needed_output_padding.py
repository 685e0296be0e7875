"""Exercise: the output padding with which a transposed convolution leads back."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def needed_output_padding(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return the output_padding that leads back to an axis of `size` pixels."""
    span = dilation * (kernel_size - 1) + 1
    room = size + 2 * padding - span
    return room % stride  # pixels that were left over on the way down


def _wrong(extra: Callable[[int, int, int, int, int], int]) -> Attempt:
    """Return a wrong rule as an answer: output padding of n, k, s, p, d."""

    def attempt(
        size: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
    ) -> int:
        return extra(size, kernel_size, stride, padding, dilation)

    return attempt


MISTAKES = (
    Mistake(
        "the number of steps is returned",
        "The steps that fit are what the way back remembers. Asked for is what was "
        "left over: `%` instead of `//`.",
        _wrong(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s),
    ),
    Mistake(
        "it is taken for the number of missing pixels",
        "Not what is missing to the next step, but what was left over after the last "
        "one.",
        _wrong(lambda n, k, s, p, d: -(n + 2 * p - d * (k - 1) - 1) % s),
    ),
    Mistake(
        "only the size counts",
        "Kernel, padding and dilation decide, too, where the last step ends.",
        _wrong(lambda n, k, s, p, d: n % s),
    ),
    Mistake(
        "a stride always loses its most",
        "At most S - 1 pixels are left over. How many it is depends on the size.",
        _wrong(lambda n, k, s, p, d: s - 1),
    ),
    Mistake(
        "even sizes need one, odd sizes none",
        "So it is for kernel 3, stride 2, padding 1. Derive the rule for any setting.",
        _wrong(lambda n, k, s, p, d: 1 - n % 2 if s > 1 else 0),
    ),
    Mistake(
        "the span of the window is forgotten",
        "The room to move is H + 2P less the span D(K - 1) + 1.",
        _wrong(lambda n, k, s, p, d: (n + 2 * p) % s),
    ),
    Mistake(
        "the padding is forgotten",
        "On the way down the window had H + 2P pixels to stand on.",
        _wrong(lambda n, k, s, p, d: needed_output_padding(n, k, s, 0, d)),
    ),
    Mistake(
        "the padding is counted once",
        "There are zeros on both sides: H + 2P, not H + P.",
        _wrong(lambda n, k, s, p, d: needed_output_padding(n + p, k, s, 0, d)),
    ),
    Mistake(
        "the dilation is forgotten",
        "With dilation D the window spans D(K - 1) + 1 pixels, not K.",
        _wrong(lambda n, k, s, p, d: needed_output_padding(n, k, s, p)),
    ),
    Mistake(
        "the dilation is multiplied with the whole kernel",
        "K elements have K - 1 gaps between them: the span is D(K - 1) + 1, not DK.",
        _wrong(lambda n, k, s, p, d: needed_output_padding(n, d * k, s, p)),
    ),
    Mistake(
        "the window counts for one pixel too few",
        "The span is D(K - 1) + 1: the last element has a pixel of its own.",
        _wrong(lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) % s),
    ),
)


def _case(name: str, size: int, kernel_size: int, **settings: int) -> Case:
    arguments = {"size": size, "kernel_size": kernel_size, **settings}
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=needed_output_padding,
    title="The way back to the size",
    lesson="20_convolution/27_transposed",
    level="deeper",
    minutes=10,
    prompt="Find the `output_padding` with which a transposed convolution leads back "
    "to an axis of `size` pixels. The convolution before it has the same settings.",
    observe=call_it(needed_output_padding),
    cases=(
        _case("7 pixels, K3, S2, P1", 7, 3, stride=2, padding=1),
        _case("8 pixels, K3, S2, P1", 8, 3, stride=2, padding=1),
        _case("stride 1", 9, 4),
        _case("an even kernel", 9, 4, stride=2),
        _case("stride 3, two left over", 10, 2, stride=3),
        _case("stride 3, one left over", 9, 2, stride=3),
        _case("padding", 9, 2, stride=5, padding=1),
        _case("dilation", 11, 3, stride=4, dilation=2),
        _case("all at once", 31, 4, stride=7, padding=3, dilation=3),
        _case("the first layer of ResNet", 224, 7, stride=2, padding=3),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Go down first: how many pixels can the window move, and how many of them "
            "do the steps use?"
        ),
        (
            "The way back makes the steps again and nothing more. What the floor threw "
            "away has to come from `output_padding`."
        ),
        "The room is H + 2P - D(K - 1) - 1, and what is left over is `room % stride`.",
    ),
    next="Build a network that goes down four times and up four times, for an image of "
    "101 x 75.",
)
