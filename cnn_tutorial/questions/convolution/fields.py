"""What a number sees, and what it feels: the receptive field."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F

from cnn_tutorial.questions.question import Posed, question
from cnn_tutorial.receptive_field import receptive_field

__all__ = ["QUESTIONS"]

_Pair = tuple[int, int]
_Triple = tuple[int, int, int]
_STEPS = ((3, 1), (3, 2), (5, 1), (5, 2), (2, 2))
_PAIRS = ((3, -1), (-2, 5), (2, 2), (4, 4), (-4, -1), (-3, -3), (1, 6), (7, 2))


def _named(kernel: int, stride: int) -> str:
    return f"{kernel} x {kernel}" + (f" with stride {stride}" if stride > 1 else "")


def _ways(kernel: int, dilations: Sequence[int]) -> list[int]:
    """From each pixel of the field to the output, the number of ways."""
    x = torch.zeros(1, 1, 1 + (kernel - 1) * sum(dilations), requires_grad=True)
    y: torch.Tensor = x
    with torch.enable_grad():
        for dilation in dilations:
            y = F.conv1d(y, torch.ones(1, 1, kernel), dilation=dilation)
        (found,) = torch.autograd.grad(y.sum(), x)
    return [int(ways) for ways in found[0, 0]]


@question("20_convolution/70_receptive_field", a=_STEPS, b=_STEPS, c=_STEPS)
def size_of_the_field(a: _Pair, b: _Pair, c: _Pair) -> Posed | None:
    """Pixels a side that a number sees after three layers."""
    layers, before = (a, b, c), (1, a[1], a[1] * b[1])
    own = a[1], a[1] * b[1], a[1] * b[1] * c[1]
    parts = [(k - 1) * j for (k, _), j in zip(layers, before, strict=True)]
    if before[-1] == 1:
        return None
    return Posed(
        f"A picture goes through three layers: {_named(*a)}, then {_named(*b)}, then "
        f"{_named(*c)}. How many pixels a side does one number at the end see?",
        receptive_field([(k, s, 0, 1) for k, s in layers]).size[0],
        f"The kernels' steps are {before[0]}, {before[1]} and {before[2]} pixels long: "
        f"1 + {parts[0]} + {parts[1]} + {parts[2]} = {1 + sum(parts)}.",
        {
            1 + sum(k - 1 for k, _ in layers): "Behind a stride, neighbours are more "
            "than one pixel apart: the later kernels take longer steps.",
            1 + sum((k - 1) * j for (k, _), j in zip(layers, own, strict=True)): "A "
            "layer's own stride moves its outputs apart. Only the layers after it "
            "take longer steps.",
            sum(k for k, _ in layers): "Add what each kernel reaches beyond its first "
            "element, in steps of the strides before it.",
            math.prod(k for k, _ in layers): "The windows of neighbours overlap: count "
            "each pixel once.",
        },
    )


@question(
    "20_convolution/70_receptive_field",
    a=((3, 2, 0), (3, 2, 1), (5, 2, 2), (2, 2, 0), (3, 1, 1)),
    b=((3, 1, 1), (3, 2, 1), (5, 1, 2), (3, 1, 0)),
    row=(3, 4, 5, 6),
)
def rows_in_the_field(a: _Triple, b: _Triple, row: int) -> Posed | None:
    """Where the field of an output lies."""
    (kernel, stride, padding), top = a, row * b[1] - b[2]
    below = top + b[0] - 1
    start, end = top * stride - padding, below * stride - padding + kernel - 1
    if start < 0 or stride * b[1] == 1:
        return None
    first, last = receptive_field([(*a, 1), (*b, 1)]).interval((row, row))[0]
    late, near = b[2] * stride + padding, b[2] * (stride - 1)
    return Posed(
        f"Two convolutions: {_named(*a[:2])} and padding {padding}, then "
        f"{_named(*b[:2])} and padding {b[2]}. Rows count from 0. Which rows of the "
        f"picture does row {row} of the result see?",
        f"{first} to {last}",
        f"It reads rows {top} to {below} of the first result, and these read from "
        f"{top} * {stride} - {padding} = {start} to "
        f"{below} * {stride} - {padding} + {kernel} - 1 = {end}.",
        {
            f"{start + late} to {end + late}": "Padding puts rows in front of row 0: "
            "it moves each window up, and leaves its size.",
            f"{start + near} to {end + near}": "The padding of the second layer counts "
            "in steps of the first.",
            f"{top} to {below}": "These are rows of the first result. Go down one more "
            "layer.",
            f"{start} to {end - kernel + 1}": "The last window has a last row, too: "
            "add what lies behind its first.",
        },
    )


@question(
    "20_convolution/75_what_one_number_sees",
    dilations=(
        *((2, 2), (3, 3), (4, 4), (2, 4), (3, 6), (1, 4), (2, 3), (2, 6)),
        *((3, 3, 3), (2, 4, 4), (4, 2, 4), (2, 6, 2), (1, 3, 1), (1, 4, 1)),
        *((1, 3, 3), (3, 2, 3)),
    ),
)
def rows_that_are_read(dilations: tuple[int, ...]) -> Posed:
    """How many rows of a dilated field are read."""
    span, layers = 1 + 2 * sum(dilations), len(dilations)
    ways = _ways(3, dilations)
    read = sum(number > 0 for number in ways)
    below = [k for k, number in enumerate(ways[span // 2 :]) if number]
    return Posed(
        f"{'Two' if layers == 2 else 'Three'} layers of 3 x 3 kernels have the "
        f"dilations {', '.join(map(str, dilations))}. The field of one number spans "
        f"{span} rows. How many of these does the number depend on?",
        read,
        f"From the middle they lie {', '.join(map(str, below))} rows down, and as many "
        f"up: {read} in all.",
        {
            span: "The span counts rows that are stepped over, too. Which sums of the "
            "layers' steps can occur?",
            3**layers: "That counts the ways. Several of them end in the same row.",
            (span + 1) // 2: "Every other row is read if all steps are multiples of 2, "
            "and of nothing larger.",
            3 * layers: "Rows are not three for each layer: each of three rows reads "
            "three of its own. Follow all of them down.",
        },
    )


@question("20_convolution/75_what_one_number_sees", a=_PAIRS, b=_PAIRS, c=_PAIRS)
def elements_with_a_gradient(a: _Pair, b: _Pair, c: _Pair) -> Posed | None:
    """Which pixels a ReLU and a maximum leave a gradient."""
    row = [*a, *b, *c]
    x = torch.tensor([row], dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        (grad,) = torch.autograd.grad(F.max_pool1d(F.relu(x), 2).sum(), x)
    best = [max(pair) for pair in (a, b, c)]
    if max(best) < 0 or len({a, b, c}) < 3:
        return None
    first = [2 * k + (row[2 * k] != m) for k, m in enumerate(best)]
    last = [2 * k + (row[2 * k + 1] == m) for k, m in enumerate(best) if m > 0]
    return Posed(
        f"`x` holds {', '.join(map(str, row))}. Then "
        "`F.max_pool1d(F.relu(x), 2).sum().backward()` runs. Which elements of `x`, "
        "counted from 0, get a gradient other than zero?",
        grad[0].nonzero().flatten().tolist(),
        "Each window has one winner, in a tie the first. Where the ReLU has cut the "
        "winner to zero, nothing passes.",
        {
            str([k for k, value in enumerate(row) if value > 0]): "A maximum hands its "
            "gradient to one element of its window.",
            str(first): "Where the ReLU is off, no gradient passes, whoever wins.",
            str(last): "Look at the tie: which of two equal elements wins?",
            str(list(range(6))): "The ReLU and the maximum select: neither lets all "
            "six through.",
        },
    )


@question(
    "20_convolution/77_effective_field",
    depth=(2, 3, 4),
    kernel=(2, 3, 5),
    pixel=(1, 2, 3),
)
def ways_to_the_output(depth: int, kernel: int, pixel: int) -> Posed | None:
    """From a pixel to the output, the number of ways."""
    ways = _ways(kernel, [1] * depth)
    below = [0] * kernel + _ways(kernel, [1] * (depth - 1))
    if 2 * pixel >= len(ways) or ways[pixel] > 20:
        return None
    summed = [number for number in below[pixel + 1 : pixel + 1 + kernel] if number]
    return Posed(
        f"{depth} convolutions on one axis follow each other, each with {kernel} "
        "weights and stride 1. The pixels that one output sees are counted from 0, "
        f"from the edge on. How many ways lead from pixel {pixel} to this output?",
        ways[pixel],
        f"With one layer less, the ways from the edge on are "
        f"{', '.join(map(str, below[kernel : kernel + pixel + 1]))}. The next layer "
        f"adds up {' + '.join(map(str, summed))}.",
        {
            1: "Only the pixel at the very edge has a single way.",
            ways[pixel - 1]: "So many has its neighbour on the side of the edge. The "
            "first pixel is pixel 0.",
            kernel**depth: "These are the ways from all pixels of the field together.",
            kernel * depth: "A way chooses one weight in each layer, and must end at "
            "this very pixel. Which choices do?",
        },
    )


@question(
    "20_convolution/77_effective_field",
    depth=(8, 12, 16, 20),
    factor=(4, 9, 16, 25),
    felt=(True, False),
    area=(True, False),
)
def growth_of_the_field(depth: int, factor: int, felt: bool, area: bool) -> Posed:
    """How what is seen, and what is felt, grows with depth."""
    spread = math.sqrt(2 * depth * factor / 3) / math.sqrt(2 * depth / 3)
    side = round(spread) if felt else factor
    other_side = factor if felt else round(spread)
    power = 2 if area else 1
    what = "area" if area else "width"
    return Posed(
        f"A plain stack of 3 x 3 layers with stride 1 grows from {depth} to "
        f"{depth * factor} layers. About how many times as large does the {what} of "
        f"{'the effective' if felt else 'the whole'} receptive field become?",
        side**power,
        (
            "Walks spread like the root of their length"
            if felt
            else "The longest walks grow like the depth"
        )
        + f": {depth * factor} / {depth} layers make {side} times the width"
        + (f", and {side} * {side} times the pixels." if area else "."),
        {
            other_side**power: "The longest way grows like the depth, the spread of "
            "the typical ways like its root. Which of them makes this field?",
            side ** (3 - power): "This is the factor of its "
            f"{'width' if area else 'area'}. An area is a width times a width.",
            other_side ** (3 - power): "Two things are mixed up: width with area, and "
            "the longest ways with typical ones.",
            1: "More layers see more, and feel more.",
        },
    )


QUESTIONS = (
    size_of_the_field,
    rows_in_the_field,
    rows_that_are_read,
    elements_with_a_gradient,
    ways_to_the_output,
    growth_of_the_field,
)
