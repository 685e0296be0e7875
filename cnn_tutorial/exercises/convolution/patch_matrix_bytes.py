"""Exercise: the memory that a table of patches takes."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Size = tuple[int, int, int, int]


def patch_matrix_bytes(
    input_size: tuple[int, int, int, int],
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    itemsize: int = 4,
) -> int:
    """Return the bytes of the patch matrix of an input (N, C, H, W)."""
    n, channels, height, width = input_size
    h_out = (height + 2 * padding - kernel_size) // stride + 1
    w_out = (width + 2 * padding - kernel_size) // stride + 1
    rows = channels * kernel_size**2  # elements of a window, in all channels
    return n * rows * h_out * w_out * itemsize


def _one_image(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    return patch_matrix_bytes((1, *size[1:]), k, s, p, itemsize)


def _one_channel(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    n, _, height, width = size
    return patch_matrix_bytes((n, 1, height, width), k, s, p, itemsize)


def _one_side(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    return patch_matrix_bytes(size, k, s, p, itemsize) // k


def _numbers(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    return patch_matrix_bytes(size, k, s, p, 1)


def _four_bytes(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    return patch_matrix_bytes(size, k, s, p)


def _no_padding(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    return patch_matrix_bytes(size, k, s, 0, itemsize)


def _padded_once(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    n, channels, height, width = size
    return patch_matrix_bytes((n, channels, height + p, width + p), k, s, 0, itemsize)


def _no_stride(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    return patch_matrix_bytes(size, k, 1, p, itemsize)


def _one_stride(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    n, channels, height, width = size
    h_out, w_out = (height + 2 * p - k) // s + 1, width + 2 * p - k + 1
    return n * channels * k**2 * h_out * w_out * itemsize


def _square(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    n, channels, height, _ = size
    return patch_matrix_bytes((n, channels, height, height), k, s, p, itemsize)


def _every_pixel(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    n, channels, height, width = size
    return n * channels * height * width * k**2 // s**2 * itemsize


def _no_last(size: Size, k: int, s: int = 1, p: int = 0, itemsize: int = 4) -> int:
    n, channels, height, width = size
    h_out, w_out = (height + 2 * p - k) // s, (width + 2 * p - k) // s
    return n * channels * k**2 * h_out * w_out * itemsize


MISTAKES = (
    Mistake(
        "the bytes of a number are forgotten",
        "You counted numbers. Each takes `itemsize` bytes.",
        _numbers,
    ),
    Mistake(
        "the first place of the window is not counted",
        "A window that can move by one pixel stands in two places: (H + 2P - K) // S "
        "and one more.",
        _no_last,
    ),
    Mistake(
        "every pixel is taken for a place of the window",
        "That is the estimate HW * K*K / S*S. At the border windows do not fit: count "
        "the places, H_out * W_out.",
        _every_pixel,
    ),
    Mistake(
        "the window is taken for a line",
        "A square window of size K has K * K elements.",
        _one_side,
    ),
    Mistake(
        "the image is taken for a square",
        "H_out comes from the height and W_out from the width.",
        _square,
    ),
    Mistake(
        "the channels are forgotten",
        "A column holds the window of every channel: C * K * K numbers.",
        _one_channel,
    ),
    Mistake(
        "the batch is forgotten",
        "Each of the N images has a table of its own.",
        _one_image,
    ),
    Mistake(
        "the padding is forgotten",
        "Padding makes room for more windows: the height is H + 2P.",
        _no_padding,
    ),
    Mistake(
        "the padding is counted once",
        "There are zeros on both sides: H + 2P, not H + P.",
        _padded_once,
    ),
    Mistake(
        "the stride is forgotten",
        "With stride S only every S-th place counts.",
        _no_stride,
    ),
    Mistake(
        "the stride is on the rows only",
        "The stride counts both ways, down and to the right.",
        _one_stride,
    ),
    Mistake(
        "every number is taken for 4 bytes",
        "float64 takes 8 bytes and bfloat16 takes 2: use `itemsize`.",
        _four_bytes,
    ),
)


def _case(name: str, input_size: Size, kernel_size: int, **settings: int) -> Case:
    arguments = {"input_size": input_size, "kernel_size": kernel_size, **settings}
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=patch_matrix_bytes,
    title="The memory of a patch matrix",
    lesson="20_convolution/36_memory",
    level="first steps",
    minutes=8,
    prompt="Predict how many bytes the patch matrix takes, for any input and any "
    "square kernel.",
    observe=call_it(patch_matrix_bytes),
    cases=(
        _case("3 x 5 image, 2 x 2 kernel", (1, 1, 3, 5), 2),
        _case("two channels", (1, 2, 3, 5), 2),
        _case("three images", (3, 2, 3, 5), 2),
        _case("padding", (1, 1, 3, 5), 2, padding=1),
        _case("stride", (1, 1, 7, 11), 2, stride=3),
        _case("bfloat16", (1, 1, 3, 5), 2, itemsize=2),
        _case(
            "the first layer of ResNet on eight images",
            (8, 3, 224, 224),
            7,
            stride=2,
            padding=3,
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "How many numbers are in one column, how many columns are there, how many "
            "images, and how many bytes has a number?"
        ),
        (
            "A column has C * K * K numbers. There is a column for each place of the "
            "window: H_out * W_out."
        ),
        (
            "N * (C * K * K) * (H_out * W_out) * itemsize, with H_out = (H + 2P - K) "
            "// S + 1 and W_out likewise."
        ),
    ),
    next="At which kernel size does the patch matrix of your favourite network's first "
    "layer fill your memory?",
)
