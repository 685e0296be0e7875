"""Exercise: the sliding dot product with zero padding, by loops."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def sliding_convolution(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    """Slide kernel (kh, kw) over image (H, W), with `padding` zeros on each side."""
    (height, width), (kh, kw) = image.shape, kernel.shape
    padded = torch.zeros(height + 2 * padding, width + 2 * padding)
    padded[padding : padding + height, padding : padding + width] = image
    out = torch.zeros(padded.shape[0] - kh + 1, padded.shape[1] - kw + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for u in range(kh):
                for v in range(kw):
                    out[i, j] += kernel[u, v] * padded[i + u, j + v]
    return out


def _with_kernel(change: Callable[[Tensor], Tensor]) -> Attempt:
    """Return a convolution that changes its kernel first."""

    def attempt(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
        return sliding_convolution(image, change(kernel), padding)

    return attempt


def _with_padding(pad: Callable[[Tensor, int], Tensor]) -> Attempt:
    """Return a convolution that pads in its own way."""

    def attempt(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
        return sliding_convolution(pad(image, padding), kernel)

    return attempt


def _with_result(change: Callable[[Tensor], Tensor]) -> Attempt:
    """Return a convolution that changes its result at the end."""

    def attempt(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
        return change(sliding_convolution(image, kernel, padding))

    return attempt


def _last_product(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    last = torch.zeros_like(kernel)
    last[-1, -1] = kernel[-1, -1]
    return sliding_convolution(image, last, padding)


def _same_size(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    full = F.pad(image, (0, kernel.shape[1] - 1, 0, kernel.shape[0] - 1))
    return sliding_convolution(F.pad(full, (padding,) * 4), kernel)


def _cut_windows(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    (height, width), (kh, kw) = image.shape, kernel.shape
    padded, out = F.pad(image, (padding,) * 4), torch.zeros_like(image)
    for i in range(height):
        for j in range(width):
            out[i, j] = (kernel * padded[i : i + kh, j : j + kw]).sum()
    return out


def _first_row(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    out = sliding_convolution(image, kernel, padding)
    out[1:] = 0
    return out


def _jumping(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    out = sliding_convolution(image, kernel, padding)
    return out[:: kernel.shape[0], :: kernel.shape[1]]


def _edge_pixels(image: Tensor, padding: int) -> Tensor:
    return F.pad(image[None, None], (padding,) * 4, mode="replicate")[0, 0]


MISTAKES = (
    Mistake(
        "the kernel is flipped",
        "Deep learning does not flip: kernel element (u, v) meets the pixel u rows "
        "down and v columns to the right of the window's corner, [i + u, j + v].",
        _with_kernel(lambda kernel: kernel.flip(0, 1)),
    ),
    Mistake(
        "the kernel is flipped in one direction",
        "One of the two indices runs against the other. Both must grow with the place: "
        "[i + u, j + v].",
        _with_kernel(lambda kernel: kernel.flip(0)),
    ),
    Mistake(
        "the kernel is flipped from left to right",
        "Along the columns the kernel runs backwards. Element (u, v) meets [i + u, "
        "j + v].",
        _with_kernel(lambda kernel: kernel.flip(1)),
    ),
    Mistake(
        "the padding is forgotten",
        "`padding` rings of zeros go around the image before the window slides. Make a "
        "larger image of zeros and put `image` into its middle.",
        _with_padding(lambda image, _: image),
    ),
    Mistake(
        "the padding is above and on the left only",
        "Zeros go on all four sides: H rows become H + 2 * padding.",
        _with_padding(lambda image, padding: F.pad(image, (padding, 0, padding, 0))),
    ),
    Mistake(
        "the padding is below and on the right only",
        "The image lies in the *middle* of the zeros: its first pixel is at [padding, "
        "padding].",
        _with_padding(lambda image, padding: F.pad(image, (0, padding, 0, padding))),
    ),
    Mistake(
        "the padding repeats the border instead of being zero",
        "The pixels around the image are zeros here, not copies of its border.",
        _with_padding(_edge_pixels),
    ),
    Mistake(
        "the last place is missing",
        "A window of kh rows fits into H rows in H - kh + 1 places: count the first "
        "one too.",
        _with_result(lambda out: out[:-1, :-1]),
    ),
    Mistake(
        "the window hangs over the end",
        "The window must lie on the padded image entirely: H - kh + 1 places, not H.",
        _same_size,
    ),
    Mistake(
        "there is a place for each pixel",
        "The last windows have run over the border and were cut off. The result has "
        "H + 2 * padding - kh + 1 rows: fewer than the image, or more.",
        _cut_windows,
    ),
    Mistake(
        "the loop ends after the first row",
        "Is the `return` indented too far? Inside the loop over rows it ends the "
        "function in the first turn.",
        _first_row,
    ),
    Mistake(
        "the window jumps by its own size",
        "The window moves by *one* pixel: neighbouring windows overlap.",
        _jumping,
    ),
    Mistake(
        "each product replaces the sum",
        "All products of a window are added: `+=`, not `=`.",
        _last_product,
    ),
    Mistake(
        "the mean is taken instead of the sum",
        "A dot product adds and does not divide: use the sum.",
        _with_kernel(lambda kernel: kernel / kernel.numel()),
    ),
    Mistake(
        "rows and columns of the result are swapped",
        "Place (i, j) is row i and column j of the result; i comes from the height.",
        _with_result(lambda out: out.T),
    ),
)


def _numbers(rows: int, columns: int, start: int = 1) -> Tensor:
    """Return numbers without a symmetry that could hide a mistake."""
    values = (torch.arange(start, start + rows * columns) * 7) % 11 - 3
    return values.float().reshape(rows, columns)


def _case(name: str, image: Tensor, kernel: Tensor, **padding: int) -> Case:
    def make() -> dict[str, object]:
        return {"image": image.clone(), "kernel": kernel.clone(), **padding}

    return Case(name, make)


READABLE = torch.tensor([[1.0, 10.0], [100.0, 1000.0]])
COUNTED = torch.arange(1.0, 7.0).reshape(2, 3)

CASES = (
    _case("2 x 3 image, a kernel whose results can be read", COUNTED, READABLE),
    _case("3 x 2 image, 1 x 2 kernel", _numbers(3, 2), _numbers(1, 2, start=4)),
    _case("2 x 3 image with one ring of zeros", COUNTED, READABLE, padding=1),
    _case("4 x 5 image, 3 x 2 kernel", _numbers(4, 5), _numbers(3, 2, start=4)),
    _case(
        "5 x 7 image, 3 x 4 kernel, two rings of zeros",
        _numbers(5, 7),
        _numbers(3, 4, start=5),
        padding=2,
    ),
)

EXERCISE = Exercise(
    reference=sliding_convolution,
    title="The sliding dot product",
    lesson="20_convolution/10_sliding",
    level="first steps",
    minutes=10,
    prompt="Slide a kernel over one image and take a dot product in each place. "
    "`padding` rings of zeros go around the image first. No flip; loops are welcome.",
    observe=call_it(sliding_convolution),
    cases=CASES,
    mistakes=MISTAKES,
    hints=(
        (
            "Three steps: a larger image of zeros with the given one in its middle; an "
            "empty result with one pixel for each place; then the loops. Image, kernel "
            "and result are tensors: `torch.zeros`, not `np.zeros`."
        ),
        (
            "A padded height of H + 2 * padding leaves H + 2 * padding - kh + 1 places "
            "from top to bottom. The window at place (i, j) has its corner there."
        ),
        (
            "For each place (i, j) and each kernel element (u, v): `out[i, j] += "
            "kernel[u, v] * padded[i + u, j + v]`."
        ),
    ),
    next="Let the window jump: add `stride`. Then replace the two inner loops by one "
    "product of tensors.",
    imports="import torch",
)
