"""Paths through residual networks: what they carry, and what fades on them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.blocks import BasicBlock, PlainBlock
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "50_architectures/34_gradient_flow",
    slope=(2, 3, 4, -1, -2),
    layers=(2, 3, 4),
    through=(1, 2, 3),
)
def carried_by_paths(slope: int, layers: int, through: int) -> Posed | None:
    """Part of the derivative that comes by paths of one length."""
    if through >= layers:
        return None
    ways = list(itertools.product((False, True), repeat=layers))
    mine = [way for way in ways if sum(way) == through]
    one = slope**through
    found = sum(math.prod(slope if into else 1 for into in way) for way in mine)
    return Posed(
        f"{layers} residual layers y = x + f(x) in a row, each f with slope {slope}. "
        f"The slope from end to end is a sum over paths. How much of it do all paths "
        f"through exactly {through} of the {layers} f make together?",
        found,
        f"{len(mine)} such paths, and each multiplies {through} slopes: {len(mine)} * "
        f"{one}."
        if through > 1
        else f"{len(mine)} such paths with a slope each.",
        {
            one: "That is one such path. How many are there?",
            len(
                mine
            ): "So many paths. What does each of them multiply the gradient by?",
            (1 + slope)
            ** layers: "That is all paths together, the short and the long.",
            layers * slope: "These would be the paths through one f only.",
        },
    )


_BLOCKS = {"residual": BasicBlock, "plain": PlainBlock}


@question(
    "50_architectures/34_gradient_flow",
    count=(2, 3, 4, 5),
    kind=tuple(_BLOCKS),
    scale=(0, 0, 1),
)
def parts_that_learn(count: int, kind: str, scale: int) -> Posed:
    """Parameters with a gradient in the first step."""
    parts = _gradients(count, kind, scale)
    found = sum(bool(part.abs().max() > 0) for part in parts)
    return Posed(
        f"{count} {kind} blocks in a row, each with two convolutions without bias, two "
        f"norms (scale and shift) and a ReLU at its end. Their last norms start with "
        f"scale {scale} and shift 0. How many of the {6 * count} parameter tensors get "
        f"a gradient other than 0 in the first step?",
        found,
        _LEARNING[kind, scale],
        _unfit(count, kind, scale),
    )


def _unfit(count: int, kind: str, scale: int) -> dict[object, str]:
    if scale:
        return {
            2
            * count: "These would be the last norms. What holds back the others here?",
            4 * count: "These would be the norms. What holds back the convolutions?",
            0: "Is there a factor of zero on every way back?",
        }
    front = "What stands in front of the last norm is multiplied by 0."
    if kind == "plain":
        zeros = "Each block puts out zeros, through a ReLU. What does that let back?"
        last = "The last norm puts out zeros. What does the ReLU behind it let back?"
        return {2 * count: zeros, 6 * count: front, 2: last}
    return {
        0: "Would another last scale change the output? Then it has a gradient.",
        6 * count: front,
        2: "Past a block, the gradient reaches those in front of it.",
        count: "A norm has a scale and a shift. Does a zero scale hold back either?",
    }


_LEARNING = {
    ("residual", 0): "Scale and shift of each last norm; the shortcuts bring the "
    "gradient to every block.",
    ("plain", 0): "Zeros go into the last ReLU, and at 0 it lets no gradient back.",
    ("residual", 1): "All of them: no zero stands in the way.",
    ("plain", 1): "All of them: a plain chain has no zero in the way, either.",
}


def _gradients(count: int, kind: str, scale: int) -> list[torch.Tensor]:
    chance = torch.Generator().manual_seed(count)
    with torch.device("meta"):
        net = nn.Sequential(*(_BLOCKS[kind](2, 2) for _ in range(count)))
    net.to_empty(device="cpu")
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, generator=chance)
        if isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
    for block in net:
        last = [m for m in block.modules() if isinstance(m, nn.BatchNorm2d)][-1]
        nn.init.constant_(last.weight, scale)
    x = torch.rand(3, 2, 4, 4, generator=chance)
    out = net(x)
    loss = (out * torch.randn(out.shape, generator=chance)).sum()
    return list(torch.autograd.grad(loss, list(net.parameters())))


_BEHIND = {"usual": "A ReLU behind", "pre-activation": "Nothing behind"}


@question(
    "50_architectures/36_pre_activation",
    start=(1, 2, 3),
    added=((-4, 2, 1), (-3, 1, -1), (1, -5, 2), (2, -6, 3), (-5, 4, -2), (-2, -2, 3)),
    kind=("usual", "pre-activation"),
)
def behind_three_blocks(start: int, added: tuple[int, ...], kind: str) -> Posed | None:
    """Output of three blocks in a row."""
    stream = {"usual": torch.tensor(start), "pre-activation": torch.tensor(start)}
    steps = []
    for each in added:
        stream["usual"] = F.relu(stream["usual"] + each)
        stream["pre-activation"] = stream["pre-activation"] + each
        steps.append(int(stream[kind]))
    usual, plain = (int(value) for value in stream.values())
    if usual == plain:
        return None
    ends = "Look at the stream in between: a ReLU stands behind each sum."
    free = "Nothing stands behind the sum here: no number is cut."
    return Posed(
        f"The number {start} goes into three {kind} residual blocks in a row. Their "
        f"inner layers return {', '.join(map(str, added))}. What comes out of the "
        f"third block?",
        steps[-1],
        f"{_BEHIND[kind]} each sum: {', '.join(map(str, steps))}.",
        {
            plain: ends,
            usual: free,
            max(plain, 0): ends
            if kind == "usual"
            else "Where does a pre-activation "
            "block have its ReLUs? Is there one at its end?",
            start + sum(k for k in added if k > 0): "A block may take something away: "
            "what the inner layers return is not cut.",
        },
    )


@question(
    "50_architectures/36_pre_activation",
    factor=(Fraction(1, 2), Fraction(1, 3), Fraction(1, 10), Fraction(2)),
    depth=(3, 4, 5, 6),
    block=(1, 2, 3, 4),
)
def left_of_an_addition(factor: Fraction, depth: int, block: int) -> Posed | None:
    """Share of a block's addition that reaches the end."""
    if block >= depth:
        return None
    stream = Fraction(0)
    for number in range(1, depth + 1):
        stream = factor * stream + (number == block)
    behind = depth - block
    return Posed(
        f"{depth} blocks in a row, y = s x + f(x) with s = {factor} in each. Their "
        f"output is a sum of the input and of each f(x), with factors. Which factor "
        f"has the f(x) of block {block}?",
        stream,
        f"{behind} shortcut{'s' * (behind > 1)} behind it: {factor} to the power of "
        f"{behind}.",
        {
            factor
            ** (behind + 1): "Its own shortcut runs past the block: what is added "
            "comes behind it.",
            factor**block: "Count the shortcuts behind the block, not those before it.",
            factor**depth: "That is what becomes of the input.",
            factor * behind: "One shortcut after the other: factors multiply.",
        },
    )


QUESTIONS = (
    carried_by_paths,
    parts_that_learn,
    behind_three_blocks,
    left_of_an_addition,
)
