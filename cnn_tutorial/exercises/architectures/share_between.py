"""Exercise: which share of a variation is variation between classes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def share_between(values: Tensor, labels: Tensor) -> Tensor:
    """Return how much of the variation of values (N,) is between classes, 0-1."""
    mean, between = values.mean(), torch.tensor(0.0)
    for k in labels.unique():
        own = values[labels == k]
        between = between + len(own) * (own.mean() - mean).square()
    return between / (values - mean).square().sum()


def _by(rule: Callable[[Tensor, Tensor], Tensor]) -> Attempt:
    """Return an answer that follows another rule."""

    def attempt(values: Tensor, labels: Tensor) -> Tensor:
        return rule(values, labels)

    return attempt


def _groups(values: Tensor, labels: Tensor) -> list[Tensor]:
    return [values[labels == k] for k in labels.unique()]


def _replaced(values: Tensor, labels: Tensor) -> Tensor:
    """Return the mean of its class for each value."""
    means = torch.zeros_like(values)
    for k in labels.unique():
        means[labels == k] = values[labels == k].mean()
    return means


def _within(values: Tensor, labels: Tensor) -> Tensor:
    return (values - _replaced(values, labels)).square().sum()


def _total(values: Tensor) -> Tensor:
    return (values - values.mean()).square().sum()


def _between(values: Tensor, labels: Tensor) -> Tensor:
    return (_replaced(values, labels) - values.mean()).square().sum()


def _unweighted(values: Tensor, labels: Tensor) -> Tensor:
    means = torch.stack([own.mean() for own in _groups(values, labels)])
    return (means - values.mean()).square().sum() / _total(values)


def _mean_of_means(values: Tensor, labels: Tensor) -> Tensor:
    groups = _groups(values, labels)
    middle = torch.stack([own.mean() for own in groups]).mean()
    parts = [len(own) * (own.mean() - middle).square() for own in groups]
    return torch.stack(parts).sum() / _total(values)


MISTAKES = (
    Mistake(
        "the share within the classes",
        "That is what the classes do not explain: how far values are from the mean of "
        "their class. The other part is asked for.",
        _by(lambda v, k: _within(v, k) / _total(v)),
    ),
    Mistake(
        "a sum, not a share",
        "Divide by the sum of squared distances from the mean of all values.",
        _by(_between),
    ),
    Mistake(
        "divided by the variation within the classes",
        "That ratio has no upper limit. A share is taken of the whole variation.",
        _by(lambda v, k: _between(v, k) / _within(v, k)),
    ),
    Mistake(
        "classes count alike, whatever their size",
        "The mean of a class stands for all of its values: multiply by how many there "
        "are.",
        _by(_unweighted),
    ),
    Mistake(
        "measured from the mean of the class means",
        "Measure from the mean of all values, in which large classes weigh more.",
        _by(_mean_of_means),
    ),
    Mistake(
        "distances are not squared",
        "Variation adds up in squares only: between and within give the whole.",
        _by(
            lambda v, k: (
                (_replaced(v, k) - v.mean()).abs().sum() / (v - v.mean()).abs().sum()
            )
        ),
    ),
    Mistake(
        "the root of the share",
        "Deviations do not add up, their squares do: take no root.",
        _by(lambda v, k: (_between(v, k) / _total(v)).sqrt()),
    ),
    Mistake(
        "the mean is not subtracted",
        "Variation is distance from the mean: subtract it before you square.",
        _by(lambda v, k: _replaced(v, k).square().sum() / v.square().sum()),
    ),
)


def _case(name: str, values: list[float], labels: list[int]) -> Case:
    def make() -> dict[str, object]:
        return {"values": torch.tensor(values), "labels": torch.tensor(labels)}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(5, (61,), generator=generator)
    return {
        "values": torch.randn(61, generator=generator) + labels,
        "labels": labels,
    }


EXERCISE = Exercise(
    reference=share_between,
    title="What classes explain",
    lesson="50_architectures/42_gates",
    level="core",
    minutes=10,
    prompt="Return which share of the variation of `values` is variation between the "
    "means of the classes: 1 if all values of a class are equal, 0 if all classes have "
    "the same mean. Variation is a sum of squared distances from the mean of all "
    "values.",
    observe=call_it(share_between),
    cases=(
        # Mean 3; classes at 1 and 5: 4 * 4 = 16. All: 9 + 1 + 1 + 9 = 20.
        _case("two classes of two", [0.0, 2.0, 4.0, 6.0], [3, 3, 7, 7]),
        # Mean 3; class of three at 1: 3 * 4, class of one at 9: 36; together 48.
        # All: 9 + 4 + 1 + 36 = 50.
        _case("three of a class, one of another", [0.0, 1.0, 2.0, 9.0], [0, 0, 0, 1]),
        _case("classes that explain nothing", [1.0, 3.0, 3.0, 1.0], [0, 0, 1, 1]),
        Case("five classes, sixty-one values", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Replace each value by the mean of its class. How much variation is left?",
        "For a class of n values with mean m it is n * (m - mean of all) ** 2.",
        "Add that up over the classes, and divide by the same sum for the values.",
    ),
    imports="import torch",
    next="Shuffle the labels and compute it again. Why is it not 0, and how does it "
    "depend on the number of classes and of values?",
)
