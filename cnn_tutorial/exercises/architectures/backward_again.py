"""Exercise: the way back of a function whose inside was forgotten."""

# ruff: noqa: ARG001, ARG005 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]

Function = Callable[[Tensor], Tensor]


def backward_again(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
    """Return the gradient of x, given the gradient of function(x); no graph is kept."""
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        out = function(x)
    (found,) = torch.autograd.grad(out, x, gradient)
    return found


def _with(
    rule: Callable[[Tensor, Tensor, Tensor], Tensor],
) -> Attempt:
    """Return an answer that makes another use of x, function(x) and the gradient."""

    def attempt(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        with torch.enable_grad():
            return rule(function(x), x, gradient)

    return attempt


def _slope(out: Tensor, x: Tensor, gradient: Tensor) -> Tensor:
    return torch.autograd.grad(out, x, gradient)[0]


def _no_graph(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    return torch.autograd.grad(function(x), x, gradient)[0]


def _at_the_gradient(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
    return backward_again(function, gradient, x)


def _product(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
    return function(x) * gradient


def _passed_on(function: Function, x: Tensor, gradient: Tensor) -> Tensor:
    return gradient.clone()


MISTAKES = (
    Mistake(
        "no graph is recorded",
        "What was kept is a plain tensor, and a backward pass runs without recording: "
        "make a leaf with `x.detach().requires_grad_()`, and run the function inside "
        "of `with torch.enable_grad():`.",
        _no_graph,
    ),
    Mistake(
        "the gradient that comes in is not used",
        "It says how the loss depends on the output: hand it over as the third "
        "argument of `torch.autograd.grad`, or as that of `out.backward(...)`.",
        _with(lambda out, x, gradient: _slope(out, x, torch.ones_like(out))),
    ),
    Mistake(
        "the gradient is summed up",
        "Each output has a gradient of its own. Their sum is not what comes in.",
        _with(
            lambda out, x, gradient: _slope(
                out, x, gradient.sum().expand_as(out).contiguous()
            )
        ),
    ),
    Mistake(
        "the output is returned",
        "Running it again is the first half. Then go backwards through it.",
        _with(lambda out, x, gradient: out.detach()),
    ),
    Mistake(
        "the output is multiplied by the gradient",
        "The slope of the function is needed, not its value: let autograd find it.",
        _product,
    ),
    Mistake(
        "the gradient is passed on as it came",
        "That would be right if the function returned its input.",
        _passed_on,
    ),
    Mistake(
        "x and the gradient are exchanged",
        "The function runs on x, and the gradient goes back through it.",
        _at_the_gradient,
    ),
)


@dataclass(frozen=True)
class _Rule:
    """A function that shows itself as the rule it applies."""

    rule: str
    apply: Callable[[Tensor], Tensor]

    def __repr__(self) -> str:
        return f"<{self.rule}>"

    def __call__(self, x: Tensor) -> Tensor:
        return self.apply(x)


_SQUARE = _Rule("a -> a * a", lambda a: a * a)
_BENT = _Rule("a -> ReLU(a) + 3 * a", lambda a: a.relu() + 3 * a)
_SUM = _Rule("a -> sum of a * a over each row", lambda a: (a * a).sum(1))


def _case(name: str, function: _Rule, x: list[Any], gradient: list[Any]) -> Case:
    def make() -> dict[str, object]:
        return {
            "function": function,
            "x": torch.tensor(x),
            "gradient": torch.tensor(gradient),
        }

    return Case(name, make)


def _observe(attempt: Attempt, inputs: dict[str, Any]) -> dict[str, object]:
    # As in the backward pass of an operation of one's own.
    with torch.no_grad():
        found = ask(attempt, *inputs.values())
    return {"result": found.detach() if isinstance(found, Tensor) else found}


EXERCISE = Exercise(
    reference=backward_again,
    title="The way back of what was forgotten",
    lesson="50_architectures/53_again",
    level="deeper",
    minutes=10,
    prompt="`function` was run on `x`, and nothing of it was kept but `x`. Now the "
    "gradient of its output comes back. Return the gradient of `x`. You are called "
    "without gradients switched on, as in a backward pass.",
    observe=_observe,
    cases=(
        # Slope 2 * 3, times 5.
        _case("a square", _SQUARE, [3.0], [5.0]),
        # Slopes 2 * 1 and 2 * -2, times 10 and 1.
        _case("two squares", _SQUARE, [1.0, -2.0], [10.0, 1.0]),
        # Slopes 1 + 3 and 0 + 3, times 1 and 2.
        _case("a ReLU", _BENT, [2.0, -1.0], [1.0, 2.0]),
        # 2 * x, times the gradient of its row.
        _case("fewer outputs", _SUM, [[1.0, 2.0], [3.0, -1.0]], [1.0, -2.0]),
    ),
    mistakes=MISTAKES,
    hints=(
        "Run the function again, this time so that autograd looks on.",
        (
            "x.detach().requires_grad_() is a leaf; `torch.enable_grad()` switches "
            "recording on."
        ),
        "`torch.autograd.grad(out, x, gradient)` returns a tuple with one tensor.",
    ),
    imports="import torch",
    next="Functions have weights, too. What would you have to return for those, and "
    "why does `out.backward(gradient)` not have this problem?",
)
