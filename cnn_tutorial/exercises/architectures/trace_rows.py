"""Exercise: the columns of a trace, for a stack of convolutions and poolings."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

#: Channels (None for a pooling), kernel size, stride, padding.
Layer = tuple[int | None, int, int, int]
#: Channels, side, parameters, MACs, field.
Line = tuple[int, int, int, int, int]


def trace_rows(
    channels: int, side: int, layers: list[tuple[int | None, int, int, int]]
) -> list[tuple[int, int, int, int, int]]:
    """Return (channels, side, parameters, MACs, field) after each layer.

    A layer is (channels, kernel_size, stride, padding); a pooling has None for its
    channels. Convolutions have a bias.
    """
    rows, field, step = [], 1, 1
    for out_channels, kernel_size, stride, padding in layers:
        side = (side + 2 * padding - kernel_size) // stride + 1
        field += (kernel_size - 1) * step
        step *= stride
        weights = biases = 0
        if out_channels is not None:  # a pooling learns nothing
            weights, biases = out_channels * channels * kernel_size**2, out_channels
            channels = out_channels
        macs = weights * side**2
        rows.append((channels, side, weights + biases, macs, field))
    return rows


def _changed(change: Callable[[Line, Layer, int, int], Line]) -> Attempt:
    """Return the right loop whose lines are changed.

    `change` takes a line, its layer, and the channels and the side that came in.
    """

    def attempt(channels: int, side: int, layers: Sequence[Layer]) -> list[Line]:
        rows = []
        for row, layer in zip(
            trace_rows(channels, side, list(layers)), layers, strict=True
        ):
            rows.append(change(row, layer, channels, side))
            channels, side = row[:2]
        return rows

    return attempt


def _fields(field: Callable[[int, int, int, int], int]) -> Attempt:
    """Return lines whose field grows by another rule: field, step, k and s."""

    def attempt(channels: int, side: int, layers: Sequence[Layer]) -> list[Line]:
        rows, seen, step = [], 1, 1
        for row, (_, k, s, _padding) in zip(
            trace_rows(channels, side, list(layers)), layers, strict=True
        ):
            seen, step = field(seen, step, k, s), step * s
            rows.append((*row[:4], seen))
        return rows

    return attempt


def _no_bias(row: Line, layer: Layer, _c: int, _side: int) -> Line:
    return (*row[:2], row[2] - (layer[0] or 0), *row[3:])


def _biases_multiply(row: Line, _layer: Layer, _c: int, _side: int) -> Line:
    return (*row[:3], row[2] * row[1] ** 2, row[4])


def _places_of_the_input(row: Line, _layer: Layer, _c: int, side: int) -> Line:
    return (*row[:3], row[3] // row[1] ** 2 * side**2, row[4])


def _used_once(row: Line, _layer: Layer, _c: int, _side: int) -> Line:
    return (*row[:3], row[3] // row[1] ** 2, row[4])


def _poolings_learn(row: Line, layer: Layer, _c: int, _side: int) -> Line:
    weights = row[0] * layer[1] ** 2 if layer[0] is None else 0
    return (*row[:2], row[2] + weights, row[3] + weights * row[1] ** 2, row[4])


def _one_kernel_each(row: Line, layer: Layer, channels: int, _side: int) -> Line:
    if layer[0] is None:
        return row
    weights = (row[2] - layer[0]) // channels
    return (*row[:2], weights + layer[0], row[3] // channels, row[4])


def _one_axis(row: Line, layer: Layer, _c: int, _side: int) -> Line:
    if layer[0] is None:
        return row
    weights = (row[2] - layer[0]) // layer[1]
    return (*row[:2], weights + layer[0], row[3] // layer[1], row[4])


def _no_padding(channels: int, side: int, layers: Sequence[Layer]) -> list[Line]:
    return trace_rows(channels, side, [(c, k, s, 0) for c, k, s, _ in layers])


def _no_stride(channels: int, side: int, layers: Sequence[Layer]) -> list[Line]:
    return trace_rows(channels, side, [(c, k, 1, p) for c, k, _, p in layers])


def _each_alone(channels: int, side: int, layers: Sequence[Layer]) -> list[Line]:
    return [trace_rows(channels, side, [layer])[0] for layer in layers]


MISTAKES = (
    Mistake(
        "the biases are forgotten",
        "A convolution has a bias for each output channel: they are parameters, too.",
        _changed(_no_bias),
    ),
    Mistake(
        "biases are multiplied",
        "A bias is added, not multiplied: MACs are the weights times the places.",
        _changed(_biases_multiply),
    ),
    Mistake(
        "the places of the input are counted",
        "The kernel stops once for each place of the *output*: use the new side.",
        _changed(_places_of_the_input),
    ),
    Mistake(
        "each weight is used once",
        "A weight is used in every place of the output: times side * side.",
        _changed(_used_once),
    ),
    Mistake(
        "operations in place of MACs",
        "A MAC is a multiplication *with* its addition: count the pair once.",
        _changed(lambda row, *_: (*row[:3], 2 * row[3], row[4])),
    ),
    Mistake(
        "poolings have weights",
        "A pooling has nothing to learn and multiplies by nothing: 0 and 0.",
        _changed(_poolings_learn),
    ),
    Mistake(
        "one kernel for each output channel",
        "An output channel has a kernel for *each* input channel.",
        _changed(_one_kernel_each),
    ),
    Mistake(
        "kernels have one axis",
        "A kernel is square: kernel_size**2 weights.",
        _changed(_one_axis),
    ),
    Mistake(
        "the padding is forgotten",
        "Each layer first adds its zeros on both sides: side + 2 * padding.",
        _no_padding,
    ),
    Mistake(
        "the stride is forgotten",
        "A stride divides the room of this layer, and spreads the next ones' steps.",
        _no_stride,
    ),
    Mistake(
        "the field grows by whole kernels",
        "The first number of a window is there already: a layer adds kernel_size - 1 "
        "steps.",
        _fields(lambda seen, step, k, s: seen + k * step),
    ),
    Mistake(
        "the field does not know strides",
        "Behind a stride, neighbours are further apart in the image: multiply "
        "kernel_size - 1 by all strides before this layer.",
        _fields(lambda seen, step, k, s: seen + k - 1),
    ),
    Mistake(
        "the field uses the stride of its own layer",
        "A layer's stride spreads what comes after it: change the step after you have "
        "used it.",
        _fields(lambda seen, step, k, s: seen + (k - 1) * step * s),
    ),
    Mistake(
        "the field only of this layer",
        "Fields add up: begin at 1, and let each layer widen what is there.",
        _fields(lambda seen, step, k, s: k),
    ),
    Mistake(
        "each layer begins with the image",
        "A layer starts from what the one before it left: carry channels and side on.",
        _each_alone,
    ),
)


def _case(name: str, channels: int, side: int, *layers: Layer) -> Case:
    return Case(name, lambda: {"channels": channels, "side": side, "layers": [*layers]})


EXERCISE = Exercise(
    reference=trace_rows,
    title="Four columns of a trace",
    lesson="50_architectures/05_reading_an_architecture",
    level="deeper",
    minutes=15,
    prompt="Return a line for each layer of a stack: channels and side of what comes "
    "out, its parameters, its MACs, and the side of the field in pixels of the image.",
    observe=call_it(trace_rows),
    cases=(
        # 2*1*9 + 2; 18 weights in 5*5 places
        _case("one convolution", 1, 7, (2, 3, 1, 0)),
        # 4*3*9 + 4, 108 in 8*8 places; 3 and 1 more
        _case("a convolution and a pooling", 3, 8, (4, 3, 1, 1), (None, 2, 2, 0)),
        # fields 3, 3 + 2*2 = 7, 7 + 1*6 = 13
        _case("strides", 2, 19, (3, 3, 2, 1), (5, 3, 3, 0), (1, 2, 1, 0)),
        _case("poolings alone", 5, 12, (None, 3, 3, 0), (None, 2, 1, 0)),
        _case("nothing", 3, 8),
        _case(
            "the first layers of AlexNet",
            *(3, 227),
            *((96, 11, 4, 0), (None, 3, 2, 0), (256, 5, 1, 2), (None, 3, 2, 0)),
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Carry four numbers through the loop: channels, side, field, and the step, "
            "which is the product of all strides so far."
        ),
        (
            "Weights are out * channels * k * k; parameters add `out`, MACs multiply "
            "by the new side twice. The field grows by (k - 1) * step."
        ),
        (
            "In this order: new side; `field += (k - 1) * step`; `step *= stride`; "
            "weights from the old channels; then the new channels, and the line."
        ),
    ),
    next="Add a column for the memory of the outputs, and compare with "
    "`summary.trace` of an `nn.Sequential`.",
)
