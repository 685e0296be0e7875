"""Exercise: how much of a layer's weights goes to each of its sources."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Sizes = list[int]


def source_means(weight: Tensor, sizes: list[int]) -> Tensor:
    """Return the mean of abs(weight) (C_out, C_in, 1, 1) for each group of inputs."""
    parts = weight.abs().split(sizes, dim=1)
    return torch.stack([part.mean() for part in parts])


def _by(rule: Callable[[Tensor, Sizes], Tensor]) -> Attempt:
    """Return an answer that follows another rule."""

    def attempt(weight: Tensor, sizes: Sizes) -> Tensor:
        return rule(weight, sizes)

    return attempt


def _of_each(
    weight: Tensor, sizes: Sizes, measure: Callable[[Tensor], Tensor], dim: int = 1
) -> Tensor:
    return torch.stack([measure(part) for part in weight.split(sizes, dim=dim)])


def _of_rows(weight: Tensor, sizes: Sizes) -> Tensor:
    """Return means of as many outputs as there are groups of inputs."""
    return torch.stack([row.abs().mean() for row in weight[: len(sizes)]])


MISTAKES = (
    Mistake(
        "signs cancel",
        "A weight of -1 is as much of a look as one of 1: take absolute values before "
        "the mean.",
        _by(lambda w, s: _of_each(w, s, lambda part: part.mean())),
    ),
    Mistake(
        "the absolute value is taken of the mean",
        "By then signs have cancelled. Absolute values first, then the mean.",
        _by(lambda w, s: _of_each(w, s, lambda part: part.mean().abs())),
    ),
    Mistake(
        "sums, not means",
        "A source with more channels would win for that alone: take the mean.",
        _by(lambda w, s: _of_each(w, s, lambda part: part.abs().sum())),
    ),
    Mistake(
        "squares are taken",
        "The mean of absolute values is asked for, not of squares.",
        _by(lambda w, s: _of_each(w, s, lambda part: part.square().mean())),
    ),
    Mistake(
        "the largest weight is taken",
        "The mean size is asked for: one large weight may stand among many small ones.",
        _by(lambda w, s: _of_each(w, s, lambda part: part.abs().amax())),
    ),
    Mistake(
        "shares of the whole",
        "Do not divide by the sum over the sources: the means themselves are asked "
        "for.",
        _by(lambda w, s: source_means(w, s) / source_means(w, s).sum()),
    ),
    Mistake(
        "outputs are taken for inputs",
        "The weight is (C_out, C_in, 1, 1): inputs are axis 1.",
        _by(_of_rows),
    ),
    Mistake(
        "all sources together",
        "Cut the columns into groups of `sizes` first, and take the mean of each.",
        _by(lambda w, s: w.abs().mean().repeat(len(s))),
    ),
)


def _case(name: str, rows: list[list[float]], sizes: list[int]) -> Case:
    def make() -> dict[str, object]:
        return {"weight": torch.tensor(rows)[..., None, None], "sizes": list(sizes)}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    return {
        "weight": torch.randn(7, 17, 1, 1, generator=generator),
        "sizes": [5, 3, 3, 3, 3],
    }


EXERCISE = Exercise(
    reference=source_means,
    title="Who reads whom",
    lesson="50_architectures/54_who_reads_whom",
    level="core",
    minutes=7,
    prompt="The inputs of a 1 x 1 convolution come from several sources, the first "
    "`sizes[0]` channels from the first one, and so on. Return the mean of the "
    "absolute weights for each source.",
    observe=call_it(source_means),
    cases=(
        # (1 + 2) / 2 and (3 + 5) / 2.
        _case(
            "two outputs, two sources of one channel", [[1.0, 3.0], [-2.0, 5.0]], [1, 1]
        ),
        # (4 + 0) / 2 = 2 and (1 + 1 + 1 + 3) / 4 = 1.5.
        _case(
            "a source of one channel, one of two",
            [[4.0, -1.0, 1.0], [0.0, 1.0, -3.0]],
            [1, 2],
        ),
        # (2 + 4) / 2.
        _case("one source", [[2.0, -4.0]], [2]),
        Case("five sources", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Where in the weight are the columns of the second source?",
        "`weight.split(sizes, dim=1)` cuts the input channels into groups.",
        "The mean of the absolute values of each part, and `torch.stack` of them.",
    ),
    imports="import torch",
    next="A norm stands in front of the convolution, with a factor for each channel. "
    "How would you take it into account?",
)
