"""Exercise: the mistakes that a network was most sure of."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def surest_mistakes(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    """Return the indices of the wrong guesses with the largest shares, surest first."""
    sure, guess = scores.softmax(dim=1).max(dim=1)
    wrong = torch.nonzero(guess != labels).flatten()
    order = sure[wrong].argsort(descending=True)[:count]
    return list(wrong[order].tolist())


def _by_scores(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    sure, guess = scores.max(dim=1)
    wrong = torch.nonzero(guess != labels).flatten()
    return list(wrong[sure[wrong].argsort(descending=True)[:count]].tolist())


def _all_images(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    sure = scores.softmax(dim=1).amax(dim=1)
    return list(sure.argsort(descending=True)[:count].tolist())


def _right_ones(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    sure, guess = scores.softmax(dim=1).max(dim=1)
    right = torch.nonzero(guess == labels).flatten()
    return list(right[sure[right].argsort(descending=True)[:count]].tolist())


def _least_sure(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    sure, guess = scores.softmax(dim=1).max(dim=1)
    wrong = torch.nonzero(guess != labels).flatten()
    return list(wrong[sure[wrong].argsort()[:count]].tolist())


def _by_the_truth(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    shares = scores.softmax(dim=1)
    truth = shares.gather(1, labels[:, None])[:, 0]
    wrong = torch.nonzero(shares.argmax(dim=1) != labels).flatten()
    return list(wrong[truth[wrong].argsort()[:count]].tolist())


def _among_mistakes(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    sure, guess = scores.softmax(dim=1).max(dim=1)
    return list(sure[guess != labels].argsort(descending=True)[:count].tolist())


def _unsorted(scores: Tensor, labels: Tensor, count: int) -> list[int]:
    wrong = torch.nonzero(scores.argmax(dim=1) != labels).flatten()
    return list(wrong[:count].tolist())


MISTAKES = (
    Mistake(
        "sorted by the score, not by its share",
        "A score of 9 beside another of 9 is no certainty. Take the softmax first.",
        _by_scores,
    ),
    Mistake(
        "right guesses are among them",
        "Keep only the images whose guess differs from the label.",
        _all_images,
    ),
    Mistake(
        "the right guesses instead of the wrong ones",
        "You kept the images where guess and label agree: turn the comparison round.",
        _right_ones,
    ),
    Mistake(
        "the least sure come first",
        "Sort downwards: `descending=True`.",
        _least_sure,
    ),
    Mistake(
        "sorted by the share of the true class",
        "Who gives the truth little may still be in doubt between others. Sort by the "
        "share of the guess.",
        _by_the_truth,
    ),
    Mistake(
        "places among the mistakes, not among all images",
        "After you have picked the wrong ones, 0 is the first mistake, not the first "
        "image. Keep the indices of the wrong ones, and index them.",
        _among_mistakes,
    ),
    Mistake(
        "in the order of the images",
        "These are mistakes; put the surest first.",
        _unsorted,
    ),
)

SCORES = [
    [2.0, 2.0, 1.9],  # in doubt, large scores
    [-3.0, 1.0, -3.0],  # sure
    [0.0, 0.5, 3.0],  # right
    [0.5, 0.0, 0.2],  # in doubt
    [4.0, 1.0, 1.2],  # quite sure
]


def _case(name: str, scores: list[list[float]], labels: list[int], count: int) -> Case:
    return Case(
        name,
        lambda: {
            "scores": torch.tensor(scores),
            "labels": torch.tensor(labels),
            "count": count,
        },
    )


EXERCISE = Exercise(
    reference=surest_mistakes,
    title="Certain, and wrong",
    lesson="40_training/42_mistakes",
    level="core",
    minutes=10,
    prompt="Given scores of shape (N, classes) and labels, return a list of the "
    "indices of the `count` wrong guesses with the largest shares (softmax), the "
    "surest first.",
    observe=call_it(surest_mistakes),
    cases=(
        _case(
            "one right, two wrong", [[5.0, 0.0], [0.0, 1.0], [0.0, 3.0]], [0, 0, 0], 2
        ),
        _case(
            "large scores in doubt, small ones sure",
            [[9.0, 8.9], [0.0, 4.0], [0.0, 2.0]],
            [1, 0, 0],
            2,
        ),
        _case("three of five images", SCORES, [2, 0, 2, 1, 1], 3),
        _case(
            "truths with small shares", [[3.0, 2.9, 0.0], [2.0, 0.0, -9.0]], [2, 1], 1
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two things are needed of each image: is it wrong, and how sure was the guess?",
        "`scores.softmax(dim=1).max(dim=1)` gives the guess and its share.",
        "`wrong = torch.nonzero(guess != labels).flatten()`, then sort `sure[wrong]`.",
    ),
    imports="import torch",
    next="Draw the surest mistakes of your own network, and count how many labels you "
    "would have given yourself.",
)
