"""What pictures of filters and strongest answers say."""

from __future__ import annotations

import math
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import skip_init

from cnn_tutorial.questions.question import Posed, question
from cnn_tutorial.receptive_field import trace_fields

__all__ = ["QUESTIONS"]


@question(
    "40_training/40_filters_and_maps",
    down=(1, 2, 3, 4, 7, 9),
    up=(1, 2, 3, 4, 7, 9),
)
def grey_of_zero(down: int, up: int) -> Posed | None:
    """Grey that means zero in a min-max picture."""
    if down == up or 100 * down % (down + up):
        return None
    weights = torch.tensor([-down, 0.0, up])
    greys = (weights - weights.min()) / (weights.max() - weights.min())
    zero = greys[1].item()
    return Posed(
        f"The weights of a filter go from -{down} to {up}. A min-max picture draws the "
        "smallest black (0) and the largest white (1). As which grey is a weight of 0 "
        "drawn?",
        f"{zero:.2f}",
        f"Zero lies {down} above the smallest weight, of {down + up} in all: "
        f"{down} / {down + up}. With other limits it is another grey.",
        {
            "0.50": "That is zero on a scale with one limit for both signs. Here black "
            f"is -{down} and white is {up}.",
            f"{1 - zero:.2f}": "This counts from the white end. Black is 0.",
            "0.00": "Black is the smallest weight, and that lies below zero.",
        },
    )


@question(
    "40_training/40_filters_and_maps",
    sides=((3, 4), (4, 3), (5, 12), (12, 5), (8, 15), (15, 8)),
    scale=(1, 2),
    turned=(False, True),
)
def cosine_with_start(sides: tuple[int, int], scale: int, turned: bool) -> Posed:
    """Likeness of a filter and what it started as."""
    start, learned = (scale * side for side in sides)
    pair = [torch.tensor([start, 0.0]), torch.tensor([0.0, learned])]
    pair = [vector.flip(0) for vector in pair] if turned else pair
    first, added = pair
    cosine, other = (
        Fraction(F.cosine_similarity(vector, first + added, dim=0).item())
        for vector in (first, added)
    )
    names = [tuple(int(number) for number in vector) for vector in pair]
    return Posed(
        f"A filter with two weights starts as {names[0]}. Training adds {names[1]}. "
        "What is the cosine of the angle between the trained filter and its start?",
        str(cosine.limit_denominator(50)),
        f"The trained filter has length {math.hypot(start, learned):.0f}, and {start} "
        "of it points where the start did.",
        {
            "0": "At right angles to the start is what was added. The filter is the "
            "sum of both.",
            str(other.limit_denominator(50)): "That is the cosine with what was added.",
            str(
                Fraction(start, start + learned)
            ): "Lengths at right angles do not add up "
            "like numbers: think of Pythagoras.",
        },
    )


@question(
    "40_training/41_what_channels_like",
    kernels=((5, 3), (3, 3), (3, 5), (5, 5)),
    strides=((2, 1), (2, 2), (1, 2)),
    row=(2, 3, 4, 5, 6),
)
def rows_behind_an_answer(
    kernels: tuple[int, int], strides: tuple[int, int], row: int
) -> Posed | None:
    """Rows of the image that an answer was made from."""
    (k, m), (s, t) = kernels, strides
    net = nn.Sequential(
        skip_init(nn.Conv2d, 1, 1, k, stride=s, padding=k // 2),
        skip_init(nn.Conv2d, 1, 1, m, stride=t, padding=m // 2),
    )
    first, last = trace_fields(net, (1, 40, 40))["1"].interval((row, row))[0]
    if first < 0:
        return None
    apart, wide, half = s * t, last - first + 1, (k + m) // 2 - 1
    inner = row * t - m // 2  # first row of maps that the second layer reads
    return Posed(
        f"Convolutions {k} x {k} with stride {s}, then {m} x {m} with stride {t}, "
        f"padded by {k // 2} and {m // 2}. A channel answers most in row {row} of its "
        "map. Which rows of the image made that answer (rows count from 0)?",
        f"{first} to {last}",
        f"Rows {inner} to {inner + m - 1} of the first maps stand at {inner * s} to "
        f"{(inner + m - 1) * s} of the image; each sees {k // 2} more on either side.",
        {
            f"{row * apart} to {row * apart + wide - 1}": "Padding shifts the window: "
            "its middle stands at the row times the strides.",
            f"{row * apart - half} to {row * apart + half}": "The second kernel steps "
            "over first-layer maps, whose rows lie a stride of pixels apart.",
            f"{inner} to {inner + m - 1}": "These are rows of the first layer's maps. "
            "Go back one layer more.",
        },
    )


@question(
    "40_training/41_what_channels_like",
    trained=(6, 7, 8, 9),
    untrained=(3, 4, 5, 6, 7),
    chance=(2, 3),
    layer=("first", "second", "last"),
)
def share_that_was_learned(
    trained: int, untrained: int, chance: int, layer: str
) -> Posed | None:
    """Images of one class that speak for learning."""
    if untrained <= chance:
        return None
    gain = trained - untrained
    because = f"{trained} - {untrained}: the untrained network, too, finds images that "
    because += "look alike, and such images often share a class."
    if gain <= 0:
        gain, because = 0, "The untrained network does as well: whatever brings the "
        because += "images together here was there before training."
    return Posed(
        f"Of the nine images that a channel of the {layer} layer answers to most, "
        f"{trained} are of one class. In an untrained network {untrained} are; of nine "
        f"random images {chance} are. How many of the {trained} are due to training?",
        gain,
        because,
        {
            trained - chance: "Random images are too weak a control: an answer to any "
            "pattern already picks images that are alike.",
            trained: "Without a control the number says nothing. What would come out "
            "without training?",
            untrained - chance: "This much comes without any training.",
        },
    )


QUESTIONS = (
    grey_of_zero,
    cosine_with_start,
    rows_behind_an_answer,
    share_that_was_learned,
)
