"""Exercise: how many numbers a stack of convolutions and poolings leaves."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable, Sequence

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Size = tuple[int, int, int]
#: Channels (None for a pooling), kernel size, stride, padding.
Layer = tuple[int | None, int, int, int]


def flat_features(
    input_size: tuple[int, int, int], layers: list[tuple[int | None, int, int, int]]
) -> int:
    """Return how many numbers an image (C, H, W) is after the layers."""
    channels, height, width = input_size
    for out_channels, kernel_size, stride, padding in layers:
        height = (height + 2 * padding - kernel_size) // stride + 1
        width = (width + 2 * padding - kernel_size) // stride + 1
        if out_channels is not None:  # a pooling keeps the channels
            channels = out_channels
    return channels * height * width


def _settings(change: Callable[[int, int, int], tuple[int, int, int]]) -> Attempt:
    """Return the right loop with wrong settings: k, s, p of each layer are changed."""

    def attempt(input_size: Size, layers: Sequence[Layer]) -> int:
        changed = [(layer[0], *change(*layer[1:])) for layer in layers]
        return flat_features(input_size, changed)

    return attempt


def _sides(side: Callable[[int, int, int, int], int]) -> Attempt:
    """Return a loop that makes a side of a side, k, s and p by a wrong rule."""

    def attempt(input_size: Size, layers: Sequence[Layer]) -> int:
        channels, height, width = _channels(input_size, layers), *input_size[1:]
        for _, k, s, p in layers:
            height, width = side(height, k, s, p), side(width, k, s, p)
        return channels * height * width

    return attempt


def _channels(input_size: Size, layers: Sequence[Layer]) -> int:
    given = [layer[0] for layer in layers if layer[0] is not None]
    return given[-1] if given else input_size[0]


def _no_channels(input_size: Size, layers: Sequence[Layer]) -> int:
    return flat_features(input_size, list(layers)) // _channels(input_size, layers)


def _input_channels(input_size: Size, layers: Sequence[Layer]) -> int:
    return _no_channels(input_size, layers) * input_size[0]


def _channels_multiplied(input_size: Size, layers: Sequence[Layer]) -> int:
    result = _no_channels(input_size, layers) * input_size[0]
    for out_channels, *_ in layers:
        result *= out_channels or 1
    return result


def _pooling_is_one_channel(input_size: Size, layers: Sequence[Layer]) -> int:
    last = layers[-1][0] if layers else input_size[0]
    return _no_channels(input_size, layers) * (last or 1)


def _square(input_size: Size, layers: Sequence[Layer]) -> int:
    channels, height, _ = input_size
    return flat_features((channels, height, height), list(layers))


def _no_pooling(input_size: Size, layers: Sequence[Layer]) -> int:
    return flat_features(input_size, [x for x in layers if x[0] is not None])


def _last_layer(input_size: Size, layers: Sequence[Layer]) -> int:
    kept = (_channels(input_size, layers), *input_size[1:])
    return flat_features(kept, list(layers[-1:]))


MISTAKES = (
    Mistake(
        "the channels are forgotten",
        "Flattening lays all maps in a row: C * H * W numbers, not H * W.",
        _no_channels,
    ),
    Mistake(
        "the channels of the input are used",
        "A convolution puts out as many maps as its first number says, whatever came "
        "in.",
        _input_channels,
    ),
    Mistake(
        "the channels of all layers are multiplied",
        "A convolution adds up over its input channels: only the last number of maps "
        "counts.",
        _channels_multiplied,
    ),
    Mistake(
        "a pooling at the end leaves one channel",
        "A pooling works on each map alone and keeps their number.",
        _pooling_is_one_channel,
    ),
    Mistake(
        "the image is taken for a square",
        "Follow height and width apart: they may differ.",
        _square,
    ),
    Mistake(
        "the poolings are skipped",
        "A pooling changes the size by the same rule as a convolution.",
        _no_pooling,
    ),
    Mistake(
        "only the last layer is counted",
        "Each layer starts from what the one before it left.",
        _last_layer,
    ),
    Mistake(
        "the padding is forgotten",
        "Each layer first adds its zeros: H + 2P.",
        _settings(lambda k, s, p: (k, s, 0)),
    ),
    Mistake(
        "the padding is counted once",
        "There are zeros on both sides: H + 2P, not H + P.",
        _sides(lambda n, k, s, p: (n + p - k) // s + 1),
    ),
    Mistake(
        "the stride is forgotten",
        "Divide the room by the stride of each layer.",
        _settings(lambda k, s, p: (k, 1, p)),
    ),
    Mistake(
        "the first place is not counted",
        "Steps that fit, and one more, in every layer.",
        _sides(lambda n, k, s, p: (n + 2 * p - k) // s),
    ),
    Mistake(
        "it is rounded up",
        "A window that does not fit is left out: round down, in every layer.",
        _sides(lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1),
    ),
    Mistake(
        "each size is divided by the stride",
        "That is right only for windows that neither overlap nor leave the image: "
        "count the steps that fit into the room, and add one.",
        _sides(lambda n, k, s, p: n // s),
    ),
)


def _case(name: str, input_size: Size, *layers: Layer) -> Case:
    return Case(name, lambda: {"input_size": input_size, "layers": [*layers]})


EXERCISE = Exercise(
    reference=flat_features,
    title="What the first linear layer must be told",
    lesson="20_convolution/25_wrong_size",
    level="core",
    minutes=10,
    prompt="Count the numbers of one image after a stack of layers, each given as "
    "`(channels, kernel_size, stride, padding)`. A pooling has None for its channels.",
    observe=call_it(flat_features),
    cases=(
        _case("no layers", (2, 3, 5)),
        _case("one convolution", (1, 5, 7), (4, 3, 1, 0)),
        _case("a pooling", (3, 4, 6), (None, 2, 2, 0)),
        _case("stride and padding", (1, 7, 9), (2, 3, 2, 1)),
        _case("a step that does not fit", (1, 6, 8), (1, 3, 2, 0)),
        _case("two steps that do not fit", (1, 10, 10), (1, 2, 3, 0), (1, 1, 2, 0)),
        _case("two convolutions", (2, 9, 11), (3, 3, 1, 1), (5, 2, 1, 0)),
        _case(
            "AlexNet's first layers",
            (3, 227, 227),
            (96, 11, 4, 0),
            (None, 3, 2, 0),
            (256, 5, 1, 2),
            (None, 3, 2, 0),
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "Carry three numbers through a loop over the layers: channels, height, width.",
        (
            "Height and width each become (H + 2P - K) // S + 1. The channels become "
            "those of the layer, if it has any."
        ),
        (
            "`for out, k, s, p in layers:` with `height = (height + 2 * p - k) // s + "
            "1`, the same for `width`, and `channels = out` unless it is None. Return "
            "the product of the three."
        ),
    ),
    next="Let it read an `nn.Sequential` instead of tuples, and compare with "
    "`summary.trace`.",
)
