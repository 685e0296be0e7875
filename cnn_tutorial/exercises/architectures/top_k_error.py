"""Exercise: the error of a contest that allows several guesses."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def top_k_error(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    """Return the share (0-1) of labels (N,) not among the k best scores (N, C)."""
    best = scores.topk(k, dim=1).indices  # (N, k)
    found = (best == labels[:, None]).any(dim=1)
    return 1 - found.double().mean().item()


def _accuracy(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return 1 - top_k_error(scores, labels, k)


def _first_only(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return top_k_error(scores, labels, 1)


def _always_five(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return top_k_error(scores, labels, min(5, scores.shape[1]))


def _per_cent(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return 100 * top_k_error(scores, labels, k)


def _counted(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return len(labels) * top_k_error(scores, labels, k)


def _lowest(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return top_k_error(-scores, labels, k)


def _only_the_last(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    last = scores.topk(k, dim=1).indices[:, -1]
    return (last != labels).double().mean().item()


def _all_of_them(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    best = scores.topk(k, dim=1).indices
    return 1 - (best == labels[:, None]).all(dim=1).double().mean().item()


def _mean_over_guesses(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    best = scores.topk(k, dim=1).indices
    return 1 - (best == labels[:, None]).double().mean().item()


def _by_values(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    best = scores.topk(k, dim=1).values
    return 1 - (best == labels[:, None]).any(dim=1).double().mean().item()


def _one_more(scores: Tensor, labels: Tensor, k: int = 5) -> float:
    return top_k_error(scores, labels, min(k + 1, scores.shape[1]))


MISTAKES = (
    Mistake(
        "the accuracy, not the error",
        "That is the share that is right. The error is what is missing to one.",
        _accuracy,
    ),
    Mistake(
        "only the best guess counts",
        "An answer is right if the label is *any* of the k best: take `topk(k)`, not "
        "`argmax`.",
        _first_only,
    ),
    Mistake(
        "always five guesses",
        "Five is the default of `k`. Use the argument.",
        _always_five,
    ),
    Mistake(
        "in per cent",
        "Asked for is a share from 0 to 1.",
        _per_cent,
    ),
    Mistake(
        "counted, not shared",
        "That is how many images are wrong. Divide by how many there are.",
        _counted,
    ),
    Mistake(
        "the lowest scores",
        "A high score says that the class is likely. Sort from the highest.",
        _lowest,
    ),
    Mistake(
        "only the k-th best guess",
        "All guesses up to the k-th count, not the k-th alone.",
        _only_the_last,
    ),
    Mistake(
        "all guesses must be right",
        "Only one of k guesses can be the label: `any` over the guesses, not `all`.",
        _all_of_them,
    ),
    Mistake(
        "a mean over all guesses",
        "First one verdict for each image, by `any` over its guesses; then the mean "
        "over images.",
        _mean_over_guesses,
    ),
    Mistake(
        "scores compared with labels",
        "A label is the *number of a class*: compare it with the indices that `topk` "
        "returns, not with the values.",
        _by_values,
    ),
    Mistake(
        "one guess too many",
        "Exactly k guesses are allowed, the best one included.",
        _one_more,
    ),
)


def _case(name: str, scores: list[list[float]], labels: list[int], k: int) -> Case:
    return Case(
        name,
        lambda: {
            "scores": torch.tensor(scores),
            "labels": torch.tensor(labels),
            "k": k,
        },
    )


def _by_default() -> dict[str, object]:
    # Rank of the label, from the best: 1, 5, 6 and 7. Two of four are found.
    scores = torch.tensor([[0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]]).repeat(4, 1)
    return {"scores": scores, "labels": torch.tensor([0, 4, 5, 6])}


EXERCISE = Exercise(
    reference=top_k_error,
    title="The error that made history",
    lesson="50_architectures/10_alexnet",
    level="first steps",
    minutes=8,
    prompt="Return the share of images whose label is not among the `k` classes with "
    "the highest scores.",
    observe=call_it(top_k_error),
    # By hand: class 1 is second best in each row of the first case, so that one guess
    # is wrong for both and two guesses are right for both.
    cases=(
        _case("two images, two guesses", [[0.9, 0.5, 0.1], [0.1, 0.5, 0.9]], [1, 0], 2),
        _case("the same, one guess", [[0.9, 0.5, 0.1], [0.1, 0.5, 0.9]], [1, 2], 1),
        _case(
            "three images, three guesses",
            [[4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0], [-1.0, -2.0, -3.0, -4.0]],
            [3, 1, 2],
            3,
        ),
        Case("four images, five guesses by default", _by_default),
    ),
    mistakes=MISTAKES,
    hints=(
        "For one image: which classes are its k best? Is the label one of them?",
        (
            "`scores.topk(k, dim=1).indices` has shape (N, k). Compare each row with "
            "its label, which needs the shape (N, 1)."
        ),
        (
            "`(indices == labels[:, None]).any(dim=1)` says which images are right; "
            "return one minus its mean."
        ),
    ),
    next="Which top-5 error does guessing have with 1,000 classes? With ten?",
)
