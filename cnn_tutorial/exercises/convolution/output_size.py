"""Exercise: how many places a window has along one axis."""

# ruff: noqa: ARG001, FBT001, FBT002 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def output_size(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Return how many places a window has along an axis of `size` pixels."""
    room = size + 2 * padding - (dilation * (kernel_size - 1) + 1)
    if not ceil_mode:
        return room // stride + 1
    places = -(-room // stride) + 1  # rounded up
    starts_inside = (places - 1) * stride < size + padding
    return places if starts_inside else places - 1


def _changed(change: Callable[[int, int, int, int, int], tuple[int, ...]]) -> Attempt:
    """Return the right rule for other numbers than were asked for."""

    def attempt(
        size: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        ceil_mode: bool = False,
    ) -> int:
        n, k, s, p, d = change(size, kernel_size, stride, padding, dilation)
        return output_size(n, k, s, p, d, ceil_mode)

    return attempt


def _rounded(places: Callable[[int, int], object], *, up: bool = False) -> Attempt:
    """Return a rule that makes places of room and stride in its own way.

    It holds without `ceil_mode`, or with `up` for `ceil_mode` alone.
    """

    def attempt(
        size: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        ceil_mode: bool = False,
    ) -> object:
        if ceil_mode is not up:
            return output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
        room = size + 2 * padding - dilation * (kernel_size - 1) - 1
        return places(room, stride)

    return attempt


def _starts_in_the_pixels(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    places = output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
    return places - 1 if ceil_mode and (places - 1) * stride >= size else places


MISTAKES = (
    Mistake(
        "the padding is forgotten",
        "Zeros go before and after the pixels: the window has H + 2P to stand on.",
        _changed(lambda n, k, s, p, d: (n, k, s, 0, d)),
    ),
    Mistake(
        "the padding is counted once",
        "There are zeros on both sides: H + 2P, not H + P.",
        _changed(lambda n, k, s, p, d: (n + p, k, s, 0, d)),
    ),
    Mistake(
        "the stride is forgotten",
        "Each step takes S pixels: divide the room by the stride.",
        _changed(lambda n, k, s, p, d: (n, k, 1, p, d)),
    ),
    Mistake(
        "the dilation is forgotten",
        "With dilation D the window spans D(K - 1) + 1 pixels, not K.",
        _changed(lambda n, k, s, p, d: (n, k, s, p, 1)),
    ),
    Mistake(
        "the dilation is multiplied with the whole kernel",
        "K elements have K - 1 gaps between them: the span is D(K - 1) + 1, not DK.",
        _changed(lambda n, k, s, p, d: (n, d * k, s, p, 1)),
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
        "it is always rounded up",
        "Without `ceil_mode` a window that does not fit is left out: round down.",
        _rounded(lambda room, stride: -(-room // stride) + 1),
    ),
    Mistake(
        "`ceil_mode` is ignored",
        "With `ceil_mode` a last window may hang over the end: round the number of "
        "steps up. In Python, `-(-a // b)` is a divided by b, rounded up.",
        _rounded(lambda room, stride: room // stride + 1, up=True),
    ),
    Mistake(
        "`ceil_mode` keeps windows that start after the image",
        "PyTorch drops a last window that does not start in the image or the zeros "
        "before it. Its first element is at (places - 1) * S of the padded row.",
        _rounded(lambda room, stride: -(-room // stride) + 1, up=True),
    ),
    Mistake(
        "a window may not start after H, though there are zeros before the image",
        "In the padded row the image ends at H + P, and so may the starts.",
        _starts_in_the_pixels,
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
    minutes=10,
    prompt="Count the places of a window along one axis, for a convolution and, with "
    "`ceil_mode`, for pooling. The window always fits.",
    observe=call_it(output_size),
    cases=(
        _case("5 pixels, window of 3", 5, 3),
        _case("a window as large as the image", 3, 3),
        _case("padding", 5, 3, padding=1),
        _case("stride", 7, 2, stride=3),
        _case("a step that does not fit", 8, 3, stride=3),
        _case("dilation", 11, 3, dilation=4),
        _case("all settings at once", 31, 5, stride=3, padding=2, dilation=2),
        _case("a window over the end", 7, 2, stride=2, ceil_mode=True),
        _case(
            "no window that starts after the image",
            3,
            2,
            stride=2,
            padding=1,
            ceil_mode=True,
        ),
        _case(
            "a window that starts in the last pixel",
            4,
            2,
            stride=2,
            padding=1,
            ceil_mode=True,
        ),
        _case(
            "the first pooling of ResNet", 112, 3, stride=2, padding=1, ceil_mode=True
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Draw the padded row. How many pixels does the window span, and how many are "
            "left for it to move?"
        ),
        (
            "The room is H + 2P - (D(K - 1) + 1). Steps that fit, plus one, are the "
            "places. With `ceil_mode` a step that fits in part counts, too."
        ),
        (
            "Without `ceil_mode`: `room // stride + 1`. With it: `-(-room // stride) + "
            "1`, and one less if `(places - 1) * stride >= size + padding`."
        ),
    ),
    next="Turn the question round: which input sizes make a given output? The lesson on "
    "transposed convolution needs the answer.",
)
