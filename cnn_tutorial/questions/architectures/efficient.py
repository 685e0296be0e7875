"""Thin and cheap: looking, mixing, MBConv, and the time that it takes."""

from __future__ import annotations

from fractions import Fraction

import torch
import torch.nn.functional as F

from cnn_tutorial.blocks import DepthwiseSeparableConv, MBConv, SEBlock
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_ROWS = (
    ("3 x 3 depthwise", "3 x 3 depthwise"),
    ("1 x 1", "1 x 1"),
    ("3 x 3 depthwise", "1 x 1"),
    ("5 x 5 depthwise", "3 x 3 depthwise"),
    ("1 x 1", "5 x 5 depthwise"),
    ("3 x 3 depthwise", "1 x 1", "3 x 3 depthwise"),
)


@question(
    "50_architectures/60_mixing",
    channels=(4, 6, 8),
    side=(9, 11),
    row=_ROWS,
)
def reach_of_a_one(channels: int, side: int, row: tuple[str, ...]) -> Posed:
    """How far a single pixel gets through looking and mixing."""
    x = torch.zeros(1, channels, side, side)
    x[0, 0, side // 2, side // 2] = 1
    kernels = [int(name[0]) for name in row]
    for k, name in zip(kernels, row, strict=True):
        looks = "depthwise" in name
        weight = torch.ones(channels, 1 if looks else channels, k, k)
        x = F.conv2d(x, weight, padding=k // 2, groups=channels if looks else 1)
    lit = x[0] > 0
    wide, places = int(lit.flatten(1).any(1).sum()), int(lit.any(0).sum())
    across = round(places**0.5)
    added, largest = sum(kernels) ** 2, max(kernels) ** 2
    flipped = 1 if wide == channels else channels
    return Posed(
        f"{channels} channels of {side} x {side} zeros, and a one in the middle of the "
        f"first channel. All weights are one, padding keeps the side. Where is the "
        f"output not zero after these layers, in a row: {', '.join(row)}?",
        _reached(wide, places),
        f"{'A 1 x 1 layer reads all channels' if wide > 1 else 'Nothing here mixes'}; "
        + (
            "nothing here looks around."
            if places == 1
            else f"a window of k adds k - 1 to the side: {across} x {across}."
        ),
        {
            _reached(flipped, places): "Which of these layers read more than one "
            "channel?",
            _reached(
                wide, added
            ): "Windows overlap. How much does each add to the side "
            "of what is not zero?",
            _reached(
                wide, largest
            ): "The second window starts from all places that the "
            "first one has reached.",
            _reached(flipped, added): "What spreads over places, a 1 x 1 layer or a "
            "depthwise one? And over channels?",
        },
    )


def _reached(channels: int, places: int) -> str:
    return (
        f"{channels} channel{'s' * (channels > 1)}, {places} place{'s' * (places > 1)}"
    )


@question(
    "50_architectures/60_mixing",
    c_in=(10, 20, 50),
    c_out=(30, 40, 100),
    kernel=(3, 5),
    wider=(5, 7),
)
def price_of_a_window(c_in: int, c_out: int, kernel: int, wider: int) -> Posed | None:
    """Weights that a wider window adds to a separable layer."""
    if kernel == wider:
        return None
    with torch.device("meta"):
        small, large = (DepthwiseSeparableConv(c_in, c_out, k) for k in (kernel, wider))
    count = [sum(p.numel() for p in layer.parameters()) for layer in (small, large)]
    more = wider**2 - kernel**2
    return Posed(
        f"A depthwise separable layer from {c_in} to {c_out} channels gets windows of "
        f"{wider} x {wider} in place of {kernel} x {kernel}. How many more weights has "
        "it now?",
        count[1] - count[0],
        f"Each of the {c_in} channels that it reads has one window, with {wider**2} - "
        f"{kernel**2} = {more} weights more. Mixing costs what it did.",
        {
            c_in * c_out * more: "A full convolution has a window for each pair of "
            "channels. And a depthwise one?",
            c_out * more: "It looks first and mixes then. How many channels look?",
            more: "Do the channels share one window?",
        },
    )


@question(
    "50_architectures/62_mbconv",
    c_in=(16, 24, 32, 40),
    c_out=(48, 64),
    expansion=(4, 6),
    dialect=("hidden", "input"),
)
def middle_of_a_gate(c_in: int, c_out: int, expansion: int, dialect: str) -> Posed:
    """Channels in the middle of the gate of an MBConv."""
    with torch.device("meta"):
        options = {"expansion": expansion, "se_reduction": 4, "se_from": dialect}
        block = MBConv(c_in, c_out, **options)  # type: ignore[arg-type]
    gate = next(part for part in block.modules() if isinstance(part, SEBlock))
    hidden, inside = c_in * expansion, dialect == "hidden"
    other = (c_in if inside else hidden) // 4
    taken = "of the hidden channels" if inside else "as EfficientNet counts it"
    gated = f"An MBConv from {c_in} to {c_out} channels widens them by {expansion}."
    return Posed(
        f"{gated} The middle of its gate has a quarter, {taken}. How many channels are "
        f"that?",
        gate.squeeze.out_channels,
        f"A quarter of the hidden channels: {c_in} * {expansion} / 4."
        if inside
        else f"EfficientNet takes a quarter of the input's channels: {c_in} / 4.",
        {
            other: "A quarter of which channels: those that come in, or those in the "
            "middle of the block?",
            c_out // 4: "The gate stands before the layer that makes these.",
            hidden: "So many channels does the gate weigh. Its own middle has fewer.",
        },
    )


@question(
    "50_architectures/62_mbconv",
    stem=(16, 24),
    first=(16, 24),
    second=(24, 40),
    depths=((2, 2), (2, 3), (3, 2), (3, 4)),
    strides=((1, 2), (2, 1), (1, 1), (2, 2)),
)
def inputs_added(
    stem: int,
    first: int,
    second: int,
    depths: tuple[int, int],
    strides: tuple[int, int],
) -> Posed:
    """Blocks of two stages that add their input."""
    c, added, narrow = stem, [], []
    for out, depth, stride in zip((first, second), depths, strides, strict=True):
        for k in range(depth):
            with torch.device("meta"):
                block = MBConv(c, out, expansion=1, stride=1 if k else stride)
            added.append(block.adds_input)
            narrow.append((not k and stride > 1, c != out))
            c = out
    total, count = sum(depths), sum(added)
    return Posed(
        f"{stem} channels enter stage 1: {depths[0]} MBConvs to {first} channels, the "
        f"first with stride {strides[0]}. Stage 2: {depths[1]} MBConvs to {second} "
        f"channels, the first with stride {strides[1]}. All other strides are 1. How "
        f"many of the {total} blocks add their input?",
        count,
        f"Of each stage all but the first: {depths[0] - 1} and {depths[1] - 1}. A "
        "first one adds if its stride is 1 and the channels stay: here "
        f"{count - total + 2} of the two.",
        {
            sum(not strided for strided, _ in narrow): "Can a sum be made where the "
            "channels are others?",
            sum(not changed for _, changed in narrow): "Can a sum be made where the "
            "map has half the side?",
            total: "Both the stride and the channels have to allow it.",
            total - 2: "A first block of a stage may add, too, if its shapes allow it.",
            total - 1: "Look at the first block of each stage.",
        },
    )


_COMPASS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))


