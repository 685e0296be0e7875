"""Exercise: two convolutions without a nonlinearity between them are one."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def merged_kernel(first: Tensor, second: Tensor) -> Tensor:
    """Return the kernel (C_out, C_in, 5, 5) that does what first, then second do."""
    big = first.new_zeros(second.shape[0], first.shape[1], 5, 5)
    for i in range(3):
        for j in range(3):
            at = torch.einsum("om,mcij->ocij", second[:, :, i, j], first)
            big[:, :, i : i + 3, j : j + 3] += at
    return big


def _swapped(first: Tensor, second: Tensor) -> Tensor:
    """Return the kernel as if the layers came in the other order, where it exists."""
    if first.shape[0] == second.shape[1] == first.shape[1] == second.shape[0]:
        return merged_kernel(second, first)
    return merged_kernel(first, second)


def _correlated(first: Tensor, second: Tensor) -> Tensor:
    return merged_kernel(first, second.flip(2, 3))


def _flipped(first: Tensor, second: Tensor) -> Tensor:
    return merged_kernel(first, second).flip(2, 3)


def _not_summed(first: Tensor, second: Tensor) -> Tensor:
    return merged_kernel(first[:1], second[:, :1])


def _averaged(first: Tensor, second: Tensor) -> Tensor:
    return merged_kernel(first, second) / len(first)


def _overwritten(first: Tensor, second: Tensor) -> Tensor:
    big = first.new_zeros(second.shape[0], first.shape[1], 5, 5)
    for i in range(3):
        for j in range(3):
            at = torch.einsum("om,mcij->ocij", second[:, :, i, j], first)
            big[:, :, i : i + 3, j : j + 3] = at
    return big


def _transposed(first: Tensor, second: Tensor) -> Tensor:
    return merged_kernel(first, second).transpose(0, 1)


def _three_by_three(first: Tensor, second: Tensor) -> Tensor:
    return torch.einsum("omij,mcij->ocij", second, first)


def _only_the_middle(first: Tensor, second: Tensor) -> Tensor:
    middle = torch.einsum("om,mcij->ocij", second[:, :, 1, 1], first)
    return F.pad(middle, (1, 1, 1, 1))


MISTAKES = (
    Mistake(
        "the kernels are multiplied number by number",
        "A number of the second kernel meets *all* of the first one, moved to its "
        "place: two windows of 3 reach over 5 pixels.",
        _three_by_three,
    ),
    Mistake(
        "in and out are swapped",
        "The shape is (C_out, C_in, 5, 5): outputs of the second layer, inputs of the "
        "first.",
        _transposed,
    ),
    Mistake(
        "only the middle of the second kernel is used",
        "The second window reads nine places of the first layer's output, not one.",
        _only_the_middle,
    ),
    Mistake(
        "places are overwritten",
        "The nine moved kernels overlap. Add them up: `+=`.",
        _overwritten,
    ),
    Mistake(
        "only one channel between the layers",
        "Each output reads all channels of the middle: add up over them.",
        _not_summed,
    ),
    Mistake(
        "a mean over the middle channels",
        "A convolution adds up over its input channels. It takes no mean.",
        _averaged,
    ),
    Mistake(
        "the second kernel is turned",
        "Number (i, j) of the second kernel puts the first one at rows i to i + 2 and "
        "columns j to j + 2. `F.conv2d` of kernels turns one of them: flip it first.",
        _correlated,
    ),
    Mistake(
        "the result is turned",
        "The large kernel is upside down. PyTorch's layers do not flip kernels.",
        _flipped,
    ),
    Mistake(
        "the layers are in the other order",
        "`first` reads the image; `second` reads what `first` made.",
        _swapped,
    ),
)


def _point(i: int, j: int) -> Tensor:
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[0, 0, i, j] = 1
    return kernel


def _pair() -> dict[str, object]:
    # By hand: moved by (0, 2) and then by (1, 0): by (1, 2) of five.
    return {"first": _point(0, 2), "second": _point(1, 0)}


def _ones() -> dict[str, object]:
    # By hand: 1 2 3 2 1 across, times 1 2 3 2 1 down.
    return {"first": torch.ones(1, 1, 3, 3), "second": torch.ones(1, 1, 3, 3)}


def _middle() -> dict[str, object]:
    # By hand: 2 * 3 + 5 * 7 = 41 in the middle.
    first = torch.cat([3 * _point(1, 1), 7 * _point(1, 1)], dim=0)
    second = torch.cat([2 * _point(1, 1), 5 * _point(1, 1)], dim=1)
    return {"first": first, "second": second}


def _random(c_in: int, c_mid: int, c_out: int) -> Case:
    def make() -> dict[str, object]:
        generator = torch.Generator().manual_seed(c_in)
        shapes = {"first": (c_mid, c_in, 3, 3), "second": (c_out, c_mid, 3, 3)}
        return {
            name: torch.randn(shape, generator=generator)
            for name, shape in shapes.items()
        }

    return Case(f"{c_in} channels by way of {c_mid} to {c_out}", make)


EXERCISE = Exercise(
    reference=merged_kernel,
    title="Two layers in one kernel",
    lesson="50_architectures/22_vgg",
    level="deeper",
    minutes=15,
    prompt="Return the 5 x 5 kernel of the one layer that does what two 3 x 3 layers "
    "without padding, bias and ReLU do one after the other.",
    observe=call_it(merged_kernel),
    cases=(
        Case("one number each, at two places", _pair),
        Case("nothing but ones", _ones),
        Case("two channels in the middle", _middle),
        _random(2, 2, 2),
        _random(3, 5, 2),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "With one channel: put the first kernel down nine times, moved by (i, j) "
            "and multiplied by the second kernel's number there, and add up."
        ),
        (
            "With channels, the number becomes a matrix `second[:, :, i, j]` of shape "
            "(C_out, C_mid), and the sum over the middle is a matrix product."
        ),
        (
            "`big[:, :, i:i+3, j:j+3] += torch.einsum('om,mcij->ocij', "
            "second[:, :, i, j], first)` for each i and j."
        ),
    ),
    next="And if the second layer has a stride of 2? If the first one has?",
    imports="import torch",
)
