"""Exercise: a convolution through a table of patches, with stride and padding."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def unfold_convolution(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    """Convolve x (N, C_in, H, W) with weight (C_out, C_in, kh, kw)."""
    n, _, height, width = x.shape
    c_out, _, kh, kw = weight.shape
    patches = F.unfold(x, (kh, kw), padding=padding, stride=stride)  # N, C_in*kh*kw, L
    out = weight.reshape(c_out, -1) @ patches  # N, C_out, L
    h_out = (height + 2 * padding - kh) // stride + 1
    w_out = (width + 2 * padding - kw) // stride + 1
    return out.reshape(n, c_out, h_out, w_out)


def _flipped(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight.flip(2, 3), stride, padding)


def _transposed(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight.mT.reshape(weight.shape), stride, padding)


def _no_padding(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight, stride)


def _padded_once(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    padded = F.pad(x, (padding, 0, padding, 0))
    return unfold_convolution(padded, weight, stride)


def _miscounted(
    count: Callable[[int, int, int, int], int], *, pad: bool = True
) -> Attempt:
    """Return a convolution that takes its output size from a wrong formula."""

    def attempt(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
        sizes = zip(x.shape[2:], weight.shape[2:], strict=True)
        places = [count(size, k, stride, padding) for size, k in sizes]
        out = unfold_convolution(x, weight, stride, padding if pad else 0)
        return out.flatten(2).reshape(*out.shape[:2], *places)

    return attempt


def _no_stride(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight, 1, padding)


def _one_stride(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight, 1, padding)[:, :, ::stride]


def _other_stride(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    return unfold_convolution(x, weight, 1, padding)[:, :, :, ::stride]


def _swapped(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    out = unfold_convolution(x, weight, stride, padding)
    n, c_out, h_out, w_out = out.shape
    return out.reshape(n, c_out, w_out, h_out)


def _channels_last(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    mixed = weight.permute(0, 2, 3, 1).reshape(weight.shape)
    return unfold_convolution(x, mixed, stride, padding)


def _mixed_batch(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    out = unfold_convolution(x, weight, stride, padding)
    return out.transpose(0, 1).reshape(out.shape)


def _square(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    out = unfold_convolution(x, weight, stride, padding).flatten(2)
    side = int(out.shape[2] ** 0.5)
    return out.reshape(*out.shape[:2], side, side)


def _in_a_row(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight, stride, padding).flatten(2)


def _dilated(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    right = unfold_convolution(x, weight, stride, padding)
    patches = F.unfold(x, weight.shape[2:], stride, padding)  # dilation comes first
    return (weight.flatten(1) @ patches).reshape(right.shape)


def _kernel_columns(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    mixed = weight.reshape(-1, len(weight)).T.reshape(weight.shape)
    return unfold_convolution(x, mixed, stride, padding)


def _places_first(
    x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0
) -> Tensor:
    out = unfold_convolution(x, weight, stride, padding)
    return out.flatten(2).mT.reshape(out.shape)


def _detached(x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return unfold_convolution(x, weight, stride, padding).detach()


MISTAKES = (
    Mistake(
        "the kernel is flipped",
        "Deep learning does not flip: kernel element (0, 0) meets the upper left pixel "
        "of the window. Leave out the `flip`.",
        _flipped,
    ),
    Mistake(
        "rows and columns of the kernel are swapped",
        "Kernel element (u, v) meets the pixel u rows down and v columns to the right. "
        "Is there a transpose too many?",
        _transposed,
    ),
    Mistake(
        "the padding is forgotten",
        "`padding` rows and columns of zeros go around the image before the windows "
        "are taken. Does `padding` reach the line that takes them?",
        _no_padding,
    ),
    Mistake(
        "the padding is counted and not applied",
        (
            "The output size knows of the zeros, the windows do not: give `padding` to "
            "the line that takes them."
        ),
        _miscounted(lambda size, k, s, p: (size + 2 * p - k) // s + 1, pad=False),
    ),
    Mistake(
        "the padding is on one side only",
        "Zeros go on all four sides, so that a height of H becomes H + 2P. `F.pad` "
        "takes (left, right, top, bottom).",
        _padded_once,
    ),
    Mistake(
        "the padding is counted once in the output size",
        "There are zeros on both sides: the height is H + 2P, not H + P.",
        _miscounted(lambda size, k, s, p: (size + p - k) // s + 1),
    ),
    Mistake(
        "the padding is missing in the output size",
        "The windows were taken from the padded image: use H + 2P and W + 2P when you "
        "count them.",
        _miscounted(lambda size, k, s, _: (size - k) // s + 1),
    ),
    Mistake(
        "the stride is forgotten",
        "With stride S only every S-th place counts. Does `stride` reach the line that "
        "takes the windows?",
        _no_stride,
    ),
    Mistake(
        "the stride is on the rows only",
        "The window jumps both ways: `stride` pixels down and `stride` pixels to the "
        "right.",
        _one_stride,
    ),
    Mistake(
        "the stride is on the columns only",
        "The window jumps both ways: `stride` pixels to the right and `stride` pixels "
        "down.",
        _other_stride,
    ),
    Mistake(
        "the stride is missing in the output size",
        "There are (H + 2P - kh) // S + 1 places from top to bottom: divide first, "
        "then add the one.",
        _miscounted(lambda size, k, _, p: size + 2 * p - k + 1),
    ),
    Mistake(
        "height and width of the output are swapped",
        "Places are counted row by row: reshape to (N, C_out, H_out, W_out), and take "
        "H_out from the height.",
        _swapped,
    ),
    Mistake(
        "the channels of a patch are in another order than those of the kernel",
        "A column of patches has all of channel 0 first, then all of channel 1. "
        "`weight.reshape(C_out, -1)` has the same order; a permute destroys it.",
        _channels_last,
    ),
    Mistake(
        "images and channels of the output are mixed up",
        "A reshape does not move axes. When the axes are (C_out, N, ...), transpose "
        "them to (N, C_out, ...) first.",
        _mixed_batch,
    ),
    Mistake(
        "the output is taken to be square",
        "L places are not always side times side: compute H_out from the height, and "
        "W_out from the width.",
        _square,
    ),
    Mistake(
        "the places still lie in a row",
        "(N, C_out, L) is not an image yet: reshape it to (N, C_out, H_out, W_out). "
        "H_out comes from the height, W_out from the width.",
        _in_a_row,
    ),
    Mistake(
        "the stride is handed over as the dilation",
        "`F.unfold` takes kernel size, *dilation*, padding, stride, in this order: "
        "name them, `stride=stride, padding=padding`.",
        _dilated,
    ),
    Mistake(
        "the flat kernels lie in the wrong direction",
        "A reshape to (-1, C_out) mixes the kernels, for it reads row by row. "
        "`weight.reshape(C_out, -1)` gives each kernel a row of its own; transpose "
        "that if you want columns.",
        _kernel_columns,
    ),
    Mistake(
        "places and channels of the output are mixed up",
        "A reshape does not move axes. When the axes are (N, L, C_out), transpose them "
        "to (N, C_out, L) first.",
        _places_first,
    ),
    Mistake(
        "the gradient is lost",
        "Autograd must be able to follow: no `detach`, no `.data`, no `.numpy()`, no "
        "`torch.tensor(...)` of something computed.",
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


CASES = (
    _case("2 x 3 image, 2 x 2 kernel", (1, 1, 2, 3), (1, 1, 2, 2)),
    _case(
        "5 x 2 image, 1 x 2 kernel, padding 1", (1, 1, 5, 2), (1, 1, 1, 2), padding=1
    ),
    _case("4 x 9 image, 2 x 1 kernel, stride 2", (1, 1, 4, 9), (1, 1, 2, 1), stride=2),
    _case("two channels", (1, 2, 2, 3), (1, 2, 2, 2)),
    _case("two images, two kernels", (2, 1, 2, 3), (2, 1, 1, 2)),
    _case(
        "all at once: 3 images of 7 x 5, stride 3, padding 2",
        (3, 2, 7, 5),
        (5, 2, 3, 2),
        stride=3,
        padding=2,
    ),
)


def _gradient_case() -> dict[str, object]:
    return {"x": varied(1, 1, 2, 3).requires_grad_(), "weight": varied(1, 1, 1, 2)}


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(unfold_convolution)(attempt, inputs))
    x, result = inputs["x"], seen["result"]
    if isinstance(x, Tensor) and x.requires_grad and isinstance(result, Tensor):
        seen["the result can be differentiated"] = result.requires_grad
    return seen


EXERCISE = Exercise(
    reference=unfold_convolution,
    title="Convolution by unfold",
    lesson="20_convolution/30_unfold",
    level="core",
    minutes=15,
    prompt="Write a convolution of a batch through a table of patches, with `stride` "
    "and `padding`. `F.unfold` may take the windows; the product and the shape of the "
    "output are yours.",
    observe=_observe,
    cases=(*CASES, Case("2 x 3 image that wants a gradient", _gradient_case)),
    mistakes=MISTAKES,
    hints=(
        (
            "Write down the shape after every line. After unfolding it is (N, "
            "C_in*kh*kw, L), and L places become H_out rows and W_out columns."
        ),
        (
            "Lay each kernel flat, `weight.reshape(C_out, -1)`, and multiply it with "
            "the patches. H_out is (H + 2P - kh) // S + 1, and W_out likewise."
        ),
        (
            "`patches = F.unfold(x, (kh, kw), padding=padding, stride=stride)`, then "
            "`out = weight.reshape(C_out, -1) @ patches`, then reshape `out` to "
            "(N, C_out, H_out, W_out)."
        ),
    ),
    next="Add `dilation`: the window spans D(K - 1) + 1 pixels. Then `groups`: one "
    "more axis in the product.",
    imports="import torch.nn.functional as F",
)
