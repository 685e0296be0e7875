"""How large the output is: steps, remainders, and the way back."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "20_convolution/20_output_size",
    size=(9, 10, 12, 15, 16),
    kernel=(2, 3, 4, 5),
    stride=(1, 2, 2, 3),
    padding=(0, 1, 1, 2),
    dilation=(1, 2, 2, 3),
)
def places_on_an_axis(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> Posed | None:
    """Places for a window with all settings."""
    span, padded = dilation * (kernel - 1) + 1, size + 2 * padding
    if span > size:
        return None
    row, ones = torch.ones(1, 1, size), torch.ones(1, 1, kernel)
    answer = F.conv1d(row, ones, None, stride, padding, dilation).shape[-1]
    return Posed(
        f"A convolution reads a row of {size} pixels: kernel size {kernel}, stride "
        f"{stride}, padding {padding}, dilation {dilation}. How many numbers come out?",
        answer,
        f"The room is {padded} - {span} = {padded - span}. Steps of {stride} that fit: "
        f"{answer - 1}. Plus the place before the first step.",
        {
            (padded - kernel) // stride + 1: "Dilation makes gaps: the window spans "
            "D * (K - 1) + 1 pixels.",
            (padded - padding - span) // stride + 1: "The padding stands at both ends.",
            (size - span) // stride + 1: "Padding makes the row longer before the "
            "window moves.",
            -(-(padded - span) // stride) + 1: "A step that does not fit is not made.",
            padded - span + 1: "The window moves by the stride: it skips places.",
            (padded - span) // stride: "These are the steps. The window already stands "
            "in one place before it moves.",
        },
    )


@question(
    "20_convolution/20_output_size",
    height=(8, 9, 11),
    width=(10, 12, 15),
    kernel=((2, 3), (3, 5), (5, 3), (3, 4), (4, 3)),
    padding=(1, 2),
)
def wrong_size_unnoticed(
    height: int, width: int, kernel: tuple[int, int], padding: int
) -> Posed | None:
    """Wrong size that has the right area."""
    kh, kw = kernel
    image, ones = torch.ones(1, 1, height, width), torch.ones(1, 1, kh, kw)
    rows, columns = F.conv2d(image, ones, padding=padding).shape[2:]
    turned = height + 2 * padding - kw + 1, width + 2 * padding - kh + 1
    if rows == columns or turned[0] * turned[1] == rows * columns:
        return None
    return Posed(
        f"A {kh} x {kw} kernel with padding {padding} slides over {height} x {width} "
        "pixels, and `F.unfold` counts its places: `L`. Each output size below is "
        "wrong. Which one passes the area check, `rows * columns == L`?",
        (columns, rows),
        f"The size is {rows} x {columns}. A product does not mind the order, so the "
        "check cannot see swapped axes.",
        {
            (rows - padding, columns - padding): "Here the padding is counted once: "
            "both sides are too short, and the area is too small.",
            turned: "Here the kernel's sides are swapped, not those of the output. "
            "Work out the real size, and multiply.",
            (height - kh + 1, width - kw + 1): "Here the padding is forgotten: both "
            "sides are too short, and the area is too small.",
        },
    )


@question(
    "20_convolution/22_left_over",
    height=(8, 9, 10, 11),
    width=(12, 13, 14, 16),
    kernel=(3, 4, 5),
    stride=(2, 3),
)
def pixels_without_gradient(height: int, width: int, kernel: int, stride: int) -> Posed:
    """Rows and columns at the end that no window reads."""
    image = torch.ones(1, 1, height, width, requires_grad=True)
    with torch.enable_grad():
        out = F.conv2d(image, torch.ones(1, 1, kernel, kernel), stride=stride)
    (gradient,) = torch.autograd.grad(out.sum(), image)
    read = gradient[0, 0] != 0
    down, across = (int((~read.any(axis)).sum()) for axis in (1, 0))
    return Posed(
        f"`F.conv2d` reads {height} x {width} pixels with a {kernel} x {kernel} kernel "
        f"of ones, stride {stride}, no padding, and we add up its output. How many "
        "whole rows and columns of pixels have a gradient of zero?",
        f"{down} and {across}",
        f"The room is {height - kernel} and {width - kernel} pixels. Steps of {stride} "
        f"leave {down} and {across} of them over.",
        {
            f"{height % stride} and {width % stride}": "Divide the room, not the size: "
            "the window stands in its first place before it steps.",
            f"{across} and {down}": "Rows come first: they belong to the height.",
            "0 and 0": "The floor takes a step away, and the pixels at the end with "
            "it. Does one of the axes leave something over?",
            f"{kernel - 1} and {kernel - 1}": "So much does the output shrink at "
            "stride 1, and every pixel is read there.",
        },
    )


@question(
    "20_convolution/22_left_over",
    size=(5, 6, 7, 8, 9),
    kernel=(2, 3, 4),
    stride=(2, 3),
    padding=(0, 1),
    ceil_mode=(True, True, False),
)
def pooled_places(
    size: int, kernel: int, stride: int, padding: int, ceil_mode: bool
) -> Posed:
    """Side after pooling, with both ways of rounding."""
    layer = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    answer = int(layer(torch.ones(1, 1, size, size)).shape[-1])
    room = size + 2 * padding - kernel
    down, up = room // stride + 1, -(-room // stride) + 1
    once = (room - padding) // stride + 1
    because = f"The room is {room} and a step takes {stride}."
    rounding: dict[object, str] = {}
    if answer < up:
        rounding[up] = "Only `ceil_mode=True` gives a window to what is left over."
    if ceil_mode and answer < up:
        because += f" Rounded up: {up} windows. The last would begin after the image, "
        because += "so it is dropped."
        rounding[up] = "Where would the last window begin? It must not be after the "
        rounding[up] += "image."
    elif room % stride:
        because += f" Round {'up' if ceil_mode else 'down'}, then add one."
        rounding.setdefault(down, "This layer gives a window to what is left over.")
    others: dict[object, str] = {
        (size + 2 * padding) // kernel: "The stride is given here, and it is not the "
        "side of the window.",
        room + 1: "The window moves by the stride: it skips places.",
        once: "The padding stands on both sides.",
        answer - 1: "These are the steps. The window already stands in one place.",
        size: "That is one window for each pixel. How far apart are they?",
    }
    return Posed(
        f"`nn.MaxPool2d({kernel}, stride={stride}, padding={padding}, "
        f"ceil_mode={ceil_mode})` pools {size} x {size} pixels. How many windows stand "
        "side by side?",
        answer,
        because,
        rounding | others | rounding,
    )


@question(
    "20_convolution/25_wrong_size",
    batch=(11, 13, 17),
    channels=(4, 9, 16),
    came=(3, 5, 7),
    told=(4, 6, 8),
)
def maps_that_came(batch: int, channels: int, came: int, told: int) -> Posed | None:
    """Size of the maps, from the message of a linear layer."""
    if abs(came - told) != 1:
        return None
    numbers = torch.zeros(batch, channels * came**2)
    try:
        message = str(F.linear(numbers, torch.zeros(10, channels * told**2)))
    except RuntimeError as error:
        message = str(error)
    message = message[message.index("mat1") :]
    root = int(channels**0.5)
    return Posed(
        f"`{message}`: so says a linear layer. It got the flattened output of a "
        f"convolution with {channels} channels. How large is each of its maps?",
        f"{came} x {came}",
        f"{channels * came**2} numbers came for each of {batch} images, "
        f"and {channels} * {came} * {came} = {channels * came**2}.",
        {
            f"{told} x {told}": "This is what the linear layer was told. The first "
            "matrix is what came.",
            f"{root * came} x {root * came}": "Those would be all numbers of an image. "
            f"They are shared by {channels} channels.",
            f"{batch} x {batch}": "The first number counts the images of the batch.",
        },
    )


@question(
    "20_convolution/25_wrong_size",
    kernels=((3, 5, 7), (5, 3, 3), (7, 5, 3), (3, 3, 5), (5, 7, 3)),
    short=((1, 1, 1), (1, 0, 1), (0, 1, 1), (0, 0, 1)),
    size=(32, 64),
)
def first_off_the_plan(
    kernels: tuple[int, ...], short: tuple[int, ...], size: int
) -> Posed:
    """First of three layers that does not halve."""
    pads = [k // 2 - less for k, less in zip(kernels, short, strict=True)]
    now, said, answer = size, [], ""
    wrong: dict[object, str] = {
        "`fc`": "The error is raised there. Which layer made the size that is wrong?"
    }
    for i, (k, p) in enumerate(zip(kernels, pads, strict=True), 1):
        got, plan = now, size // 2**i
        now = arithmetic.conv_output_size(now, k, stride=2, padding=p)
        said.append(f"`conv{i}` kernel {k} padding {p}")
        if now != plan and not answer:
            answer = f"`conv{i}`"
            because = f"({got} + {2 * p} - {k}) // 2 + 1 = {now} instead of {plan}."
        else:
            wrong[f"`conv{i}`"] = (
                "Is it the first one? Work out each size, from the image on."
                if answer
                else f"Kernel {k} with padding {p} halves what it gets, as planned."
            )
    return Posed(
        f"Three convolutions of stride 2 should halve {size} x {size} pixels three "
        f"times: {', '.join(said)}. The linear layer `fc` after them raises an error. "
        "Which output is the first that is not as planned?",
        answer,
        because,
        wrong,
    )


QUESTIONS = (
    places_on_an_axis,
    wrong_size_unnoticed,
    pixels_without_gradient,
    pooled_places,
    maps_that_came,
    first_off_the_plan,
)
