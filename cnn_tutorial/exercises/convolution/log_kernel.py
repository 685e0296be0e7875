"""Exercise: the kernel of the Laplacian of Gaussian."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def log_kernel(sigma: float) -> Tensor:
    """Return the Laplacian of Gaussian, side 2 * ceil(3 * sigma) + 1, sum zero."""
    radius = math.ceil(3 * sigma)
    x = torch.arange(-radius, radius + 1)
    far = x[:, None] ** 2 + x**2  # squared distance from the middle
    bell = torch.exp(-far / (2 * sigma**2)) / (2 * math.pi * sigma**2)
    kernel = (far - 2 * sigma**2) / sigma**4 * bell
    return kernel - kernel.mean()


def _parts(sigma: float, radius: int) -> tuple[Tensor, Tensor]:
    """Return squared distances, and the bell there."""
    x = torch.arange(-radius, radius + 1)
    far = x[:, None] ** 2 + x**2
    return far, torch.exp(-far / (2 * sigma**2)) / (2 * math.pi * sigma**2)


def _plain(sigma: float, radius: int | None = None) -> Tensor:
    """Return the kernel before its sum is corrected."""
    far, bell = _parts(sigma, math.ceil(3 * sigma) if radius is None else radius)
    return (far - 2 * sigma**2) / sigma**4 * bell


def _one_way(sigma: float) -> Tensor:
    far, bell = _parts(sigma, math.ceil(3 * sigma))
    kernel = (far - sigma**2) / sigma**4 * bell
    return kernel - kernel.mean()


def _narrow(sigma: float) -> Tensor:
    far, _ = _parts(sigma, math.ceil(3 * sigma))
    bell = torch.exp(-far / sigma**2) / (2 * math.pi * sigma**2)
    kernel = (far - 2 * sigma**2) / sigma**4 * bell
    return kernel - kernel.mean()


def _blur(sigma: float) -> Tensor:
    _, bell = _parts(sigma, math.ceil(3 * sigma))
    return bell - bell.mean()


def _weighted(sigma: float) -> Tensor:
    far, bell = _parts(sigma, math.ceil(3 * sigma))
    kernel = (far - 2 * sigma**2) / sigma**4 * bell / bell.sum()
    return kernel - kernel.mean()


def _broken_places(sigma: float) -> Tensor:
    x = torch.arange(-3 * sigma, 3 * sigma + 1)
    far = x[:, None] ** 2 + x**2
    bell = torch.exp(-far / (2 * sigma**2)) / (2 * math.pi * sigma**2)
    kernel = (far - 2 * sigma**2) / sigma**4 * bell
    return kernel - kernel.mean()


def _reaching(radius_of: Attempt) -> Attempt:
    """Return an answer whose radius comes from another rule."""

    def attempt(sigma: float) -> Tensor:
        kernel = _plain(sigma, int(str(radius_of(sigma))))
        return kernel - kernel.mean()

    return attempt


def _middle(sigma: float) -> Tensor:
    kernel = _plain(sigma)
    at = len(kernel) // 2
    kernel[at, at] -= kernel.sum()
    return kernel


MISTAKES = (
    Mistake(
        "the sum is not corrected",
        "The tails are cut off, so the sum is not zero yet: subtract the mean.",
        _plain,
    ),
    Mistake(
        "only the middle is corrected",
        "That makes the sum zero, too, but changes one number a lot. Subtract the mean "
        "from all of them.",
        _middle,
    ),
    Mistake(
        "the sum is subtracted",
        "The sum, taken from each of n numbers, takes n sums away. Subtract the mean, "
        "which is the sum over n.",
        lambda sigma: _plain(sigma) - _plain(sigma).sum(),
    ),
    Mistake(
        "each row has its own mean subtracted",
        "One mean, of all numbers: `kernel.mean()` without an axis. With one the "
        "kernel loses its symmetry.",
        lambda sigma: _plain(sigma) - _plain(sigma).mean(dim=1),
    ),
    Mistake(
        "each row is made to add up to zero",
        "One mean, of all numbers: `kernel.mean()` without an axis.",
        lambda sigma: _plain(sigma) - _plain(sigma).mean(dim=1, keepdim=True),
    ),
    Mistake(
        "the bell is divided by its sum",
        "SciPy does so, and so does the package. The formula has a fixed factor, "
        "1 / (2 pi sigma^2), and needs no sum.",
        _weighted,
    ),
    Mistake(
        "the places are no whole numbers",
        "From -3 * sigma on, the places miss the middle pixel unless 3 * sigma is "
        "whole. Round the radius up first: `math.ceil(3 * sigma)`.",
        _broken_places,
    ),
    Mistake(
        "it is divided by its sum",
        "Dividing makes the sum one. Subtract the mean and it is zero.",
        lambda sigma: _plain(sigma) / _plain(sigma).sum(),
    ),
    Mistake(
        "the sign is turned",
        "The Laplacian of a bell is negative on the summit: x*x + y*y minus twice "
        "sigma squared, not the other way round.",
        lambda sigma: -log_kernel(sigma),
    ),
    Mistake(
        "it is the second derivative in one direction",
        "There is one for x and one for y, and each subtracts sigma squared: twice in "
        "all.",
        _one_way,
    ),
    Mistake(
        "the bell is too narrow",
        "The exponent is the squared distance over *twice* sigma squared.",
        _narrow,
    ),
    Mistake(
        "it is the blur",
        "That is the Gaussian. Multiply it by (x*x + y*y - 2 sigma^2) / sigma^4.",
        _blur,
    ),
    Mistake(
        "the factor of the Gaussian is missing",
        "The Gaussian has a factor in front, 1 / (2 pi sigma^2), so that it adds up to "
        "one.",
        lambda sigma: log_kernel(sigma) * 2 * math.pi * sigma**2,
    ),
    Mistake(
        "it is divided by sigma squared once",
        "Each of the two derivatives divides by sigma squared: sigma to the fourth.",
        lambda sigma: log_kernel(sigma) * sigma**2,
    ),
    Mistake(
        "the radius is rounded down",
        "Three sigma are rarely a whole number: round up, `math.ceil`.",
        _reaching(lambda sigma: max(1, int(3 * sigma))),
    ),
    Mistake(
        "the radius is four sigma",
        "SciPy reaches so far. This kernel reaches three sigma.",
        _reaching(lambda sigma: math.ceil(4 * sigma)),
    ),
    Mistake(
        "the last row and column are missing",
        "`torch.arange(-radius, radius)` stops before `radius`; the kernel needs a "
        "middle.",
        lambda sigma: _plain(sigma)[:-1, :-1] - _plain(sigma)[:-1, :-1].mean(),
    ),
)


def _case(name: str, sigma: float) -> Case:
    return Case(name, lambda: {"sigma": sigma})


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    kernel = ask(attempt, inputs["sigma"])
    if isinstance(kernel, Tensor) and kernel.is_floating_point():
        kernel = kernel.float()  # any precision will do
    return {"result": kernel}


EXERCISE = Exercise(
    reference=log_kernel,
    title="A kernel for what stands out",
    lesson="20_convolution/45_log",
    level="core",
    minutes=12,
    prompt="Write the Laplacian of Gaussian as a kernel that reaches three sigma to "
    "each side, rounded up; then subtract its mean.",
    observe=_observe,
    cases=(
        _case("sigma 0.5", 0.5),
        _case("sigma 1", 1),
        _case("sigma 0.7: 2.1 pixels to each side", 0.7),
        _case("sigma 1.5", 1.5),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Begin with the places: a row of whole numbers from -radius to radius, and "
            "for each pair of them the squared distance from the middle."
        ),
        (
            "`far = x[:, None] ** 2 + x**2`. The Gaussian depends on `far` only, and "
            "so does the factor in front of it, (far - 2 sigma^2) / sigma^4."
        ),
        (
            "`bell = torch.exp(-far / (2 * sigma**2)) / (2 * math.pi * sigma**2)`, "
            "`kernel = (far - 2 * sigma**2) / sigma**4 * bell`, and last `kernel - "
            "kernel.mean()`."
        ),
    ),
    next="Multiply by sigma squared and slide kernels of several sigmas over one "
    "disc. Which one answers most?",
    imports="import math\n\nimport torch",
)
