"""Exercise: size, stride and beginning of a receptive field."""

from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Layer = tuple[int, int, int, int]
Answer = tuple[int, int, int]
State = tuple[int, int, int]


def receptive_field(layers: list[tuple[int, int, int, int]]) -> tuple[int, int, int]:
    """Return (size, stride, start) after layers (kernel, stride, padding, dilation)."""
    size, step, start = 1, 1, 0  # a pixel sees itself
    for kernel, stride, padding, dilation in layers:
        size += (kernel - 1) * dilation * step
        start -= padding * step
        step *= stride
    return size, step, start


def _with(change: Callable[[State, Layer], State]) -> Callable[[list[Layer]], Answer]:
    """Return an attempt that goes through the layers with another rule."""

    def attempt(layers: list[Layer]) -> Answer:
        state = 1, 1, 0
        for layer in layers:
            state = change(state, layer)
        return state

    return attempt


def _stride_first(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d * step * s, step * s, start - p * step


def _stride_first_for_all(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d * step * s, step * s, start - p * step * s


def _no_step(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d, step * s, start - p


def _no_step_for_size(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d, step * s, start - p * step


def _own_stride(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d * s, step * s, start - p * step


def _no_dilation(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, _) = state, layer
    return size + (k - 1) * step, step * s, start - p * step


def _whole_kernel(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + k * d * step, step * s, start - p * step


def _dilated_span(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + d * (k - 1) * step + step, step * s, start - p * step


def _summed_strides(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d * step, step + s - 1, start - p * step


def _last_stride(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d * step, s, start - p * step


def _product(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size * (d * (k - 1) + 1), step * s, start - p * step


def _right(state: State, layer: Layer) -> State:
    (size, step, start), (k, s, p, d) = state, layer
    return size + (k - 1) * d * step, step * s, start - p * step


def _no_padding(state: State, layer: Layer) -> State:
    return (*_right(state, layer)[:2], 0)


def _pixels_of_padding(state: State, layer: Layer) -> State:
    (_, _, start), (_, _, p, _) = state, layer
    return (*_right(state, layer)[:2], start - p)


def _late_padding(state: State, layer: Layer) -> State:
    (_, step, start), (_, s, p, _) = state, layer
    return (*_right(state, layer)[:2], start - p * step * s)


def _wrong_way(state: State, layer: Layer) -> State:
    (_, step, start), (_, _, p, _) = state, layer
    return (*_right(state, layer)[:2], start + p * step)


def _smaller_by_padding(state: State, layer: Layer) -> State:
    size, step, start = _right(state, layer)
    return size - 2 * layer[2] * state[1], step, start


def _swapped(state: State, layer: Layer) -> State:
    k, s, p, d = layer
    return _right(state, (k, s, d, p))


def _centre(layers: list[Layer]) -> tuple[int, int, float]:
    size, step, start = receptive_field(layers)
    return size, step, start + (size - 1) / 2


def _from_the_output(layers: list[Layer]) -> Answer:
    return receptive_field(layers[::-1])


def _from_nothing(layers: list[Layer]) -> Answer:
    size, step, start = receptive_field(layers)
    return size - 1, step, start


MISTAKES = (
    Mistake(
        "the field begins with nothing",
        "Before the first layer a number is one pixel, and that pixel sees itself: "
        "start with a size of 1.",
        _from_nothing,
    ),
    Mistake(
        "a kernel of K adds K",
        "A window of K elements reaches K - 1 further than its first one.",
        _with(_whole_kernel),
    ),
    Mistake(
        "the span of the dilated window is added, and not what it adds",
        "A window spans D(K - 1) + 1, but its first element is there already: it adds "
        "D(K - 1).",
        _with(_dilated_span),
    ),
    Mistake(
        "sizes are multiplied",
        "Windows overlap. A layer adds (K - 1) D steps to the field; only strides "
        "multiply.",
        _with(_product),
    ),
    Mistake(
        "the dilation is forgotten",
        "Neighbouring elements of the window are D steps apart.",
        _with(_no_dilation),
    ),
    Mistake(
        "the strides of the layers before are forgotten",
        "After strides of 2 and 2, one step on the maps is four pixels of the image. "
        "Multiply by the step so far.",
        _with(_no_step_for_size),
    ),
    Mistake(
        "steps on the maps are taken for pixels",
        "Kernel and padding count steps on the maps that a layer reads. Multiply both "
        "by the step so far, in pixels.",
        _with(_no_step),
    ),
    Mistake(
        "each layer is multiplied by its own stride only",
        "What counts is the product of all strides before the layer, without its own.",
        _with(_own_stride),
    ),
    Mistake(
        "the step changes before the size",
        "A layer's own stride moves its outputs apart; its window still reads the maps "
        "before. Change the step last.",
        _with(_stride_first),
    ),
    Mistake(
        "the step changes before size and start",
        "Window and padding lie on the maps before the stride: change the step last.",
        _with(_stride_first_for_all),
    ),
    Mistake(
        "strides are added up",
        "Two strides of 3 make a step of 9 pixels, not of 5 or 6: multiply.",
        _with(_summed_strides),
    ),
    Mistake(
        "only the last stride counts",
        "The step is the product of all strides so far.",
        _with(_last_stride),
    ),
    Mistake(
        "the layers are taken from the output",
        "This recursion goes the way of the image: first layer first. From the output "
        "there is another one.",
        _from_the_output,
    ),
    Mistake(
        "padding and dilation are taken for each other",
        "A layer is (kernel, stride, padding, dilation): dilation comes last.",
        _with(_swapped),
    ),
    Mistake(
        "the start is the middle of the field",
        "The first pixel of the field is asked for, and its size moves the far end "
        "only: without padding it is 0.",
        _centre,
    ),
    Mistake(
        "the padding is forgotten",
        "With P rows of padding the first window begins P steps before the image: the "
        "start becomes negative.",
        _with(_no_padding),
    ),
    Mistake(
        "the padding counts pixels",
        "Padding is in steps of the maps that it is put around. Multiply by the step "
        "so far.",
        _with(_pixels_of_padding),
    ),
    Mistake(
        "the padding is scaled by the layer's own stride",
        "The padding is put around the maps before the stride: use the step before you "
        "change it.",
        _with(_late_padding),
    ),
    Mistake(
        "the padding moves the start the wrong way",
        "Padding comes before row 0, so the first window begins earlier: subtract.",
        _with(_wrong_way),
    ),
    Mistake(
        "padding makes the field smaller",
        "Padding moves the field, and its size stays: part of it lies outside.",
        _with(_smaller_by_padding),
    ),
)


def _case(name: str, *layers: Layer) -> Case:
    return Case(name, lambda: {"layers": list(layers)})


EXERCISE = Exercise(
    reference=receptive_field,
    title="Size, stride and start of a field",
    lesson="20_convolution/70_receptive_field",
    level="deeper",
    minutes=12,
    prompt="For layers `(kernel_size, stride, padding, dilation)`, from the input to "
    "the output, return three whole numbers of pixels: the size of the field, the "
    "distance from one output's field to the next, and the first pixel that output 0 "
    "sees (negative if it lies in the padding). One axis is enough.",
    observe=call_it(receptive_field),
    cases=(
        _case("no layer: a pixel sees itself"),
        _case("one 3-wide window", (3, 1, 0, 1)),
        _case("two 3-wide windows", (3, 1, 0, 1), (3, 1, 0, 1)),
        _case("stride 3, then a 2-wide window", (1, 3, 0, 1), (2, 1, 0, 1)),
        _case("strides of 3, 2 and 1", (4, 3, 0, 1), (2, 2, 0, 1), (3, 1, 0, 1)),
        _case("dilation 4", (3, 1, 0, 4)),
        _case("padding 2", (3, 1, 2, 1)),
        _case("stride 3 with padding 1, then padding 2", (5, 3, 1, 1), (3, 2, 2, 1)),
        _case(
            "conv3, conv3, pool2, conv3, conv3, pool2",
            *((3, 1, 0, 1), (3, 1, 0, 1), (2, 2, 0, 1)) * 2,
        ),
        _case("all at once", (7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2), (3, 3, 4, 4)),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Keep three numbers from layer to layer. What does one more window add to "
            "the size, and how many pixels is one of its steps?"
        ),
        (
            "Before a layer, one step on its maps is as many pixels as the product of "
            "all strides so far. Kernel and padding count such steps."
        ),
        (
            "Start with `size, step, start = 1, 1, 0`. For each layer: `size += "
            "(kernel - 1) * dilation * step`, `start -= padding * step`, and last "
            "`step *= stride`."
        ),
    ),
    next="Which pixel is the centre of output i's field? And which outputs of the last "
    "layer see pixel 0?",
)
