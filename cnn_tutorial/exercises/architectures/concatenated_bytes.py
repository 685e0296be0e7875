"""Exercise: the memory of all concatenations of a dense block."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Size = tuple[int, int, int, int]


def concatenated_bytes(
    input_size: Size, depth: int, growth: int, itemsize: int = 4
) -> int:
    """Return the bytes of all concatenations made of an input (N, C, H, W)."""
    n, channels, height, width = input_size
    copied = 0
    for _ in range(depth):
        channels += growth  # behind each layer everything is laid side by side
        copied += channels
    return copied * n * height * width * itemsize


def _pixels(input_size: Size, itemsize: int) -> int:
    n, _, height, width = input_size
    return n * height * width * itemsize


def _last_only(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    return (input_size[1] + depth * growth) * _pixels(input_size, itemsize)


def _what_layers_read(
    input_size: Size, depth: int, growth: int, itemsize: int = 4
) -> int:
    reads = sum(input_size[1] + i * growth for i in range(depth))
    return reads * _pixels(input_size, itemsize)


def _input_counts(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    own = input_size[1] * _pixels(input_size, itemsize)
    return concatenated_bytes(input_size, depth, growth, itemsize) + own


def _new_only(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    return depth * growth * _pixels(input_size, itemsize)


def _input_forgotten(
    input_size: Size, depth: int, growth: int, itemsize: int = 4
) -> int:
    n, _, height, width = input_size
    return concatenated_bytes((n, 0, height, width), depth, growth, itemsize)


def _one_image(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    return concatenated_bytes((1, *input_size[1:]), depth, growth, itemsize)


def _numbers(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    return concatenated_bytes(input_size, depth, growth, 1)


def _always_four(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    return concatenated_bytes(input_size, depth, growth)


def _doubling(input_size: Size, depth: int, growth: int, itemsize: int = 4) -> int:
    channels, copied = input_size[1], 0
    for _ in range(depth):
        channels *= 2
        copied += channels
    return copied * _pixels(input_size, itemsize)


MISTAKES = (
    Mistake(
        "only the last concatenation counts",
        "Each layer has read a concatenation of its own, and all of them are kept: add "
        "them up.",
        _last_only,
    ),
    Mistake(
        "what the layers read is counted",
        "The first layer reads the input, which nobody has concatenated; and the last "
        "concatenation is read by nobody in the block, and made all the same.",
        _what_layers_read,
    ),
    Mistake(
        "the input counts, too",
        "It was there before. The first concatenation is made behind the first layer.",
        _input_counts,
    ),
    Mistake(
        "only new channels count",
        "`torch.cat` copies the old ones as well: a concatenation holds everything so "
        "far.",
        _new_only,
    ),
    Mistake(
        "the input's channels are forgotten",
        "They are in front of every concatenation.",
        _input_forgotten,
    ),
    Mistake(
        "one image only",
        "The first number of the size is the batch: all its images are kept.",
        _one_image,
    ),
    Mistake(
        "numbers, not bytes",
        "Multiply by `itemsize`, the bytes of one number.",
        _numbers,
    ),
    Mistake(
        "a number always has four bytes",
        "Use `itemsize`: half precision has two.",
        _always_four,
    ),
    Mistake(
        "channels double",
        "Each layer adds `growth` channels: they grow by addition.",
        _doubling,
    ),
)


def _case(name: str, size: Size, depth: int, growth: int, **more: int) -> Case:
    def make() -> dict[str, object]:
        return {"input_size": size, "depth": depth, "growth": growth, **more}

    return Case(name, make)


EXERCISE = Exercise(
    reference=concatenated_bytes,
    title="The memory of side by side",
    lesson="50_architectures/52_dense_memory",
    level="core",
    minutes=8,
    prompt="A dense block of `depth` layers with this growth lays everything so far "
    "side by side behind each of its layers. Return how many bytes all these "
    "concatenations hold together.",
    observe=call_it(concatenated_bytes),
    cases=(
        # 2 + 3 + 4 + 5 = 14 numbers of 4 bytes.
        _case("one pixel, four layers", (1, 1, 1, 1), 4, 1),
        # (8 + 11) channels of 2 * 3 pixels, 4 bytes.
        _case("six pixels, two layers of growth 3", (1, 5, 2, 3), 2, 3),
        # 9 channels, 3 images of 2 x 2, 2 bytes.
        _case("three images in half precision", (3, 7, 2, 2), 1, 2, itemsize=2),
        _case("a block of a DenseNet-121", (64, 256, 14, 14), 24, 32),
    ),
    mistakes=MISTAKES,
    hints=(
        "How many channels has the concatenation behind the first layer? The second?",
        "Behind layer i there are C + i * growth channels. Add up over i from 1.",
        "Multiply the sum by N * H * W and by `itemsize`.",
    ),
    next="Find the formula without a loop. From which depth on is the part with the "
    "square of the depth the larger one?",
)
