"""Exercise: how far a function is from moving along with its input."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Function = Callable[[Tensor], Tensor]


def shift_error(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    """Return the largest difference between f(T x) and T f(x), T a shift down."""
    moved_input = function(x.roll(rows, dims=-2))  # f(T x)
    moved_output = function(x).roll(rows // stride, dims=-2)  # T f(x)
    return float((moved_input - moved_output).abs().max())


def _unmoved(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    out = function(x)
    return float((function(x.roll(rows, dims=-2)) - out).abs().max())


def _whole_shift(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    return shift_error(function, x, rows)


def _columns(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    def turned(image: Tensor) -> Tensor:
        return function(image.mT).mT

    return shift_error(turned, x.mT, rows, stride)


def _backwards(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    moved_output = function(x).roll(-rows // stride, dims=-2)
    return float((function(x.roll(rows, dims=-2)) - moved_output).abs().max())


def _signed(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    moved_output = function(x).roll(rows // stride, dims=-2)
    return float((function(x.roll(rows, dims=-2)) - moved_output).max())


def _mean(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    moved_output = function(x).roll(rows // stride, dims=-2)
    return float((function(x.roll(rows, dims=-2)) - moved_output).abs().mean())


def _sum(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    moved_output = function(x).roll(rows // stride, dims=-2)
    return float((function(x.roll(rows, dims=-2)) - moved_output).abs().sum())


def _counted(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    moved_output = function(x).roll(rows // stride, dims=-2)
    return float((function(x.roll(rows, dims=-2)) != moved_output).sum())


def _input_only(function: Function, x: Tensor, rows: int, stride: int = 1) -> float:
    return float((x.roll(rows, dims=-2) - x).abs().max())


def _as_bool(function: Function, x: Tensor, rows: int, stride: int = 1) -> bool:
    return shift_error(function, x, rows, stride) == 0


MISTAKES = (
    Mistake(
        "the output is not moved",
        "You measured *invariance*: f(T x) against f(x). For equivariance the second "
        "output is moved as well.",
        _unmoved,
    ),
    Mistake(
        "the output is moved by as much as the input",
        "A stride of S makes the output S times smaller, and the shift, too: rows // "
        "stride.",
        _whole_shift,
    ),
    Mistake(
        "the columns are moved",
        "A shift down moves rows, which are the last axis but one: `dims=-2`.",
        _columns,
    ),
    Mistake(
        "the output is moved the other way",
        "Both shifts go down, `rows` for the input and `rows // stride` for the "
        "output.",
        _backwards,
    ),
    Mistake(
        "the sign is kept",
        "A difference below zero is one as well: take `abs()` before `max()`.",
        _signed,
    ),
    Mistake(
        "the mean is returned",
        "A border is a small part of an image: a mean would hide it. Return the "
        "largest difference.",
        _mean,
    ),
    Mistake(
        "the differences are added",
        "Return the largest difference, not the sum of all.",
        _sum,
    ),
    Mistake(
        "the differences are counted",
        "Return how large the largest difference is, not how many there are.",
        _counted,
    ),
    Mistake(
        "the inputs are compared",
        "Call `function` on both, and compare what comes out.",
        _input_only,
    ),
    Mistake(
        "only yes or no is returned",
        "Return the largest difference as a number.",
        _as_bool,
    ),
)


def _conv_with_zeros(x: Tensor) -> Tensor:
    kernel = torch.tensor([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, -1.0]]]])
    return F.conv2d(x, kernel, padding=1)


def _first_differences(x: Tensor) -> Tensor:
    return x - x.roll(1, dims=-2)


def _every_second(x: Tensor) -> Tensor:
    return x[..., ::2, ::2]


def _numbered_rows(x: Tensor) -> Tensor:
    return x * torch.arange(1.0, x.shape[-2] + 1)[:, None]


def _case(
    name: str, function: Function, shape: tuple[int, ...], rows: int, **more: int
) -> Case:
    def make() -> dict[str, object]:
        return {"function": function, "x": varied(*shape), "rows": rows, **more}

    return Case(name, make)


EXERCISE = Exercise(
    reference=shift_error,
    title="How far from equivariant?",
    lesson="20_convolution/80_equivariance",
    level="core",
    minutes=10,
    prompt="Measure how far a function is from equivariant. Shift an image down by "
    "`rows`, what leaves below comes back on top: how large is the largest difference "
    "between the function of the shifted image and the shifted function of the image? "
    "With a `stride`, the output moves by `rows // stride`.",
    observe=call_it(shift_error),
    cases=(
        _case("each row times its number", _numbered_rows, (1, 1, 3, 2), 1),
        _case("differences between rows", _first_differences, (1, 1, 4, 3), 1),
        _case("every second pixel, by 2", _every_second, (1, 1, 6, 4), 2, stride=2),
        _case("every second pixel, by 1", _every_second, (1, 1, 6, 4), 1, stride=2),
        _case("a convolution with zeros around", _conv_with_zeros, (2, 1, 5, 7), 2),
        _case("its shift by more than its height", _conv_with_zeros, (1, 1, 5, 7), 8),
    ),
    mistakes=MISTAKES,
    hints=(
        "Which two images are compared? Write both as one line of code first.",
        (
            "One is `function` of the shifted image. The other is the shifted "
            "`function` of the image. `x.roll(rows, dims=-2)` shifts down."
        ),
        (
            "`function(x.roll(rows, dims=-2))` against `function(x).roll(rows // "
            "stride, dims=-2)`; then `abs().max()` as a float."
        ),
    ),
    next="Turn the image instead of shifting it. For which kernels is the difference "
    "zero?",
)
