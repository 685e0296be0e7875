"""Exercise: the gradient of logistic regression, by hand."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Pair = tuple[Tensor, Tensor]


def logistic_gradient(
    x: Tensor, y_true: Tensor, w: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients (dw, db) of the summed binary cross-entropy."""
    y = torch.sigmoid(x @ w + b)  # (N,)
    mistake = y - y_true  # dloss/dz: the y(1 - y) of both factors cancels
    return x.T @ mistake, mistake.sum()  # (features,), ()


def _with(mistake: Callable[[Tensor, Tensor], Tensor]) -> Attempt:
    """Return an attempt that takes another dloss/dz, from z and y_true."""

    def attempt(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
        at_z = mistake(x @ w + b, y_true)
        return x.T @ at_z, at_z.sum()

    return attempt


def _by_y(z: Tensor, y_true: Tensor) -> Tensor:
    y = torch.sigmoid(z)
    return (y - y_true) / (y * (1 - y))


def _squared(z: Tensor, y_true: Tensor) -> Tensor:
    y = torch.sigmoid(z)
    return (y - y_true) * y * (1 - y)


def _mean(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    dw, db = logistic_gradient(x, y_true, w, b)
    return dw / len(x), db / len(x)


def _mean_bias(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    dw, db = logistic_gradient(x, y_true, w, b)
    return dw, db / len(x)


def _no_bias(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    return logistic_gradient(x, y_true, w, torch.zeros_like(b))


def _bias_of_points(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    dw, _ = logistic_gradient(x, y_true, w, b)
    return dw, torch.sigmoid(x @ w + b) - y_true


def _weights_of_points(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    mistake = torch.sigmoid(x @ w + b) - y_true
    return x * mistake[:, None], mistake.sum()


def _no_features(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    _, db = logistic_gradient(x, y_true, w, b)
    return db.expand_as(w), db


def _weights_alone(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return logistic_gradient(x, y_true, w, b)[0]


def _times_w(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    _, db = logistic_gradient(x, y_true, w, b)
    return db * w, db


def _bias_with_b(x: Tensor, y_true: Tensor, w: Tensor, b: Tensor) -> Pair:
    dw, db = logistic_gradient(x, y_true, w, b)
    return dw, db * b


MISTAKES = (
    Mistake(
        "the sign is turned round",
        "The gradient says which way the loss grows: a `y` that is too large has a "
        "positive share. It is `y - y_true`.",
        _with(lambda z, y_true: y_true - torch.sigmoid(z)),
    ),
    Mistake(
        "the sigmoid is forgotten",
        "`x @ w + b` is z. The prediction y is `torch.sigmoid` of it.",
        _with(lambda z, y_true: z - y_true),
    ),
    Mistake(
        "the walk stops at y",
        "(y - y_true) / (y (1 - y)) is the gradient by y. Multiply by dy/dz, which is "
        "y (1 - y).",
        _with(_by_y),
    ),
    Mistake(
        "it is the gradient of the squared error",
        "With cross-entropy y (1 - y) cancels. What remains is `y - y_true`.",
        _with(_squared),
    ),
    Mistake(
        "a mean, not a sum",
        "The loss is summed over all points: do not divide by how many there are.",
        _mean,
    ),
    Mistake(
        "the gradient of the bias is a mean",
        "The bias takes part in every point: add up all mistakes, and do not divide.",
        _mean_bias,
    ),
    Mistake(
        "the bias is left out of z",
        "z is `x @ w + b`.",
        _no_bias,
    ),
    Mistake(
        "the gradient of the bias has one entry for each point",
        "There is one bias for all points, so its gradient is one number: the sum.",
        _bias_of_points,
    ),
    Mistake(
        "the gradient of the weights has a row for each point",
        "A gradient has the shape of what it belongs to, here (features,): sum over "
        "the points, as `x.T @ ...` does.",
        _weights_of_points,
    ),
    Mistake(
        "the gradient of the bias is not returned",
        "Return two gradients, first the one of the weights, then the one of the bias.",
        _weights_alone,
    ),
    Mistake(
        "the features are forgotten",
        "dz/dw_j is x_j: each mistake counts as much for a weight as its feature says.",
        _no_features,
    ),
    Mistake(
        "the weights stand where the features belong",
        "z = x_1 w_1 + x_2 w_2 + ... changes with w_j at the rate x_j, not w_j.",
        _times_w,
    ),
    Mistake(
        "the gradient of the bias is multiplied by the bias",
        "z grows by 1 when b does: dz/db is 1.",
        _bias_with_b,
    ),
)


def _case(
    name: str, x: list[list[float]], y_true: list[float], w: list[float], b: float
) -> Case:
    def make() -> dict[str, object]:
        return {
            "x": torch.tensor(x, dtype=torch.float32),
            "y_true": torch.tensor(y_true),
            "w": torch.tensor(w, dtype=torch.float32),
            "b": torch.tensor(b),
        }

    return Case(name, make)


def _hundred() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(100, 3, generator=generator)
    return {
        "x": x,
        "y_true": (x.sum(1) > 0.5).float(),
        "w": torch.tensor([0.5, -1.0, 2.0]),
        "b": torch.tensor(-0.25),
    }


EXERCISE = Exercise(
    reference=logistic_gradient,
    title="The gradient of logistic regression",
    lesson="10_tensors/20_autograd",
    level="core",
    minutes=10,
    prompt="Return the gradients of the summed binary cross-entropy of "
    "`sigmoid(x @ w + b)` with respect to `w`, shape (features,), and `b`, a single "
    "number, as a pair of tensors. Without `backward`.",
    observe=call_it(logistic_gradient),
    cases=(
        _case("one point, nothing known: y = 1/2", [[1, 2]], [1.0], [0, 0], 0.0),
        _case("two points", [[1, 2], [3, -1]], [1.0, 0.0], [0, 0], 0.0),
        _case("a bias alone: y = 3/4", [[2, 4]], [0.0], [0, 0], 1.0986123),
        _case(
            "three points, weights and a bias",
            [[1, -2], [0.5, 1], [-1, 3]],
            [1.0, 0.0, 1.0],
            [0.5, -1],
            0.25,
        ),
        Case("100 points of 3 features", _hundred),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Compute z, then y. On the page two factors cancelled: what is left of "
            "dloss/dz for one point?"
        ),
        (
            "dloss/dz is `y - y_true`, one number for each point. Each weight collects "
            "it times its feature, the bias collects it as it is."
        ),
        (
            "`mistake = torch.sigmoid(x @ w + b) - y_true`; return `x.T @ mistake` and "
            "`mistake.sum()`."
        ),
    ),
    next="Use it: forty steps of `w -= 0.02 * dw`, without autograd. Then derive the "
    "gradient for the squared error, and see which factor does not cancel.",
    imports="import torch",
)
