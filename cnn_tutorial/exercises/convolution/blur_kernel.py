"""Exercise: the kernel that blurs before pixels are left out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def blur_kernel(taps: int) -> Tensor:
    """Return the binomial kernel of shape (taps, taps), whose sum is 1."""
    row = torch.ones(1)
    for _ in range(taps - 1):  # down Pascal's triangle
        row = F.pad(row, (0, 1)) + F.pad(row, (1, 0))
    kernel = row[:, None] * row
    return kernel / kernel.sum()


def _row(taps: int) -> Tensor:
    return blur_kernel(taps).sum(0)


def _box(taps: int) -> Tensor:
    return torch.full((taps, taps), 1 / taps**2)


def _not_divided(taps: int) -> Tensor:
    kernel = blur_kernel(taps)
    return kernel / kernel[0, 0]


def _divided_once(taps: int) -> Tensor:
    kernel = _not_divided(taps)
    return kernel / kernel[0].sum()


def _by_the_largest(taps: int) -> Tensor:
    kernel = blur_kernel(taps)
    return kernel / kernel.max()


def _too_far(taps: int) -> Tensor:
    return blur_kernel(taps + 1)


def _too_short(taps: int) -> Tensor:
    return blur_kernel(max(1, taps - 1))


def _triangle(taps: int) -> Tensor:
    row = torch.tensor([min(k + 1, taps - k) for k in range(taps)]).float()
    kernel = row[:, None] * row
    return kernel / kernel.sum()


def _added(taps: int) -> Tensor:
    row = _row(taps)
    kernel = row[:, None] + row
    return kernel / kernel.sum()


MISTAKES = (
    Mistake(
        "the kernel is a row",
        "An image is blurred down as well: multiply the column with the row, `row[:, "
        "None] * row`.",
        _row,
    ),
    Mistake(
        "all weights are equal",
        "That is mean pooling. The weights fall off from the middle as in a row of "
        "Pascal's triangle.",
        _box,
    ),
    Mistake(
        "the sum is not 1",
        "A blur must leave a grey wall as it is: divide by the sum of the kernel.",
        _not_divided,
    ),
    Mistake(
        "the kernel is divided by the sum of one row",
        "Divide by the sum of all its elements.",
        _divided_once,
    ),
    Mistake(
        "the kernel is divided by its largest element",
        "Divide by the sum, so that brightness stays.",
        _by_the_largest,
    ),
    Mistake(
        "the kernel is one larger than asked for",
        "A row with `taps` numbers is reached after taps - 1 steps from the top.",
        _too_far,
    ),
    Mistake(
        "the kernel is one smaller than asked for",
        "The top of the triangle, 1, has one number already: taps - 1 steps lead to "
        "`taps` numbers.",
        _too_short,
    ),
    Mistake(
        "the weights rise in a straight line",
        "1, 2, 3, 2, 1 is a triangle. The binomial row is 1, 4, 6, 4, 1.",
        _triangle,
    ),
    Mistake(
        "column and row are added",
        "They are multiplied: the weight at (u, v) is row[u] * row[v].",
        _added,
    ),
)


def _case(name: str, taps: int) -> Case:
    return Case(name, lambda: {"taps": taps})


EXERCISE = Exercise(
    reference=blur_kernel,
    title="A kernel that blurs",
    lesson="20_convolution/65_shifts",
    level="core",
    minutes=8,
    prompt="Return the binomial blur of any size: the product of a row of Pascal's "
    "triangle with itself, divided so that its sum is 1.",
    observe=call_it(blur_kernel),
    cases=(
        _case("3 taps", 3),
        _case("2 taps", 2),
        _case("1 tap changes nothing", 1),
        _case("5 taps", 5),
        _case("8 taps", 8),
    ),
    mistakes=MISTAKES,
    hints=(
        "How does one row of Pascal's triangle follow from the row above it?",
        (
            "Each number is the sum of its two neighbours above: the old row with a "
            "zero behind, plus the old row with a zero in front."
        ),
        (
            "`row = F.pad(row, (0, 1)) + F.pad(row, (1, 0))`, taps - 1 times from "
            "`torch.ones(1)`; then `row[:, None] * row`, divided by its sum."
        ),
    ),
    next="Blur with 2, 3 and 5 taps in the network of this page. Where does a wider "
    "blur stop to pay?",
    imports="import torch\nimport torch.nn.functional as F",
)
