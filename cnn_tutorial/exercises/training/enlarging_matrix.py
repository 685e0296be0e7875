"""Exercise: the matrix that enlarges a row of pixels."""

from __future__ import annotations

from math import floor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Rows = list[list[float]]


def enlarging_matrix(small: int, large: int) -> list[list[float]]:
    """Return the (large, small) matrix of linear interpolation, as a list of rows.

    New pixel i has its centre at (i + 1/2) * small / large - 1/2, in old pixels; beyond
    the first or last old centre it copies the nearest.
    """
    rows = []
    for i in range(large):
        centre = (i + 0.5) * small / large - 0.5
        centre = min(max(centre, 0.0), small - 1.0)
        rows.append([max(0.0, 1 - abs(centre - k)) for k in range(small)])
    return rows


def _weights(centres: list[float], small: int) -> Rows:
    return [[max(0.0, 1 - abs(c - k)) for k in range(small)] for c in centres]


def _not_clamped(small: int, large: int) -> Rows:
    return _weights([(i + 0.5) * small / large - 0.5 for i in range(large)], small)


def _corners(small: int, large: int) -> Rows:
    step = (small - 1) / max(large - 1, 1)
    return _weights([i * step for i in range(large)], small)


def _no_halves(small: int, large: int) -> Rows:
    centres = [min(i * small / large, small - 1.0) for i in range(large)]
    return _weights(centres, small)


def _nearest(small: int, large: int) -> Rows:
    picked = [floor((i + 0.5) * small / large) for i in range(large)]
    return [[float(k == place) for k in range(small)] for place in picked]


def _transposed(small: int, large: int) -> Rows:
    return [
        list(column) for column in zip(*enlarging_matrix(small, large), strict=True)
    ]


def _weights_swapped(small: int, large: int) -> Rows:
    rows = []
    for row in enlarging_matrix(small, large):
        used = [k for k, weight in enumerate(row) if weight > 0]
        turned = dict(zip(used, [row[k] for k in reversed(used)], strict=True))
        rows.append([turned.get(k, 0.0) for k in range(small)])
    return rows


MISTAKES = (
    Mistake(
        "the ends are not held",
        "A centre before that of the first old pixel, or beyond that of the last one, "
        "copies it: hold the centre between 0 and `small - 1`.",
        _not_clamped,
    ),
    Mistake(
        "the corners are aligned",
        "That is `align_corners=True`. Here the borders of the pixels are aligned: use "
        "the formula of the centre.",
        _corners,
    ),
    Mistake(
        "the halves are forgotten",
        "A pixel's centre is half a pixel from its border: `(i + 1/2)`, and `- 1/2` at "
        "the end.",
        _no_halves,
    ),
    Mistake(
        "the nearest pixel takes all",
        "Between two old centres both have a weight, the nearer one the larger.",
        _nearest,
    ),
    Mistake(
        "rows and columns are swapped",
        "A row for each new pixel, a column for each old one: `large` rows.",
        _transposed,
    ),
    Mistake(
        "the farther pixel has the larger weight",
        "The weight is one less the distance.",
        _weights_swapped,
    ),
)


def _case(name: str, small: int, large: int) -> Case:
    return Case(name, lambda: {"small": small, "large": large})


EXERCISE = Exercise(
    reference=enlarging_matrix,
    title="The matrix that enlarges",
    lesson="40_training/24_enlarging",
    level="deeper",
    minutes=12,
    prompt="Return the matrix of linear interpolation as a list of `large` rows with "
    "`small` weights each. New pixel i has its centre at `(i + 1/2) * small / large - "
    "1/2`, counted in old pixels; beyond the first or last old centre it copies the "
    "nearest.",
    observe=call_it(enlarging_matrix),
    cases=(
        _case("two pixels become two", 2, 2),
        _case("two pixels become four", 2, 4),
        _case("one pixel becomes three", 1, 3),
        _case("three pixels become six", 3, 6),
        _case("three pixels become five", 3, 5),
        _case("five pixels become thirteen", 5, 13),
    ),
    mistakes=MISTAKES,
    hints=(
        "For one new pixel: which two old centres does its centre lie between?",
        "The weight of old pixel k is `1 - |centre - k|`, but never below 0.",
        (
            "Hold the centre between 0 and `small - 1`; then the row is `[max(0, 1 - "
            "abs(centre - k)) for k in range(small)]`."
        ),
    ),
    next="Compare with `F.interpolate(torch.eye(small)[None], large, mode='linear')`. "
    "What changes with `align_corners=True`?",
)
