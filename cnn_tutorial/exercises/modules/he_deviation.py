"""Exercise: how large weights should be before a ReLU."""

from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Shape = tuple[int, ...]


def he_deviation(shape: Shape) -> float:
    """Return the standard deviation for a weight of this shape before a ReLU."""
    fan_in = 1  # how many products one output number adds up
    for side in shape[1:]:
        fan_in *= side
    return float((2 / fan_in) ** 0.5)


def _variance(shape: Shape) -> float:
    return 2 / math.prod(shape[1:])


def _no_two(shape: Shape) -> float:
    return math.sqrt(1 / math.prod(shape[1:]))


def _two_outside(shape: Shape) -> float:
    return 2 / math.sqrt(math.prod(shape[1:]))


def _half(shape: Shape) -> float:
    return math.sqrt(0.5 / math.prod(shape[1:]))


def _fan_out(shape: Shape) -> float:
    return math.sqrt(2 / (shape[0] * math.prod(shape[2:])))


def _outputs_only(shape: Shape) -> float:
    return math.sqrt(2 / shape[0])


def _channels_only(shape: Shape) -> float:
    return math.sqrt(2 / shape[1])


def _window_only(shape: Shape) -> float:
    return math.sqrt(2 / math.prod(shape[2:]))


def _all_weights(shape: Shape) -> float:
    return math.sqrt(2 / math.prod(shape))


def _one_side(shape: Shape) -> float:
    return math.sqrt(2 / (shape[1] * shape[-1] ** (len(shape) - 2)))


def _glorot(shape: Shape) -> float:
    window = math.prod(shape[2:])
    return math.sqrt(2 / ((shape[0] + shape[1]) * window))


def _bound(shape: Shape) -> float:
    return math.sqrt(6 / math.prod(shape[1:]))


def _default(shape: Shape) -> float:
    return math.sqrt(1 / (3 * math.prod(shape[1:])))


MISTAKES = (
    Mistake(
        "that is the variance",
        "The variance is 2 / fan-in; the standard deviation is its square root.",
        _variance,
    ),
    Mistake(
        "the ReLU is forgotten",
        "1 / fan-in is for layers without a ReLU between them. It cuts away half of "
        "the mean square: the variance must be twice as large.",
        _no_two,
    ),
    Mistake(
        "the 2 is outside of the root",
        "The variance is 2 / fan-in, so that the 2 belongs under the root.",
        _two_outside,
    ),
    Mistake(
        "the half is on the wrong side",
        "The ReLU halves the mean square, and the weights make up for it: times 2, "
        "not divided by 2.",
        _half,
    ),
    Mistake(
        "the fan-out is counted",
        "One output number adds up what comes *in*: the axes behind the first.",
        _fan_out,
    ),
    Mistake(
        "the output channels are counted",
        "The first axis is how many output channels there are; none of them adds up "
        "the others.",
        _outputs_only,
    ),
    Mistake(
        "the window is forgotten",
        "An output number of a convolution adds up a whole window of each input "
        "channel: multiply by its height and width.",
        _channels_only,
    ),
    Mistake(
        "the input channels are forgotten",
        "The window is read in every input channel: multiply by their number.",
        _window_only,
    ),
    Mistake(
        "all weights are counted",
        "One output number uses the weights of its own channel only: leave the first "
        "axis out.",
        _all_weights,
    ),
    Mistake(
        "the window is taken for a square",
        "A window may be taller than wide: multiply its height by its width.",
        _one_side,
    ),
    Mistake(
        "fan-in and fan-out are averaged",
        "That is Glorot's rule for layers without ReLU. Here the fan-in alone counts.",
        _glorot,
    ),
    Mistake(
        "that is the bound of an even distribution",
        "Even numbers up to this bound have the right deviation, which is smaller by "
        "the root of 3.",
        _bound,
    ),
    Mistake(
        "that is what PyTorch draws if nobody asks",
        "The default has a variance of 1 / (3 fan-in), a sixth of what layers with "
        "ReLU need: 2 / fan-in.",
        _default,
    ),
)


def _case(name: str, *shape: int) -> Case:
    return Case(name, lambda: {"shape": shape})


EXERCISE = Exercise(
    reference=he_deviation,
    title="How large weights start",
    lesson="30_modules/15_starting_weights",
    level="core",
    minutes=6,
    prompt="Return the standard deviation that keeps a signal at its size through "
    "layers with ReLU, for a weight of this shape: `(C_out, C_in)` or `(C_out, "
    "C_in/groups, kh, kw)`.",
    observe=call_it(he_deviation),
    cases=(
        _case("a linear layer from 8 to 3 channels", 3, 8),
        _case("a 1 x 1 convolution from 32 to 5 channels", 5, 32, 1, 1),
        _case("a 3 x 3 convolution from 2 to 7 channels", 7, 2, 3, 3),
        _case("a window of 4 x 2 pixels", 3, 4, 4, 2),
        _case("a depthwise convolution, one channel each", 16, 1, 5, 5),
    ),
    mistakes=MISTAKES,
    hints=(
        "How many products does *one* output number add up? That is the fan-in.",
        "The fan-in is the product of all axes of the weight but the first.",
        "`math.sqrt(2 / math.prod(shape[1:]))`.",
    ),
    next="Compare with `torch.nn.init.kaiming_normal_`. Then with what "
    "`nn.Conv2d` draws if nobody asks: a bound of `1 / sqrt(fan_in)`.",
)
