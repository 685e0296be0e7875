"""Images as blocks of numbers; channels and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

# A line that makes a batch of a list `p` of photographs, and what it does.
_BATCHES: dict[str, tuple[Callable[[list[Tensor]], Tensor], str]] = {
    "torch.stack(p).permute(0, 3, 1, 2)": (
        lambda p: torch.stack(p).permute(0, 3, 1, 2),
        "A new axis in front, then the colours move to the second place.",
    ),
    "torch.stack(p).transpose(1, 3)": (
        lambda p: torch.stack(p).transpose(1, 3),
        "A new axis in front, then rows and colours change places.",
    ),
    "torch.cat(p).permute(2, 0, 1)": (
        lambda p: torch.cat(p).permute(2, 0, 1),
        "The rows of all photographs stand below each other; the colours move ahead.",
    ),
    "torch.cat([q.permute(2, 0, 1) for q in p])": (
        lambda p: torch.cat([q.permute(2, 0, 1) for q in p]),
        "Colours come first in each one, and `cat` lines up the colours of all.",
    ),
    "torch.stack([q.permute(2, 0, 1) for q in p])": (
        lambda p: torch.stack([q.permute(2, 0, 1) for q in p]),
        "Colours come first in each one, and `stack` puts a new axis before them.",
    ),
    "torch.cat([q[None] for q in p])": (
        lambda p: torch.cat([q[None] for q in p]),
        "Each one gets an axis of length 1, and `cat` makes that one longer.",
    ),
}


@question(
    "10_tensors/40_images",
    photos=(4, 5, 8),
    height=(20, 30),
    width=(40, 50),
    line=tuple(_BATCHES),
)
def batch_shape(photos: int, height: int, width: int, line: str) -> Posed:
    """Shape of a batch made of photographs."""
    make, reason = _BATCHES[line]
    images = [torch.empty(height, width, 3)] * photos
    joining = "`stack` makes a new axis in front, `cat` makes the first one longer."
    batch = (photos, 3, height, width)
    rows = (photos * height, width, 3) if "cat([q[" in line else (3, height, width)
    longer = (3 * photos, height, width) if "q.p" in line else rows
    return Posed(
        f"`p` is a list of {photos} photographs of shape ({height}, {width}, 3). "
        f"What is the shape of `{line}`?",
        tuple(make(images).shape),
        reason,
        {
            batch: "A layer would want them so. Is it what this line makes?",
            longer: joining,
            (photos, height, width, 3): "The line moves axes: which, and where to?"
            if "cat" not in line
            else joining,
            (photos, 3, width, height): "Which of rows and columns comes first now?",
        },
    )


# What is done to a photograph; the last lengths of its axes do not matter here.
_MOVES: dict[str, Callable[[Tensor], Tensor]] = {
    "photo.permute(2, 0, 1)": lambda x: x.permute(2, 0, 1),
    "photo.permute(2, 0, 1)[None]": lambda x: x.permute(2, 0, 1)[None],
    "photo.permute(2, 1, 0)": lambda x: x.permute(2, 1, 0),
    "photo.transpose(0, 1)": lambda x: x.transpose(0, 1),
    "photo[1:].permute(2, 0, 1)": lambda x: x[1:].permute(2, 0, 1),
    "photo[:, 1:].permute(2, 0, 1)": lambda x: x[:, 1:].permute(2, 0, 1),
}


_ORDERS = {
    "(2, 0, 1)": "channel, row, column",
    "(2, 1, 0)": "channel, column, row",
    "(0, 1)": "column, row, channel",
}


@question(
    "10_tensors/40_images",
    row=(2, 3, 4),
    column=(6, 7, 8),
    channel=(0, 1, 2),
    line=tuple(_MOVES),
)
def pixel_index(row: int, column: int, channel: int, line: str) -> Posed:
    """Index of a number after the axes have moved."""
    photo = torch.zeros(6, 9, 3)
    photo[row, column, channel] = 1
    found = tuple(int(k) for k in _MOVES[line](photo).nonzero()[0])
    batch = (0,) * line.endswith("[None]")
    order, cut = _ORDERS[line[line.rindex("(") :].removesuffix("[None]")], ""
    for gone in ("row",) * ("photo[1:" in line) + ("column",) * ("[:, 1:" in line):
        cut = f" Without the first {gone}, every {gone} number is one smaller."
    return Posed(
        f"`photo` is H x W x C. Which index in `{line}` has the number "
        f"`photo[{row}, {column}, {channel}]`?",
        found,
        f"The axes are now {'image, ' * bool(batch)}{order}.{cut}",
        {
            (*batch, row, column, channel): "That is its index before axes move.",
            (*batch, channel, row, column): "The axes are in their places. But does "
            "each of them begin where it did?"
            if cut
            else "Which old axis comes last here?",
            (
                *batch,
                column,
                channel,
                row,
            ): "`transpose` exchanges the two axes that it names, and no other."
            if "transpose" in line
            else "The numbers say which old axis stands in each new place, not where "
            "each old one goes.",
            (*batch, channel, column, row): "Are rows and columns exchanged here?",
        },
    )


_CHANGES = {
    "double the output channels": (1, 2, Fraction(1)),
    "double the input channels": (2, 1, Fraction(1)),
    "double the channels in and out": (2, 2, Fraction(1)),
    "halve both sides of the image": (1, 1, Fraction(1, 2)),
    "double both sides of the image": (1, 1, Fraction(2)),
    "halve both sides and double the channels in and out": (2, 2, Fraction(1, 2)),
}


@question(
    "10_tensors/42_channels",
    channels=(16, 32, 64),
    side=(28, 56),
    change=tuple(_CHANGES),
)
def bill_grows(channels: int, side: int, change: str) -> Posed:
    """Growth of parameters, MACs and memory with channels and sides."""
    more_in, more_out, longer = _CHANGES[change]

    def bill(c_in: int, c_out: int, length: int) -> tuple[int, int, int]:
        kept = arithmetic.conv_parameters(c_in, c_out, 3, bias=False)
        macs = arithmetic.conv_macs(c_in, c_out, 3, length)
        return kept, macs, c_out * length**2

    def times(*factors: Fraction) -> str:
        return "{}, {} and {}".format(*factors)

    before = bill(channels, channels, side)
    after = bill(more_in * channels, more_out * channels, int(longer * side))
    pairs, out = Fraction(more_in * more_out), Fraction(more_out)
    places = longer**2
    return Posed(
        f"A padded 3 x 3 convolution without bias has {channels} channels in and out, "
        f"on {side} x {side} pixels. Now we {change}. By what are its parameters, MACs "
        "and output memory multiplied?",
        times(*(Fraction(b, a) for a, b in zip(before, after, strict=True))),
        f"Kernels: {more_in} * {more_out}. MACs: these, times {places} for the places. "
        f"Memory: {more_out} for the channels, times {places}.",
        {
            times(
                out, out * places, out * places
            ): "There is a kernel for each pair of an input and an output channel.",
            times(pairs, pairs * longer, out * longer): "An image has two sides, and "
            "places are counted along both.",
            times(pairs, pairs, out): "Each kernel works in all places, and each place "
            "has an output.",
            times(pairs, pairs * places, pairs * places): "There is one output image "
            "for each output channel.",
            times(pairs * places, pairs * places, out * places): "A kernel is used in "
            "all places, and kept once.",
            times(pairs, pairs * places, more_in * places): "Memory is taken by the "
            "output channels.",
            times(Fraction(1), places, places): "This leaves the channels out. There "
            "is a kernel for each pair of them.",
        },
    )


def _signed_sum(weights: tuple[int, int, int], pixel: tuple[int, int, int]) -> str:
    """Write out the pixels that count, each with its sign."""
    pairs = [(w, n) for w, n in zip(weights, pixel, strict=True) if w]
    said = " ".join(f"{'+' if w > 0 else '-'} {n}" for w, n in sorted(pairs)[::-1])
    return said[2:] if said[0] == "+" else "-" + said[2:]


_PIXELS = {
    "red": (200, 40, 30),
    "green": (30, 180, 50),
    "blue": (20, 60, 220),
    "yellow": (220, 200, 10),
    "white": (250, 240, 240),
    "black": (10, 10, 20),
}


@question(
    "10_tensors/42_channels",
    weights=((1, 0, -1), (-1, 0, 1), (0, 1, -1), (-1, 1, 0), (1, -1, 0), (-1, -1, -1)),
    left_out=("red", "green", "blue", "yellow"),
)
def strongest_pixel(weights: tuple[int, int, int], left_out: str) -> Posed:
    """Pixel to which a kernel of one pixel answers most."""
    shown = {name: rgb for name, rgb in _PIXELS.items() if name != left_out}
    image = torch.tensor(list(shown.values())).float().T[None, :, None]  # 1, 3, 1, W
    kernel = torch.tensor(weights).float().reshape(1, 3, 1, 1)
    values = [int(value) for value in F.conv2d(image, kernel).flatten()]
    texts = [f"{name}: {rgb}" for name, rgb in shown.items()]
    best = max(range(len(texts)), key=lambda k: values[k])
    order = sorted(range(len(texts)), key=lambda k: -sum(list(shown.values())[k]))
    return Posed(
        f"A 1 x 1 kernel weighs red, green and blue with {weights}. To which of these "
        "pixels does it answer with the largest number?",
        texts[best],
        f"{_signed_sum(weights, list(shown.values())[best])} = {values[best]}, more "
        "than for any other.",
        {
            texts[k]: f"Weighted and added, this makes {values[k]}. Which one has "
            "much of what is added and little of what is subtracted?"
            for k in order
            if values[k] < values[best]
        },
    )


QUESTIONS = (batch_shape, pixel_index, bill_grows, strongest_pixel)
