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
        f"{kernel}, stride {stride} and padding {padding}. What is the shape of the "
        "table?",
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


@question(
    "20_convolution/32_fold",
    side=(5, 6, 7),
    kernel=(2, 3),
    value=(2, 3, 5),
    row=(0, 1, 2, 3),
    column=(0, 1, 2, 3),
)
def folded_pixel(side: int, kernel: int, value: int, row: int, column: int) -> Posed:
    """Sum of the copies of a pixel."""
    image = torch.full((1, 1, side, side), float(value))
    table = F.unfold(image, kernel)
    answer = int(F.fold(table, (side, side), kernel)[0, 0, row, column])
    down, across = (
        min(at, kernel - 1, side - kernel, side - 1 - at) + 1 for at in (row, column)
    )
    return Posed(
        f"All pixels of a {side} x {side} image are {value}. `F.unfold` reads it "
        f"through a {kernel} x {kernel} window, and `F.fold` puts the table back. What "
        f"stands at `[{row}, {column}]`, counted from 0?",
        answer,
        f"Windows that read this pixel: {down} * {across} = {down * across}. Each "
        f"brings back its copy of the {value}.",
        {
            value: "Fold is no inverse: it adds up all copies of a pixel.",
            kernel**2 * value: "So it is away from the border. How many windows read "
            "this pixel?",
            (down + across) * value: "Each place down goes with each place across.",
            down * across: f"This counts the windows. Each brings a {value}.",
        },
    )


@question(
    "20_convolution/32_fold",
    batch=(2, 3, 5),
    channels=(2, 3, 4),
    side=(5, 6, 7, 8),
    kernel=(3, 4),
    which=("weight", "bias"),
)
def terms_of_a_gradient(
    batch: int, channels: int, side: int, kernel: int, which: str
) -> Posed:
    """Terms that add up to the gradient of one number of a layer."""
    x = torch.ones(batch, channels, side, side)
    layer = {
        "weight": torch.ones(7, channels, kernel, kernel, requires_grad=True),
        "bias": torch.ones(7, requires_grad=True),
    }
    with torch.enable_grad():
        out = F.conv2d(x, layer["weight"], layer["bias"])
    (gradient,) = torch.autograd.grad(out.sum(), layer[which])
    places = (side - kernel + 1) ** 2
    return Posed(
        f"A batch ({batch}, {channels}, {side}, {side}) goes through "
        f"`nn.Conv2d({channels}, 7, {kernel})`. The gradient of one single {which} "
        f"adds up all uses of this {which}. How many terms are there?",
        int(gradient.flatten()[0]),
        f"One for each place in each image: {batch} * {places}, since "
        f"{side} - {kernel} + 1 = {side - kernel + 1} places lie each way.",
        {
            places: "So it is for one image; here a batch goes through.",
            batch * side**2: "The window does not begin at each pixel: count places.",
            kernel**2 * channels: "So many numbers go into one output pixel. How often "
            f"is this {which} used?",
            batch * places * channels: "A weight reads one channel only.",
        }
        if which == "weight"
        else {
            batch: "In each image the bias is added at every place.",
            places: "So it is for one image; here a batch goes through.",
            batch * places * 7: "Each of the 7 output channels has a bias of its own.",
            batch
            * channels: "The bias is added to the output. How many pixels has it?",
        },
    )


QUESTIONS = (patch_table, folded_pixel, terms_of_a_gradient)
