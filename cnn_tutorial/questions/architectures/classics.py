"""Plans of steps, small windows in a row, and biases in front of norms."""

from __future__ import annotations

from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_HEADS = {
    "flat": "flattens the maps",
    "mean": "takes the mean over all places",
}


@question(
    "50_architectures/20_simple_cnn",
    width=(3, 4, 5, 8, 10),
    steps=(2, 3),
    side=(16, 24, 32),
    head=tuple(_HEADS),
)
def numbers_read_by_the_head(width: int, steps: int, side: int, head: str) -> Posed:
    """Size of the first affine map's input."""
    plan = [width * 2**k for k in range(steps)]
    with torch.device("meta"):
        maps = torch.empty(1, 3, side, side)
        for channels in plan:
            conv = nn.Conv2d(maps.shape[1], channels, 3, padding=1)
            maps = F.max_pool2d(conv(maps).relu(), 2)
        read = maps.flatten(1) if head == "flat" else maps.mean(dim=(2, 3))
    last, left = maps.shape[1:3]
    return Posed(
        f"Images of 3 x {side} x {side}. {steps} steps of a 3 x 3 convolution with "
        f"padding 1, a ReLU and a 2 x 2 pooling lead to {', '.join(map(str, plan))} "
        f"channels. The head {_HEADS[head]}. How many numbers go into its affine map?",
        read.shape[1],
        f"{last} maps of {left} x {left}: {left} is {side} halved {steps} times."
        if head == "flat"
        else f"{last} maps, and one mean for each of them.",
        _miscounted(plan, left)[head],
    )


def _miscounted(plan: list[int], left: int) -> dict[str, dict[object, str]]:
    last = plan[-1]
    return {
        "flat": {
            last: "Nothing is averaged: each channel keeps all its places.",
            last * (2 * left) ** 2: "Each step halves the side, the last one, too.",
            last * left: "A map has height and width.",
        },
        "mean": {
            last * left**2: "A mean leaves one number of each map.",
            plan[0]: "The head stands behind the last step.",
            left**2: "The mean is taken over places, not over channels.",
        },
    }


_COUNTED = {"multiplications": "does it need", "weights": "does it have"}
_COUNTED |= {"numbers": "does it put out"}
_SIDES = {2: "half the side", 4: "a quarter of the side"}


