"""Exercise: filters as greys that keep their sign."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def signed_picture(weight: Tensor) -> Tensor:
    """Return weights as greys 0-1 with zero at 0.5, on one scale for all filters."""
    limit = weight.abs().max()
    return 0.5 + weight / (2 * limit)


def _min_max(weight: Tensor) -> Tensor:
    return (weight - weight.min()) / (weight.max() - weight.min())


def _each_min_max(weight: Tensor) -> Tensor:
    low = weight.amin((1, 2, 3), keepdim=True)
    high = weight.amax((1, 2, 3), keepdim=True)
    return (weight - low) / (high - low)


def _each_its_own(weight: Tensor) -> Tensor:
    return 0.5 + weight / (2 * weight.abs().amax((1, 2, 3), keepdim=True))


def _without_absolute(weight: Tensor) -> Tensor:
    return 0.5 + weight / (2 * weight.max())


def _zero_at_zero(weight: Tensor) -> Tensor:
    return weight / weight.abs().max()


def _magnitude(weight: Tensor) -> Tensor:
    return weight.abs() / weight.abs().max()


def _twice_as_far(weight: Tensor) -> Tensor:
    return 0.5 + weight / weight.abs().max()


def _not_scaled(weight: Tensor) -> Tensor:
    return 0.5 + weight / 2


MISTAKES = (
    Mistake(
        "from the smallest to the largest of all",
        "Zero is then wherever the smallest and the largest weight put it. Divide by "
        "the largest absolute weight, and add 0.5.",
        _min_max,
    ),
    Mistake(
        "each filter from its smallest to its largest",
        "That is the scaling that hides the sign: zero is another grey in each filter.",
        _each_min_max,
    ),
    Mistake(
        "each filter has a scale of its own",
        "Signs are right, but a faint filter now looks as strong as the others. Take "
        "the limit over all filters.",
        _each_its_own,
    ),
    Mistake(
        "the largest weight, not the largest absolute one",
        "Negative weights can be larger in size, and would leave 0-1: use `abs()`.",
        _without_absolute,
    ),
    Mistake(
        "zero is black",
        "Your greys reach from -1 to 1. Halve them, and move zero to 0.5.",
        _zero_at_zero,
    ),
    Mistake(
        "the sign is gone",
        "`abs()` belongs into the limit only: 0.3 and -0.3 must differ.",
        _magnitude,
    ),
    Mistake(
        "twice as far from the middle as it should be",
        "From the middle to an end is half of the scale: divide by twice the limit.",
        _twice_as_far,
    ),
    Mistake(
        "the limit is missing",
        "Weights are of any size: divide by the largest absolute one.",
        _not_scaled,
    ),
)


def _case(name: str, values: list[float], shape: tuple[int, ...]) -> Case:
    return Case(name, lambda: {"weight": torch.tensor(values).reshape(shape)})


EXERCISE = Exercise(
    reference=signed_picture,
    title="Filters that keep their sign",
    lesson="40_training/40_filters_and_maps",
    level="first steps",
    minutes=5,
    prompt="Return weights of shape (C_out, C_in, kh, kw) as greys from 0 to 1: zero "
    "is 0.5, and the largest absolute weight of all filters reaches 0 or 1.",
    observe=call_it(signed_picture),
    cases=(
        _case("one filter, mostly negative", [-4.0, 0.0, 1.0, 2.0], (1, 1, 2, 2)),
        _case("a strong and a faint filter", [2.0, -2.0, 0.5, 0.0], (2, 1, 1, 2)),
        _case("a filter that only adds", [1.0, 2.0, 3.0], (1, 1, 1, 3)),
        _case("three of two channels", [float(k - 5) for k in range(12)], (3, 2, 1, 2)),
    ),
    mistakes=MISTAKES,
    hints=(
        "What must be the same grey in all filters: the smallest weight, or zero?",
        "Divide all weights by one number so that they reach from -1 to 1.",
        "`0.5 + weight / (2 * limit)`, where `limit` is `weight.abs().max()`.",
    ),
    next="Draw a layer of your own network with it, beside the min-max picture, and "
    "look for filters that you would have misread.",
)
