"""Exercise: how large a blob is."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial import filters
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def blob_radius(image: Tensor, row: int, column: int, sigmas: list[float]) -> float:
    """Return the radius of the bright blob at (row, column) of an image (H, W)."""
    answers = [-(s**2) * filters.log(image, s)[row, column] for s in sigmas]
    best = max(zip(answers, sigmas, strict=True))[1]
    return math.sqrt(2) * best


def _best(
    image: Tensor,
    sigmas: list[float],
    answer: Callable[[Tensor, float], Tensor],
    factor: float = math.sqrt(2),
) -> float:
    """Return the radius for the sigma whose response is answered by the most."""
    found = [(float(answer(filters.log(image, s), s)), s) for s in sigmas]
    return factor * max(found)[1]


def _scaled(power: int, factor: float = math.sqrt(2), sign: int = -1) -> Attempt:
    """Return an answer that weighs with another power of sigma."""

    def attempt(image: Tensor, row: int, column: int, sigmas: list[float]) -> float:
        def answer(response: Tensor, sigma: float) -> Tensor:
            return sign * sigma**power * response[row, column]

        return _best(image, sigmas, answer, factor)

    return attempt


def _swapped(image: Tensor, row: int, column: int, sigmas: list[float]) -> float:
    return blob_radius(image.T, row, column, sigmas)


def _anywhere(image: Tensor, row: int, column: int, sigmas: list[float]) -> float:
    return _best(image, sigmas, lambda response, s: -(s**2) * response.min())


def _blurred(image: Tensor, row: int, column: int, sigmas: list[float]) -> float:
    found = [(float(filters.gaussian(image, s)[row, column]), s) for s in sigmas]
    return math.sqrt(2) * max(found)[1]


def _index(image: Tensor, row: int, column: int, sigmas: list[float]) -> int:
    return sigmas.index(
        min(sigmas, key=lambda s: float(s**2 * filters.log(image, s)[row, column]))
    )


MISTAKES = (
    Mistake(
        "the responses are not scale-normalised",
        "Derivatives shrink as sigma grows, so small scales win. Multiply each "
        "response by sigma squared.",
        _scaled(0),
    ),
    Mistake(
        "the responses are multiplied by sigma",
        "There are two derivatives, and each shrinks with sigma: sigma squared.",
        _scaled(1),
    ),
    Mistake(
        "the responses are multiplied by a higher power of sigma",
        "Sigma squared makes all discs answer alike. A higher power prefers large "
        "scales.",
        _scaled(4),
    ),
    Mistake(
        "the sign is forgotten",
        "A *bright* blob answers below zero: turn the sign, or take the smallest.",
        _scaled(2, sign=1),
    ),
    Mistake(
        "sigma is taken for the radius",
        "The disc that answers most is larger than sigma, by the root of two.",
        _scaled(2, factor=1),
    ),
    Mistake(
        "sigma is divided by the root of two",
        "The radius is sigma *times* the root of two; sigma is the radius divided by "
        "it.",
        _scaled(2, factor=1 / math.sqrt(2)),
    ),
    Mistake(
        "the radius is doubled",
        "That is twice sigma. The radius is sigma times the *root* of two.",
        _scaled(2, factor=2),
    ),
    Mistake(
        "the number of the scale is returned",
        "`argmax` says which scale it is. Look that sigma up, and make a radius of it.",
        _index,
    ),
    Mistake(
        "row and column are exchanged",
        "A place is [row, column]: first down, then to the right.",
        _swapped,
    ),
    Mistake(
        "the strongest answer of the whole image is taken",
        "Another blob may answer louder. Read the response at (row, column).",
        _anywhere,
    ),
    Mistake(
        "only the blur is used",
        "A blur is brightest where it is narrowest. Ask for the Laplacian of the "
        "Gaussian, `filters.log`.",
        _blurred,
    ),
)


def _discs(
    size: tuple[int, int], *places: tuple[int, int, float, float]
) -> Callable[[], Tensor]:
    """Return what draws discs: row, column, radius, brightness."""

    def draw() -> Tensor:
        rows, columns = (torch.arange(float(n)) for n in size)
        image = torch.zeros(size)
        for row, column, radius, brightness in places:
            far = torch.hypot(rows[:, None] - row, columns - column)
            image = image + brightness * (radius + 0.5 - far).clamp(0, 1)
        return image

    return draw


def _case(
    name: str, draw: Callable[[], Tensor], row: int, column: int, sigmas: list[float]
) -> Case:
    return Case(
        name,
        lambda: {
            "image": draw(),
            "row": row,
            "column": column,
            "sigmas": list(sigmas),
        },
    )


TWO = _discs((53, 61), (19, 17, 8, 0.4), (35, 43, 4, 1.0))

EXERCISE = Exercise(
    reference=blob_radius,
    title="The radius of a blob",
    lesson="20_convolution/47_blobs",
    level="core",
    minutes=12,
    prompt="Estimate the radius of the bright blob at (row, column). Filter the image "
    "at each sigma, make the responses comparable, and return the radius of the disc "
    "that answers most. `filters.log` filters.",
    observe=call_it(blob_radius),
    cases=(
        _case("5 x 7 image", _discs((5, 7), (2, 3, 1, 1.0)), 2, 3, [0.5, 1.0, 2.0]),
        _case("larger disc", _discs((6, 6), (3, 2, 2, 0.5)), 3, 2, [0.7, 1.4, 2.8]),
        _case(
            "a bright pixel and a small disc",
            _discs((4, 9), (1, 6, 0.5, 2.0), (2, 2, 1, 1.0)),
            2,
            2,
            [0.6, 1.0, 2.0],
        ),
        _case("two discs, the large one", TWO, 19, 17, [3.0, 4.0, 4.6, 5.5, 7.0, 9.0]),
        _case("the small, brighter one", TWO, 35, 43, [1.5, 2.0, 3.0, 4.0, 5.5]),
        _case(
            "scales in no order",
            _discs((61, 53), (29, 23, 11, 0.5)),
            29,
            23,
            [10.0, 4.0, 8.0, 6.0, 13.0],
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "One number for each sigma: the response at the place of the blob. What "
            "must it be multiplied by before two of them can be compared?"
        ),
        (
            "`-(s**2) * filters.log(image, s)[row, column]` is largest for the sigma "
            "that fits. Which radius has the disc that belongs to it?"
        ),
        (
            "`best = max(sigmas, key=lambda s: -(s**2) * filters.log(image, s)[row, "
            "column])`, and the radius is `math.sqrt(2) * best`."
        ),
    ),
    next="Between two of the sigmas the answer may be larger still: fit a parabola "
    "through the best one and its neighbours.",
    imports="import math\n\nfrom cnn_tutorial import filters",
)
