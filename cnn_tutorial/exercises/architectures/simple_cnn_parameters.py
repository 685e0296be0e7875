"""Exercise: the parameters of a plain network, whatever its widths."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Sequence

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def simple_cnn_parameters(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    """Return the parameters of conv3x3-ReLU-pool for each width, then two maps."""
    total, channels = 0, in_channels
    for width in widths:
        total += (channels * 9 + 1) * width
        channels, side = width, side // 2
    total += (channels * side * side + 1) * hidden
    return total + (hidden + 1) * num_classes


def _no_biases(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    biases = sum(widths) + hidden + num_classes
    return (
        simple_cnn_parameters(widths, side, in_channels, hidden, num_classes) - biases
    )


def _convolutions_only(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    return simple_cnn_parameters(widths, side, in_channels, 0, 0)


def _affine_only(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    whole = simple_cnn_parameters(widths, side, in_channels, hidden, num_classes)
    return whole - simple_cnn_parameters(widths, side, in_channels, 0, 0)


def _mean(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    one_place = 1 << len(widths)
    return simple_cnn_parameters(widths, one_place, in_channels, hidden, num_classes)


def _not_halved(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    whole = side * (1 << len(widths))
    return simple_cnn_parameters(widths, whole, in_channels, hidden, num_classes)


def _side_once(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    last = side // (1 << len(widths))
    rest = _affine_only(widths, 0, in_channels, hidden, num_classes)
    convolutions = simple_cnn_parameters(widths, side, in_channels, 0, 0)
    return convolutions + widths[-1] * last * hidden + rest


def _same_input(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    convolutions = sum((in_channels * 9 + 1) * width for width in widths)
    return convolutions + _affine_only(widths, side, in_channels, hidden, num_classes)


def _three_by_one(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    pairs = zip([in_channels, *widths], widths, strict=False)
    convolutions = sum((before * 3 + 1) * width for before, width in pairs)
    return convolutions + _affine_only(widths, side, in_channels, hidden, num_classes)


def _rounded_up(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    for _ in widths:
        side = -(-side // 2)
    whole = side * (1 << len(widths))
    return simple_cnn_parameters(widths, whole, in_channels, hidden, num_classes)


def _always_three_steps(
    widths: Sequence[int],
    side: int,
    in_channels: int = 3,
    hidden: int = 256,
    num_classes: int = 10,
) -> int:
    whole = side // 8 * (1 << len(widths))
    return simple_cnn_parameters(widths, whole, in_channels, hidden, num_classes)


MISTAKES = (
    Mistake(
        "the biases are forgotten",
        "Each output channel and each output number has a bias besides its weights.",
        _no_biases,
    ),
    Mistake(
        "the affine maps are forgotten",
        "Behind the convolutions come two affine maps: to `hidden`, then to "
        "`num_classes`.",
        _convolutions_only,
    ),
    Mistake(
        "the convolutions are forgotten",
        "Each convolution has 9 weights for each pair of channels, and its biases.",
        _affine_only,
    ),
    Mistake(
        "the places are forgotten",
        "Flattening hands on every place of every map: channels * side * side numbers.",
        _mean,
    ),
    Mistake(
        "the pooling is forgotten",
        "Each step ends with a pooling that halves the side, before the next one.",
        _not_halved,
    ),
    Mistake(
        "the last maps are counted as rows",
        "A map has height and width: the last side counts twice, as its square.",
        _side_once,
    ),
    Mistake(
        "every convolution reads the image",
        "The second convolution reads what the first one made: its input channels are "
        "the width before.",
        _same_input,
    ),
    Mistake(
        "a window of three weights",
        "A 3 x 3 window has nine weights for each pair of channels.",
        _three_by_one,
    ),
    Mistake(
        "the pooling rounds up",
        "A last row without a partner is dropped: 7 becomes 3.",
        _rounded_up,
    ),
    Mistake(
        "always three steps",
        "There are as many poolings as `widths`, not always three.",
        _always_three_steps,
    ),
)


def _case(name: str, **arguments: object) -> Case:
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=simple_cnn_parameters,
    title="A whole family, counted",
    lesson="50_architectures/20_simple_cnn",
    level="first steps",
    minutes=10,
    prompt="Return how many parameters the network has: for each of `widths` a 3 x 3 "
    "convolution with bias and padding 1, ReLU and 2 x 2 max pooling; then an affine "
    "map to `hidden` numbers and one to `num_classes`.",
    observe=call_it(simple_cnn_parameters),
    # By hand, first case: (1*9 + 1) * 2 = 20; 4 -> 2, (2*2*2 + 1) * 3 = 27;
    # (3 + 1) * 2 = 8; together 55.
    cases=(
        _case(
            "one step, grey image of 4 x 4",
            widths=[2],
            side=4,
            in_channels=1,
            hidden=3,
            num_classes=2,
        ),
        _case(
            "two steps, where halves are not whole",
            widths=[2, 5],
            side=14,
            in_channels=3,
            hidden=7,
            num_classes=3,
        ),
        _case("the network of the lesson", widths=[32, 64, 128], side=32),
        _case("four steps", widths=[3, 5, 7, 11], side=50, in_channels=1),
    ),
    mistakes=MISTAKES,
    hints=(
        "Walk through the steps with two numbers in hand: the channels and the side.",
        (
            "A step adds (channels * 9 + 1) * width, and leaves `width` channels and "
            "half of the side, rounded down."
        ),
        (
            "Behind the loop: `(channels * side * side + 1) * hidden`, then "
            "`(hidden + 1) * num_classes`."
        ),
    ),
    next="For which side do convolutions and affine maps have equally many parameters "
    "at widths 32, 64, 128?",
)
