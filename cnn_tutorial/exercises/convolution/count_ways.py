"""Exercise: the number of ways from each pixel to an output."""

from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Layer = tuple[int, int, int]


def count_ways(layers: list[tuple[int, int, int]]) -> list[int]:
    """Return how often each pixel is read, for layers (kernel, stride, dilation)."""
    ways = {0: 1}  # the output itself
    for kernel, stride, dilation in reversed(layers):
        below: dict[int, int] = {}
        for place, count in ways.items():
            for k in range(kernel):
                pixel = place * stride + k * dilation
                below[pixel] = below.get(pixel, 0) + count
        ways = below
    return [ways.get(pixel, 0) for pixel in range(max(ways) + 1)]


def _changed(change: Callable[[Layer], Layer]) -> Callable[[list[Layer]], list[int]]:
    """Return an attempt that reads each layer in another way."""

    def attempt(layers: list[Layer]) -> list[int]:
        return count_ways([change(layer) for layer in layers])

    return attempt


def _from_the_image(layers: list[Layer]) -> list[int]:
    return count_ways(layers[::-1])


def _only_whether(layers: list[Layer]) -> list[int]:
    return [int(count > 0) for count in count_ways(layers)]


def _one_for_each(layers: list[Layer]) -> list[int]:
    """Count the readers in the last layer only, and not their ways."""
    ways = {0: 1}
    for kernel, stride, dilation in reversed(layers):
        below: dict[int, int] = {}
        for place in ways:
            for k in range(kernel):
                pixel = place * stride + k * dilation
                below[pixel] = below.get(pixel, 0) + 1
        ways = below
    return [ways.get(pixel, 0) for pixel in range(max(ways) + 1)]


def _no_gaps(layers: list[Layer]) -> list[int]:
    return [count for count in count_ways(layers) if count]


def _shares(layers: list[Layer]) -> list[float]:
    ways = count_ways(layers)
    return [count / sum(ways) for count in ways]


MISTAKES = (
    Mistake(
        "the layers are taken from the image",
        "Begin with the output: it is read by the last layer's window. Go through the "
        "layers from last to first.",
        _from_the_image,
    ),
    Mistake(
        "it says whether, and not how often",
        "A pixel that two windows read has the ways of both. Add to what is there, "
        "where a set would forget it.",
        _only_whether,
    ),
    Mistake(
        "each reader counts once, however many ways lead on from it",
        "A reader passes on all its ways: add its count, not 1.",
        _one_for_each,
    ),
    Mistake(
        "the stride is forgotten",
        "Output i of a layer begins to read at i * stride.",
        _changed(lambda layer: (layer[0], 1, layer[2])),
    ),
    Mistake(
        "the dilation is forgotten",
        "Element k of the window reads k * dilation further.",
        _changed(lambda layer: (layer[0], layer[1], 1)),
    ),
    Mistake(
        "pixels that nobody reads are left out",
        "A pixel in a gap is a pixel with 0 ways. The list has an entry for each "
        "pixel of the span.",
        _no_gaps,
    ),
    Mistake(
        "they are shares",
        "Return whole numbers of ways; dividing by their sum is the next step.",
        _shares,
    ),
)


def _case(name: str, *layers: Layer) -> Case:
    return Case(name, lambda: {"layers": list(layers)})


EXERCISE = Exercise(
    reference=count_ways,
    title="Ways from the pixels to an output",
    lesson="20_convolution/77_effective_field",
    level="deeper",
    minutes=15,
    prompt="For layers `(kernel_size, stride, dilation)` along one axis, from the "
    "input to the output and without padding, return a list with the number of ways "
    "from each pixel of the field to output 0. Pixels in a gap have 0 ways.",
    observe=call_it(count_ways),
    cases=(
        _case("no layer: one pixel, one way"),
        _case("one 2-wide window", (2, 1, 1)),
        _case("two 3-wide windows: 1, 2, 3, 2, 1", (3, 1, 1), (3, 1, 1)),
        _case("three 2-wide windows: 1, 3, 3, 1", *[(2, 1, 1)] * 3),
        _case("dilation 3", (2, 1, 3)),
        _case("stride 2 below a 3-wide window", (2, 2, 1), (3, 1, 1)),
        _case("stride 2 below, dilation 2 above", (3, 2, 1), (3, 1, 2)),
        _case("stride 3 above does not matter", (3, 1, 1), (2, 3, 1)),
        _case("all at once", (3, 2, 1), (2, 1, 2), (3, 3, 1), (2, 1, 2)),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Begin at the output, which has one way to itself. Which places of the "
            "layer below does it read, and how many ways does each of them get?"
        ),
        (
            "Keep a dictionary from place to number of ways. Place i reads i * stride "
            "+ k * dilation for each k, and hands all its ways to each of them."
        ),
        (
            "For each layer from the last to the first: a new dictionary, and for "
            "each place and each k `below[pixel] = below.get(pixel, 0) + count`. At "
            "the end, one entry for each pixel from 0 to the largest."
        ),
    ),
    next="Divide by the sum and compute the standard deviation. When is it the root of "
    "2N/3, and what do stride and dilation make of it?",
)
