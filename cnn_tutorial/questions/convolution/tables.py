"""The table of patches: its size, its weight, and the way back."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "20_convolution/30_unfold",
    channels=(2, 3, 16, 64),
    kernel=(2, 3, 5),
    side=(7, 8, 11, 14),
    stride=(1, 2),
    padding=(0, 1, 2),
)
def patch_table(
    channels: int, kernel: int, side: int, stride: int, padding: int
) -> Posed:
    """Size of the matrix of patches."""
    image = torch.zeros(1, channels, side, side)
    rows, places = F.unfold(image, kernel, 1, padding, stride).shape[1:]
    each_way = (side + 2 * padding - kernel) // stride + 1
    every = side + 2 * padding - kernel + 1
    once = (side + padding - kernel) // stride + 1
    return Posed(
        f"`F.unfold` reads an image (1, {channels}, {side}, {side}) with kernel "
        f"{kernel}, stride {stride} and padding {padding}. What shape has the table?",
        (1, rows, places),
        f"A window holds {channels} * {kernel} * {kernel} = {rows} numbers, and it "
        f"stands in {each_way} * {each_way} = {places} places.",
        {
            (1, kernel * kernel, places): "A window reads its pixels in every channel, "
            "and all of them stand in one column.",
            (1, rows, once**2): "The padding is added on both sides of the image.",
            (1, places, rows): "The windows are the columns: rows come first.",
            (1, rows, every**2): "The window moves by the stride: it skips places.",
        },
    )


QUESTIONS = (patch_table,)
