"""Exercise: fit a straight line by gradient descent."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def fit_line(x: Tensor, y: Tensor, lr: float, steps: int) -> Tensor:
    """Fit y = a*x + b by gradient descent from (0, 0): return tensor([a, b])."""
    p = torch.zeros(2, requires_grad=True)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        # Returned, not added to p.grad: there is nothing to clear.
        (slopes,) = torch.autograd.grad(loss, p)
        with torch.no_grad():
            p -= lr * slopes
    return p.detach()


def _mse(residual: Tensor) -> Tensor:
    return (residual**2).mean()


def _with(
    *,
    loss: Callable[[Tensor], Tensor] = _mse,
    sign: int = -1,
    clear: bool = True,
    more: int = 0,
    start: float = 0.0,
) -> Attempt:
    """Return a fit with one thing wrong."""

    def attempt(x: Tensor, y: Tensor, lr: float, steps: int) -> Tensor:
        p = torch.full((2,), start, requires_grad=True)
        for _ in range(steps + more):
            loss(p[0] * x + p[1] - y).backward()
            assert p.grad is not None
            with torch.no_grad():
                p += sign * lr * p.grad
            if clear:
                p.grad.zero_()
        return p.detach()

    return attempt


def _one_after_the_other(x: Tensor, y: Tensor, lr: float, steps: int) -> Tensor:
    a = b = torch.zeros(())
    for _ in range(steps):
        a = a - lr * 2 * ((a * x + b - y) * x).mean()
        b = b - lr * 2 * (a * x + b - y).mean()
    return torch.stack([a, b])


def _with_grad(x: Tensor, y: Tensor, lr: float, steps: int) -> Tensor:
    p = torch.zeros(2, requires_grad=True)
    for _ in range(steps):
        _mse(p[0] * x + p[1] - y).backward()
        assert p.grad is not None
        p -= lr * p.grad
        p.grad.zero_()
    return p.detach()


def _swapped(x: Tensor, y: Tensor, lr: float, steps: int) -> Tensor:
    return fit_line(x, y, lr, steps).flip(0)


def _through_zero(x: Tensor, y: Tensor, lr: float, steps: int) -> Tensor:
    a = torch.zeros(())
    for _ in range(steps):
        a = a - lr * 2 * ((a * x - y) * x).mean()
    return torch.stack([a, torch.zeros(())])


MISTAKES = (
    Mistake(
        "the step goes uphill",
        "The gradient points to where the loss grows: step against it, `p -= lr * "
        "p.grad`.",
        _with(sign=1),
    ),
    Mistake(
        "the gradients are not cleared",
        "`backward` adds to `.grad`. After each step, zero it: `p.grad.zero_()`.",
        _with(clear=False),
    ),
    Mistake(
        "the errors are added up, not averaged",
        "MSE is a mean. With a sum, the step grows with the number of points.",
        _with(loss=lambda residual: (residual**2).sum()),
    ),
    Mistake(
        "the slope is half of what it should be",
        "The derivative of r*r is 2*r: is a 2 missing, or does the loss have a 1/2 of "
        "its own?",
        _with(loss=lambda residual: _mse(residual) / 2),
    ),
    Mistake(
        "the slopes are added up, and a 2 is missing",
        "The slope of a mean of squares is 2/n times the sum of r and its derivative: "
        "take the mean over the points, and twice of it.",
        _with(loss=lambda residual: (residual**2).sum() / 2),
    ),
    Mistake(
        "the error is not squared",
        "MSE takes the square of each residual, not its absolute value.",
        _with(loss=lambda residual: residual.abs().mean()),
    ),
    Mistake(
        "the residuals are averaged before they are squared",
        "Positive and negative residuals cancel in a mean: square first, then average.",
        _with(loss=lambda residual: residual.mean() ** 2),
    ),
    Mistake(
        "the second slope is taken after the first step",
        "Both slopes belong to the same place. Compute both, then change both.",
        _one_after_the_other,
    ),
    Mistake(
        "the step is recorded by autograd",
        "A parameter that wants gradients must not be changed in place where they are "
        "recorded: put the step under `with torch.no_grad():`.",
        _with_grad,
    ),
    Mistake(
        "there is one step too many",
        "Take exactly `steps` steps; with 0 of them the answer is the start.",
        _with(more=1),
    ),
    Mistake(
        "there is one step too few",
        "Take exactly `steps` steps: does your loop begin at 1?",
        _with(more=-1),
    ),
    Mistake(
        "the search begins elsewhere",
        "Begin with a = 0 and b = 0, so that answers can be compared.",
        _with(start=1.0),
    ),
    Mistake(
        "a and b are swapped",
        "The slope comes first: `tensor([a, b])` for y = a*x + b.",
        _swapped,
    ),
    Mistake(
        "the line always passes through zero",
        "b is a parameter too: it needs a slope and a step of its own.",
        _through_zero,
    ),
)


def _case(name: str, x: list[float], y: list[float], lr: float, steps: int) -> Case:
    def make() -> dict[str, object]:
        points = torch.tensor([x, y], dtype=torch.float32)
        return {"x": points[0], "y": points[1], "lr": lr, "steps": steps}

    return Case(name, make)


PLACES = [k / 5 - 1 for k in range(11)]

EXERCISE = Exercise(
    reference=fit_line,
    title="A line by gradient descent",
    lesson="10_tensors/30_curve_fit",
    level="core",
    minutes=12,
    prompt="Fit a straight line to points by gradient descent on the mean squared "
    "error: from a = b = 0, with the learning rate and the number of steps that you "
    "are given.",
    observe=call_it(fit_line),
    cases=(
        _case("no step: the start", [1, 2], [2, 3], 0.25, 0),
        # Residuals -2 and -3: slopes 2/2*(-2*1 - 3*2) = -8 and 2/2*(-2 - 3) = -5.
        _case("one step, two points", [1, 2], [2, 3], 0.25, 1),
        _case("two steps, two points", [1, 2], [2, 3], 0.125, 2),
        _case("three points", [0, 1, 3], [1, -1, 2], 0.1, 3),
        _case(
            "until it settles on a line", PLACES, [2 * v - 1 for v in PLACES], 0.3, 97
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "It is the loop of the page with another curve: loss, backward, step, clear.",
        (
            "Keep both parameters in one tensor that requires grad; the loss is the "
            "mean of the squared residuals p[0] * x + p[1] - y."
        ),
        (
            "p = torch.zeros(2, requires_grad=True); in the loop: loss.backward(), "
            "`with torch.no_grad(): p -= lr * p.grad`, p.grad.zero_()."
        ),
    ),
    next="Which learning rate is the largest that still arrives in the last case? "
    "Compare it with 2 over the largest eigenvalue of the loss's second derivatives.",
    imports="import torch",
)
