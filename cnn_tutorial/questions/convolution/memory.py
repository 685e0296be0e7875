"""What the table of patches weighs, and what weighs nothing."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from cnn_tutorial.convolution import unfold_view
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

# Channels, side, window, stride; why; and what leads to other factors, in bytes.
_KNOBS: dict[str, tuple[tuple[int, ...], str, dict[float, str]]] = {
    "side of the window": (
        (1, 64, 3, 1),
        "Each window copies four times as many pixels, in about as many places.",
        {
            2: "A window has rows and columns, and both get longer.",
            1: "Each window copies all of its pixels into a column.",
            0.5: "There are slightly fewer places. But what does each of them copy?",
        },
    ),
    "stride": (
        (1, 64, 4, 1),
        "Every second place is left out, down and across; a window copies what it did.",
        {
            0.5: "Places are left out both down and across.",
            4: "A longer step leaves more places out.",
            1: "The windows are as large as before. Are there as many?",
        },
    ),
    "side of the image": (
        (1, 32, 3, 1),
        "About four times as many places, each with a column as long as before.",
        {
            2: "An image has rows and columns, and both get longer.",
            1: "The columns are as long as before. Are there as many?",
            0.5: "More places mean more columns.",
        },
    ),
    "number of channels": (
        (1, 32, 3, 1),
        "The columns are twice as long: a window reads all channels.",
        {
            4: "The columns get longer. Are there more of them, too?",
            1: "A window reads its pixels in every channel.",
            0.5: "A window reads more numbers now, not fewer.",
        },
    ),
}
_NAMES = {
    4: "four times as large",
    2: "twice as large",
    1: "as large as before",
    0.5: "half as large",
    0.25: "a quarter as large",
}


def _weights(channels: int, side: int, window: int, stride: int) -> list[float]:
    """Numbers of the table; and how many times the image that is."""
    image = torch.zeros(1, channels, side, side)
    table = F.unfold(image, window, stride=stride).numel()
    return [table, table / image.numel()]


@question(
    "20_convolution/36_memory",
    knob=tuple(_KNOBS),
    measure=("in bytes", "as a multiple of the image"),
)
def doubled_knob(knob: str, measure: str) -> Posed:
    """Weight of the table of patches when one number is doubled."""
    setting, why, hints = _KNOBS[knob]
    ends = ("channels", "image", "window", "stride")
    place = next(i for i, word in enumerate(ends) if knob.endswith(word))
    after = [n * 2 if i == place else n for i, n in enumerate(setting)]
    in_bytes, in_images = (
        min(_NAMES, key=lambda n: abs(n - new / old) / n)
        for new, old in zip(_weights(*after), _weights(*setting), strict=True)
    )
    times = in_bytes if measure == "in bytes" else in_images
    if in_bytes != times:
        why += " The image grows as much as its table."
        hints = {
            in_bytes: "So it is in bytes. And how much does the image grow?",
            1 / in_bytes: "The table would have to grow less than the image. Does it?",
            8 / in_bytes: "Work out how much the table grows and how much the image.",
        }
    return Posed(
        f"A layer reads a large image. Now the {knob} is doubled, and nothing else. "
        f"How large is the table of patches, {measure}, compared with before?",
        f"about {_NAMES[times]}",
        why,
        {f"about {_NAMES[factor]}": hint for factor, hint in hints.items()},
    )


_LINES: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], str]] = {
    "F.unfold(x, 3)": (
        lambda x: F.unfold(x, 3),
        "Each window is copied into a column of a table.",
    ),
    "unfold_view(x, 3)": (
        lambda x: unfold_view(x, 3),
        "Each window is named by strides; its pixels are read where they are.",
    ),
    "unfold_view(x, 3).flatten(1)": (
        lambda x: unfold_view(x, 3).flatten(1),
        "Windows overlap. Laid flat, a pixel stands there once for each of them.",
    ),
    "x[:, :, 2:7, 2:7]": (
        lambda x: x[:, :, 2:7, 2:7],
        "A slice begins elsewhere in the same memory.",
    ),
    "F.pad(x, (1, 1, 1, 1))": (
        lambda x: F.pad(x, (1, 1, 1, 1)),
        "A ring of zeros is not in the memory of x: all is laid out anew.",
    ),
    "x.transpose(2, 3)": (
        lambda x: x.transpose(2, 3),
        "Two strides change places, and no number moves.",
    ),
    "x.transpose(2, 3).contiguous()": (
        lambda x: x.transpose(2, 3).contiguous(),
        "The numbers are written down in their new order.",
    ),
    "x.expand(2, 3, 9, 9)": (
        lambda x: x.expand(2, 3, 9, 9),
        "With a stride of 0 the same image is read twice.",
    ),
    "x.repeat(2, 1, 1, 1)": (
        lambda x: x.repeat(2, 1, 1, 1),
        "The image is written down twice.",
    ),
    "x.flatten(1)": (
        lambda x: x.flatten(1),
        "The numbers of x lie in this order already.",
    ),
}


@question(
    "20_convolution/36_memory",
    line=tuple(_LINES),
    beside=(0, 1, 2, 3, 4),
)
def line_with_memory(line: str, beside: int) -> Posed:
    """Line of code that makes a copy, or the one that makes none."""
    x = torch.zeros(1, 3, 9, 9)
    home = x.untyped_storage().data_ptr()
    shares = {
        name: made(x).untyped_storage().data_ptr() == home
        for name, (made, _) in _LINES.items()
    }
    others = [name for name in _LINES if shares[name] != shares[line]]
    others = others[beside:] + others[:beside]
    need = "needs no memory of its own" if shares[line] else "needs new memory"
    return Posed(
        "The image x is a fresh tensor of shape (1, 3, 9, 9). Which of these lines "
        f"{need} for its numbers?",
        f"`{line}`",
        _LINES[line][1],
        {f"`{other}`": _LINES[other][1] for other in others[:3]},
    )


QUESTIONS = (doubled_knob, line_with_memory)
