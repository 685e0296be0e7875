"""Exercise: a transposed convolution as stamps that are folded back."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def conv_transpose(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    """Transposed convolution of x (N, C_in, H, W), weight (C_in, C_out, kh, kw)."""
    _, c_in, height, width = x.shape
    kh, kw = weight.shape[2:]
    stamps = weight.reshape(c_in, -1).T @ x.flatten(2)  # N, C_out*kh*kw, L
    h_out = (height - 1) * stride - 2 * padding + kh
    w_out = (width - 1) * stride - 2 * padding + kw
    return F.fold(stamps, (h_out, w_out), (kh, kw), padding=padding, stride=stride)


def _other_weight(change: Callable[[Tensor], Tensor]) -> Attempt:
    """Return the right answer for a weight that was read wrongly."""

    def attempt(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
        return conv_transpose(x, change(weight), stride, padding)

    return attempt


def _overwritten(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    result = torch.zeros_like(conv_transpose(x, weight, stride))
    kh, kw = weight.shape[2:]
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            rows = slice(i * stride, i * stride + kh)
            columns = slice(j * stride, j * stride + kw)
            stamp = torch.einsum("nc,cokl->nokl", x[:, :, i, j], weight)
            result[:, :, rows, columns] = stamp
    return _cropped(result, padding, padding)


def _cropped(whole: Tensor, before: int, after: int) -> Tensor:
    height, width = whole.shape[2:]
    return whole[:, :, before : height - after, before : width - after]


def _no_padding(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return conv_transpose(x, weight, stride)


def _padded(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.pad(conv_transpose(x, weight, stride), (padding,) * 4)


def _padded_before(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    return conv_transpose(F.pad(x, (padding,) * 4), weight, stride)


def _one_side(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return _cropped(conv_transpose(x, weight, stride), padding, 0)


def _other_side(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return _cropped(conv_transpose(x, weight, stride), 0, 2 * padding)


def _emptied(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    whole = conv_transpose(x, weight, stride)
    return whole[:, :, padding:-padding, padding:-padding]


def _no_stride(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return conv_transpose(x, weight, 1, padding)


def _zeros_at_the_end(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    right = conv_transpose(x, weight, stride, padding)
    return F.pad(right, (0, stride - 1, 0, stride - 1))


def _forward(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.conv2d(x, weight.transpose(0, 1), stride=stride, padding=padding)


def _one_channel(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    return conv_transpose(x[:, :1], weight[:1], stride, padding)


def _swapped(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    out = conv_transpose(x, weight, stride, padding)
    return out.reshape(*out.shape[:2], out.shape[3], out.shape[2])


def _detached(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return conv_transpose(x, weight, stride, padding).detach()


MISTAKES = (
    Mistake(
        "the kernel is flipped",
        "Each number stamps the kernel as it is. The flip belongs to the other way, "
        "the one with zeros between the numbers.",
        _other_weight(lambda weight: weight.flip(2, 3)),
    ),
    Mistake(
        "rows and columns of the kernel are swapped",
        "Element (u, v) of the kernel goes u rows down and v columns to the right.",
        _other_weight(lambda weight: weight.mT.reshape(weight.shape)),
    ),
    Mistake(
        "the two channel axes of the weight are mixed up",
        "The weight is (C_in, C_out, kh, kw): its first axis meets the channels of x.",
        _other_weight(lambda weight: weight.transpose(0, 1).reshape(weight.shape)),
    ),
    Mistake(
        "only one input channel stamps",
        "All input channels stamp onto the same output: add them up.",
        _one_channel,
    ),
    Mistake(
        "later stamps replace earlier ones",
        "Where stamps overlap they add up: `+=`, or `F.fold`.",
        _overwritten,
    ),
    Mistake(
        "it is the convolution itself",
        "The result must be larger: each number becomes a stamp. Which sizes come out?",
        _forward,
    ),
    Mistake(
        "the padding is forgotten",
        "`padding` is that of the convolution whose matrix is transposed: on the way "
        "back so many rows and columns fall off at each side.",
        _no_padding,
    ),
    Mistake(
        "the padding is added around the result",
        "On the way back padding takes away: the result is smaller by P on each side.",
        _padded,
    ),
    Mistake(
        "the padding is added around the input",
        "A transposed convolution pads nothing: P rows and columns of the result are "
        "cut off at each side.",
        _padded_before,
    ),
    Mistake(
        "the padding is cut off at the start only",
        "There are zeros on both sides of the image, so both sides lose P.",
        _one_side,
    ),
    Mistake(
        "the padding is cut off at the end only",
        "P rows fall off above and P below: the size was right, the place is not.",
        _other_side,
    ),
    Mistake(
        "without padding nothing is left",
        "`padding:-padding` is empty for a padding of 0, since -0 is 0. Write "
        "`padding : height - padding` instead.",
        _emptied,
    ),
    Mistake(
        "the stride is forgotten",
        "Neighbouring stamps are S pixels apart.",
        _no_stride,
    ),
    Mistake(
        "the result ends with rows of zeros",
        "There are (H - 1) steps between H stamps: the size is (H - 1)S - 2P + K, "
        "not HS - 2P + K - 1.",
        _zeros_at_the_end,
    ),
    Mistake(
        "height and width of the result are swapped",
        "H_out comes from the height and kh, W_out from the width and kw.",
        _swapped,
    ),
    Mistake(
        "the gradient is lost",
        "Autograd must be able to follow: no `detach`, no `.data`, no `.numpy()`.",
        _detached,
    ),
)


def _case(
    name: str,
    image: tuple[int, int, int, int],
    kernel: tuple[int, int, int, int],
    **settings: int,
) -> Case:
    def make() -> dict[str, object]:
        return {"x": varied(*image), "weight": varied(*kernel, start=4), **settings}

    return Case(name, make)


def _gradient_case() -> dict[str, object]:
    return {"x": varied(1, 1, 2, 3).requires_grad_(), "weight": varied(1, 1, 1, 2)}


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(conv_transpose)(attempt, inputs))
    x, result = inputs["x"], seen["result"]
    if isinstance(x, Tensor) and x.requires_grad and isinstance(result, Tensor):
        seen["the result can be differentiated"] = result.requires_grad
    return seen


EXERCISE = Exercise(
    reference=conv_transpose,
    title="Transposed convolution by stamps",
    lesson="20_convolution/28_checkerboard",
    level="deeper",
    minutes=20,
    prompt="Write a transposed convolution with channels, `stride` and `padding`. "
    "`F.fold` may put the stamps in their places; their numbers and the size of the "
    "result are yours.",
    observe=_observe,
    cases=(
        _case("one number, 2 x 3 kernel", (1, 1, 1, 1), (1, 1, 2, 3)),
        _case("2 x 3 image, 2 x 2 kernel", (1, 1, 2, 3), (1, 1, 2, 2)),
        _case("stride 2", (1, 1, 2, 3), (1, 1, 3, 2), stride=2),
        _case("padding 1", (1, 1, 2, 3), (1, 1, 3, 3), padding=1),
        _case("two channels come in, three go out", (1, 2, 2, 3), (2, 3, 2, 1)),
        _case(
            "all at once: 3 images of 4 x 5",
            (3, 2, 4, 5),
            (2, 5, 4, 3),
            stride=3,
            padding=2,
        ),
        Case("2 x 3 image that wants a gradient", _gradient_case),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "What does a single number of x do to the result? Then: where does the "
            "stamp of the next number go, and what happens where they overlap?"
        ),
        (
            "Lay the weight flat, (C_in, C_out*kh*kw). Its transpose times x, (N, "
            "C_in, H*W), has one stamp in each column. `F.fold` puts columns into "
            "places."
        ),
        (
            "`stamps = weight.reshape(c_in, -1).T @ x.flatten(2)`, then "
            "`F.fold(stamps, (h_out, w_out), (kh, kw), padding=padding, "
            "stride=stride)` with h_out = (H - 1)S - 2P + kh."
        ),
    ),
    next="Compare it with `F.conv_transpose2d`, and show by an inner product that it "
    "is the adjoint of `F.conv2d`.",
    imports="import torch.nn.functional as F",
)
