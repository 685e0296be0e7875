"""Exercise: how many numbers LeNet's first affine map receives."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def lenet_features(height: int, width: int, kernel_size: int = 3) -> int:
    """Return in_features of fc1 for images of this size."""
    for _ in range(2):  # convolve, then halve; conv2 ends with 16 channels
        height = (height - kernel_size + 1) // 2
        width = (width - kernel_size + 1) // 2
    return 16 * height * width


def _one_channel(height: int, width: int, kernel_size: int = 3) -> int:
    return lenet_features(height, width, kernel_size) // 16


def _six_channels(height: int, width: int, kernel_size: int = 3) -> int:
    return lenet_features(height, width, kernel_size) // 16 * 6


def _as_if_32(height: int, width: int, kernel_size: int = 3) -> int:
    return 576


def _square(height: int, width: int, kernel_size: int = 3) -> int:
    return lenet_features(height, height, kernel_size)


def _no_pooling(height: int, width: int, kernel_size: int = 3) -> int:
    return 16 * (height - 2 * kernel_size + 2) * (width - 2 * kernel_size + 2)


def _one_stage(height: int, width: int, kernel_size: int = 3) -> int:
    return 16 * ((height - kernel_size + 1) // 2) * ((width - kernel_size + 1) // 2)


def _borders_kept(height: int, width: int, kernel_size: int = 3) -> int:
    return 16 * (height // 4) * (width // 4)


def _pooled_last(height: int, width: int, kernel_size: int = 3) -> int:
    border = 2 * (kernel_size - 1)
    return 16 * ((height - border) // 4) * ((width - border) // 4)


def _rounded_up(height: int, width: int, kernel_size: int = 3) -> int:
    for _ in range(2):
        height = -(-(height - kernel_size + 1) // 2)
        width = -(-(width - kernel_size + 1) // 2)
    return 16 * height * width


def _one_more_lost(height: int, width: int, kernel_size: int = 3) -> int:
    return lenet_features(height, width, kernel_size + 1)


def _always_three(height: int, width: int, kernel_size: int = 3) -> int:
    return lenet_features(height, width)


MISTAKES = (
    Mistake(
        "the channels are forgotten",
        "Flattening puts all 16 maps of conv2 in one row, not one of them.",
        _one_channel,
    ),
    Mistake(
        "the channels of conv1 are counted",
        "What is flattened comes out of conv2, which has 16 channels; 6 is conv1.",
        _six_channels,
    ),
    Mistake(
        "the answer is that for 32 x 32 pixels",
        "576 = 16 * 6 * 6 is right for 32 x 32 only: start from `height` and `width`.",
        _as_if_32,
    ),
    Mistake(
        "the pooling is forgotten",
        "After each convolution comes a pooling that halves both sides.",
        _no_pooling,
    ),
    Mistake(
        "the second stage is forgotten",
        "Convolution and pooling come twice.",
        _one_stage,
    ),
    Mistake(
        "the borders lost by the convolutions are forgotten",
        "Without padding a kernel of size K takes K - 1 pixels off each side length.",
        _borders_kept,
    ),
    Mistake(
        "the steps are in another order",
        "Convolve, halve, convolve, halve. The second convolution takes its pixels "
        "off the small map, where each counts twice.",
        _pooled_last,
    ),
    Mistake(
        "the pooling rounds up",
        "Pooling with windows of two drops a last row or column that has no partner: "
        "13 becomes 6.",
        _rounded_up,
    ),
    Mistake(
        "a convolution takes off one pixel too many",
        "A kernel of size K fits in H - K + 1 places.",
        _one_more_lost,
    ),
    Mistake(
        "the image is taken for a square",
        "Height and width shrink alike, but each on its own.",
        _square,
    ),
    Mistake(
        "the kernel is always taken for 3 x 3",
        "A larger kernel takes off more: use `kernel_size`.",
        _always_three,
    ),
)


def _case(name: str, **arguments: int) -> Case:
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=lenet_features,
    title="What LeNet's first affine map receives",
    lesson="30_modules/30_lenet",
    level="first steps",
    minutes=8,
    prompt="Return `in_features` of `fc1` when the images have another size: two "
    "convolutions without padding, each followed by max pooling of 2 x 2, 16 channels "
    "at the end.",
    observe=call_it(lenet_features),
    cases=(
        _case("14 x 14 pixels", height=14, width=14),
        _case("32 x 32 pixels, as in the lesson", height=32, width=32),
        _case("17 x 17 pixels, where halves are not whole", height=17, width=17),
        _case("14 x 30 pixels", height=14, width=30),
        _case("5 x 5 kernels on 32 x 40 pixels", height=32, width=40, kernel_size=5),
    ),
    mistakes=MISTAKES,
    hints=(
        "Follow one side of the image first: what does each step do to it?",
        (
            "A convolution with kernel size K leaves H - K + 1, a pooling half of it, "
            "rounded down. Do this twice for each side."
        ),
        (
            "`height = (height - kernel_size + 1) // 2`, twice, the same for the "
            "width, and `16 * height * width`."
        ),
    ),
    next="Which is the smallest image that LeNet can take? And which sizes give the "
    "same number as 32 x 32?",
)
