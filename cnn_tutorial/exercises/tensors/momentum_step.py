"""Exercise: one step of gradient descent with momentum."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Both = tuple[Tensor, Tensor]


def momentum_step(
    p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float
) -> tuple[Tensor, Tensor]:
    """Return (p, v) after one step: new velocity first, then a step against it."""
    v = momentum * v + slope
    return p - lr * v, v


def _uphill(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = momentum * v + slope
    return p + lr * v, v


def _old(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    return p - lr * v, momentum * v + slope


def _plain(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    return p - lr * slope, momentum * v + slope


def _forgotten(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    return p - lr * slope, slope


def _average(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = momentum * v + (1 - momentum) * slope
    return p - lr * v, v


def _inside(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = momentum * v - lr * slope
    return p + v, v


def _both_rates(
    p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float
) -> Both:
    v = momentum * v + lr * slope
    return p - lr * v, v


def _undamped(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = v + slope
    return p - lr * v, v


def _on_slope(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = v + momentum * slope
    return p - lr * v, v


def _nesterov(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = momentum * v + slope
    return p - lr * (slope + momentum * v), v


def _no_rate(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = momentum * v + slope
    return p - v, v


def _swapped(p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float) -> Both:
    v = momentum * v + slope
    return v, p - lr * v


def _velocity_kept(
    p: Tensor, v: Tensor, slope: Tensor, lr: float, momentum: float
) -> Both:
    return p - lr * (momentum * v + slope), v.clone()


MISTAKES = (
    Mistake(
        "the step goes with the velocity",
        "The velocity collects slopes, and slopes point uphill: step against it.",
        _uphill,
    ),
    Mistake(
        "the step uses the old velocity",
        "Update the velocity first, then step.",
        _old,
    ),
    Mistake(
        "the step uses the slope alone",
        "You computed a velocity and did not use it: p - lr * v.",
        _plain,
    ),
    Mistake(
        "the velocity is forgotten",
        "That is plain gradient descent. The new velocity is momentum * v + slope.",
        _forgotten,
    ),
    Mistake(
        "the slope is averaged in",
        "With (1 - momentum) * slope the velocity is a mean, as in Adam. Here the "
        "slope counts in full.",
        _average,
    ),
    Mistake(
        "the learning rate is inside the velocity",
        "The same path while the rate is constant, but here the velocity is a sum of "
        "slopes: multiply by the rate when you step.",
        _inside,
    ),
    Mistake(
        "the learning rate counts twice",
        "Once is enough, when you step.",
        _both_rates,
    ),
    Mistake(
        "the old velocity never fades",
        "Multiply the old velocity by `momentum` before the slope is added.",
        _undamped,
    ),
    Mistake(
        "momentum multiplies the slope",
        "It belongs to the old velocity: momentum * v + slope.",
        _on_slope,
    ),
    Mistake(
        "the step looks ahead",
        "That is Nesterov's step, which adds the slope once more. A plain one steps "
        "against the velocity.",
        _nesterov,
    ),
    Mistake(
        "the learning rate is forgotten",
        "The step is lr times the velocity.",
        _no_rate,
    ),
    Mistake(
        "parameters and velocity are swapped",
        "Return the parameters first, then the velocity.",
        _swapped,
    ),
    Mistake(
        "the new velocity is not returned",
        "The next step needs it: return the velocity that you have used.",
        _velocity_kept,
    ),
)


def _case(
    name: str, p: float, v: float, slope: float, *, lr: float, momentum: float
) -> Case:
    def make() -> dict[str, object]:
        tensors = {"p": p, "v": v, "slope": slope}
        found = {key: torch.tensor([value]) for key, value in tensors.items()}
        return {**found, "lr": lr, "momentum": momentum}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    p, v, slope = torch.randn(3, 5, 7, generator=generator)
    return {"p": p, "v": v, "slope": slope, "lr": 0.05, "momentum": 0.9}


EXERCISE = Exercise(
    reference=momentum_step,
    title="One step of momentum",
    lesson="10_tensors/35_ways_down",
    level="core",
    minutes=8,
    prompt="Return parameters and velocity after one step of gradient descent with "
    "momentum, in PyTorch's convention.",
    observe=call_it(momentum_step),
    cases=(
        # Velocity 0.5 * 0 + 4, parameter 1 - 0.25 * 4.
        _case("at rest", 1.0, 0.0, 4.0, lr=0.25, momentum=0.5),
        # Velocity 0.5 * 2 + 4, parameter 1 - 0.25 * 5.
        _case("in motion", 1.0, 2.0, 4.0, lr=0.25, momentum=0.5),
        _case("on level ground, in motion", 3.0, 8.0, 0.0, lr=0.5, momentum=0.75),
        Case("35 parameters", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two lines: what is the velocity now, and where does it lead?",
        "The velocity fades by `momentum` and gains the slope.",
        "v = momentum * v + slope, then p - lr * v. Return both.",
    ),
    next="Where does the velocity end if the slope stays the same for ever?",
)
