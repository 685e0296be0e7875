"""Dense blocks and networks: who makes what, and who reads how much."""

from __future__ import annotations

import torch
from torch import nn

from cnn_tutorial import arithmetic
from cnn_tutorial.blocks import DenseBlock
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


@question(
    "50_architectures/50_dense",
    channels=(6, 10, 16, 20),
    growth=(4, 8, 12),
    depth=(3, 4, 5),
    layer=(1, 2, 3, 4, 5),
)
def slice_of_a_layer(
    channels: int, growth: int, depth: int, layer: int
) -> Posed | None:
    """Place of what a layer has made in the output of a dense block."""
    if layer > depth:
        return None
    out = torch.zeros(channels)
    for k in range(1, depth + 1):
        out = torch.cat([out, torch.full((growth,), float(k))])
    made = (out == layer).nonzero().flatten()
    first, last = int(made[0]), int(made[-1]) + 1
    before = (layer - 1) * growth
    other = first + growth if layer < depth else first - growth
    return Posed(
        f"{channels} channels go into a dense block of {depth} layers with growth "
        f"{growth}; each layer appends what it makes. Which channels of the output "
        f"`out` does the {_ORDINALS[layer - 1]} layer make?",
        f"`out[:, {first}:{last}]`",
        f"In front stand the {channels} channels of the input"
        + (f" and {before} of the layers before it" if before else "")
        + f"; then come its own {growth}.",
        {
            f"`out[:, {other}:{other + growth}]`": "How many layers stand in front of "
            "this one? Count them again.",
            f"`out[:, {before}:{before + growth}]`": "The input is still there, in "
            "front of everything that was made.",
            f"`out[:, {last - growth * layer}:{last}]`": "A layer makes as many "
            "channels as the growth, and no more.",
        },
    )


@question(
    "50_architectures/50_dense",
    times=(1, 2, 3, 4, 6),
    depth=(5, 6, 8, 10, 12),
    growth=(10, 20, 100),
)
def layers_that_save(times: int, depth: int, growth: int) -> Posed:
    """Layers of a dense block whose 1 x 1 convolution saves weights."""

    def saves(reads: int) -> bool:
        narrow = arithmetic.conv_parameters(reads, 4 * growth, 1, bias=False)
        narrow += arithmetic.conv_parameters(4 * growth, growth, 3, bias=False)
        return narrow < arithmetic.conv_parameters(reads, growth, 3, bias=False)

    answer = sum(saves((times + k) * growth) for k in range(depth))
    narrower = sum((times + k) > 4 for k in range(depth))
    return Posed(
        f"{times * growth} channels go into a dense block of {depth} layers with "
        f"growth {growth}. In how many of its layers does a 1 x 1 convolution to "
        f"{4 * growth} channels, in front of the 3 x 3 one, save weights?",
        answer,
        f"It saves above 7.2 * {growth} channels. The layers read {times * growth} to "
        f"{(times + depth - 1) * growth}, in steps of {growth}.",
        {
            narrower: f"More than {4 * growth} channels get fewer there. But the 1 x 1 "
            "convolution has weights of its own: count both.",
            depth: "A layer that reads few channels has little to save, and pays for "
            "the 1 x 1 convolution as well.",
            max(answer - 1, 0): "How many channels does the last layer read? It reads "
            "all but its own.",
            answer + 1: "The first layer reads the input alone. Which is the first "
            "that saves?",
            answer
            + 2: "Reading c channels: 9 * c against 4 * c + 36 * growth, times growth.",
        },
    )


@question(
    "50_architectures/51_densenet",
    layers=(2, 3, 4, 5, 6),
    blocks=(2, 3),
)
def layers_of_a_block(layers: int, blocks: int) -> Posed:
    """Dense layers in each block of a DenseNet of known depth."""
    with torch.device("meta"):
        block = DenseBlock(1, layers, growth=1)
    convolutions = sum(isinstance(part, nn.Conv2d) for part in block.modules())
    depth = 1 + blocks * convolutions + (blocks - 1) + 1
    return Posed(
        f"A DenseNet-BC for small images is {depth} layers deep, counting convolutions "
        f"and the head. It has {blocks} blocks of equally many dense layers. How many "
        "are in each?",
        layers,
        f"Stem, head and {blocks - 1} transition{'s' * (blocks > 2)} leave "
        f"{depth - blocks - 1} convolutions; a dense layer has two: "
        f"{depth - blocks - 1} / (2 * {blocks}).",
        {
            2 * layers: "How many convolutions has a dense layer?",
            depth // blocks: "Stem, transitions and head are in the count, and each "
            "dense layer is in it more than once.",
            layers * blocks: "These are the layers of all blocks together.",
            layers + 1: "Stem, transitions and head are in the count as well.",
        },
    )


_LINES = {
    "chain": ("x = layer(x)", "This line puts the new in place of the old."),
    "sum": ("x = x + layer(x)", "This line adds the new to the old."),
    "dense": ("x = torch.cat([x, layer(x)], 1)", "`cat` keeps both, side by side."),
}


@question(
    "50_architectures/51_densenet",
    kind=tuple(_LINES),
    start=(1, 2, 3),
    factor=(1, 2, 3),
    depth=(2, 3),
)
def handed_on(kind: str, start: int, factor: int, depth: int) -> Posed:
    """Channels behind three ways to hand on what was made."""

    def layer(x: torch.Tensor) -> torch.Tensor:
        return factor * x.sum(1, keepdim=True)

    ends = dict.fromkeys(_LINES, torch.full((1, 1), start))
    steps = [f"{ends[kind][0].tolist()}"]
    for _ in range(depth):
        ends["chain"] = layer(ends["chain"])
        ends["sum"] = ends["sum"] + layer(ends["sum"])
        ends["dense"] = torch.cat([ends["dense"], layer(ends["dense"])], 1)
        steps.append(f"{ends[kind][0].tolist()}")
    line, why = _LINES[kind]
    held = {name: str(end[0].tolist()) for name, end in ends.items()}
    wrong: dict[object, str] = {
        held[name]: f"`{_LINES[name][0]}` leaves this. What does the line above do?"
        for name in held
        if name != kind
    }
    only_last = [start * factor**k for k in range(depth + 1)]
    return Posed(
        f"`x` is one channel with the number {start}. `layer` returns one channel: "
        f"{factor} times the sum of all channels that it reads. What do the channels "
        f"of `x` hold after `{line}`, run {depth} times?",
        held[kind],
        f"{why} Step by step: {', '.join(steps)}.",
        wrong
        | {
            str(only_last): "A layer reads all channels of `x`, not the last one alone."
            if kind == "dense"
            else "Does this line keep the old channels beside the new one?"
        },
    )


QUESTIONS = (slice_of_a_layer, layers_that_save, layers_of_a_block, handed_on)
