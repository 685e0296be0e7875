"""Channels: what a layer learns, what its parts hear, and what its width costs."""

from __future__ import annotations

import math
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_CHANNELS = 6
_MIXED = "stands before a 1 x 1 layer without groups"


@question(
    "20_convolution/50_channels",
    inputs=(2, 3, 4),
    outputs=(2, 5, 8, 10),
    kernel=(1, 2, 3),
)
def parameter_count(inputs: int, outputs: int, kernel: int) -> Posed:
    """Numbers that a layer learns."""
    layer = nn.Conv2d(inputs, outputs, kernel, device="meta")
    count = sum(parameter.numel() for parameter in layer.parameters())
    window = kernel * kernel
    return Posed(
        f"A layer goes from {inputs} to {outputs} channels with {kernel} x {kernel} "
        "windows and has a bias. How many numbers does it learn?",
        count,
        f"{outputs} * ({inputs} * {window} + 1): a kernel for each pair, a bias for "
        "each output.",
        {
            outputs * (window + 1): "An output has a kernel for each input channel.",
            outputs * inputs * window: "This leaves the biases out.",
            outputs * inputs * (window + 1): "The bias is added after the sum over "
            "the inputs.",
            outputs * inputs * window + 1: "Each output map is lifted by a number of "
            "its own.",
        },
    )


@question(
    "20_convolution/50_channels",
    first=(1, 2, 3),
    second=(1, 2, 3),
    weights=((1, 2), (2, -1), (-1, 3), (2, 2), (1, -2)),
    bias=(-3, 1, 5),
)
def flat_planes(first: int, second: int, weights: tuple[int, int], bias: int) -> Posed:
    """One output pixel of two planes that are each of one brightness."""
    x = torch.tensor([first, second]).float()[:, None, None].expand(2, 4, 4)
    weight = torch.tensor(weights).float()[:, None, None].expand(1, 2, 2, 2)
    answer = int(F.conv2d(x, weight, torch.tensor([float(bias)]))[0, 0, 0])
    a, b = 4 * first * weights[0], 4 * second * weights[1]
    return Posed(
        f"Two planes: all pixels are {first} in one and {second} in the other. Their "
        f"2 x 2 kernels hold four times {weights[0]} and four times {weights[1]}, the "
        f"bias is {bias}. What does each output pixel hold?",
        answer,
        f"The planes answer {a} and {b}, and the bias {bias} is added once.",
        {
            (a + bias, b + bias): "Both kernels belong to one output.",
            a // 4 + b // 4 + bias: "A window covers four pixels of each plane.",
            a + b + 2 * bias: "There is one bias for each output, not for each input.",
            a + b: "The bias is missing.",
        },
    )


@question(
    "20_convolution/55_cheaper",
    separable=(True, False),
    inputs=(4, 6, 10),
    outputs=(8, 12, 20),
)
def cheap_weights(separable: bool, inputs: int, outputs: int) -> Posed:
    """Weights of a layer that saves some."""
    groups = inputs if separable else 2
    width = inputs if separable else outputs
    looking = nn.Conv2d(inputs, width, 3, groups=groups, device="meta").weight.numel()
    pairs = nn.Conv2d(inputs, outputs, 1, device="meta").weight.numel()
    full = "That is the price of the full layer."
    asked = f"from {inputs} to {outputs} channels. How many weights, without biases?"
    if separable:
        return Posed(
            f"A depthwise separable layer, 3 x 3 and then 1 x 1, goes {asked}",
            looking + pairs,
            f"{inputs} windows of 9, and {inputs} * {outputs} numbers to mix them.",
            {
                looking + outputs: "The 1 x 1 layer has a number for each pair.",
                9 * outputs + pairs: "The depthwise layer comes first: it has a window "
                "for each input.",
                9 * pairs: full,
            },
        )
    return Posed(
        f"A 3 x 3 layer with 2 groups goes {asked}",
        looking,
        f"Each output reads half of the inputs: {outputs} * {inputs // 2} * 9.",
        {
            9 * pairs: full,
            9 * pairs // 4: "That is one of the two blocks.",
            pairs // 2: "Each pair that is left has a window of 3 x 3.",
        },
    )


