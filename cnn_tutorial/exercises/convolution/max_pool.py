"""Exercise: max pooling with stride and padding."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def max_pool(
    x: Tensor, kernel_size: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    """Return the largest pixel of each window of x (N, C, H, W)."""
    stride = kernel_size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=float("-inf"))
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)
    return windows.amax(dim=(4, 5))  # N, C, H_out, W_out, kh, kw


def _mean(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return F.avg_pool2d(x, k, stride, padding)


def _smallest(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return -max_pool(-x, k, stride, padding)


def _zeros(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    sides = (padding, padding, padding, padding)
    return max_pool(F.pad(x, sides), k, stride)


def _no_padding(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    return max_pool(x, k, stride)


def _padded_once(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    sides = (padding, 0, padding, 0)
    return max_pool(F.pad(x, sides, value=float("-inf")), k, stride)


def _minus_one(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    sides = (padding, padding, padding, padding)
    return max_pool(F.pad(x, sides, value=-1.0), k, stride)


def _columns_padded(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    return max_pool(F.pad(x, (padding, padding), value=float("-inf")), k, stride)


def _everywhere(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    step = k if stride is None else stride
    sides = (padding, padding + k, padding, padding + k)
    places = [(n + 2 * padding - 1) // step + 1 for n in x.shape[2:]]
    out = max_pool(F.pad(x, sides, value=float("-inf")), k, step)
    return out[:, :, : places[0], : places[1]]


def _step_one(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return max_pool(x, k, 1 if stride is None else stride, padding)


def _own_stride(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    return max_pool(x, k, k, padding)


def _rows_only(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    step = k if stride is None else stride
    return max_pool(x, k, 1, padding)[:, :, ::step]


def _all_channels(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    return max_pool(x, k, stride, padding).amax(1, keepdim=True)


def _one_for_all(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0
) -> Tensor:
    pooled = max_pool(x, k, stride, padding)
    return pooled.amax(dim=(0, 1), keepdim=True).expand_as(pooled)


def _swapped(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return max_pool(x, k, stride, padding).mT


def _ceil(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return F.max_pool2d(x, k, stride, padding, ceil_mode=True)


def _detached(x: Tensor, k: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return max_pool(x, k, stride, padding).detach()


MISTAKES = (
    Mistake(
        "the mean is taken",
        "Max pooling keeps the largest pixel of a window.",
        _mean,
    ),
    Mistake(
        "the smallest pixel is taken",
        "`amin` or `-max(-x)` keeps what is darkest. The brightest is asked for.",
        _smallest,
    ),
    Mistake(
        "the padding is zero",
        "A zero would beat every negative pixel. Padding must never win: fill it with "
        "minus infinity. `F.unfold` pads with zeros; `F.pad` takes a `value`.",
        _zeros,
    ),
    Mistake(
        "the padding is forgotten",
        "`padding` rows and columns go around the image before the windows are taken.",
        _no_padding,
    ),
    Mistake(
        "the padding is on one side only",
        "The margin goes around all four sides: `F.pad` takes (left, right, top, "
        "bottom).",
        _padded_once,
    ),
    Mistake(
        "the padding is a number that may win",
        "-1 still beats -2. Only minus infinity never wins: `value=float('-inf')`.",
        _minus_one,
    ),
    Mistake(
        "the padding is on the left and right only",
        "`F.pad` starts with the last axis: two numbers are left and right, four add "
        "top and bottom.",
        _columns_padded,
    ),
    Mistake(
        "a window begins at each step up to the border",
        "Begin only where a whole window fits: the last beginning is at H - k, and "
        "`range(0, H - k + 1, stride)` ends there.",
        _everywhere,
    ),
    Mistake(
        "the windows move by one pixel",
        "Without a `stride` the windows stand side by side: the stride is the kernel "
        "size.",
        _step_one,
    ),
    Mistake(
        "the stride is ignored",
        "A `stride` that is given counts: windows may overlap, or leave pixels out.",
        _own_stride,
    ),
    Mistake(
        "the stride is on the rows only",
        "The window jumps both ways: down and to the right.",
        _rows_only,
    ),
    Mistake(
        "the channels are pooled, too",
        "Each channel is pooled on its own: C does not change.",
        _all_channels,
    ),
    Mistake(
        "all images and channels share one maximum",
        "`.max()` without axes looks at all images and channels at once. Take it over "
        "the two axes of the window: `amax(dim=(-2, -1))`.",
        _one_for_all,
    ),
    Mistake(
        "rows and columns are swapped",
        "The result is (N, C, H_out, W_out): rows first.",
        _swapped,
    ),
    Mistake(
        "windows hang over the end",
        "A window that does not fit is dropped: sizes are rounded down.",
        _ceil,
    ),
    Mistake(
        "the gradient is lost",
        "Autograd must be able to follow: no `detach`, no `.data`, no `.item()`.",
        _detached,
    ),
)


def _case(
    name: str, shape: tuple[int, int, int, int], kernel_size: int, **more: int
) -> Case:
    def make() -> dict[str, object]:
        return {"x": varied(*shape), "kernel_size": kernel_size, **more}

    return Case(name, make)


def _negative() -> dict[str, object]:
    return {"x": varied(1, 1, 2, 3) - 9, "kernel_size": 2, "stride": 1, "padding": 1}


def _gradient_case() -> dict[str, object]:
    return {"x": varied(1, 1, 2, 2).requires_grad_(), "kernel_size": 2}


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(max_pool)(attempt, inputs))
    x, result = inputs["x"], seen["result"]
    if isinstance(x, Tensor) and x.requires_grad and isinstance(result, Tensor):
        seen["the result can be differentiated"] = result.requires_grad
    return seen


EXERCISE = Exercise(
    reference=max_pool,
    title="Max pooling",
    lesson="20_convolution/60_pooling",
    level="core",
    minutes=12,
    prompt="Return the largest pixel of each window, channel by channel. Without a "
    "`stride` the windows stand side by side; padding never wins.",
    observe=_observe,
    cases=(
        _case("2 x 4 image, 2 x 2 windows", (1, 1, 2, 4), 2),
        _case("3 x 4 image, stride 1", (1, 1, 3, 4), 2, stride=1),
        _case("5 x 3 image, padding 1", (1, 1, 5, 3), 3, stride=2, padding=1),
        Case("a negative 2 x 3 image, padding 1", _negative),
        _case("2 images of 3 channels, 7 x 5", (2, 3, 7, 5), 2),
        _case(
            "windows of 3, stride 4, padding 1", (2, 3, 11, 13), 3, stride=4, padding=1
        ),
        Case("2 x 2 image that wants a gradient", _gradient_case),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "First the margin, then the windows, then the largest of each. Write down "
            "the shape after every step."
        ),
        (
            "`x.unfold(2, kernel_size, stride)` takes windows along the rows and adds "
            "an axis for what is in them. Do it again along axis 3."
        ),
        (
            'Pad with `F.pad(x, (p, p, p, p), value=float("-inf"))`, unfold axes 2 '
            "and 3, and take `amax` over the last two."
        ),
    ),
    next="Return the indices of the winners, too, as `F.max_pool2d(..., "
    "return_indices=True)` does.",
    imports="import torch.nn.functional as F",
)
