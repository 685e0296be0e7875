"""Exercise: Grad-CAM from maps and gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def class_map(maps: Tensor, gradients: Tensor) -> Tensor:
    """Return Grad-CAM's map (H, W) from maps and gradients, both (K, H, W)."""
    weights = gradients.mean(dim=(1, 2))  # (K,)
    return torch.einsum("k,kij->ij", weights, maps).relu()


def _not_cut(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2), keepdim=True) * maps).sum(dim=0)


def _summed_weights(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.sum(dim=(1, 2), keepdim=True) * maps).sum(dim=0).relu()


def _mean_of_maps(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2), keepdim=True) * maps).mean(dim=0).relu()


def _place_by_place(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients * maps).sum(dim=0).relu()


def _cut_weights(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2), keepdim=True).relu() * maps).sum(dim=0).relu()


def _cut_first(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2), keepdim=True) * maps).relu().sum(dim=0)


def _absolute(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2), keepdim=True) * maps).sum(dim=0).abs()


def _exchanged(maps: Tensor, gradients: Tensor) -> Tensor:
    return (maps.mean(dim=(1, 2), keepdim=True) * gradients).sum(dim=0).relu()


def _along_columns(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2)) * maps).sum(dim=0).relu()


def _over_maps(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=0) * maps).sum(dim=0).relu()


def _only_weights_cut(maps: Tensor, gradients: Tensor) -> Tensor:
    return (gradients.mean(dim=(1, 2), keepdim=True).relu() * maps).sum(dim=0)


def _to_one(maps: Tensor, gradients: Tensor) -> Tensor:
    found = class_map(maps, gradients)
    return found / found.max()


MISTAKES = (
    Mistake(
        "what speaks against the class is still there",
        "Grad-CAM keeps what speaks for the class: cut the sum at zero.",
        _not_cut,
    ),
    Mistake(
        "weights are sums over places",
        "A weight is the mean gradient of its map, not the sum.",
        _summed_weights,
    ),
    Mistake(
        "the mean over maps instead of the sum",
        "Weighted maps are added; how many there are does not divide them.",
        _mean_of_maps,
    ),
    Mistake(
        "each place has a weight of its own",
        "That is gradient times activation. Grad-CAM gives one weight to a whole map: "
        "take the mean of its gradients first.",
        _place_by_place,
    ),
    Mistake(
        "weights are cut at zero",
        "A map may speak against the class and take away from the sum. Cut only the "
        "sum.",
        _cut_weights,
    ),
    Mistake(
        "weights are cut at zero, and the sum is not",
        "The cut stands in the wrong place. Weights may be negative, for maps that "
        "speak against the class; what is cut is the sum.",
        _only_weights_cut,
    ),
    Mistake(
        "the weights meet columns",
        "K weights are lined up with the last axis of the maps. Let them keep two axes "
        "of length 1: `keepdim=True` gives (K, 1, 1).",
        _along_columns,
    ),
    Mistake(
        "the mean runs over maps",
        "That is a weight for each place. Each map has one weight: the mean over its "
        "places, `dim=(1, 2)`.",
        _over_maps,
    ),
    Mistake(
        "the map is scaled to 1",
        "Scaling is for the eye, and hides how strong the heat is. Return the sum as "
        "it is, cut at zero.",
        _to_one,
    ),
    Mistake(
        "each map is cut before they are added",
        "Let maps for and against cancel first; cut their sum.",
        _cut_first,
    ),
    Mistake(
        "the size instead of the positive part",
        "`abs()` turns what speaks against the class into heat. Use `relu()`.",
        _absolute,
    ),
    Mistake(
        "maps and gradients are exchanged",
        "The weights come from the gradients, the places from the maps.",
        _exchanged,
    ),
)

Numbers = list[list[list[float]]]


def _case(name: str, maps: Numbers, gradients: Numbers) -> Case:
    return Case(
        name,
        lambda: {"maps": torch.tensor(maps), "gradients": torch.tensor(gradients)},
    )


EXERCISE = Exercise(
    reference=class_map,
    title="Grad-CAM in three lines",
    lesson="40_training/44_where_it_looks",
    level="core",
    minutes=10,
    prompt="Given the maps of a layer for one image and the gradients of a class's "
    "score with respect to them, both of shape (K, H, W), return the map of Grad-CAM, "
    "(H, W).",
    observe=call_it(class_map),
    cases=(
        _case("one map", [[[2.0, -4.0, 6.0]]], [[[1.0, 0.0, 0.5]]]),
        _case(
            "one map for, one against",
            [[[4.0, 2.0]], [[1.0, 6.0]]],
            [[[1.0, 3.0]], [[-2.0, 0.0]]],
        ),
        _case(
            "three maps of 2 x 3",
            [
                [[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]],
                [[0.0, 5.0, 0.0], [1.0, 0.0, -1.0]],
                [[2.0, 2.0, 0.0], [0.0, 4.0, 1.0]],
            ],
            [
                [[6.0, 0.0, 0.0], [0.0, 0.0, 6.0]],
                [[0.0, -3.0, 0.0], [3.0, 0.0, 6.0]],
                [[-1.0, -1.0, -1.0], [-1.0, 0.0, -2.0]],
            ],
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "Each map gets one weight. Of which numbers is it the mean?",
        "`gradients.mean(dim=(1, 2), keepdim=True)` has shape (K, 1, 1).",
        "Multiply the maps by it, sum over the maps, and cut at zero with `relu()`.",
    ),
    imports="import torch",
    next="Leave the cut away, and look at what speaks against the class.",
)
