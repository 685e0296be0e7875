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
        f"A convolution goes from {inputs} to {outputs} channels with {kernel} x "
        f"{kernel} kernels and has a bias. How many numbers does it learn?",
        count,
        f"{outputs} * ({inputs} * {window} + 1): a kernel for each pair, a bias for "
        "each output.",
        {
            outputs * (window + 1): "An output has a kernel for each input channel.",
            outputs * inputs * window: "This leaves the biases out.",
            outputs * inputs * (window + 1): "A bias is added once, after the sum over "
            "the inputs.",
            outputs * inputs * window + 1: "Each output channel has a bias of its own.",
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
        f"All pixels are {first} in the first channel and {second} in the second. A "
        "convolution with one output and 2 x 2 kernels, without padding, has only "
        f"weights of {weights[0]} for the first and {weights[1]} for the second; its "
        f"bias is {bias}. What does each output pixel hold?",
        answer,
        f"The channels make 4 * {first} * {weights[0]} = {a} and 4 * {second} * "
        f"{weights[1]} = {b}; the bias {bias} is added once.",
        {
            (a + bias, b + bias): "One output adds up what all channels make.",
            a // 4 + b // 4 + bias: "A window covers four pixels of each channel.",
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
    full = "That is a full 3 x 3 layer, in which each output reads all inputs."
    asked = f"from {inputs} to {outputs} channels. How many weights, without biases?"
    if separable:
        return Posed(
            f"A depthwise separable layer, 3 x 3 and then 1 x 1, goes {asked}",
            looking + pairs,
            f"{inputs} kernels of 9, and {inputs} * {outputs} weights to mix them.",
            {
                looking + outputs: "The 1 x 1 layer has a weight for each pair of "
                "channels.",
                9 * outputs + pairs: "The depthwise layer comes first: it has a kernel "
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
            9 * pairs // 4: "That is one of the two groups.",
            pairs // 2: "Each pair that is left has a kernel of 3 x 3.",
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
    size += " And what does the 1 x 1 layer read?" if stands == _MIXED else ""
    mixed = "So far it comes through the groups. The 1 x 1 layer comes after them: "
    mixed += "what does each of its outputs read?"
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
            str(channel): "An output reads all inputs of its group"
            + (", and then comes another layer." if last else "."),
            _around(channel, groups): size,
            _around(channel, 2): size,
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
    larger, smaller = filled[many], filled[few]
    return Posed(
        f"A library computes inputs and outputs in blocks of {block} channels, fills "
        "up the last one, and its time follows the filled work. A layer is widened "
        f"from {few} to {many} channels, in and out. How many times as long does it "
        "take?",
        _squared(larger, smaller),
        f"It computes {smaller} channels at first and {larger} then, as inputs and as "
        "outputs.",
        {
            _squared(many, few): "Blocks are filled up: how many channels does the "
            "library really compute?",
            (
                f"{larger} / {smaller}" if larger > smaller else "1"
            ): "Outputs and inputs both come in blocks, and each "
            "output reads each input.",
            _squared(smaller + block, smaller): "Does this need another block? Is the "
            "last one full already?",
            "1": "How much room is left in the last block?",
            f"{many} / {few}": "Count filled blocks, of outputs and of inputs.",
        },
    )


def _squared(many: int, few: int) -> str:
    return f"({many} / {few}) squared" if many != few else "1"


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
            Fraction(wider, smaller): "Count pairs of channels, and places.",
            Fraction(wider, places): "Inputs and outputs both grow.",
            Fraction(pairs, smaller): "A map has two sides, and both get smaller.",
            Fraction(wider**2, places): "Only the outputs grow, not the inputs.",
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
