"""The training loop and its averages: orders, switches, what a mean is taken over."""

from __future__ import annotations

import itertools

import torch
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/10_loop",
    order=(
        ("zero_grad", "backward", "step"),
        ("backward", "step", "zero_grad"),
        ("backward", "zero_grad", "step"),
        ("backward", "step"),
        ("backward", "step"),
    ),
    start=(30, 40, 50),
    slope=(2, 3, 5),
    rounds=(2, 3),
)
def weight_after_orders(
    order: tuple[str, ...], start: int, slope: int, rounds: int
) -> Posed:
    """Where a parameter ends when a step has its lines in this order."""
    w = torch.tensor(float(start), requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)
    path = [start]
    for _ in range(rounds):
        for word in order:
            act = {"backward": (slope * w).backward, "step": optimizer.step}
            act.get(word, optimizer.zero_grad)()
        path.append(int(w.item()))
    moves = ", ".join(str(a - b) for a, b in itertools.pairwise(path))
    because = f"The steps subtract {moves}: what `.grad` holds when `step` reads it."
    if path[-1] == start:
        because = "`zero_grad` stands right before `step`, so no step finds a gradient."
    words = ", ".join(f"`{word}`" for word in order)
    return Posed(
        f"`w` is {start}, the loss is `{slope} * w`, the optimiser plain SGD with rate "
        f"1. The lines {words} run in this order, {rounds} times. What is `w` then?",
        path[-1],
        because,
        {
            start - slope * rounds: "So it ends where each step reads the slope of one "
            "round. Ask what `.grad` holds when `step` reads it.",
            start - slope * rounds * (rounds + 1) // 2: "So it ends where nothing is "
            "ever cleared. Look for `zero_grad` between two calls of `backward`.",
            start: "So it ends where each step finds no gradient. Look at what stands "
            "right before `step`.",
            start - slope: f"So it ends after one single step. Follow all {rounds} "
            "rounds.",
        },
    )


@question(
    "40_training/10_loop",
    calls=(
        ("train",),
        ("eval",),
        ("train", "eval"),
        ("eval", "train"),
        ("eval", "train", "eval"),
    ),
    place=("inside", "after leaving", "without"),
)
def switches_on(calls: tuple[str, ...], place: str) -> Posed:
    """Whether dropout drops and autograd records."""
    net = nn.Dropout(0.5)
    for call in calls:
        getattr(net, call)()
    x = torch.ones(64, requires_grad=True)
    with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(place != "inside"):
        out = net(2 * x)  # in evaluation dropout hands on what it got
    truth = bool((out == 0).any()), out.requires_grad
    lines = ", ".join(f"`net.{call}()`" for call in calls)
    return Posed(
        f"A network has a layer of dropout. A program runs {lines}, and then calls the "
        f"network {_PLACES[place]}. What holds during this call?",
        _switches(*truth),
        f"The last mode that was set is `{calls[-1]}`; `no_grad` is a switch of "
        "autograd, and it acts inside its block only.",
        {
            _switches(*other): _SWITCHES[other[0] != truth[0], other[1] != truth[1]]
            for other in itertools.product((True, False), repeat=2)
            if other != truth
        },
    )


_PLACES = {
    "inside": "inside a block `with torch.no_grad()`",
    "after leaving": "after leaving a block `with torch.no_grad()`",
    "without": "without any `torch.no_grad()`",
}
_SWITCHES = {
    (True, False): "Dropout follows the mode of its layer: which call set it last?",
    (False, True): "Autograd stops recording inside `no_grad`, and nowhere else.",
    (True, True): "Both switches are the wrong way. Dropout listens to `train` and "
    "`eval`, autograd to `no_grad`.",
}


def _switches(dropping: bool, recording: bool) -> str:
    return (
        f"dropout {'on' if dropping else 'off'}, "
        f"{'a graph' if recording else 'no graph'} recorded"
    )


@question(
    "40_training/12_averages",
    sizes=((3, 1), (6, 2), (7, 1), (4, 1), (9, 1), (8, 2)),
    losses=((1, 5), (2, 6), (3, 1), (1.5, 3.5), (5, 1), (1, 3)),
)
def mean_loss(sizes: tuple[int, int], losses: tuple[float, float]) -> Posed:
    """Mean loss of the images of two batches."""
    (many, few), (usual, last) = sizes, losses
    each = [torch.full((n,), y).double() for n, y in zip(sizes, losses, strict=True)]
    return Posed(
        f"A batch of {many} images has a mean loss of {usual}; the last batch, with "
        f"{few} image{'s' * (few > 1)}, has {last}. What is the mean loss over all "
        "images?",
        f"{torch.cat(each).mean().item():g}",
        f"({many} * {usual} + {few} * {last}) / {many + few}: a batch counts as often "
        "as it has images.",
        {
            f"{(usual + last) / 2:g}": "A mean of means gives the short batch the "
            "weight of the long one.",
            f"{(few * usual + many * last) / (many + few):g}": "Each batch counts with "
            "the number of its own images.",
            f"{usual:g}": "The images of the last batch are judged as well.",
            f"{(many * usual + few * last) / 2:g}": "The sum is over images: so divide "
            "by their number.",
        },
    )


@question(
    "40_training/12_averages",
    validation=(84, 87, 90, 92),
    gap=(2, 3, 4, 5),
    shifts=(1, 2, 3),
    dropout=(2, 3, 5),
    past=(1, 2, 4),
)
def overfitting_gap(
    validation: int, gap: int, shifts: int, dropout: int, past: int
) -> Posed:
    """Points of accuracy that are overfitting."""
    alike = validation + gap
    shifted = alike - shifts
    after = shifted - dropout
    way = after - past
    return Posed(
        f"Accuracy on training digits: {way} % during the epoch, {after} % right after "
        f"it, {shifted} % then in `eval` mode, {alike} % in `eval` mode and unshifted. "
        f"On validation digits, in `eval` mode and unshifted: {validation} %. How "
        "large is the gap that means overfitting?",
        _points(alike - validation),
        f"{alike} - {validation}: both sets judged by the same weights, without "
        "dropout and without shifts.",
        {
            _points(way - validation): "During the epoch the weights still change, and "
            "dropout and shifts make it harder. Compare what is judged alike.",
            _points(shifted - validation): "So only the training digits are shifted. "
            "Compare what is judged alike.",
            _points(after - validation): "So only the training digits meet dropout and "
            "shifts. Compare what is judged alike.",
        },
    )


def _points(count: int) -> str:
    return f"{count} point{'s' * (abs(count) != 1)}"


QUESTIONS = (weight_after_orders, switches_on, mean_loss, overfitting_gap)