@question(
    "50_architectures/63_linear_ends",
    row=range(8),
    turned=(0, 1, 2, 3, 4),
    way=(-1, 1),
)
def share_that_is_gone(row: int, turned: int, way: int) -> Posed:
    """Share of directions of which a ReLU on two channels leaves nothing."""
    one, other = _COMPASS[row], _COMPASS[(row + way * turned) % 8]
    angle = (torch.arange(800, dtype=torch.double) + 0.5) * torch.pi / 400
    points = torch.stack([angle.cos(), angle.sin()])
    zero = torch.tensor([one, other], dtype=torch.double) @ points < 0
    both, either = zero.all(0), zero.any(0)
    gone, some = (Fraction(int(each.sum()), 800) for each in (both, either))
    return Posed(
        f"A matrix with the rows `{one}` and `{other}` makes two channels of a point "
        "in the plane, and a ReLU follows. For which share of all directions are both "
        "channels zero?",
        gone,
        f"Each channel is zero on half of the directions. The rows are {45 * turned} "
        f"degrees apart, and the halves share {180 - 45 * turned} degrees of 360.",
        {
            some: "There at least one channel is zero. When are both?",
            Fraction(1, 4): "A quarter belongs to rows at right angles. Draw the two.",
            Fraction(1, 2): "On a half each channel alone is zero. Where are both?",
            Fraction(0): "Is there a direction that both rows point away from?",
        },
    )


QUESTIONS = (
    reach_of_a_one,
    price_of_a_window,
    middle_of_a_gate,
    inputs_added,
    share_that_is_gone,
)
