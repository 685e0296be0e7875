"""Exercise: write a separable kernel as a column times a row."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]

Split = tuple[Tensor, Tensor]


def split_kernel(kernel: Tensor) -> tuple[Tensor, Tensor]:
    """Return a column and a row whose outer product is the kernel (kh, kw)."""
    left, sizes, right = torch.linalg.svd(kernel)
    return left[:, 0] * sizes[0], right[0]  # the other singular values are 0


def _largest(kernel: Tensor) -> tuple[int, int]:
    """Return where the number lies that is furthest from zero."""
    row, column = divmod(int(kernel.abs().argmax()), kernel.shape[1])
    return row, column


def _undivided(kernel: Tensor) -> Split:
    i, j = _largest(kernel)
    return kernel[:, j], kernel[i]


def _no_size(kernel: Tensor) -> Split:
    left, _, right = torch.linalg.svd(kernel)
    return left[:, 0], right[0]


def _both_sizes(kernel: Tensor) -> Split:
    left, sizes, right = torch.linalg.svd(kernel)
    return left[:, 0] * sizes[0], right[0] * sizes[0]


def _wrong_vectors(kernel: Tensor) -> Split:
    left, sizes, right = torch.linalg.svd(kernel)
    return left[0] * sizes[0], right[:, 0]


def _right_as_columns(kernel: Tensor) -> Split:
    left, sizes, right = torch.linalg.svd(kernel)
    return left[:, 0] * sizes[0], right[:, 0]


def _last(kernel: Tensor) -> Split:
    left, sizes, right = torch.linalg.svd(kernel)
    return left[:, -1] * sizes[0], right[-1]


MISTAKES = (
    Mistake(
        "row and column are exchanged",
        "First the column, of kh numbers, then the row, of kw numbers.",
        lambda kernel: split_kernel(kernel)[::-1],
    ),
    Mistake(
        "the number at the crossing counts twice",
        "A column of the kernel times a row of it has their common number squared: "
        "divide one of the two by it.",
        _undivided,
    ),
    Mistake(
        "the corner is taken for the crossing",
        "Divide by a number that is not zero: take the row and the column of the "
        "largest one.",
        lambda kernel: (kernel[:, 0] / kernel[0, 0], kernel[0]),
    ),
    Mistake(
        "sums stand for row and column",
        "Sums over the kernel work for a blur. A kernel of differences adds up to "
        "zero, and nothing is left of it.",
        lambda kernel: (kernel.sum(1) / kernel.sum(), kernel.sum(0)),
    ),
    Mistake(
        "means stand for row and column",
        "Means over the kernel are row and column up to a factor, and all zeros where "
        "it adds up to zero.",
        lambda kernel: (kernel.mean(1), kernel.mean(0)),
    ),
    Mistake(
        "the singular value is missing",
        "Singular vectors have length one. How large the kernel is, is in the singular "
        "value: multiply one vector by it.",
        _no_size,
    ),
    Mistake(
        "the singular value counts twice",
        "Multiply one of the vectors by it, or both by its root.",
        _both_sizes,
    ),
    Mistake(
        "singular vectors are read along the wrong axis",
        "The left ones are the columns of the first matrix, the right ones the rows of "
        "the last one, as PyTorch returns it transposed.",
        _wrong_vectors,
    ),
    Mistake(
        "a column stands for the right singular vector",
        "`torch.linalg.svd` returns the right vectors transposed: they are the rows of "
        "the last matrix.",
        _right_as_columns,
    ),
    Mistake(
        "the last singular vectors are taken",
        "Singular values come in falling order: the first one belongs to the kernel, "
        "the last ones are zero.",
        _last,
    ),
)


def _case(name: str, column: list[float], row: list[float]) -> Case:
    def make() -> dict[str, object]:
        return {"kernel": torch.outer(torch.tensor(column), torch.tensor(row))}

    return Case(name, make)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    """Multiply the two again: there are many right pairs, and one product."""
    pair = ask(attempt, inputs["kernel"])
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        return {"number of vectors": pair, "their outer product": pair}
    shapes = [tuple(v.shape) if isinstance(v, Tensor) else v for v in pair]
    flat = [v for v in pair if isinstance(v, Tensor) and v.ndim == 1]
    product = torch.outer(*flat) if len(flat) == 2 else pair
    return {"shapes of column and row": shapes, "their outer product": product}


EXERCISE = Exercise(
    reference=split_kernel,
    title="A kernel in two vectors",
    lesson="20_convolution/46_vectors",
    level="deeper",
    minutes=12,
    prompt="Split a kernel of rank 1 into a column (kh numbers) and a row (kw numbers) "
    "whose outer product it is. Many pairs are right: one may be doubled when the "
    "other is halved.",
    observe=_observe,
    cases=(
        _case("1 x 2 kernel", [3.0], [1.0, 2.0]),
        _case("Sobel's kernel", [1.0, 2.0, 1.0], [-1.0, 0.0, 1.0]),
        _case("a kernel with an empty corner", [0.0, 2.0, -1.0], [0.0, 3.0]),
        _case("5 x 7 kernel", [1.0, 4, 6, 4, 1], [-3.0, 2, 0, 5, 1, -1, 7]),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "All rows of the kernel are multiples of one row. Take one that is not "
            "zero; by which numbers must it be multiplied?"
        ),
        (
            "Let (i, j) be the place of the largest number. Row i of the kernel is the "
            "row. Column j is the column, up to a factor."
        ),
        (
            "`kernel[:, j] / kernel[i, j]` and `kernel[i]`. Or by singular values: "
            "`u, s, v = torch.linalg.svd(kernel)`, then `u[:, 0] * s[0]` and `v[0]`."
        ),
    ),
    next="Return all the products of a kernel of any rank, and try it on the "
    "Laplacian of Gaussian.",
    imports="import torch",
)