@question(
    "50_architectures/20_simple_cnn",
    wider=(1, 2, 4),
    smaller=tuple(_SIDES),
    counted=tuple(_COUNTED),
)
def next_step(wider: int, smaller: int, counted: str) -> Posed:
    """Cost of a step's convolution against that of the step before."""
    first, second = (_counts(wider**k, wider, 64 // smaller**k) for k in (1, 2))
    channels = f"{wider} times the channels" if wider > 1 else "the same channels"
    places = Fraction(1, smaller**2)
    factors = {"weights": f"{wider} * {wider}", "numbers": f"{wider} * {places}"}
    product = factors.get(counted, f"{wider} * {wider} * {places}")
    return Posed(
        f"From step to step a network has {channels} and {_SIDES[smaller]}. Compare "
        f"the 3 x 3 convolution of one step with that of the step before: how many "
        f"times as many {counted} {_COUNTED[counted]}?",
        second[counted] / first[counted],
        f"{_WHAT[counted]} {product}.",
        _misjudged(wider, smaller)[counted],
    )


def _misjudged(wider: int, smaller: int) -> dict[str, dict[object, str]]:
    weights, places = wider**2, Fraction(1, smaller**2)
    stored = "A convolution uses the same weights in all of its places."
    pairs = "A weight joins one channel in to one channel out: both have changed."
    sides = "A smaller side is a smaller height and width."
    return {
        "multiplications": {
            wider * places: pairs,
            weights: "Each weight works in fewer places: how many?",
            Fraction(weights, smaller): sides,
        },
        "weights": {1: "And the channels?", weights * places: stored, wider: pairs},
        "numbers": {
            Fraction(wider, smaller): sides,
            weights * places: "What comes in is not put out: count the maps behind it.",
            wider: "And how large is each of these maps?",
        },
    }


_WHAT = {
    "multiplications": "Channels in, channels out, places:",
    "weights": "Channels in and channels out, whatever the places:",
    "numbers": "Channels out, and places:",
}


def _counts(channels: int, wider: int, side: int) -> dict[str, Fraction]:
    ends = channels, wider * channels
    return {
        "multiplications": Fraction(arithmetic.conv_macs(*ends, 3, side)),
        "weights": Fraction(arithmetic.conv_parameters(*ends, 3, bias=False)),
        "numbers": Fraction(ends[1] * side**2),
    }


@question("50_architectures/22_vgg", layers=(2, 3, 4), window=(2, 3, 4, 5))
def weights_saved(layers: int, window: int) -> Posed | None:
    """Weights that small windows in a row save against one large one."""
    row = torch.zeros(1, 1, 41)
    row[..., 20] = 1
    for _ in range(layers):
        row = F.conv1d(row, torch.ones(1, 1, window), padding=window - 1)
    large = int((row > 0).sum())
    small = layers * window**2
    if large > 10:  # squares that nobody has in the head
        return None
    return Posed(
        f"{layers} convolutions of {window} x {window} in a row, all with stride 1, "
        f"replace the one that sees as many pixels. Each has C channels in and out, "
        f"and no bias. How many times C * C weights are saved?",
        large**2 - small,
        f"Together they see {large} x {large}: {large**2} against {layers} * "
        f"{window**2} = {small}.",
        {
            (layers * window) ** 2 - small: "Windows overlap: a further one adds less "
            "than its width.",
            large**2 - window**2: "There are several small windows to pay for.",
            small: "That is what the small ones have. What would the large one have?",
        },
    )


_ROWS = ((1, 2), (2, 1), (1, -1), (3, 1), (2, -1), (1, 3))


@question(
    "50_architectures/22_vgg",
    first=_ROWS,
    second=_ROWS,
    between=("nothing", "nothing", "a ReLU"),
)
def one_kernel_for_two(
    first: tuple[int, int], second: tuple[int, int], between: str
) -> Posed:
    """Kernel that does what two do in a row."""
    ones = torch.eye(3, dtype=torch.int64)[:, None]  # each pixel lit in turn
    out, negative = (_in_a_row(x, first, second, between) for x in (ones, -ones))
    linear = torch.equal(out, -negative)
    (a, b), (c, d) = first, second
    merged = [a * c, b * c + a * d, b * d]
    return Posed(
        f"The kernel {list(first)} slides along a row, and {list(second)} along the "
        f"result, with {between} between them. Which one kernel does the same to every "
        f"row?",
        out.flatten().tolist() if linear else _NO_KERNEL,
        f"{c} times the first kernel, plus {d} times the same one step further."
        if linear
        else "A kernel answers the negative row with the negative; a ReLU does not.",
        {
            str(merged): _TRY.format("With nothing in between, yes."),
            _NO_KERNEL: "Sums of sums are sums: nothing between the two bends them.",
            str([a * d, b * d + a * c, b * c]): "Keep the order of the second kernel: "
            "its first number meets the window that begins first."
            if linear
            else _TRY.format("Put in a one, then a minus one."),
            str([a * c, b * d]): "Two windows of two, one after the other, see three "
            "pixels."
            if linear
            else _TRY.format("Put in a row, then its negative."),
        },
    )


_NO_KERNEL = "no kernel does"
_TRY = "{} A kernel turns the signs of its results with those of the row. And a ReLU?"


def _in_a_row(
    x: Tensor, first: tuple[int, int], second: tuple[int, int], between: str
) -> Tensor:
    once = F.conv1d(x, torch.tensor(first).reshape(1, 1, 2))
    once = once.relu() if between == "a ReLU" else once
    return F.conv1d(once, torch.tensor(second).reshape(1, 1, 2))


QUESTIONS = (
    numbers_read_by_the_head,
    next_step,
    weights_saved,
    one_kernel_for_two,
)
