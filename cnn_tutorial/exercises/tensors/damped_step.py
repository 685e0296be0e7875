"""Exercise: one step of Levenberg's damped least squares."""

# ruff: noqa: ANN401, ARG001, N803 - PyTorch does not say what `solve` returns; a wrong
# answer may forget an argument; J is a matrix
from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def damped_step(J: Tensor, r: Tensor, damping: float) -> Any:
    """Return d of (J.T @ J + damping * I) d = -J.T @ r, for J (n, m) and r (n,)."""
    curvature = J.T @ J + damping * torch.eye(J.shape[1])  # (m, m)
    return torch.linalg.solve(curvature, -J.T @ r)  # (m,)


def _uphill(J: Tensor, r: Tensor, damping: float) -> Any:
    return -damped_step(J, r, damping)


def _undamped(J: Tensor, r: Tensor, damping: float) -> Any:
    return damped_step(J, r, 0.0)


def _everywhere(J: Tensor, r: Tensor, damping: float) -> Any:
    return torch.linalg.solve(J.T @ J + damping, -J.T @ r)


def _marquardt(J: Tensor, r: Tensor, damping: float) -> Any:
    curvature = J.T @ J
    scaled = damping * torch.diag(curvature.diagonal())
    return torch.linalg.solve(curvature + scaled, -J.T @ r)


def _squared(J: Tensor, r: Tensor, damping: float) -> Any:
    return damped_step(J, r, damping**2)


def _negative(J: Tensor, r: Tensor, damping: float) -> Any:
    return damped_step(J, r, -damping)


def _gradient(J: Tensor, r: Tensor, damping: float) -> Any:
    return -J.T @ r / damping


def _other_product(J: Tensor, r: Tensor, damping: float) -> Any:
    return torch.linalg.solve(J @ J.T + damping * torch.eye(len(J)), -r)


def _no_transpose(J: Tensor, r: Tensor, damping: float) -> Any:
    return torch.linalg.solve(J.T @ J + damping * torch.eye(J.shape[1]), -r)


def _column(J: Tensor, r: Tensor, damping: float) -> Any:
    return damped_step(J, r, damping)[:, None]


def _mean(J: Tensor, r: Tensor, damping: float) -> Any:
    n = len(r)
    curvature = J.T @ J / n + damping * torch.eye(J.shape[1])
    return torch.linalg.solve(curvature, -J.T @ r / n)


def _twice(J: Tensor, r: Tensor, damping: float) -> Any:
    return 2 * damped_step(J, r, damping)


MISTAKES = (
    Mistake(
        "the step goes uphill",
        "There is a minus on the right-hand side: the step goes against J.T @ r.",
        _uphill,
    ),
    Mistake(
        "the damping is forgotten",
        "That is the plain Gauss-Newton step. Add `damping` to the curvatures.",
        _undamped,
    ),
    Mistake(
        "the damping is added to all elements",
        "A number plus a matrix adds to each element. Only the diagonal is damped: "
        "`damping * torch.eye(m)`.",
        _everywhere,
    ),
    Mistake(
        "the damping is scaled by the curvature",
        "That is Marquardt's rule. It is a good one; this exercise asks for "
        "Levenberg's, with the plain identity.",
        _marquardt,
    ),
    Mistake(
        "the damping is squared",
        "Take `damping` as it is. (In the form of a least-squares problem with extra "
        "rows it is the root that is needed.)",
        _squared,
    ),
    Mistake(
        "the damping is subtracted",
        "Damping makes curvatures larger and the step shorter: add it.",
        _negative,
    ),
    Mistake(
        "the curvature is forgotten",
        "That is a step of gradient descent with rate 1 / damping. The curvature J.T @ "
        "J belongs to the matrix as well.",
        _gradient,
    ),
    Mistake(
        "rows and columns are swapped in the product",
        "J has a row for each residual: J.T @ J is (m, m), a number for each pair of "
        "parameters, and J @ J.T is not.",
        _other_product,
    ),
    Mistake(
        "the residuals are not brought to the parameters",
        "The right-hand side needs m numbers, one for each parameter: -J.T @ r.",
        _no_transpose,
    ),
    Mistake(
        "the step is a column",
        "Return shape (m,), so that it can be added to the parameters.",
        _column,
    ),
    Mistake(
        "the sums are averaged",
        "As soon as there is damping, a mean is not the same as a sum: do not divide "
        "by the number of residuals.",
        _mean,
    ),
    Mistake(
        "there is a 2 too many",
        "The 2 of the derivative is on both sides of the equation and falls out.",
        _twice,
    ),
)


def _case(
    name: str, jacobian: list[list[float]], residuals: list[float], damping: float
) -> Case:
    def make() -> dict[str, object]:
        return {
            "J": torch.tensor(jacobian, dtype=torch.float32),
            "r": torch.tensor(residuals, dtype=torch.float32),
            "damping": damping,
        }

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    jacobian = torch.randn(101, 7, generator=generator)
    r = torch.randn(101, generator=generator)
    return {"J": jacobian, "r": r, "damping": 5.0}


EXERCISE = Exercise(
    reference=damped_step,
    title="A damped step",
    lesson="10_tensors/37_damping",
    level="deeper",
    minutes=10,
    prompt="Return the step that Levenberg's rule proposes, from the Jacobian of the "
    "residuals, the residuals and the damping.",
    observe=call_it(damped_step),
    cases=(
        # One parameter: (1 + 4 + 3) d = -(1*2 + 2*1), so d = -4/8.
        _case("one parameter, two residuals", [[1], [2]], [2, 1], 3.0),
        # J.T @ J is diagonal: (1 + 2) d0 = -3 and (4 + 2) d1 = -2*6.
        _case("two parameters that do not meet", [[1, 0], [0, 2]], [3, 6], 2.0),
        _case("two parameters", [[1, 2], [0, 1], [3, 1]], [1, -1, 2], 0.5),
        _case("a flat direction", [[1, 1], [1, 1]], [1, 2], 0.25),
        Case("seven parameters", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two matrices and a vector: which shapes have J.T @ J, the identity, J.T @ r?",
        "`torch.linalg.solve(A, b)` solves A d = b, and `torch.eye(m)` is I.",
        "`torch.linalg.solve(J.T @ J + damping * torch.eye(J.shape[1]), -J.T @ r)`",
    ),
    next="In the case with the flat direction, let the damping go to 0. What does the "
    "step approach? Compare it with `torch.linalg.pinv`.",
    imports="import torch",
)
