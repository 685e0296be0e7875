"""Exercise: how strong the edges of an image are."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def sobel_magnitude(image: Tensor) -> Tensor:
    """Return the length of Sobel's gradient of an image (H, W), as (H - 2, W - 2)."""
    smooth = torch.tensor([1.0, 2.0, 1.0])
    difference = torch.tensor([-1.0, 0.0, 1.0])
    right = torch.outer(smooth, difference)  # (3, 3)
    kernels = torch.stack([right, right.T])[:, None]  # C_out, C_in, kh, kw
    across, down = F.conv2d(image[None, None], kernels)[0]
    return torch.sqrt(across**2 + down**2)


def _parts(image: Tensor, smooth: tuple[float, ...] = (1.0, 2.0, 1.0)) -> Tensor:
    """Return the responses to the right and downwards, (2, H - 2, W - 2)."""
    right = torch.outer(torch.tensor(smooth), torch.tensor([-1.0, 0.0, 1.0]))
    kernels = torch.stack([right, right.T])[:, None]
    return F.conv2d(image[None, None], kernels)[0]


def _length(parts: Tensor) -> Tensor:
    return parts.square().sum(0).sqrt()


def _scaled(by: float) -> Attempt:
    """Return an answer that divides."""

    def attempt(image: Tensor) -> Tensor:
        return _length(_parts(image)) / by

    return attempt


MISTAKES = (
    Mistake(
        "only the direction to the right is used",
        "An edge that runs from left to right does not answer that kernel. The "
        "transposed kernel sees it.",
        lambda image: _parts(image)[0].abs(),
    ),
    Mistake(
        "only the direction downwards is used",
        "An edge that stands upright does not answer that kernel. The transposed "
        "kernel sees it.",
        lambda image: _parts(image)[1].abs(),
    ),
    Mistake(
        "the same kernel is used twice",
        "Both of your answers are alike: take the transpose for the second one.",
        lambda image: _length(_parts(image)[:1].repeat(2, 1, 1)),
    ),
    Mistake(
        "the root is forgotten",
        "By Pythagoras the squares add up to the square of the length.",
        lambda image: _parts(image).square().sum(0),
    ),
    Mistake(
        "the sizes are added",
        "|right| + |down| is another length, larger for edges that run diagonally. Use "
        "Pythagoras.",
        lambda image: _parts(image).abs().sum(0),
    ),
    Mistake(
        "the responses are added before they are squared",
        "Where one is positive and the other negative they cancel. Square each, then "
        "add.",
        lambda image: _parts(image).sum(0).abs(),
    ),
    Mistake(
        "the larger response is taken for the length",
        "The larger of two sides is shorter than the diagonal. Use Pythagoras.",
        lambda image: _parts(image).abs().amax(0),
    ),
    Mistake(
        "the middle row is not weighted by two",
        "Smoothing by 1 1 1 makes Prewitt's kernel. Sobel's is 1 2 1.",
        lambda image: _length(_parts(image, (1.0, 1.0, 1.0))),
    ),
    Mistake(
        "the smoothing is missing",
        "A single row -1 0 1 answers noise as well as edges. Multiply it with the "
        "column 1 2 1.",
        lambda image: _length(_parts(image, (0.0, 1.0, 0.0))),
    ),
    Mistake(
        "it is scikit-image's scale",
        "The kernel is not to be divided by 4 here, and the squares are to be added, "
        "not averaged.",
        _scaled(4 * 2**0.5),
    ),
    Mistake(
        "the squares are averaged",
        "The root of the mean is smaller by the root of 2: take the sum.",
        _scaled(2**0.5),
    ),
    Mistake(
        "the kernel is divided by 4",
        "That is a convention, too. Here the kernel keeps its whole numbers.",
        _scaled(4),
    ),
    Mistake(
        "the kernel is divided by 8",
        "That would be the slope per pixel. Here the kernel keeps its whole numbers.",
        _scaled(8),
    ),
    Mistake(
        "the image is padded",
        "Without padding a 3 x 3 window has H - 2 and W - 2 places.",
        lambda image: _length(_parts(F.pad(image, (1, 1, 1, 1)))),
    ),
    Mistake(
        "the image is padded and divided by 255",
        "That is what the page does with a photograph in bytes. This image is in its "
        "final scale, and a 3 x 3 window has H - 2 and W - 2 places in it.",
        lambda image: _length(_parts(F.pad(image, (1, 1, 1, 1)))) / 255,
    ),
    Mistake(
        "the image is divided by 255",
        "Only bytes need that. The image that you are given is in its final scale.",
        _scaled(255),
    ),
    Mistake(
        "the batch and the channel are still there",
        "The result has two axes, as the image has: take the first image and channel "
        "of the output.",
        lambda image: sobel_magnitude(image)[None, None],
    ),
)


def _numbers(rows: int, columns: int) -> dict[str, object]:
    """Return an image without a symmetry that could hide a mistake."""
    values = (torch.arange(rows * columns) * 7 + 3) % 11
    return {"image": values.float().reshape(rows, columns) / 2}


def _worked() -> dict[str, object]:
    rows = ["12301", "01231", "12100", "21011", "10121"]
    return {"image": torch.tensor([[float(digit) for digit in row] for row in rows])}


def _corner() -> dict[str, object]:
    return {"image": torch.tensor([[0.0, 0, 1], [0, 0, 2], [0, 3, 0]])}


EXERCISE = Exercise(
    reference=sobel_magnitude,
    title="The strength of an edge",
    lesson="20_convolution/40_sobel",
    level="core",
    minutes=10,
    prompt="Write the strength of the edges of a grey image: Sobel's kernel to the "
    "right and downwards, whole numbers, no padding, and the length of the arrow that "
    "both answers make.",
    observe=call_it(sobel_magnitude),
    cases=(
        Case("3 x 3 image: one window", _corner),
        Case("3 x 4 image", lambda: _numbers(3, 4)),
        Case("the 5 x 5 image of the lesson", _worked),
        Case("13 x 11 image", lambda: _numbers(13, 11)),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Two kernels, one image, two responses of the same size. How long is an "
            "arrow that goes a to the right and b down?"
        ),
        (
            "The first kernel is `torch.outer(smooth, difference)` of (1, 2, 1) and "
            "(-1, 0, 1), the second its transpose. `F.conv2d` wants four axes: "
            "`image[None, None]`."
        ),
        (
            "`a = F.conv2d(image[None, None], right[None, None])[0, 0]`, likewise `b` "
            "with `right.T`, and then `(a**2 + b**2).sqrt()`."
        ),
    ),
    next="Where the image is flat the root has no gradient: what does autograd answer "
    "there, and what should it?",
    imports="import torch\nimport torch.nn.functional as F",
)
