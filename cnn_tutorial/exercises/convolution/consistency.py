"""Exercise: how often two sets of scores name the same classes."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def consistency(first: Tensor, second: Tensor) -> float:
    """Return the share of images that get the same class from both scores (N, C)."""
    same = first.argmax(dim=1) == second.argmax(dim=1)
    return float(same.float().mean())


def _by_class(first: Tensor, second: Tensor) -> float:
    return consistency(first.T, second.T)


def _count(first: Tensor, second: Tensor) -> float:
    return consistency(first, second) * len(first)


def _percent(first: Tensor, second: Tensor) -> float:
    return consistency(first, second) * 100


def _changed(first: Tensor, second: Tensor) -> float:
    return 1 - consistency(first, second)


def _same_scores(first: Tensor, second: Tensor) -> float:
    return float((first == second).float().mean())


def _same_maximum(first: Tensor, second: Tensor) -> float:
    return float((first.amax(1) == second.amax(1)).float().mean())


def _lowest(first: Tensor, second: Tensor) -> float:
    return consistency(-first, -second)


def _all_or_nothing(first: Tensor, second: Tensor) -> float:
    return float(consistency(first, second) == 1)


def _same_order(first: Tensor, second: Tensor) -> float:
    same = first.argsort(1) == second.argsort(1)
    return float(same.all(1).float().mean())


MISTAKES = (
    Mistake(
        "the largest score is looked for among images",
        "Scores are (N, C). An image's class is where its own row is largest: "
        "`argmax(dim=1)`.",
        _by_class,
    ),
    Mistake(
        "the images are counted",
        "A share is between 0 and 1: divide by the number of images, or take the mean.",
        _count,
    ),
    Mistake(
        "the result is in per cent",
        "Return a share between 0 and 1.",
        _percent,
    ),
    Mistake(
        "the changes are returned",
        "Count those that stay the same.",
        _changed,
    ),
    Mistake(
        "the scores are compared",
        "Scores may move a little while the class stays: compare the classes.",
        _same_scores,
    ),
    Mistake(
        "the largest scores are compared",
        "It matters *where* the largest score is, not how large: `argmax`, not `amax`.",
        _same_maximum,
    ),
    Mistake(
        "the lowest score is taken for the class",
        "The class is the one with the largest score.",
        _lowest,
    ),
    Mistake(
        "all images must agree",
        "Each image counts on its own: take the mean.",
        _all_or_nothing,
    ),
    Mistake(
        "all classes must keep their order",
        "Only the winner matters.",
        _same_order,
    ),
)


def _case(name: str, first: list[list[float]], second: list[list[float]]) -> Case:
    def make() -> dict[str, object]:
        return {"first": torch.tensor(first), "second": torch.tensor(second)}

    return Case(name, make)


def _many() -> dict[str, object]:
    values = (torch.arange(7 * 5) * 17) % 31
    first = values.float().reshape(7, 5)
    return {"first": first, "second": first.roll(1, dims=0) + first / 2}


EXERCISE = Exercise(
    reference=consistency,
    title="Same image, same answer?",
    lesson="20_convolution/85_moving_digits",
    level="first steps",
    minutes=6,
    prompt="Return the share of images whose class stayed after a shift. The class is "
    "the one with the largest score; a network gave both scores.",
    observe=call_it(consistency),
    cases=(
        _case(
            "four images, three classes, one changes its class",
            [[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 4.0], [5.0, 2.0, 1.0]],
            [[2.5, 0.0, 1.0], [0.0, 1.0, 3.0], [2.0, 0.0, 4.0], [5.0, 2.0, 1.0]],
        ),
        _case("one image, larger scores", [[1.0, 2.0]], [[3.0, 4.0]]),
        _case("nobody stays", [[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]),
        Case("seven images, five classes", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Which class does an image get from its row of scores?",
        "`argmax(dim=1)` gives a class for each image. Compare the two lists.",
        "`(first.argmax(dim=1) == second.argmax(dim=1)).float().mean()`, as a float.",
    ),
    next="A network that always says 3 is perfectly consistent. Which second number "
    "must stand beside this one?",
)
