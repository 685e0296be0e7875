"""Pooling: values, gradients, windows that fit, and shifts."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_PATTERNS = (
    (0, 1, 1, 0, 0, 0, 1, 0),
    (0, 0, 1, 1, 0, 1, 0, 0),
    (1, 0, 0, 2, 0, 0, 1, 0),
    (0, 2, 2, 0, 0, 0, 0, 1),
    (1, 1, 0, 0, 0, 3, 3, 0),
    (0, 0, 0, 3, 1, 0, 0, 0),
)


@question(
    "20_convolution/60_pooling",
    row=(
        (-3, -1, -4, -2, -6, -7, -5),
        (-2, -5, -3, -4, -1, -6, -8),
        (-1, 2, -3, 4, 0, -5, -2),
        (2, 0, 5, 1, 4, 3, 6),
    ),
    window=((2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 2, 1), (5, 2, 2)),
)
def max_pooled(row: tuple[int, ...], window: tuple[int, int, int]) -> Posed:
    """Maxima of windows on a row."""
    kernel, stride, padding = window
    x = _row(row)
    zeros = F.pad(x, (padding, padding))
    around = f" and padding {padding}" if padding else " and no padding"
    return Posed(
        f"Max pooling with windows of {kernel}, stride {stride}{around} reads "
        f"the row `{_shown(row)}`. What comes out?",
        _listed(F.max_pool1d(x, kernel, stride, padding)),
        f"The first window reads {', '.join(map(str, row[: kernel - padding]))}, the "
        f"next one starts {stride} pixels on.{' Padding never wins.' * (padding > 0)}",
        {
            _listed(F.max_pool1d(zeros, kernel, stride)): "Here zeros of the padding "
            "win. Is it zeros that a maximum is padded with?",
            _listed(F.max_pool1d(x, kernel, stride, ceil_mode=True)): "Here the last "
            "window hangs over the end. Sizes are rounded down.",
            _listed(
                F.max_pool1d(x, kernel, stride)
            ): "Here the padding is left out; it makes room for more windows.",
            _listed(
                F.max_pool1d(x, kernel, 1, padding)
            ): "Here the window moves by one pixel. Which stride is given?",
            _listed(F.max_pool1d(x, kernel, kernel, padding)): "The stride is given: "
            "windows need not stand side by side.",
        },
    )


@question(
    "20_convolution/60_pooling",
    row=((1, 3, 9, 2, 4), (7, 1, 2, 5, 3), (2, 4, 8, 6, 1), (3, 5, 1, 2, 6)),
    gradients=((3, 6), (6, 3), (9, 3)),
    kind=("maxima", "means"),
)
def pooled_gradient(
    row: tuple[int, ...], gradients: tuple[int, int], kind: str
) -> Posed:
    """Gradient of the pixels of two windows that overlap."""
    x, above = _row(row).requires_grad_(), _row(gradients)
    found = {
        name: torch.autograd.grad(pool(x, 3, 2), x, above)[0]
        for name, pool in (("maxima", F.max_pool1d), ("means", F.avg_pool1d))
    }
    one, other = gradients
    other_kind = "means" if kind == "maxima" else "maxima"
    last = found[kind].clone()
    last[..., 2] = other if kind == "maxima" else other / 3
    wins = " Which of them does it win?" if kind == "maxima" else ""
    return Posed(
        f"Windows of 3 with stride 2 read `{_shown(row)}`. Their two {kind} receive "
        f"the gradients {one} and {other}. Which gradients reach the five pixels?",
        _listed(found[kind]),
        {
            "maxima": "The winner of a window takes its gradient; two wins are added.",
            "means": "Each pixel takes a third from each window that reads it.",
        }[kind],
        {
            _listed(last): f"The third pixel stands in both windows.{wins}",
            _listed(found[other_kind]): f"That is how {other_kind} pass gradients on.",
            _listed(_row((one, one, one + other, other, other))): "Here every pixel "
            "gets all of it. How much does the output change with each?",
            _listed(found[kind].sign()): "Multiply by the gradient that each window "
            "receives.",
        },
    )


@question(
    "20_convolution/62_adaptive",
    size=(5, 6, 7, 8, 9, 10, 11),
    count=(2, 3, 4),
)
def adaptive_sizes(size: int, count: int) -> Posed | None:
    """Sizes of adaptive windows."""
    if size % count == 0:
        return None
    read = F.adaptive_avg_pool1d(torch.eye(size)[:, None], count)[:, 0]  # pixel, window
    edges = [k * size // count for k in range(count + 1)]
    apart = [b - a for a, b in pairwise(edges)]
    part = size / count
    return Posed(
        f"Adaptive pooling makes {count} numbers of {size} pixels. How many pixels "
        "does each window read?",
        str((read > 0).sum(0).tolist()),
        f"Parts of {part:.4g} pixels: a window takes all that its part touches.",
        {
            str(apart): "A pixel on the border of two parts belongs to both windows.",
            str([size // count] * count): "The rest of the division must go somewhere: "
            "here some pixels stand in no window.",
            str([math.ceil(part)] * count): "Lay the parts side by side: not all of "
            "them touch as many pixels.",
            str(
                [math.ceil(part) + 1] * count
            ): "So much overlap there is not: a window "
            "takes no pixel that its part does not touch.",
        },
    )


@question(
    "20_convolution/62_adaptive",
    channels=(8, 16, 32),
    size=(1, 2, 3),
    side=(7, 8, 10),
    batch=(2, 5),
)
def head_features(channels: int, size: int, side: int, batch: int) -> Posed:
    """Width of the layer behind adaptive pooling."""
    head = nn.Sequential(nn.AdaptiveAvgPool2d(size), nn.Flatten())
    features = head(torch.zeros(batch, channels, side, side)).shape[1]
    return Posed(
        f"Maps of shape ({batch}, {channels}, {side}, {side}) go through "
        f"`nn.AdaptiveAvgPool2d({size})`, `nn.Flatten()` and a linear layer. How many "
        "inputs has the linear layer?",
        features,
        f"Each of {channels} channels keeps {size} * {size} numbers, whatever the size "
        "of the maps.",
        {
            channels * side * side: "Pooling comes before the maps are laid flat.",
            channels * size: "The maps have two sides.",
            batch * features: "`nn.Flatten` keeps the batch as an axis of its own.",
            channels: "One number for each channel is left by global pooling only.",
            size * size: "Every channel is pooled on its own.",
        },
    )


@question(
    "20_convolution/65_shifts",
    strides=(
        (2, 2),
        (3, 3),
        (4, 2),
        (2, 3),
        (5, 1),
        (2, 1, 2),
        (3, 1, 2),
        (2, 2, 2),
        (2, 4, 2),
        (2, 2, 3),
    ),
)
def certain_shift(strides: tuple[int, ...]) -> Posed:
    """Least shift that survives the strides."""
    kept = torch.arange(64)
    for stride in strides:
        kept = kept[::stride]
    step = int(kept[1] - kept[0])
    return Posed(
        f"Layers with the strides {', '.join(map(str, strides))} stand in a row, and "
        "borders wrap round. Which is the smallest shift of the image, in pixels, "
        "after which the output is the old one shifted, whatever the weights?",
        step,
        f"A step in the last map is {' * '.join(map(str, strides))} = {step} pixels of "
        "the image: after it the same places are kept.",
        {
            sum(strides): "Strides are not added: each acts on what the one before has "
            "kept.",
            max(strides): "The other strides leave pixels out, too.",
            strides[0]: "So far the first layer: later ones leave pixels out, too.",
            1: "A stride keeps some pixels: after this shift, which ones?",
            2 * step: "A smaller shift keeps the same places, too.",
        },
    )


@question("20_convolution/65_shifts", row=_PATTERNS, pixels=(1, 2))
def pooled_after_shift(row: tuple[int, ...], pixels: int) -> Posed:
    """Max pooling of a row that has moved."""
    x = _row(row)
    unmoved = F.max_pool1d(x, 2)
    return Posed(
        f"The row `{_shown(row)}` moves to the left by {pixels} and wraps round. Then "
        "come windows of 2 with stride 2. Which maxima come out?",
        _listed(F.max_pool1d(x.roll(-pixels, -1), 2)),
        "Two pixels are a whole stride: the same pairs, one place further left."
        if pixels == 2
        else f"Other pairs meet now: the first is {row[1]}, {row[2]}.",
        {
            _listed(unmoved): "These are the maxima of the row before it moves.",
            _listed(unmoved.roll(-pixels, -1)): f"Here the output moves by {pixels}. "
            "What does it take to move it by one place?",
            _listed(
                F.max_pool1d(x.roll(pixels, -1), 2)
            ): "That is a move to the right, not to the left.",
            _listed(unmoved.roll(1, -1)): "Here the output moves, and to the right. "
            "Write the moved row down first.",
        },
    )


def _row(numbers: tuple[int, ...]) -> Tensor:
    return torch.tensor([[numbers]]).float()  # N, C, W


def _shown(row: tuple[int, ...]) -> str:
    return " ".join(map(str, row))


def _listed(row: Tensor) -> str:
    return str(row.int().flatten().tolist())


QUESTIONS = (
    max_pooled,
    pooled_gradient,
    adaptive_sizes,
    head_features,
    certain_shift,
    pooled_after_shift,
)
