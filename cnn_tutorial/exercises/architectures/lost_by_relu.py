"""Exercise: what a ReLU destroys, however one tries to bring it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def lost_by_relu(widen: Tensor, points: Tensor) -> float:
    """Return the lost share (0-1) of points (d, N) after ReLU on widen (n, d)."""
    wide = torch.relu(widen @ points)  # (n, N)
    back = points @ torch.linalg.pinv(wide) @ wide  # (d, N): the best matrix
    return float((points - back).square().sum() / points.square().sum())


def _best(wide: Tensor, points: Tensor, widen: Tensor) -> Tensor:  # noqa: ARG001
    narrow: Tensor = points @ torch.linalg.pinv(wide)
    return narrow


def _inverse(wide: Tensor, points: Tensor, widen: Tensor) -> Tensor:  # noqa: ARG001
    narrow: Tensor = torch.linalg.pinv(widen)
    return narrow


def _transposed(wide: Tensor, points: Tensor, widen: Tensor) -> Tensor:  # noqa: ARG001
    return widen.T


def _squares(error: Tensor, points: Tensor) -> Tensor:
    return error.square().sum() / points.square().sum()


def _nothing_left(widen: Tensor, points: Tensor) -> float:
    return float(((widen @ points) <= 0).all(0).double().mean())


@dataclass(frozen=True)
class _Other:
    """An answer that differs from the reference in one respect."""

    bend: Callable[[Tensor], Tensor] = torch.relu
    narrow: Callable[[Tensor, Tensor, Tensor], Tensor] = _best
    share: Callable[[Tensor, Tensor], Tensor] = _squares

    def __call__(self, widen: Tensor, points: Tensor) -> float:
        wide = self.bend(widen @ points)
        back = self.narrow(wide, points, widen) @ wide
        return float(self.share(points - back, points))


MISTAKES = (
    Mistake(
        "there is no ReLU",
        "Bend the wide numbers before they are brought back.",
        _Other(bend=lambda wide: wide),
    ),
    Mistake(
        "the inverse of the widening brings back",
        "After the ReLU another matrix does better: the one that fits best from the "
        "bent numbers to the points, by least squares.",
        _Other(narrow=_inverse),
    ),
    Mistake(
        "the transposed widening brings back",
        "The matrix is not given: find the one that fits best, by least squares.",
        _Other(narrow=_transposed),
    ),
    Mistake(
        "the share that is kept",
        "What was asked for is the share that does not come back.",
        _Other(share=lambda error, points: 1 - _squares(error, points)),
    ),
    Mistake(
        "not divided by the points' squares",
        "A share is wanted: divide by the sum of the squares of the points.",
        _Other(share=lambda error, _: error.square().sum()),
    ),
    Mistake(
        "the mean of the squares",
        "How much is missing depends on how large the points are: compare its squares "
        "with those of the points.",
        _Other(share=lambda error, _: error.square().mean()),
    ),
    Mistake(
        "points without any channel left are counted",
        "Where one channel is left, a part of the point may be lost. Bring all points "
        "back, and measure what is missing.",
        _nothing_left,
    ),
    Mistake(
        "absolute errors instead of squares",
        "Add up squares, of what is missing and of the points.",
        _Other(share=lambda error, points: error.abs().sum() / points.abs().sum()),
    ),
    Mistake(
        "a root is taken",
        "The share of the squares is wanted, not its root.",
        _Other(share=lambda error, points: _squares(error, points).sqrt()),
    ),
)


def _case(name: str, widen: list[list[float]], points: list[list[float]]) -> Case:
    def make() -> dict[str, object]:
        return {
            "widen": torch.tensor(widen, dtype=torch.float64),
            "points": torch.tensor(points, dtype=torch.float64),
        }

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    widen = torch.randn(3, 2, generator=generator, dtype=torch.float64)
    points = torch.randn(2, 11, generator=generator, dtype=torch.float64)
    return {"widen": widen, "points": points}


EXERCISE = Exercise(
    reference=lost_by_relu,
    title="Lost for good",
    lesson="50_architectures/63_linear_ends",
    level="deeper",
    minutes=10,
    prompt="Points are widened by a matrix and bent by a ReLU. The best matrix brings "
    "them back as well as a matrix can. Return the share of the points' squares that "
    "is missing even then.",
    observe=call_it(lost_by_relu),
    cases=(
        # 3 stays 3, -1 becomes 0 and stays 0: lost is 1 of 9 + 1.
        _case("one channel, two points", [[1.0]], [[3.0, -1.0]]),
        # With both signs 3 -> (3, 0) and -1 -> (0, 1): all comes back.
        _case("one number on two channels", [[1.0], [-1.0]], [[3.0, -1.0]]),
        # Twice the same channel: (3, 3) and (0, 0), no better than one: 1 of 10.
        _case("two channels that are alike", [[1.0], [2.0]], [[3.0, -1.0]]),
        # (1, 0) -> (1, 1), (0, 1) -> (0, 1), (-2, 1) -> (0, 0): lost are 4 + 1 of
        # 1 + 1 + 5.
        _case(
            "the plane on two channels",
            [[1.0, 0.0], [1.0, 1.0]],
            [[1.0, 0.0, -2.0], [0.0, 1.0, 1.0]],
        ),
        Case("11 points of the plane on three channels", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Widen, bend, bring back by the best matrix, compare.",
        (
            "The best matrix from `wide` (n, N) to `points` (d, N) is a problem of "
            "least squares: `torch.linalg.lstsq` on the transposed, or `pinv`."
        ),
        (
            "back = points @ torch.linalg.pinv(wide) @ wide; squares of points - back "
            "over squares of points."
        ),
    ),
    imports="import torch",
    next="Is there a matrix with three rows that loses nothing on the plane? Try three "
    "directions, 120 degrees apart, and count the channels that are not zero.",
)
