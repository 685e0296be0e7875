"""Exercise: where a channel answers most."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Place = tuple[int, int, int]


def top_places(maps: Tensor, count: int) -> list[Place]:
    """Return (image, row, column) of the largest values of maps (N, H, W), in order."""
    best = maps.flatten(1).max(dim=1)
    images = best.values.argsort(descending=True)[:count].tolist()
    width = maps.shape[2]
    return [(image, *divmod(int(best.indices[image]), width)) for image in images]


def _places(maps: Tensor, order: Tensor, count: int) -> list[Place]:
    _, height, width = maps.shape
    found = []
    for index in order[:count].tolist():
        image, place = divmod(index, height * width)
        found.append((image, *divmod(place, width)))
    return found


def _several_per_image(maps: Tensor, count: int) -> list[Place]:
    return _places(maps, maps.flatten().argsort(descending=True), count)


def _smallest(maps: Tensor, count: int) -> list[Place]:
    return top_places(-maps, count)


def _weakest_first(maps: Tensor, count: int) -> list[Place]:
    return top_places(maps, count)[::-1]


def _turned(maps: Tensor, count: int) -> list[Place]:
    return [(image, column, row) for image, row, column in top_places(maps, count)]


def _by_height(maps: Tensor, count: int) -> list[Place]:
    best = maps.flatten(1).max(dim=1)
    images = best.values.argsort(descending=True)[:count].tolist()
    height = maps.shape[1]
    return [(image, *divmod(int(best.indices[image]), height)) for image in images]


def _absolute(maps: Tensor, count: int) -> list[Place]:
    return top_places(maps.abs(), count)


def _by_the_mean(maps: Tensor, count: int) -> list[Place]:
    images = maps.mean(dim=(1, 2)).argsort(descending=True)[:count].tolist()
    places = maps.flatten(1).argmax(dim=1)
    return [(i, *divmod(int(places[i]), maps.shape[2])) for i in images]


def _in_order_of_images(maps: Tensor, count: int) -> list[Place]:
    return sorted(top_places(maps, count))


MISTAKES = (
    Mistake(
        "several places of one image",
        "Neighbours of the largest value are large as well. Take the largest of each "
        "image first, then compare images.",
        _several_per_image,
    ),
    Mistake(
        "the smallest instead of the largest",
        "Sorting goes upwards unless you ask for `descending=True`.",
        _smallest,
    ),
    Mistake(
        "the weakest first",
        "You have the right places in reverse: the strongest comes first.",
        _weakest_first,
    ),
    Mistake(
        "row and column are exchanged",
        "`divmod(place, width)` gives the row, then the column.",
        _turned,
    ),
    Mistake(
        "a place is taken apart by the height",
        "A flat place counts along rows: divide it by the width of a map.",
        _by_height,
    ),
    Mistake(
        "a strong refusal counts as an answer",
        "Without `abs()`: a channel that puts out -9 does not answer.",
        _absolute,
    ),
    Mistake(
        "images are compared by their mean",
        "One strong place is what we look for, and a mean hides it: compare the "
        "largest values.",
        _by_the_mean,
    ),
    Mistake(
        "in the order of the images",
        "The places are right; put them in the order of their values.",
        _in_order_of_images,
    ),
)


def _case(name: str, maps: list[list[list[float]]], count: int) -> Case:
    return Case(name, lambda: {"maps": torch.tensor(maps), "count": count})


EXERCISE = Exercise(
    reference=top_places,
    title="Where a channel answers most",
    lesson="40_training/41_what_channels_like",
    level="core",
    minutes=10,
    prompt="Given the maps of one channel for N images, return a list of (image, row, "
    "column) for the `count` largest values, the largest first, at most one from each "
    "image.",
    observe=call_it(top_places),
    cases=(
        _case(
            "two images, both answers of one are larger",
            [[[9.0, 8.0, 0.0]], [[1.0, 2.0, 5.0]]],
            2,
        ),
        _case(
            "a refusal is larger in size",
            [[[-9.0, 1.0, 0.0], [0.0, 0.0, 2.0]], [[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]],
            2,
        ),
        _case(
            "a broad answer and a sharp one",
            [
                [[2.0, 2.5, 2.0], [2.0, 2.0, 2.0]],
                [[0.0, 0.0, 0.0], [0.0, 4.0, 0.0]],
                [[0.0, 0.0, 3.0], [0.0, 0.0, 0.0]],
            ],
            2,
        ),
        _case(
            "three of four images",
            [
                [[1.0, 0.5], [0.0, -1.0], [0.25, 0.0]],
                [[0.0, 7.0], [6.0, 0.0], [0.0, 0.0]],
                [[2.0, 0.0], [0.0, 3.0], [0.0, 0.0]],
                [[0.0, 0.0], [0.0, 0.0], [5.0, 0.0]],
            ],
            3,
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "Every image sends one candidate: which of its places?",
        "`maps.flatten(1).max(dim=1)` gives value and flat place of each candidate.",
        "Sort the values downwards, keep `count`, and take places apart by `divmod`.",
    ),
    next="Cut the patches out with the receptive field of the layer, and compare yours "
    "with `attribution.top_patches`.",
)
