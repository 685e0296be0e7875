"""Dense networks: copies, what waits for the way back, and what is read at last."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


@question(
    "50_architectures/52_dense_memory",
    depth=(4, 5, 6, 8, 12),
    layer=(0, 1, 2, 3, 4),
)
def times_copied(depth: int, layer: int) -> Posed:
    """How many concatenations hold what a layer has made."""
    x, times = torch.zeros(1), 0
    for k in range(1, depth + 1):
        x = torch.cat([x, torch.full((1,), float(k))])
        times += int((x == layer).sum())
    made = (
        f"what the {_ORDINALS[layer - 1]} layer makes" if layer else "the block's input"
    )
    return Posed(
        f"A dense block of {depth} layers calls `torch.cat` behind each layer, on all "
        f"that there is. Into how many of the {depth} concatenations is {made} copied?",
        times,
        "Into all of them, from the first one on."
        if times == depth
        else f"Into its own and all later ones, and not into the {layer - 1} before: "
        f"{depth} - {layer - 1}.",
        {
            1: "The next `cat` makes a new tensor. What is copied into that?",
            times - 1: "Behind which layer does the first copy of it arise?",
            depth: "What was not made yet cannot be copied.",
            depth + 1: "There is one concatenation for each layer.",
            **(
                {layer: "Count the concatenations from this one on."}
                if layer > 1
                else {}
            ),
        },
    )


@question(
    "50_architectures/52_dense_memory",
    parameters=(3, 5, 10),
    kept=(8, 12, 20),
    batch=(2, 4, 8, 16, 32),
    side=(32, 64),
)
def memory_of_a_batch(
    parameters: int, kept: int, batch: int, side: int
) -> Posed | None:
    """Megabytes of parameters and of what waits for the backward pass."""
    if (batch, side) == (8, 32):
        return None
    images, longer = batch / 8, side // 32
    waiting = int(kept * images * longer**2)
    return Posed(
        f"A DenseNet has {parameters} MB of parameters, and keeps {kept} MB for the "
        "backward pass of 8 images of 32 x 32. How many MB are both together for "
        f"{batch} images of {side} x {side}?",
        parameters + waiting,
        f"The parameters stay at {parameters} MB. What is kept goes with images and "
        f"pixels: {kept} MB * {batch}/8{' * 4' * (longer > 1)} = {waiting} MB.",
        {
            int((parameters + kept) * images * longer**2): "Does a network have more "
            "parameters when it reads more?",
            int(parameters + kept * images * longer): "Twice the side: how many times "
            "the pixels?",
            waiting: "The parameters are in memory, too.",
            parameters + kept: "What is kept depends on what is read.",
        },
    )


@question(
    "50_architectures/53_again",
    mean=(16, 32, 48, 64, 80),
    steps=(1, 2),
    again=(True, False),
)
def running_mean_of_a_norm(mean: int, steps: int, again: bool) -> Posed:
    """Mean that a norm keeps when its layer is computed again."""
    norm = nn.BatchNorm1d(1, momentum=0.5)
    for _ in range(steps):
        x = torch.tensor([[mean - 1.0], [mean + 1.0]], requires_grad=True)
        out = checkpoint(norm, x, use_reentrant=False) if again else norm(x)
        out.sum().backward()
    assert norm.running_mean is not None
    times = steps * (1 + again)
    other = steps * (2 - again)
    way = "is computed again on the way back" if again else "keeps its results"
    return Posed(
        f"A batch norm with running mean 0 and momentum 0.5 stands in a layer that "
        f"{way}. The batches all have mean {mean}. What is the running mean after "
        f"{steps} training step{'s' * (steps > 1)}, forward and backward?",
        int(norm.running_mean),
        f"The norm runs {times} time{'s' * (times > 1)}, and its mean goes half of the "
        f"way to {mean} each time.",
        {
            int(mean * (1 - 0.5**other)): "How often does this norm run in a step?",
            mean: "With momentum 0.5, how far does the running mean go at a time?",
            int(
                mean * 0.5**times
            ): "That is still missing. How far has it come from 0?",
            0: "What does a norm in training mode do with the mean of a batch?",
        },
    )


_HINTS = {
    "cut": {
        "size": "A large source may meet a weight that is small.",
        "picture": "A large weight may meet a source that is nearly zero.",
    },
    "picture": {
        "size": "The picture knows the weights, and not how large the sources are.",
        "cut": "Cutting would find this one. What does a picture know of the sources?",
    },
}
_REST = {
    "cut": "Multiply each weight by what its source holds.",
    "picture": "Compare the weights alone, without their signs.",
}
# Of each source: its weight and what it holds.
_TRIPLES = (
    ((8, 0.5), (1, 6), (3, 4)),
    ((9, 0.1), (0.2, 9), (2, 3)),
    ((6, 2), (1, 8), (4, 1)),
    ((5, 1), (0.1, 7), (2, 4)),
)


@question(
    "50_architectures/54_who_reads_whom",
    triple=_TRIPLES,
    order=((0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)),
    signs=((1, 1, -1), (-1, 1, 1), (1, -1, 1)),
    asked=("cut", "cut", "picture"),
)
def most_changed_without(
    triple: tuple[tuple[float, float], ...],
    order: tuple[int, ...],
    signs: tuple[int, ...],
    asked: str,
) -> Posed:
    """Which source the weights name, and whose loss changes the output most."""
    rows = torch.tensor([triple[k] for k in order], dtype=torch.double)
    weight, x = rows[:, 0] * torch.tensor(signs), rows[:, 1]
    left = torch.where(torch.eye(3) == 1, 0.0, weight)  # cuts, sources
    by = {"cut": (weight @ x - left @ x).abs(), "picture": weight.abs(), "size": x}
    names = {how: _ORDINALS[int(each.argmax())] for how, each in by.items()}
    found = ", ".join(f"{value:g}" for value in by[asked].tolist())
    shown = [" ".join(f"{value:g}" for value in v.tolist()) for v in (weight, x)]
    cut = asked == "cut"
    ends = (
        "We set one weight to zero. For which source does the output change most"
        if cut
        else "Which source does a picture of the weights' sizes show as read most"
    )
    return Posed(
        "A 1 x 1 convolution with one output reads three sources, a channel each. Its "
        f"weights are `{shown[0]}`; at one place the sources hold `{shown[1]}`. "
        f"{ends}?",
        f"the {names[asked]}",
        f"The output changes by {found}: a weight counts times what it meets."
        if cut
        else f"The picture shows how large the weights are, {found}, and no sources.",
        {
            **{f"the {name}": _REST[asked] for name in _ORDINALS[:3]},
            **{f"the {names[how]}": hint for how, hint in _HINTS[asked].items()},
        },
    )


QUESTIONS = (
    times_copied,
    memory_of_a_batch,
    running_mean_of_a_norm,
    most_changed_without,
)
