"""Exercise: a convolution as a product of spectra."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def fourier_convolution(image: Tensor, kernel: Tensor) -> Tensor:
    """Slide a kernel (kh, kw) over an image (H, W) by way of their spectra."""
    (height, width), (kh, kw) = image.shape, kernel.shape
    size = (height, width)
    spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=size).conj()
    wrapped: Tensor = torch.fft.irfft2(spectrum, s=size)
    return wrapped[: height - kh + 1, : width - kw + 1]


def _flipped(image: Tensor, kernel: Tensor) -> Tensor:
    return fourier_convolution(image, kernel.flip(0, 1))


def _wrapped(image: Tensor, kernel: Tensor) -> Tensor:
    size = (image.shape[0], image.shape[1])
    spectrum = torch.fft.fft2(image) * torch.fft.fft2(kernel, s=size).conj()
    wrapped: Tensor = torch.fft.ifft2(spectrum).real
    return wrapped


def _no_conjugate(image: Tensor, kernel: Tensor) -> Tensor:
    (height, width), (kh, kw) = image.shape, kernel.shape
    spectrum = torch.fft.fft2(image) * torch.fft.fft2(kernel, s=(height, width))
    wrapped: Tensor = torch.fft.ifft2(spectrum).real
    return wrapped[: height - kh + 1, : width - kw + 1]


def _last_corner(image: Tensor, kernel: Tensor) -> Tensor:
    (kh, kw), wrapped = kernel.shape, _wrapped(image, kernel)
    return wrapped[kh - 1 :, kw - 1 :]


def _middle(image: Tensor, kernel: Tensor) -> Tensor:
    (height, width), (kh, kw), top = image.shape, kernel.shape, kernel.shape[0] // 2
    left, wrapped = kw // 2, _wrapped(image, kernel)
    return wrapped[top : top + height - kh + 1, left : left + width - kw + 1]


def _complex(image: Tensor, kernel: Tensor) -> Tensor:
    return fourier_convolution(image, kernel).to(torch.complex64)


def _conjugate_of_image(image: Tensor, kernel: Tensor) -> Tensor:
    (height, width), (kh, kw) = image.shape, kernel.shape
    spectrum = torch.fft.fft2(image).conj() * torch.fft.fft2(kernel, s=(height, width))
    wrapped: Tensor = torch.fft.ifft2(spectrum).real
    return wrapped[: height - kh + 1, : width - kw + 1]


def _transposed(image: Tensor, kernel: Tensor) -> Tensor:
    return fourier_convolution(image, kernel).T


def _one_short(image: Tensor, kernel: Tensor) -> Tensor:
    return fourier_convolution(image, kernel)[:-1, :-1]


def _even_width(image: Tensor, kernel: Tensor) -> Tensor:
    (height, width), (kh, kw) = image.shape, kernel.shape
    half = torch.fft.rfft2(image)
    half = half * torch.fft.rfft2(kernel, s=(height, width)).conj()
    wrapped: Tensor = torch.fft.irfft2(half)
    return wrapped[: height - kh + 1, : width - kw + 1]


def _unscaled(image: Tensor, kernel: Tensor) -> Tensor:
    return fourier_convolution(image, kernel) * image.numel()


MISTAKES = (
    Mistake(
        "the kernel is flipped",
        "A product of spectra is a convolution in the sense of mathematics, which "
        "flips the kernel. Conjugate the kernel's spectrum, and the flip is gone.",
        _flipped,
    ),
    Mistake(
        "the conjugate is missing",
        "Without `.conj()` the product flips the kernel, and the places you keep are "
        "those of the other corner.",
        _no_conjugate,
    ),
    Mistake(
        "what wraps round is kept",
        "The transform takes the image for a tile that repeats. Where the window "
        "leaves the image it sees the other side: keep H - kh + 1 rows and W - kw + 1 "
        "columns.",
        _wrapped,
    ),
    Mistake(
        "the wrong corner is kept",
        "With the conjugate, place (0, 0) is the first number: the wrong ones are at "
        "the end of rows and columns. Keep from the start.",
        _last_corner,
    ),
    Mistake(
        "the middle is kept",
        "Place (0, 0) is where the kernel's first element lies on the image's first "
        "pixel, and it comes first: no half kernel is to be cut off.",
        _middle,
    ),
    Mistake(
        "the spectrum of the image is conjugated",
        "Conjugate the kernel's spectrum, not the image's: the other way round the "
        "output runs backwards.",
        _conjugate_of_image,
    ),
    Mistake(
        "the result is complex",
        "Image and kernel are real, so is the answer: take `irfft2`, or `.real`.",
        _complex,
    ),
    Mistake(
        "rows and columns are swapped",
        "The output has H - kh + 1 rows and W - kw + 1 columns.",
        _transposed,
    ),
    Mistake(
        "a place is missing at the end",
        "A window of kh rows has H - kh + 1 places from top to bottom: count the one.",
        _one_short,
    ),
    Mistake(
        "the width is guessed on the way back",
        "Half a spectrum does not say whether the width was even or odd, and `irfft2` "
        "takes it for even: tell it with `s=image.shape`.",
        _even_width,
    ),
    Mistake(
        "the sum is not divided",
        "The inverse transform divides by the number of pixels. Leave `norm` as it is.",
        _unscaled,
    ),
)


def _case(name: str, image: list[list[float]], kernel: list[list[float]]) -> Case:
    def make() -> dict[str, object]:
        return {"image": torch.tensor(image), "kernel": torch.tensor(kernel)}

    return Case(name, make)


def _ramp(rows: int, columns: int) -> list[list[float]]:
    """Return numbers without a symmetry that could hide a mistake."""
    values = [float((7 * k) % 11 - 3) for k in range(1, rows * columns + 1)]
    return [values[i * columns : (i + 1) * columns] for i in range(rows)]


EXERCISE = Exercise(
    reference=fourier_convolution,
    title="Convolution by spectra",
    lesson="20_convolution/35_machines",
    level="deeper",
    minutes=15,
    prompt="Convolve an image by way of spectra. Transform, multiply, transform back, "
    "and keep what is right. `torch.fft` may transform.",
    observe=call_it(fourier_convolution),
    cases=(
        _case("a row of 3, kernel of 2", [[1.0, 2.0, 4.0]], [[1.0, 3.0]]),
        _case("a column of 3, kernel of 2", [[1.0], [2.0], [4.0]], [[1.0], [3.0]]),
        _case("kernel of 1 x 1", [[1.0, 2.0], [3.0, 5.0]], [[2.0]]),
        _case("4 x 3 image, 2 x 2 kernel", _ramp(4, 3), [[1.0, 2.0], [0.0, -1.0]]),
        _case("5 x 7 image, 3 x 2 kernel", _ramp(5, 7), _ramp(3, 2)),
        _case("11 x 5 image, 3 x 5 kernel", _ramp(11, 5), _ramp(3, 5)),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "A product of two spectra, element by element, is a convolution that wraps "
            "round. Make both spectra equally large first."
        ),
        (
            "`torch.fft.rfft2(kernel, s=image.shape)` puts zeros after the kernel. "
            "Conjugate it, or the kernel is flipped."
        ),
        (
            "Multiply, transform back by `torch.fft.irfft2(..., s=image.shape)`, and "
            "keep the first H - kh + 1 rows and W - kw + 1 columns."
        ),
    ),
    next="Let the window leave the image, as padding does: how many zeros must the "
    "image get before it is transformed?",
    imports="import torch",
)
