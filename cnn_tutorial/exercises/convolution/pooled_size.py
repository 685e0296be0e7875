"""Exercise: how many windows pooling has along one axis."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def pooled_size(
    size: int,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
) -> int:
    """Return how many windows pooling has along an axis of `size` pixels."""
    step = kernel_size if stride is None else stride
    room = size + 2 * padding - kernel_size
    if not ceil_mode:
        return room // step + 1
    windows = -(-room // step) + 1  # rounded up
    starts_inside = (windows - 1) * step < size + padding
    return windows if starts_inside else windows - 1


def _wrong(windows: Callable[[int, int, int, int, bool], object]) -> Attempt:
    """Return a wrong rule as an answer: windows of n, k, s, p, ceil_mode."""

    def attempt(
        size: int,
        kernel_size: int,
        stride: int | None = None,
        padding: int = 0,
        ceil_mode: bool = False,
    ) -> object:
        step = kernel_size if stride is None else stride
        return windows(size, kernel_size, step, padding, ceil_mode)

    return attempt


def _stride_is_one(
    size: int,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
) -> int:
    return pooled_size(size, kernel_size, stride or 1, padding, ceil_mode)


def _up(room: int, step: int) -> int:
    return -(-room // step) + 1


def _last_one_kept(n: int, k: int, s: int, p: int, up: bool) -> int:
    return _up(n + 2 * p - k, s) if up else pooled_size(n, k, s, p)


def _starts_in_the_pixels(n: int, k: int, s: int, p: int, up: bool) -> int:
    windows = pooled_size(n, k, s, p, up)
    return windows - 1 if up and (windows - 1) * s >= n else windows


def _starts_in_the_row(n: int, k: int, s: int, p: int, up: bool) -> int:
    windows = _last_one_kept(n, k, s, p, up)
    return windows - 1 if up and (windows - 1) * s >= n + 2 * p else windows


def _always_one_less(n: int, k: int, s: int, p: int, up: bool) -> int:
    return _up(n + 2 * p - k, s) - 1 if up else pooled_size(n, k, s, p)


MISTAKES = (
    Mistake(
        "the stride is taken for 1",
        "A pooling window moves by its own size unless `stride` says otherwise: None "
        "means `kernel_size`.",
        _stride_is_one,
    ),
    Mistake(
        "the stride is always the kernel size",
        "That is so only where `stride` is None. Overlapping windows have a smaller "
        "stride.",
        _wrong(lambda n, k, s, p, up: pooled_size(n, k, k, p, up)),
    ),
    Mistake(
        "the padding is forgotten",
        "The window stands on H + 2P pixels.",
        _wrong(lambda n, k, s, p, up: pooled_size(n, k, s, 0, up)),
    ),
    Mistake(
        "the padding is counted once",
        "There is padding on both sides: H + 2P, not H + P.",
        _wrong(lambda n, k, s, p, up: pooled_size(n + p, k, s, 0, up)),
    ),
    Mistake(
        "the size is divided by the stride",
        "That is right only where the windows neither overlap nor leave gaps. Count "
        "the steps that fit into the room, and add one.",
        _wrong(lambda n, k, s, p, up: -(-(n + 2 * p) // s) if up else (n + 2 * p) // s),
    ),
    Mistake(
        "the first window is not counted",
        "The window stands in a place before it moves: steps, and one more.",
        _wrong(lambda n, k, s, p, up: pooled_size(n, k, s, p, up) - 1),
    ),
    Mistake(
        "`ceil_mode` is ignored",
        "With `ceil_mode` a last window may hang over the end: round the number of "
        "steps up. In Python, `-(-a // b)` is a divided by b, rounded up.",
        _wrong(lambda n, k, s, p, up: pooled_size(n, k, s, p)),
    ),
    Mistake(
        "it is always rounded up",
        "Without `ceil_mode` a window that does not fit is left out: round down.",
        _wrong(lambda n, k, s, p, up: pooled_size(n, k, s, p, ceil_mode=True)),
    ),
    Mistake(
        "`ceil_mode` keeps windows that start after the image",
        "PyTorch drops a last window that does not start in the image or the padding "
        "before it. In the padded row it starts at (windows - 1) * S.",
        _wrong(_last_one_kept),
    ),
    Mistake(
        "a last window may start in the padding after the image",
        "The padded row has H + 2P pixels, and the image in it ends at H + P. A window "
        "that starts later is dropped.",
        _wrong(_starts_in_the_row),
    ),
    Mistake(
        "a last window that starts in the image's last pixels is dropped",
        "There is padding before the image: in the padded row it ends at H + P, not "
        "at H.",
        _wrong(_starts_in_the_pixels),
    ),
    Mistake(
        "`ceil_mode` always drops the last window",
        "Only a window that starts after the image goes. Ask where it starts.",
        _wrong(_always_one_less),
    ),
)


def _case(name: str, size: int, kernel_size: int, **settings: int) -> Case:
    arguments = {"size": size, "kernel_size": kernel_size, **settings}
    return Case(name, lambda: dict(arguments))


EXERCISE = Exercise(
    reference=pooled_size,
    title="The size after pooling",
    lesson="20_convolution/22_left_over",
    level="core",
    minutes=10,
    prompt="Count the windows of a pooling layer along one axis, rounding down or, "
    "with `ceil_mode`, up by PyTorch's rule. `stride=None` means `kernel_size`.",
    observe=call_it(pooled_size),
    cases=(
        _case("7 pixels, windows of 2", 7, 2),
        _case("windows that overlap", 7, 3, stride=2),
        _case("a step that does not fit", 8, 3, stride=2),
        _case("padding", 5, 3, stride=1, padding=1),
        _case("a window over the end", 7, 2, ceil_mode=True),
        _case("nothing hangs over", 8, 2, ceil_mode=True),
        _case("windows that overlap, one over the end", 8, 3, stride=2, ceil_mode=True),
        _case("no window after the image", 3, 2, padding=1, ceil_mode=True),
        _case("a window in the last pixel", 5, 4, stride=3, padding=2, ceil_mode=True),
        _case("gaps between windows", 9, 1, stride=5, ceil_mode=True),
        _case("a step past the end", 4, 2, stride=4, ceil_mode=True),
        _case("the first pooling of ResNet", 112, 3, stride=2, padding=1),
    ),
    mistakes=MISTAKES,
    hints=(
        "Rounding down first: it is the rule of convolution, with another stride.",
        (
            "Rounding up: one more window if a step fits in part. Where does that last "
            "window start, and where does the image end in the padded row?"
        ),
        (
            "`windows = -(-room // step) + 1`, and one less if `(windows - 1) * step "
            ">= size + padding`."
        ),
    ),
    next="Compare your function with `nn.MaxPool2d(..., device='meta')` over a grid of "
    "settings.",
)
