"""Kernels made of vectors, and blobs: costs, shapes and scales."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial import filters
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_BLUR, _LOG = "Gaussian", "Laplacian of Gaussian"


@question(
    "20_convolution/46_vectors",
    kind=(_BLUR, _LOG, f"{_LOG} minus its mean"),
    side=(9, 11, 21, 31),
)
def passes_price(kind: str, side: int) -> Posed:
    """Multiplications a pixel of a kernel that is split."""
    sigma, radius = side / 6, side // 2
    double = torch.float64
    kernel = filters.log_kernel(sigma, radius=radius, zero_sum=False, dtype=double)
    if kind == _BLUR:
        kernel = filters.gaussian_kernel(sigma, radius=radius, dtype=double)
    if "minus" in kind:
        kernel = kernel - kernel.mean()
    rank = int(torch.linalg.matrix_rank(kernel))
    say = {1: "One product", 2: "Two products", 3: "Three products"}[rank]
    fewer = "Its rank is another one: count the products of a column and a row in the "
    fewer += "formula of this kernel."
    return Posed(
        f"A {kind}, {side} x {side} numbers, is applied as passes with columns and "
        "rows, as few as it takes. How many multiplications does a pixel cost?",
        2 * rank * side,
        f"{say} of a column and a row: 2 * {rank} passes with {side} numbers each.",
        {
            rank * side: "Each product takes two passes, a column and a row.",
            2 * (2 if rank == 1 else rank - 1) * side: fewer,
            side * side: "That is the cost of the kernel in one piece.",
            4 * rank * side: "Fewer products are enough for this kernel. Which rank "
            "has it?",
        },
    )


@question(
    "20_convolution/46_vectors",
    row=((1, 2, 1), (-1, 0, 1), (1, 1, 2), (2, 1, 3), (1, -2, 1)),
    times=((1, 2, 1), (-1, 0, 1), (1, 3, 2), (2, 1, 1), (1, -2, 1)),
)
def can_be_split(row: tuple[int, ...], times: tuple[int, ...]) -> Posed:
    """Which of several kernels is a column times a row."""
    one = torch.outer(torch.tensor(times), torch.tensor(row))
    middle, added, turned = one.clone(), one.clone(), one.clone()
    middle[1, 1] += 3
    added[1:] = one[0] + torch.tensor([[1], [2]])
    turned[2] = one[2].roll(1)
    wrong = {
        added: "A row may be another one times a number, not plus a number.",
        turned: "The same numbers in another order are no multiple of a row.",
        middle: "Compare the middle row with the first: is it a multiple?",
    }
    ranks = {kernel: int(torch.linalg.matrix_rank(kernel.double())) for kernel in wrong}
    return Posed(
        "Which of these kernels, written row by row, is a column times a row?",
        _written(one),
        f"Its rows are multiples of {' '.join(map(str, row))}: "
        f"{', '.join(map(str, times))} times.",
        {_written(k): why for k, why in wrong.items() if ranks[k] > 1},
    )


def _written(kernel: torch.Tensor) -> str:
    return " / ".join(" ".join(map(str, row)) for row in kernel.tolist())


@question(
    "20_convolution/47_blobs",
    sigma=(2, 3, 4, 5),
    answer=(0.32, 0.64),
    zoom=(1, 2, 3),
    contrast=(0.5, 1.0, 2.0),
)
def enlarged_blob(
    sigma: int, answer: float, zoom: int, contrast: float
) -> Posed | None:
    """Scale and answer of a blob in a picture that is changed."""
    if zoom == 1 or answer * contrast > 0.7:
        return None
    sigmas = torch.arange(1.0, 50.0).double()
    radius = sigma * zoom * 2**0.5
    height = answer * contrast * torch.e / 2  # brightness above the ground
    curve = height * (radius / sigmas) ** 2 * (-((radius / sigmas) ** 2) / 2).exp()
    changed = {
        0.5: " with half the contrast",
        1.0: "",
        2.0: " with twice the contrast",
    }
    best, most = int(sigmas[curve.argmax()]), curve.max().item()
    return Posed(
        f"A disc answers most at sigma {sigma}, with {answer:.2f} after multiplying by "
        f"sigma squared. The picture is drawn {zoom} times as wide and "
        f"high{changed[contrast]}. At which sigma does it answer most then, and how "
        "much?",
        f"sigma {best}, answer {most:.2f}",
        f"The best sigma grows with the radius: {sigma} * {zoom}. Times sigma squared, "
        "the answer follows the contrast and nothing else.",
        {
            f"sigma {best}, answer {most / zoom**2:.2f}": "The factor sigma squared is "
            "there to undo this shrinking.",
            f"sigma {sigma * zoom**2}, answer {most:.2f}": "The best sigma is "
            "proportional to the radius of the disc, not to its area.",
            f"sigma {best}, answer {answer:.2f}": "The filter is linear: what does it "
            "make of another contrast?",
            f"sigma {best}, answer {most * zoom**2:.2f}": "The answers of all scales "
            "were made comparable already.",
        },
    )


@question(
    "20_convolution/47_blobs",
    answers=(
        (1, 4, 2, 5, 3, 4, 1),
        (1, 2, 5, 4, 3, 2, 1),
        (1, 3, 1, 4, 2, 3, 1),
        (1, 5, 3, 4, 3, 2, 1),
        (1, 3, 4, 5, 3, 4, 1),
        (1, 2, 1, 5, 4, 3, 1),
    ),
    threshold=(0.15, 0.25, 0.35),
)
def scale_maxima(answers: tuple[int, ...], threshold: float) -> Posed | None:
    """How many blobs one place has."""
    line = torch.tensor(answers)[None, None] / 10
    largest = F.max_pool1d(line, 3, stride=1, padding=1)
    top = line == largest
    found = int((top & (line > threshold)).sum())
    above, tops = int((line > threshold).sum()), int(top.sum())
    shown, listed = (
        ", ".join(
            f"0.{number}" for number, yes in zip(answers, which, strict=True) if yes
        )
        for which in ([True] * 7, (top & (line > threshold)).flatten().tolist())
    )
    return Posed(
        f"A pixel answers {shown} at seven scales; its neighbours answer less at each. "
        f"The threshold is {threshold}. How many maxima over rows, columns and scales "
        "does `detect` find at this pixel?",
        found,
        "Above the threshold, and larger than the answers one scale up and down: "
        f"{listed}.",
        {
            above: "Above the threshold is not enough: compare with the next scales.",
            tops: "Each maximum must be above the threshold, too.",
            1: "Each scale is compared with the next one up and down, not with all.",
            0: "Is no answer larger than both its neighbours?",
        },
    )


QUESTIONS = (passes_price, can_be_split, enlarged_blob, scale_maxima)
