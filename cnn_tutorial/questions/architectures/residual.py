"""Residual blocks: what they add, which shapes come out, how far a stem shrinks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Literal, TypeVar

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.blocks import BasicBlock, Bottleneck
from cnn_tutorial.models import ResNet
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

T = TypeVar("T", bound=nn.Module)


def _empty(build: Callable[[], T]) -> T:
    """Return a module in evaluation mode whose numbers nobody has drawn."""
    with torch.device("meta"):
        return build().to_empty(device="cpu").eval()


_USUAL, _EARLY = "F.relu(inner(x) + x)", "F.relu(inner(x)) + x"


@question(
    "50_architectures/30_residual",
    x=((2, 5), (1, 4), (3, 0), (2, 2), (5, 1)),
    inner=((-3, 2), (-4, 1), (3, -2), (1, -5), (-1, -3)),
    line=(_USUAL, _EARLY),
)
def output_of_a_block(
    x: tuple[int, int], inner: tuple[int, int], line: str
) -> Posed | None:
    """Output of a residual block."""
    past, added = torch.tensor(x), torch.tensor(inner)
    found = {_USUAL: F.relu(added + past), _EARLY: F.relu(added) + past}
    if torch.equal(found[_USUAL], added + past):  # nothing for the ReLU to cut
        return None
    other = _EARLY if line == _USUAL else _USUAL
    first = "the sum comes first" if line == _USUAL else "the ReLU comes first"
    return Posed(
        f"A block gets x = {list(x)}, and its inner layers return {list(inner)}. Its "
        f"last line is `{line}`. What does it return?",
        found[line].tolist(),
        f"Read the brackets from inside: {first}.",
        {
            str(found[other].tolist()): "Look at the brackets: is the plus inside or "
            "outside?",
            str((added + past).tolist()): "Nothing negative comes out of a ReLU: what "
            "goes into this one?",
            str(
                F.relu(added).tolist()
            ): "What is left of the input, which goes past the inner layers?",
        },
    )


_ERROR, _MEANT = "there is an error", "maps are added one to one"
_SPREAD, _FILLED = "one map is added to all", "missing maps are filled with zeros"


@question(
    "50_architectures/30_residual",
    reads=(1, 8, 16),
    writes=(8, 16),
    stride=(1, 1, 2),
    side=(7, 8, 14),
)
def sum_without_projection(reads: int, writes: int, stride: int, side: int) -> Posed:
    """Fate of a sum whose shortcut has no projection."""
    with torch.device("meta"):
        x = torch.empty(2, reads, side, side)
        inner = nn.Conv2d(reads, writes, 3, stride, padding=1, bias=False)(x)
    try:
        found = _MEANT if x.shape == (x + inner).shape == inner.shape else _SPREAD
    except RuntimeError:
        found = _ERROR
    shapes = f"{tuple(inner.shape)} and {tuple(x.shape)}"
    alike = "Write both shapes down: do they differ anywhere?"
    return Posed(
        f"A block computes `inner(x) + x`, without a projection. x has shape "
        f"{tuple(x.shape)}, and `inner` leads to {writes} channels by a 3 x 3 window "
        f"with stride {stride} and padding 1. What happens?",
        found,
        f"{shapes}: {_SUMS[found]}.",
        {
            _MEANT: "Compare both shapes, axis by axis: do they agree?",
            _ERROR: alike
            if found == _MEANT
            else "One axis has length 1. What does an addition do with such an axis?",
            _SPREAD: "Only an axis of length 1 is repeated. Is there one, and do the "
            "others agree?",
            _FILLED: "Nobody fills anything in; a sum only repeats axes of length 1.",
        },
    )


_SUMS = {
    _MEANT: "the same",
    _ERROR: "they differ in an axis that is not 1 long",
    _SPREAD: "the one channel is broadcast, and nothing warns",
}


@question(
    "50_architectures/32_resnet",
    reads=(32, 64, 256),
    channels=(16, 32, 64),
    stride=(1, 2),
    side=(7, 8, 14, 15),
)
def output_of_a_bottleneck(reads: int, channels: int, stride: int, side: int) -> Posed:
    """Shape of what a bottleneck returns."""
    with torch.no_grad():
        block = _empty(lambda: Bottleneck(reads, channels, stride=stride))
        found = tuple(block(torch.zeros(1, reads, side, side)).shape)
    half, wide = found[-1], 4 * channels
    return Posed(
        f"`Bottleneck({reads}, {channels}, stride={stride})` gets maps of shape "
        f"(1, {reads}, {side}, {side}). Which shape does it return?",
        found,
        f"The last 1 x 1 leads to 4 * {channels} = {wide} channels; the stride of "
        f"{stride} gives a side of {half}.",
        {
            (1, channels, half, half): "That is the narrow middle. What follows it?",
            (1, reads, half, half): "The second argument decides what comes out.",
            (1, wide, side, side): "The 3 x 3 in the middle has the stride.",
            (1, wide, side // 2, side // 2): "With padding 1, does the window stop at "
            "the last row, too?"
            if stride == 2
            else "Which part of the block would halve the side, at which stride?",
            (1, 4 * reads, half, half): "Four times the middle, not four times what "
            "comes in.",
        },
    )


_STEMS = {
    "small": "one 3 x 3 convolution",
    "large": "a 7 x 7 convolution with stride 2, a pooling with stride 2",
}


@functools.cache
def _network(stem: Literal["small", "large"]) -> nn.ModuleList:
    depths = (1, 1, 1, 1)
    net = _empty(lambda: ResNet(BasicBlock, depths, width=2, stem=stem))
    return nn.ModuleList([net.stem, *net.stages])


@question(
    "50_architectures/32_resnet",
    side=(32, 64, 96, 128, 160),
    stem=tuple(_STEMS),
    stage=(1, 2, 3, 4),
)
def side_behind_a_stage(
    side: int, stem: Literal["small", "large"], stage: int
) -> Posed:
    """Side of the maps behind one of the four stages."""
    maps, sides = torch.zeros(1, 3, side, side), []
    with torch.no_grad():
        for part in _network(stem)[: stage + 1]:
            maps = part(maps)
            sides.append(maps.shape[-1])
    found = sides[-1]
    other = found * 4 if stem == "large" else found // 4
    return Posed(
        f"ResNet-18 with the {stem} stem ({_STEMS[stem]}) gets images of {side} x "
        f"{side}. How long is a side of the maps behind stage {stage} of 4?",
        found,
        f"{sides[0]} behind the stem; stage by stage {', '.join(map(str, sides[1:]))}.",
        {
            other: "That is what the other stem would leave.",
            (found + 1) // 2: "The first stage keeps the side.",
            min(
                found * 2, side
            ): "Count the halvings again: stem first, then stage by stage.",
            side: "Something shrinks the maps on the way there.",
        },
    )


QUESTIONS = (
    output_of_a_block,
    sum_without_projection,
    output_of_a_bottleneck,
    side_behind_a_stage,
)