@question(
    "20_convolution/55_cheaper",
    groups=(2, 3, 6),
    channel=tuple(range(_CHANNELS)),
    stands=("stands alone", "stands twice in a row", _MIXED),
)
def who_hears(groups: int, channel: int, stands: str) -> Posed:
    """Reach of one input."""
    x = torch.zeros(1, _CHANNELS, 1, 1)
    x[:, channel] = 1
    weight = torch.ones(_CHANNELS, _CHANNELS // groups, 1, 1)
    out = F.conv2d(x, weight, groups=groups)
    if "twice" in stands:
        out = F.conv2d(out, weight, groups=groups)
    if stands == _MIXED:
        out = F.conv2d(out, torch.ones(_CHANNELS, _CHANNELS, 1, 1))
    size = "How many channels has a group, if the groups share 6 channels?"
    mixed = "A layer without groups comes last: what does each of its outputs read?"
    last = stands == _MIXED
    return Posed(
        f"`nn.Conv2d(6, 6, 3, groups={groups})` {stands}. Only channel {channel} of "
        "the input, counted from 0, changes. Which output channels can change?",
        _block(out[0, :, 0, 0].nonzero().flatten().tolist()),
        "Without groups, every output reads every channel."
        if last
        else f"A group has {_CHANNELS // groups} of the 6 channels. An output reads "
        "its own group and no other.",
        {
            _around(channel, _CHANNELS // groups): mixed,
            _around(channel, groups): mixed if last else size,
            str(channel): mixed if last else "An output reads all inputs of its group.",
            _around(channel, 2): mixed if last else size,
            _around(channel, _CHANNELS): "What happens in one group does not reach the "
            "others.",
        },
    )


def _around(channel: int, size: int) -> str:
    start = channel // size * size
    return _block(list(range(start, start + size)))


def _block(channels: list[int]) -> str:
    return ", ".join(map(str, channels))


@question(
    "20_convolution/57_width",
    block=(8, 16, 32),
    channels=(1, 2, 3),
    narrow=(-1, 0),
    more=(1, 2, 8),
)
def filled_blocks(block: int, channels: int, narrow: int, more: int) -> Posed:
    """Time of a layer whose channels are computed in blocks."""
    few = block * channels + narrow
    many = few + more
    filled = {c: block * math.ceil(c / block) for c in (few, many)}
    ratio = filled[many] / filled[few]
    work = arithmetic.conv_macs(many, many, 3, 28) / arithmetic.conv_macs(
        few, few, 3, 28
    )
    return Posed(
        f"A library computes inputs and outputs in blocks of {block} channels, fills "
        "up the last one, and its time follows the filled work. A layer is widened "
        f"from {few} to {many} channels, in and out. How many times as long does it "
        "take?",
        f"{ratio**2:.2f}",
        f"It computes {filled[few]} and {filled[many]} channels, and both sides count: "
        f"({filled[many]} / {filled[few]}) squared.",
        {
            f"{work:.2f}": "Count the channels of the filled blocks.",
            f"{ratio:.2f}": "Inputs come in blocks as outputs do.",
            f"{((filled[few] + block) / filled[few]) ** 2:.2f}": "Is the last block "
            "full already?",
            "1.00": "Is there still room in the last block?",
        },
    )


@question(
    "20_convolution/57_width",
    wider=(2, 3, 4),
    smaller=(2, 4),
    sides=("inputs and outputs", "outputs"),
)
def width_and_side(wider: int, smaller: int, sides: str) -> Posed:
    """Work of a layer that gets wider while its map gets smaller."""
    both = sides == "inputs and outputs"
    before = arithmetic.conv_macs(16, 16, 3, 32)
    inputs = 16 * wider if both else 16
    after = arithmetic.conv_macs(inputs, 16 * wider, 3, 32 // smaller)
    pairs, places = wider**2 if both else wider, smaller**2
    return Posed(
        f"A 3 x 3 layer gets {wider} times as many {sides}, and both sides of its map "
        f"are divided by {smaller}. How many times as many multiplications does it do?",
        Fraction(after, before),
        f"{pairs} times as many pairs of channels, at 1/{places} of the places.",
        {
            Fraction(wider, places): "Inputs and outputs both grow.",
            Fraction(pairs, smaller): "A map has two sides.",
            Fraction(wider**2, places): "Only one side of the layer grows.",
            Fraction(wider, smaller): "Count pairs of channels, and places.",
            Fraction(pairs): "The window stands in fewer places.",
        },
    )


QUESTIONS = (
    parameter_count,
    flat_planes,
    cheap_weights,
    who_hears,
    filled_blocks,
    width_and_side,
)
