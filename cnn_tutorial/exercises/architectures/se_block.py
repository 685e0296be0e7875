"""Exercise: the squeeze-and-excitation block as a function."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def se_block(x: Tensor, down: Tensor, up: Tensor) -> Tensor:
    """Return x (N, C, H, W) times its gates; down is (hidden, C), up is (C, hidden)."""
    mean = x.mean(dim=(2, 3))  # (N, C)
    gates = torch.sigmoid(torch.relu(mean @ down.T) @ up.T)  # (N, C)
    return x * gates[:, :, None, None]


def _by(rule: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Attempt:
    """Return an answer that follows another rule."""

    def attempt(x: Tensor, down: Tensor, up: Tensor) -> Tensor:
        return rule(x, down, up)

    return attempt


def _inner(mean: Tensor, down: Tensor, up: Tensor) -> Tensor:
    return torch.relu(mean @ down.T) @ up.T


def _spread(gates: Tensor) -> Tensor:
    return gates[:, :, None, None]


def _gates(x: Tensor, down: Tensor, up: Tensor) -> Tensor:
    return torch.sigmoid(_inner(x.mean((2, 3)), down, up))


def _exchanged(x: Tensor, down: Tensor, up: Tensor) -> Tensor:
    hidden = torch.sigmoid(x.mean((2, 3)) @ down.T)
    return x * _spread(torch.relu(hidden @ up.T))


MISTAKES = (
    Mistake(
        "the gates are returned",
        "That is how far each channel is open. Multiply the maps by it.",
        _by(_gates),
    ),
    Mistake(
        "the gates are added",
        "A gate turns a channel up or down: it is a factor.",
        _by(lambda x, d, u: x + _spread(_gates(x, d, u))),
    ),
    Mistake(
        "the input is added besides",
        "Only the gated maps are asked for. The addition belongs to the residual "
        "block around this one.",
        _by(lambda x, d, u: x + x * _spread(_gates(x, d, u))),
    ),
    Mistake(
        "a sum is taken for the mean",
        "The gate must not depend on how large the maps are: take the mean over their "
        "places.",
        _by(lambda x, d, u: x * _spread(_inner(x.sum((2, 3)), d, u).sigmoid())),
    ),
    Mistake(
        "the maximum is taken for the mean",
        "Squeezing is an average over all places, not the largest value.",
        _by(lambda x, d, u: x * _spread(_inner(x.amax((2, 3)), d, u).sigmoid())),
    ),
    Mistake(
        "the sigmoid is forgotten",
        "Gates lie between 0 and 1: put a sigmoid behind the second matrix.",
        _by(lambda x, d, u: x * _spread(_inner(x.mean((2, 3)), d, u))),
    ),
    Mistake(
        "a softmax is taken for the sigmoid",
        "With a softmax the channels compete for a sum of 1. Each gate is a sigmoid of "
        "its own, and all may be open.",
        _by(lambda x, d, u: x * _spread(_inner(x.mean((2, 3)), d, u).softmax(1))),
    ),
    Mistake(
        "the ReLU is forgotten",
        "Without it the two matrices are a single one: put a ReLU between them.",
        _by(lambda x, d, u: x * _spread((x.mean((2, 3)) @ d.T @ u.T).sigmoid())),
    ),
    Mistake(
        "the ReLU is behind the second matrix",
        "There it would keep every gate at a half or above. It stands between the "
        "matrices.",
        _by(lambda x, d, u: x * _spread((x.mean((2, 3)) @ d.T @ u.T).relu().sigmoid())),
    ),
    Mistake(
        "sigmoid and ReLU are exchanged",
        "The ReLU bends the hidden numbers, the sigmoid comes last: a gate lies "
        "between 0 and 1.",
        _by(_exchanged),
    ),
    Mistake(
        "the mean is taken over channels",
        "That is a gate for each place. Take the mean over places, axes 2 and 3, and "
        "let the two matrices make a gate for each channel.",
        _by(lambda x, *_: x * x.mean(1, keepdim=True).sigmoid()),
    ),
    Mistake(
        "the gates meet rows and columns",
        "Gates (N, C) are lined up with the last two axes of the maps. Give them two "
        "more axes of length 1: (N, C, 1, 1).",
        _by(lambda x, d, u: x * _gates(x, d, u)),
    ),
    Mistake(
        "all images share their gates",
        "Each image has means of its own: average over places, not over the batch.",
        _by(lambda x, d, u: x * _spread(_gates(x.mean(0, keepdim=True), d, u))),
    ),
)


def _case(
    name: str, x: list[object], down: list[list[float]], up: list[list[float]]
) -> Case:
    def make() -> dict[str, object]:
        return {
            "x": torch.tensor(x),
            "down": torch.tensor(down),
            "up": torch.tensor(up),
        }

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    return {
        "x": torch.randn(3, 7, 5, 2, generator=generator) + 0.5,
        "down": torch.randn(2, 7, generator=generator),
        "up": torch.randn(7, 2, generator=generator),
    }


#: The sigmoid of ln 3 is 3/4, that of -ln 3 is 1/4.
LN3 = math.log(3)

EXERCISE = Exercise(
    reference=se_block,
    title="A gate for every channel",
    lesson="50_architectures/40_squeeze",
    level="core",
    minutes=8,
    prompt="Return the maps `x`, each times its gate. The gates are made of the mean "
    "of each map: times `down`, a ReLU, times `up`, a sigmoid.",
    observe=call_it(se_block),
    cases=(
        # Mean 2, halved 1, gate 3/4.
        _case("one channel", [[[[1.0, 3.0]]]], [[0.5]], [[LN3]]),
        # Means 3 and 1, difference 2: gates 3/4 and 1/4.
        _case(
            "two channels, the loud one is opened",
            [[[[2.0, 4.0]], [[0.0, 2.0]]]],
            [[1.0, -1.0]],
            [[LN3 / 2], [-LN3 / 2]],
        ),
        # The difference is -2, the ReLU makes it 0: both gates are a half.
        _case(
            "two channels, the other one is loud",
            [[[[0.0, 2.0]], [[2.0, 4.0]]]],
            [[1.0, -1.0]],
            [[LN3 / 2], [-LN3 / 2]],
        ),
        # Means 1 and 2: gates 3/4, and 9/10 (the sigmoid of 2 ln 3).
        _case("two images", [[[[1.0]]], [[[2.0]]]], [[1.0]], [[LN3]]),
        Case("three images with seven channels", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Three steps: a number for each map, gates from these numbers, a product.",
        "`x.mean(dim=(2, 3))` has shape (N, C). `mean @ down.T` is (N, hidden).",
        "torch.sigmoid(torch.relu(mean @ down.T) @ up.T), and two axes of length 1.",
    ),
    imports="import torch",
    next="Let a gate be open at the start: which bias behind the second matrix gives "
    "gates near 1, and what would that change in the first steps of a training?",
)
