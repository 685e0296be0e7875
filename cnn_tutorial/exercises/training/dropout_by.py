"""Exercise: dropout in both of its modes, with the random numbers given."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def dropout_by(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    """Drop x where noise (same shape, 0 to 1) is below p; leave it in evaluation."""
    if not training:
        return x
    return x * (noise >= p) / (1 - p)


def _always(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) / (1 - p)


def _never(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x


def _switched(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x if training else x * (noise >= p) / (1 - p)


def _undivided(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) if training else x


def _of_old(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) if training else x * (1 - p)


def _twice(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) / (1 - p) if training else x * (1 - p)


def _by_p(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) / p if training else x


def _times(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) * (1 - p) if training else x


def _others(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise < p) / (1 - p) if training else x


def _kept_by_p(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise < p) / p if training else x


def _above(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise > p) / (1 - p) if training else x


def _half(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x * (noise >= p) * 2 if training else x


def _by_count(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    kept = (noise >= p).float()
    return x * kept / kept.mean() if training else x


def _cut(noise: Tensor, x: Tensor, p: float, training: bool) -> Tensor:
    return x[noise >= p] / (1 - p) if training else x


MISTAKES = (
    Mistake(
        "values are dropped in evaluation, too",
        "When `training` is false, return x as it is.",
        _always,
    ),
    Mistake(
        "nothing is dropped",
        "In training, a value is 0 where its number is below p.",
        _never,
    ),
    Mistake(
        "the switch is the wrong way round",
        "Dropout works while the network learns, and does nothing while it is judged.",
        _switched,
    ),
    Mistake(
        "what stays is not divided",
        "Divide what stays by the share that stays, 1 - p, so that the mean is kept.",
        _undivided,
    ),
    Mistake(
        "the factor is paid in evaluation",
        "So did the paper. Divide by 1 - p in training instead, and evaluation costs "
        "nothing.",
        _of_old,
    ),
    Mistake(
        "the factor is paid twice",
        "You divide in training: nothing is left to do in evaluation.",
        _twice,
    ),
    Mistake(
        "what stays is divided by p",
        "p is the share that goes. Divide by the share that stays.",
        _by_p,
    ),
    Mistake(
        "what stays is made smaller",
        "Fewer values must add up to as much: divide by 1 - p.",
        _times,
    ),
    Mistake(
        "the wrong values are dropped",
        "A value goes where its number is below p, and stays where it is at least p.",
        _others,
    ),
    Mistake(
        "p is taken for the share that stays",
        "In PyTorch p is the probability to be dropped.",
        _kept_by_p,
    ),
    Mistake(
        "a number equal to p drops its value",
        "Below p only: at p the value stays. With p = 0 nothing may go.",
        _above,
    ),
    Mistake(
        "the factor is always 2",
        "2 is right for p = 0.5. For others it is 1 / (1 - p).",
        _half,
    ),
    Mistake(
        "what stays is divided by the share that happened to stay",
        "Divide by the probability to stay, 1 - p, whatever this draw has done.",
        _by_count,
    ),
    Mistake(
        "the dropped values are cut out",
        "The shape stays: a dropped value becomes 0.",
        _cut,
    ),
)


def _case(
    name: str, noise: list[float], x: list[float], *, p: float, training: bool
) -> Case:
    def make() -> dict[str, object]:
        tensors = {"noise": torch.tensor(noise), "x": torch.tensor(x)}
        return {**tensors, "p": p, "training": training}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(3, 5, 7, generator=generator)
    x = torch.randn(3, 5, 7, generator=generator)
    return {"noise": noise, "x": x, "p": 0.3, "training": True}


EXERCISE = Exercise(
    reference=dropout_by,
    title="Dropout with a switch",
    lesson="40_training/32_dropout",
    level="core",
    minutes=8,
    prompt="In training, set x to 0 where `noise` is below p and divide the rest so "
    "that the mean is kept; p is less than 1. In evaluation, return x.",
    observe=call_it(dropout_by),
    cases=(
        # 6 / (1 - 0.25) = 8; 0.1 is below p.
        _case("training, p 0.25", [0.1, 0.9], [3.0, 6.0], p=0.25, training=True),
        _case("evaluation, p 0.25", [0.1, 0.9], [3.0, 6.0], p=0.25, training=False),
        # Nothing is below 0, and 1 - 0 = 1.
        _case("training, p 0", [0.0, 0.5], [3.0, -6.0], p=0.0, training=True),
        # At p a value stays: -1 / 0.5.
        _case("training, p 0.5", [0.5, 0.4], [-1.0, 2.0], p=0.5, training=True),
        Case("3 x 5 x 7 values, p 0.3", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Which of the two modes leaves x alone?",
        "`noise >= p` is true where a value stays; multiplying by it drops the rest.",
        "x in evaluation; x * (noise >= p) / (1 - p) in training.",
    ),
    next="What would have to change so that whole channels of (N, C, H, W) are "
    "dropped together?",
)
