"""Batch norm: what it subtracts, what it remembers, and what weights do before it."""

from __future__ import annotations

from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/30_batch_norm",
    batch=((2, 6), (1, 5), (4, 8), (1, 7), (3, 9)),
    remembered=((0, 2), (1, 1), (-2, 4), (2, 2), (0, 3)),
    affine=((1, 0), (3, 1), (2, -1), (1, 0)),
    training=(True, False),
)
def normalised_pixel(
    batch: tuple[int, int],
    remembered: tuple[int, int],
    affine: tuple[int, int],
    training: bool,
) -> Posed | None:
    """Value that comes out of a batch norm."""
    low, high = batch
    (mean, deviation), (scale, shift) = remembered, affine
    if (high - mean) % deviation:
        return None
    out, other = (
        _normed(batch, remembered, affine, mode) for mode in (training, not training)
    )
    values = "statistics of the batch" if training else "running statistics"
    middle, half = (low + high) // 2, (high - low) // 2
    used = (middle, half) if training else remembered
    sums = f"({high} - {used[0]}) / {used[1]} * {scale} + {shift}"
    sums = sums.replace("- -", "+ ").replace("+ -", "- ")
    wrong: dict[object, str] = {  # where two agree, the last one speaks
        high: "So it would leave a layer that does not normalise.",
        (high - used[0]) // used[1] + shift * scale: "First the scale, then the shift.",
        (high - used[0]) * scale + shift: "The difference is also divided by a "
        "standard deviation.",
        (out - shift) // scale: "That is normalised. Scale and shift come after.",
        other: f"So it is in {_mode(not training)} mode. Whose mean is subtracted in "
        "this one?",
    }
    return Posed(
        f"Batch norm, one channel: scale {scale}, shift {shift}, running mean {mean}, "
        f"running variance {deviation**2}. In {_mode(training)} mode it gets two "
        f"pixels, {low} and {high}. What becomes of the {high} (epsilon aside)?",
        out,
        f"{sums}, by the {values}.",
        dict(reversed(wrong.items())),
    )


def _mode(training: bool) -> str:
    return "training" if training else "evaluation"


def _normed(
    batch: tuple[int, int],
    remembered: tuple[int, int],
    affine: tuple[int, int],
    training: bool,
) -> int:
    """Return what becomes of the second of two pixels."""
    x = torch.tensor(batch).double().reshape(2, 1, 1, 1)
    weight, bias = torch.tensor(affine).double().reshape(2, 1)
    mean, var = torch.tensor([[remembered[0]], [remembered[1] ** 2]]).double()
    out = F.batch_norm(x, mean, var, weight, bias, training, eps=1e-12)
    return round(out[1].item())


_SECOND = {
    "training": "in training mode",
    "no_grad": "in training mode, under `no_grad`",
    "evaluation": "in evaluation mode",
}


@question(
    "40_training/30_batch_norm",
    momentum=(0.1, 0.25, 0.75),
    first=(16, 32, 80, -16),
    second=(8, 48, -8, 40),
    how=tuple(_SECOND),
)
def running_mean_after(
    momentum: float, first: int, second: int, how: str
) -> Posed | None:
    """Compute the running mean after two calls."""
    norm = nn.BatchNorm2d(1, momentum=momentum).double()
    means = []
    for mean, mode in ((first, "training"), (second, how)):
        norm.train(mode != "evaluation")
        with torch.set_grad_enabled(mode == "training"):
            norm(torch.full((2, 1, 1, 1), float(mean)).double())
        means.append(norm.state_dict()["running_mean"].item())
    once, answer = means
    both = (1 - momentum) * once + momentum * second
    swapped = (1 - momentum) * first
    if how != "evaluation":
        swapped = momentum * swapped + (1 - momentum) * second
    wrong: dict[object, str] = {
        f"{both if how == 'evaluation' else once:g}": "Each call in training mode "
        "moves it, with or without gradients. Evaluation does not.",
        f"{swapped:g}": "`momentum` is the share of the new batch.",
        f"{(first + second) / 2:g}": "It is no plain average: it starts at 0 and "
        "forgets little by little.",
    }
    if len({f"{answer:g}", f"{second}", f"{first}", *wrong}) < len(wrong) + 3:
        return None
    if f"{answer:g}" not in {f"{answer:.0f}", f"{answer:.1f}"}:
        return None  # too long for the head
    then = f"then {1 - momentum:g} of that and {momentum:g} of {second}."
    return Posed(
        f"`nn.BatchNorm2d(1, momentum={momentum})` is new: its running mean is 0. It "
        f"gets a batch with mean {first} in training mode, then one with mean {second} "
        f"{_SECOND[how]}. What is its running mean?",
        f"{answer:g}",
        f"{momentum:g} of {first} is {once:g}; "
        + ("evaluation only reads it." if how == "evaluation" else then),
        wrong,
    )


