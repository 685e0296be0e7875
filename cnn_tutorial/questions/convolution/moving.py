"""What a shift of the picture does: equivariance, and digits that move."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_Layer = Callable[[torch.Tensor], torch.Tensor]
_TALL = 24


def _random(*shape: int, seed: int = 0) -> torch.Tensor:
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=chance)


def _conv(x: torch.Tensor, kernel: int, mode: str, stride: int = 1) -> torch.Tensor:
    weight = _random(2, x.shape[1], kernel, kernel, seed=kernel)
    x = F.pad(x, (kernel // 2,) * 4, mode=mode)
    return F.conv2d(x, weight, stride=stride)


@question(
    "20_convolution/80_equivariance",
    kernels=((3,), (5,), (7,), (3, 3), (3, 5), (3, 3, 3)),
    shift=(1, 2, 3, 4, 7, 9),
    border=("zeros", "zeros", "wrapped rows"),
)
def rows_that_differ(kernels: tuple[int, ...], shift: int, border: str) -> Posed:
    """Count the rows where shift and convolution do not commute."""

    def layers(x: torch.Tensor) -> torch.Tensor:
        for kernel in kernels:
            x = _conv(x, kernel, "constant" if border == "zeros" else "circular")
        return x

    x = _random(1, 2, 31, 7)
    gap = layers(x.roll(shift, 2)) - layers(x).roll(shift, 2)
    margin, last = sum(k // 2 for k in kernels), kernels[-1] // 2
    zone = 2 * margin + min(shift, 2 * margin)
    rows = int((gap.abs().amax(dim=(0, 1, 3)) > 1e-9).sum())
    apart = 2 * last + min(shift, 2 * last)
    named = ", then ".join(f"{k} x {k}" for k in kernels)
    return Posed(
        f"An image of 31 rows is convolved with {named} kernels; padding with {border} "
        f"keeps its size. It also moves down by {shift} and wraps round. In how "
        "many rows does the result depend on whether it moves before or after?",
        rows,
        f"The margin P is {margin}: 2P + min(d, 2P) = {2 * margin} + "
        f"{zone - 2 * margin} rows."
        if rows
        else "Wrapped rows move along with all others: there is no border to notice.",
        {
            2 * margin: "There are two places: where the border is, and where the "
            "move takes it.",
            4 * margin: "The rows around the border, and around the place where the "
            "move takes it, overlap when the move is small.",
            apart: "The margins of the layers add up.",
            2 * margin + shift: "The second place is no larger than the first.",
            0: "Zeros at the border do not move with the picture.",
        }
        if rows
        else {
            zone: "Zeros around would stay where they are. What is padded here?",
            2 * margin: "So many rows have windows that reach beyond a border. What do "
            "these windows find there, before the move and after it?",
            margin: "Windows reach beyond the border. Do they find what stays there?",
        },
    )


# From a layer to its stride, what it makes of 24 x 4 pixels, and why.
_ALIKE = "All rows are made alike, with stride 1: the result moves along."
_FORGETS = "It reads every place and treats them alike: where they are is forgotten."
_LAYERS: dict[str, tuple[int, _Layer, str]] = {
    "a 3 x 3 convolution with wrapped borders": (
        1,
        lambda x: _conv(x, 3, "circular"),
        _ALIKE,
    ),
    "a 3 x 3 convolution with zeros around": (
        1,
        lambda x: _conv(x, 3, "constant"),
        "The zeros stay where they are: rows at the border meet other neighbours.",
    ),
    "`F.relu`": (1, F.relu, _ALIKE),
    "`F.max_pool2d(x, 2)`": (2, lambda x: F.max_pool2d(x, 2), ""),
    "`F.max_pool2d(x, 3)`": (3, lambda x: F.max_pool2d(x, 3), ""),
    "`F.avg_pool2d(x, 4)`": (4, lambda x: F.avg_pool2d(x, 4), ""),
    "a maximum over all places": (1, lambda x: x.amax(dim=(2, 3)), _FORGETS),
    "a mean over all places": (1, lambda x: x.mean(dim=(2, 3)), _FORGETS),
    "`flatten` and a linear layer": (
        1,
        lambda x: x.flatten(1) @ _random(96, 5),
        "Each place has a weight of its own, so a pixel counts otherwise elsewhere.",
    ),
}


@question(
    "20_convolution/80_equivariance",
    layer=tuple(_LAYERS),
    shift=(1, 2, 3, 4, 6, 8),
)
def result_of_a_shift(layer: str, shift: int) -> Posed:
    """Tell what becomes of a layer's result when the picture moves."""
    stride, function, why = _LAYERS[layer]
    x = _random(1, 1, _TALL, 4)
    before, after = function(x), function(x.roll(shift, 2))
    rows = range(1, before.shape[2]) if before.dim() > 2 else ()
    moved = [row for row in rows if torch.allclose(before.roll(row, 2), after)]
    fewer = max(1, shift // max(stride, 2))
    stays = "stays as it is" if torch.allclose(before, after) else ""
    along = (
        "One row of the result for each row of the picture, all made alike: is that "
    )
    along += "so here? Look at border, stride and places."
    return Posed(
        f"A picture of {_TALL} rows moves down by {shift}; what leaves below comes "
        f"back on top. What does the result of {layer} do?",
        stays or (f"moves down by {moved[0]}" if moved else "changes in another way"),
        why
        or f"A shift by {shift} is {'a' if moved else 'no'} multiple of the stride "
        f"{stride}: the windows meet {'the same' if moved else 'other'} pixels.",
        {
            f"moves down by {fewer}": "Only a stride makes fewer rows; and the shift "
            "must be a multiple of it, or the windows meet other pixels.",
            f"moves down by {shift}": along,
            "changes in another way": "Compare the shift with the stride, and ask "
            "whether any place is treated unlike the others.",
            "stays as it is": "Only what has forgotten all places can stay as it is.",
        },
    )


_BODIES = (
    ("conv", "max pool 2", "conv"),
    ("conv", "max pool 3", "conv"),
    ("conv", "max pool 2", "conv", "max pool 2", "conv"),
    ("conv", "max pool 2", "conv", "max pool 2"),
    ("conv with stride 2", "conv", "max pool 3", "conv"),
    ("conv with stride 2", "conv", "max pool 3"),
    ("conv with stride 2", "max pool 2", "conv", "max pool 2"),
    ("conv", "max pool 2", "conv with stride 2", "conv", "max pool 2", "conv"),
)
_HEADS: dict[str, _Layer] = {
    "a global maximum": lambda x: x.amax(dim=(2, 3)),
    "a global mean": lambda x: x.mean(dim=(2, 3)),
    "`flatten`": lambda x: x.flatten(1),
}


def _step(x: torch.Tensor, step: str) -> torch.Tensor:
    if "pool" in step:
        return F.max_pool2d(x, int(step[-1]))
    return F.relu(_conv(x, 3, "circular", 2 if "2" in step else 1))


@question("20_convolution/85_moving_digits", body=_BODIES, head=tuple(_HEADS))
def shift_without_effect(body: tuple[str, ...], head: str) -> Posed:
    """Find the smallest shift that leaves all scores as they were."""
    image = _random(1, _TALL, _TALL)
    x = torch.stack([image.roll(rows, 1) for rows in range(_TALL + 1)])
    for step in body:
        x = _step(x, step)
    scores = _HEADS[head](x)
    scores = scores @ _random(scores.shape[1], 3)
    same = [k for k in range(1, len(x)) if torch.allclose(scores[k], scores[0])]
    strides = [int(step[-1]) for step in body if step[-1].isdigit()]
    total = math.prod(strides)
    last = strides[-1] if "pool" in body[-1] else 1
    free = last if "maximum" in head else 1
    shown = " * ".join(map(str, strides[:-1] if free > 1 else strides))
    because = f"The strides that count: {shown} = {total // free}."
    if "*" not in shown:
        because = f"One stride counts, {total // free}."
    if "flatten" in head:
        because = "Each place has a weight of its own: it takes the whole way round."
    elif free > 1:
        because += " A maximum of maxima does not notice the last windows."
    return Posed(
        f"All borders wrap round, and the picture has {_TALL} rows: "
        f"{', '.join(body)}, then {head} and a linear layer. Which is the smallest "
        "shift down that leaves the scores as they were, whatever the weights?",
        same[0],
        because,
        {
            strides[0]: "That is the first stride only. Those after it multiply it, if "
            "what follows notices them.",
            total // last: "The last windows count, too: what comes behind them is no "
            "maximum.",
            total: "After this shift the last maps have moved by one place. Does "
            + (
                "the linear layer notice it?"
                if "flatten" in head
                else "it take as much?"
            ),
            _TALL: "Only a linear layer with a weight for each place needs the whole "
            "way round.",
            1: "Windows that start on every second or third row meet other pixels.",
        },
    )


_TRUTH = ((3, 5, 8, 1, 0), (7, 7, 2, 4, 9), (6, 1, 1, 5, 2), (0, 4, 3, 3, 8))


@question(
    "20_convolution/85_moving_digits",
    truth=_TRUTH,
    first=((0, 0, 0, 0, 2), (0, 1, 0, 0, 2), (0, 0, 3, 0, 0), (1, 0, 0, 4, 0)),
    then=((0, 1, 0, 0, 2), (0, 1, 0, 5, 2), (0, 3, 3, 0, 0), (1, 2, 2, 0, 0)),
)
def consistent_answers(
    truth: tuple[int, ...], first: tuple[int, ...], then: tuple[int, ...]
) -> Posed:
    """Count the digits that get the same class before and after a move."""
    digits = torch.tensor([truth, first, then])
    labels, before, after = digits[0], *((digits[0] + digits[1:]) % 10)
    right, still = before == labels, after == labels
    shown = [" ".join(map(str, row.tolist())) for row in (labels, before, after)]
    return Posed(
        f"Five digits are {shown[0]}. A network reads {shown[1]}, and, after the "
        f"digits have moved, {shown[2]}. On how many of them is it consistent?",
        f"{int((before == after).sum())} of 5",
        "Consistency asks for the same class as before, right or wrong.",
        {
            f"{int(still.sum())} of 5": "That is the accuracy after the move.",
            f"{int(right.sum())} of 5": "That is the accuracy before the move.",
            f"{int((right & still).sum())} of 5": "A digit that is misread as the same "
            "class both times is consistent, too.",
            f"{int((right == still).sum())} of 5": "Wrong twice is consistent only if "
            "both answers are the same class.",
        },
    )


QUESTIONS = (
    rows_that_differ,
    result_of_a_shift,
    shift_without_effect,
    consistent_answers,
)
