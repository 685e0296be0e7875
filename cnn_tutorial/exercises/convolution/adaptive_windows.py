"""Exercise: where the windows of adaptive pooling begin and end."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Windows = list[tuple[int, int]]


def adaptive_windows(size: int, count: int) -> list[tuple[int, int]]:
    """Return (start, end) of each of count windows on size pixels; end excluded."""
    windows = []
    for k in range(count):
        start = k * size // count  # rounded down
        end = -(-(k + 1) * size // count)  # rounded up
        windows.append((start, end))
    return windows


def _both_down(size: int, count: int) -> Windows:
    return [(k * size // count, (k + 1) * size // count) for k in range(count)]


def _both_up(size: int, count: int) -> Windows:
    return [(-(-k * size // count), -(-(k + 1) * size // count)) for k in range(count)]


def _last_pixel(size: int, count: int) -> Windows:
    return [(start, end - 1) for start, end in adaptive_windows(size, count)]


def _equal(size: int, count: int) -> Windows:
    width = size // count
    return [(k * width, (k + 1) * width) for k in range(count)]


def _equal_up(size: int, count: int) -> Windows:
    width = -(-size // count)
    return [(k * width, min(size, (k + 1) * width)) for k in range(count)]


def _rest_at_the_end(size: int, count: int) -> Windows:
    width = size // count
    last = count - 1
    return [(k * width, size if k == last else (k + 1) * width) for k in range(count)]


def _one_too_many(size: int, count: int) -> Windows:
    return [(start, end + 1) for start, end in _both_down(size, count)]


def _stride_and_width(size: int, count: int) -> Windows:
    stride = size // count
    width = size - (count - 1) * stride
    return [(k * stride, k * stride + width) for k in range(count)]


def _sizes(size: int, count: int) -> list[int]:
    return [end - start for start, end in adaptive_windows(size, count)]


MISTAKES = (
    Mistake(
        "the ends are rounded down",
        "Round the start down and the end *up*: a pixel that belongs to a window in "
        "part belongs to it.",
        _both_down,
    ),
    Mistake(
        "the starts are rounded up",
        "Round the start *down*: a pixel that belongs to a window in part belongs to "
        "it.",
        _both_up,
    ),
    Mistake(
        "the end is the last pixel",
        "The end is excluded, as in `x[start:end]`: it is one more than the last "
        "pixel.",
        _last_pixel,
    ),
    Mistake(
        "all windows have one size and a rest is dropped",
        "`size // count` forgets the pixels at the end. Scale first, then round: "
        "k * size // count.",
        _equal,
    ),
    Mistake(
        "all windows have the larger size",
        "The last windows fall off the end. Scale first, then round: k * size / count.",
        _equal_up,
    ),
    Mistake(
        "the last window takes the rest",
        "The rest is spread over all windows: window k begins at k * size / count, "
        "rounded down.",
        _rest_at_the_end,
    ),
    Mistake(
        "one pixel is added to every end",
        "When (k + 1) * size / count is whole, nothing is to be rounded up: `-(-a // "
        "b)` rounds up.",
        _one_too_many,
    ),
    Mistake(
        "one stride and one width serve all windows",
        "That is ordinary pooling, which covers all pixels with equal windows. "
        "Adaptive windows may differ in size.",
        _stride_and_width,
    ),
    Mistake(
        "the sizes are returned",
        "Return a pair (start, end) for each window.",
        _sizes,
    ),
)


def _case(name: str, size: int, count: int) -> Case:
    return Case(name, lambda: {"size": size, "count": count})


EXERCISE = Exercise(
    reference=adaptive_windows,
    title="The windows of adaptive pooling",
    lesson="20_convolution/62_adaptive",
    level="core",
    minutes=8,
    prompt="Return where each of `count` windows begins and ends along `size` pixels, "
    "as a list of pairs for slices.",
    observe=call_it(adaptive_windows),
    cases=(
        _case("5 pixels, 2 windows", 5, 2),
        _case("6 pixels, 3 windows", 6, 3),
        _case("7 pixels, 3 windows", 7, 3),
        _case("all pixels in one window", 4, 1),
        _case("more windows than pixels", 2, 3),
        _case("11 pixels, 4 windows", 11, 4),
        _case("37 pixels, 7 windows", 37, 7),
    ),
    mistakes=MISTAKES,
    hints=(
        "Cut a line of length `size` into `count` equal parts. Where are the cuts?",
        (
            "Part k reaches from k * size / count to (k + 1) * size / count. Take "
            "every pixel that it touches."
        ),
        (
            "`start = k * size // count` rounds down; `end = -(-(k + 1) * size // "
            "count)` rounds up."
        ),
    ),
    next="How often is each pixel read, and what does that do to a mean over all "
    "windows?",
)