_ASKED = {
    "output": "the output of the norm",
    "gradient": "the gradient of these weights",
    "turn": "a step of plain SGD, relative to the length of these weights,",
}


@question(
    "40_training/31_norm_at_work",
    times=(2, 3, 4, 5, 10),
    what=tuple(_ASKED),
)
def longer_weights(times: int, what: str) -> Posed:
    """Find what longer weights change in front of a norm."""
    answers = {0: "1: it stays", 1: f"{times}", -1: f"1/{times}", -2: f"1/{times**2}"}
    ratio = _ratio(times, what)
    power = next(p for p in answers if Fraction(times) ** p == ratio)
    because = {
        "output": "The norm divides by the deviation, which has grown as well.",
        "gradient": f"The same effect on the output needs a change {times} times as "
        "large, so the slope is that much smaller.",
        "turn": f"The step is 1/{times} as long, the weights {times} times as long.",
    }
    hints = {
        0: "The output stays; ask how much a small change of these weights still does "
        "to it.",
        1: "The longer the weights, the less one small change of them does.",
        -1: "So the gradient changes. How long is it beside the weights themselves?",
        -2: "So a step changes, as a share of the weights. What of the gradient alone?",
    }
    if what == "output":
        hints[1] = "So it would be without a norm behind the convolution."
        hints[-1] = hints[-2] = "Mean and deviation grow with the weights, no faster."
    return Posed(
        "A convolution without bias feeds a batch norm in training mode. All weights "
        f"of the convolution are made {times} times as large. By which factor does "
        f"{_ASKED[what]} change?",
        answers[power],
        because[what],
        {answers[p]: hints[p] for p in (0, 1, -1, -2) if p != power},
    )


def _ratio(times: int, what: str) -> Fraction:
    """Measure what weights so many times as large change."""
    chance = torch.Generator().manual_seed(0)
    x, wanted = torch.randn(2, 8, 3, generator=chance).double()
    found = []
    for scale in (1, times):
        weight = torch.tensor([0.5, -1.0, 2.0]).double().mul(scale).requires_grad_()
        out = F.batch_norm((x @ weight)[:, None], None, None, training=True, eps=1e-14)
        (out[:, 0] * wanted[:, 0]).sum().backward()
        slope = weight.grad
        assert slope is not None
        sizes = {"output": out.norm(), "gradient": slope.norm()}
        sizes["turn"] = slope.norm() / weight.norm()
        found.append(sizes[what].item())
    return Fraction(found[1] / found[0]).limit_denominator(200)


@question(
    "40_training/31_norm_at_work",
    shape=((5, 6, 7, 7), (4, 6, 5, 9), (7, 8, 3, 3), (3, 10, 4, 4), (2, 12, 9, 5)),
    groups=(2, 3, 4, 5),
    which=("batch", "layer", "instance", "group"),
)
def norm_with_so_many_means(
    shape: tuple[int, int, int, int], groups: int, which: str
) -> Posed | None:
    """Find the norm by its number of means."""
    images, channels = shape[:2]
    if channels % groups:
        return None
    maps = torch.zeros(shape)
    counts = {
        "batch": maps.mean(dim=(0, 2, 3)).numel(),
        "layer": maps.mean(dim=(1, 2, 3)).numel(),
        "instance": maps.mean(dim=(2, 3)).numel(),
        "group": maps.unflatten(1, (groups, -1)).mean(dim=(2, 3, 4)).numel(),
    }
    if len(set(counts.values())) < len(counts):
        return None
    each = {
        "batch": f"one mean for each of {channels} channels",
        "layer": f"one mean for each of {images} images",
        "instance": f"one mean for each of {images} * {channels} maps",
        "group": f"one mean for each of {images} * {groups} groups of maps",
    }
    name = {kind: f"{kind} norm" for kind in counts} | {
        "group": f"group norm, {groups} groups"
    }
    return Posed(
        f"Maps of shape {shape} enter a norm, and it computes {counts[which]} means. "
        "Which norm is it?",
        name[which],
        f"It takes {each[which]}.",
        {name[k]: f"It takes {each[k]}." for k in counts if k != which},
    )


QUESTIONS = (
    normalised_pixel,
    running_mean_after,
    longer_weights,
    norm_with_so_many_means,
)
