"""Exercise: what a convolution layer costs."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Bill = tuple[int, int, int]


def layer_cost(
    c_in: int, c_out: int, kernel_size: int, height: int, width: int
) -> tuple[int, int, int]:
    """Return (parameters, MACs, output bytes) of a convolution with bias, float32."""
    weights = c_out * c_in * kernel_size**2
    places = height * width
    return weights + c_out, weights * places, 4 * c_out * places


def _no_bias(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, size = layer_cost(c_in, c_out, k, height, width)
    return parameters - c_out, macs, size


def _one_bias(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, size = layer_cost(c_in, c_out, k, height, width)
    return parameters - c_out + 1, macs, size


def _bias_per_kernel(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, size = layer_cost(c_in, c_out, k, height, width)
    return parameters - c_out + c_in * c_out, macs, size


def _bias_per_input(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, size = layer_cost(c_in, c_out, k, height, width)
    return parameters - c_out + c_in, macs, size


def _bias_is_work(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, _, size = layer_cost(c_in, c_out, k, height, width)
    return parameters, parameters * height * width, size


def _line(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    weights = c_out * c_in * k
    return weights + c_out, weights * height * width, 4 * c_out * height * width


def _no_input(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    return layer_cost(1, c_out, k, height, width)


def _once(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, _, size = layer_cost(c_in, c_out, k, height, width)
    return parameters, c_out * c_in * k**2, size


def _shrunk(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    return layer_cost(c_in, c_out, k, height - k + 1, width - k + 1)


def _square(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    return layer_cost(c_in, c_out, k, height, height)


def _twice(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, size = layer_cost(c_in, c_out, k, height, width)
    return parameters, 2 * macs, size


def _numbers(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, size = layer_cost(c_in, c_out, k, height, width)
    return parameters, macs, size // 4


def _input_bytes(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, _ = layer_cost(c_in, c_out, k, height, width)
    return parameters, macs, 4 * c_in * height * width


def _one_channel(c_in: int, c_out: int, k: int, height: int, width: int) -> Bill:
    parameters, macs, _ = layer_cost(c_in, c_out, k, height, width)
    return parameters, macs, 4 * height * width


MISTAKES = (
    Mistake(
        "the biases are forgotten",
        "Each output channel has a bias of its own: `c_out` parameters more.",
        _no_bias,
    ),
    Mistake(
        "there is one bias in all",
        "There is one bias for each output channel.",
        _one_bias,
    ),
    Mistake(
        "there is a bias for each pair of channels",
        "The sums over all input channels meet in one number, and that gets one bias: "
        "`c_out` of them.",
        _bias_per_kernel,
    ),
    Mistake(
        "there is a bias for each input channel",
        "A bias is added to an output, so there is one for each output channel.",
        _bias_per_input,
    ),
    Mistake(
        "adding the bias is counted as work",
        "A bias is added, not multiplied: MACs count the weights only.",
        _bias_is_work,
    ),
    Mistake(
        "the window is taken for a line",
        "A window of size K has K * K elements.",
        _line,
    ),
    Mistake(
        "the input channels are forgotten",
        "A kernel reads all input channels: C_in * K * K weights for each output "
        "channel.",
        _no_input,
    ),
    Mistake(
        "the work is counted for one place only",
        "The weights are used at every pixel of the output: height * width times.",
        _once,
    ),
    Mistake(
        "the output is smaller than the input",
        "This layer pads, so that the output has the height and width of the input.",
        _shrunk,
    ),
    Mistake(
        "the image is taken for a square",
        "There are height * width places.",
        _square,
    ),
    Mistake(
        "multiplications and additions are counted apart",
        "A multiply-accumulate is one multiplication with its addition: count it once.",
        _twice,
    ),
    Mistake(
        "numbers are counted, not bytes",
        "A float32 takes 4 bytes.",
        _numbers,
    ),
    Mistake(
        "the bytes are those of the input",
        "The output has `c_out` channels.",
        _input_bytes,
    ),
    Mistake(
        "the output is taken for one channel",
        "Each of the `c_out` channels is an image of height * width numbers.",
        _one_channel,
    ),
)


def _case(name: str, *sizes: int) -> Case:
    names = ("c_in", "c_out", "kernel_size", "height", "width")
    arguments: dict[str, object] = dict(zip(names, sizes, strict=True))
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=layer_cost,
    title="What a layer costs",
    lesson="10_tensors/42_channels",
    level="first steps",
    minutes=8,
    prompt="Return parameters, multiply-accumulates and bytes of the output for a "
    "convolution with bias on one image, padded so that height and width stay.",
    observe=call_it(layer_cost),
    cases=(
        # 2 * 3 * 1 weights at 5 * 7 places; 2 biases; 2 * 35 numbers of 4 bytes.
        _case("1 x 1 window, 3 to 2 channels, 5 x 7 pixels", 3, 2, 1, 5, 7),
        _case("3 x 3 window, 1 to 2 channels, 5 x 7 pixels", 1, 2, 3, 5, 7),
        _case("3 x 3 window, 2 to 5 channels, 7 x 11 pixels", 2, 5, 3, 7, 11),
        _case("a thousand channels from three", 3, 1024, 3, 32, 32),
    ),
    mistakes=MISTAKES,
    hints=(
        "Count the weights first: they appear in two of the three answers.",
        (
            "There are c_out * c_in * K * K weights. Each is used once at every place; "
            "biases are parameters and no MACs."
        ),
        (
            "(weights + c_out, weights * height * width, 4 * c_out * height * width) "
            "with weights = c_out * c_in * kernel_size**2"
        ),
    ),
    next="Give the function a `stride`. Which of the three answers stay what they are?",
)
