"""Exercise: batch norm in both of its modes, with its memory."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument
from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.training._wrong_norms import Other, along_columns
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return normalised x (N, C, H, W) and the running mean and variance after it."""
    mean, var = running_mean, running_var  # (C,)
    if training:
        mean = x.mean(dim=(0, 2, 3))
        var = x.var(dim=(0, 2, 3), correction=0)
        unbiased = x.var(dim=(0, 2, 3), correction=1)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * unbiased
    centred = x - mean[:, None, None]
    out = centred / torch.sqrt(var[:, None, None] + eps)
    return out, running_mean, running_var


MISTAKES = (
    Mistake(
        "the batch is measured in evaluation, too",
        "When `training` is false, the running statistics take the place of those of "
        "the batch.",
        Other(uses="batch"),
    ),
    Mistake(
        "the memory is used in training, too",
        "When `training` is true, subtract the mean of this batch and divide by its "
        "deviation. The running values are only brought up to date.",
        Other(uses="memory"),
    ),
    Mistake(
        "the batch is normalised by the new running values",
        "In training the batch's own statistics normalise it; the running values are "
        "kept for later.",
        Other(uses="new memory"),
    ),
    Mistake(
        "the memory is not brought up to date",
        "In training, return (1 - momentum) * old + momentum * new for both.",
        Other(changes=False),
    ),
    Mistake(
        "the memory changes in evaluation",
        "An account that is kept while you judge learns from what you judge. Change it "
        "in training only.",
        Other(changes=True),
    ),
    Mistake(
        "the shares of old and new are swapped",
        "`momentum` is the share of the new batch, 0.1 by default.",
        Other(swapped=True),
    ),
    Mistake(
        "the batch's variance is divided by one less",
        "What divides the batch is its variance over N*H*W numbers: `correction=0`. "
        "Only the memory takes the other.",
        Other(measured=1),
    ),
    Mistake(
        "the memory takes the variance divided by N*H*W",
        "The running variance estimates that of all images, from the variance divided "
        "by one less: `correction=1`.",
        Other(kept=0),
    ),
    Mistake(
        "each image is measured by itself",
        "One mean for each channel, over images and places: `dim=(0, 2, 3)`.",
        Other(axes=(2, 3)),
    ),
    Mistake(
        "all channels share one mean",
        "The channels, axis 1, are the axis that stays.",
        Other(axes=(0, 1, 2, 3)),
    ),
    Mistake(
        "mean and variance meet columns",
        "Numbers of shape (C,) are lined up with the last axis of x. Give them two "
        "axes behind: `mean[:, None, None]`.",
        Other(normalise=along_columns),
    ),
    Mistake(
        "the variance is taken for the deviation",
        "Divide by the square root of the variance.",
        Other(normalise=lambda x, mean, var, eps: (x - mean) / (var + eps)),
    ),
    Mistake(
        "the mean is not subtracted",
        "Dividing alone leaves the mean where it was: (x - mean) / deviation.",
        Other(normalise=lambda x, mean, var, eps: x / torch.sqrt(var + eps)),
    ),
    Mistake(
        "epsilon is outside the root",
        "sqrt(var + eps), not sqrt(var) + eps.",
        Other(normalise=lambda x, mean, var, eps: (x - mean) / (var.sqrt() + eps)),
    ),
    Mistake(
        "epsilon is forgotten",
        "Add `eps` to the variance before the root: a channel may be constant.",
        Other(normalise=lambda x, mean, var, eps: (x - mean) / var.sqrt()),
    ),
)


def _case(
    name: str,
    x: list[list[list[list[float]]]],
    *,
    mean: list[float],
    var: list[float],
    training: bool,
    **more: float,
) -> Case:
    def make() -> dict[str, object]:
        kept = {"running_mean": torch.tensor(mean), "running_var": torch.tensor(var)}
        return {"x": torch.tensor(x), **kept, "training": training, **more}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    scale = torch.tensor([0.1, 2.0, 5.0]).reshape(3, 1, 1)
    x = 3 + scale * torch.randn(2, 3, 5, 7, generator=generator)
    kept = torch.rand(2, 3, generator=generator) + 0.5
    memory = {"running_mean": kept[0], "running_var": kept[1]}
    return {"x": x, **memory, "training": True, "momentum": 0.3, "eps": 1e-3}


EXERCISE = Exercise(
    reference=batch_norm,
    title="Both layers of batch norm",
    lesson="40_training/30_batch_norm",
    level="deeper",
    minutes=15,
    prompt="Return a batch normalised channel by channel, and the running mean and "
    "variance after it. In training, measure the batch (variance over all its numbers) "
    "and let the share `momentum` of it into the running values (variance divided by "
    "one less). In evaluation, use the running values and leave them.",
    observe=call_it(batch_norm),
    cases=(
        # Mean 2, variance 1, divided by one less 4/3: 0.9*0 + 0.1*2, 0.9*1 + 0.1*4/3.
        _case(
            "training, two images of one channel",
            [[[[1.0, 3.0]]], [[[1.0, 3.0]]]],
            mean=[0.0],
            var=[1.0],
            training=True,
        ),
        _case(  # (5 - 1) / 2 and (1 - 1) / 2.
            "evaluation, one image",
            [[[[5.0, 1.0]]]],
            mean=[1.0],
            var=[4.0],
            training=False,
        ),
        # Channel 0: mean 3, variance 5, 20/3 by one less. Channel 1: 10 and 100,
        # 400/3. A quarter of them goes into the running values.
        _case(
            "training, two channels, momentum 0.25",
            [[[[0.0, 2.0]], [[0.0, 0.0]]], [[[4.0, 6.0]], [[20.0, 20.0]]]],
            mean=[1.0, 2.0],
            var=[4.0, 8.0],
            training=True,
            momentum=0.25,
        ),
        _case(  # (x - 0) / sqrt(0 + 0.25) is twice x.
            "evaluation, a variance of 0, epsilon 0.25",
            [[[[1.0, -2.0]]]],
            mean=[0.0],
            var=[0.0],
            training=False,
            eps=0.25,
        ),
        Case("two images with three channels of 5 x 7 pixels", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Which mean and variance divide this batch, and do the running ones change?",
        (
            "In training both come from the batch over `dim=(0, 2, 3)`, and the "
            "running values become (1 - momentum) * old + momentum * new."
        ),
        (
            "(x - mean[:, None, None]) / sqrt(var[:, None, None] + eps), with "
            "`x.var(dim=(0, 2, 3), correction=0)` for the batch and correction=1 for "
            "the memory."
        ),
    ),
    imports="import torch",
    next="What does your function do with a batch of one image whose maps are one "
    "pixel? What should it do?",
)
