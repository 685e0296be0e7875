"""The transposed convolution: its size, its matrix, its stamps and its zeros."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "20_convolution/27_transposed",
    size=(3, 4, 5, 7),
    kernel=(2, 3, 4, 5),
    stride=(2, 3),
    padding=(0, 1, 2),
    extra=(0, 1),
)
def enlarged_row(
    size: int, kernel: int, stride: int, padding: int, extra: int
) -> Posed | None:
    """Length after a transposed convolution."""
    if 2 * padding > kernel:
        return None
    row, ones = torch.ones(1, 1, size), torch.ones(1, 1, kernel)
    out = F.conv_transpose1d(row, ones, None, stride, padding, extra)
    reach = (size - 1) * stride + kernel
    return Posed(
        f"A row of {size} numbers goes through a transposed convolution: kernel "
        f"{kernel}, stride {stride}, padding {padding}, `output_padding={extra}`. How "
        "many numbers come out?",
        out.shape[-1],
        f"{size - 1} steps of {stride} and a kernel of {kernel} reach over {reach}. "
        f"The padding cuts off {2 * padding}, and {extra} is added.",
        {
            reach - 2 * padding: "`output_padding` is left out here.",
            reach + 2 * padding + extra: "The padding is that of the way down. On the "
            "way up it is cut off.",
            size * stride: "That holds for some settings only. Count the steps from "
            "the first stamp to the last, and one whole kernel.",
            reach - padding + extra: "The padding is cut off at both ends.",
            reach + stride - 2 * padding + extra: f"From the first of {size} stamps "
            f"to the last there are fewer than {size} steps.",
        },
    )


@question(
    "20_convolution/27_transposed",
    size=(7, 8, 9, 10, 11),
    kernel=(2, 3, 5),
    stride=(2, 3),
    padding=(0, 1),
    back=(True, True, False),
)
def matrix_of_the_way_back(
    size: int, kernel: int, stride: int, padding: int, back: bool
) -> Posed | None:
    """Rows and columns of a convolution's matrix, or of the transposed one."""
    if (size + 2 * padding - kernel) % stride or 2 * padding > kernel:
        return None
    came = arithmetic.conv_output_size(size, kernel, stride=stride, padding=padding)
    layer = F.conv_transpose1d if back else F.conv1d
    ones = torch.ones(1, 1, kernel)
    images = torch.eye(came if back else size)[:, None]  # of each unit vector
    columns, rows = layer(images, ones, None, stride, padding).flatten(1).shape
    return Posed(
        f"A convolution with kernel {kernel}, stride {stride} and padding {padding} "
        f"makes {came} numbers out of {size}. We write "
        f"{'its transposed convolution' if back else 'it'} as a matrix that multiplies "
        "a column of numbers. How many rows and columns has this matrix?",
        f"{rows} x {columns}",
        f"It takes {columns} numbers, one for each column, and gives {rows}, one for "
        "each row.",
        {
            f"{columns} x {rows}": "That matrix leads the other way. How many numbers "
            "does this one take, and how many does it give?",
            f"{rows} x {kernel}" if back else f"{kernel} x {columns}": "The kernel "
            "stands among zeros. How often, and how many zeros complete it?",
            f"{size} x {size}": "A square matrix gives as many numbers as it takes.",
        },
    )


def _stamps(kernel: int, stride: int) -> list[int]:
    """Count the stamps on the pixels of a row, away from its ends."""
    ones = torch.ones(1, 1, 12)
    row = F.conv_transpose1d(ones, torch.ones(1, 1, kernel), None, stride)[0, 0]
    return [int(count) for count in row[kernel:-kernel]]


@question("20_convolution/28_checkerboard", stride=(2, 3, 4), times=(1, 2, 3))
def even_kernel(stride: int, times: int) -> Posed:
    """Kernel that makes no checkerboard."""
    side = stride * times
    near = (side + 1, side - 1, side + 2, side - 2, side + 3, side + 5)
    wrong: dict[object, str] = {}
    for kernel in near:
        counts = _stamps(kernel, stride) if kernel > 1 else []
        if len(set(counts)) > 1:
            wrong[f"{kernel} x {kernel}"] = (
                f"Along a row, some pixels get {min(counts)}, some {max(counts)}: "
                f"{kernel} does not lie evenly on steps of {stride}."
            )
    (count,) = set(_stamps(side, stride))
    return Posed(
        f"A transposed convolution has stride {stride}. Which kernel stamps all pixels "
        "equally often, away from the border?",
        f"{side} x {side}",
        f"{side} = {count} * {stride}: {count} along a row, {count} along a column, "
        f"so each pixel gets {count} * {count} = {count**2}.",
        wrong,
    )


@question(
    "20_convolution/28_checkerboard",
    size=(3, 4, 5),
    kernel=(2, 3, 4, 5),
    stride=(2, 3),
    padding=(0, 1),
)
def zeros_around(size: int, kernel: int, stride: int, padding: int) -> Posed | None:
    """Stuffed map and its border, for the ordinary convolution that does the same."""
    numbers = torch.arange(1.0, size + 1)
    wide = torch.zeros((size - 1) * stride + 1)
    wide[::stride] = numbers
    weight = torch.arange(1.0, kernel + 1)[None, None]
    goal = F.conv_transpose1d(numbers[None], weight[0][None], None, stride, padding)
    around = next(
        zeros
        for zeros in range(kernel)
        if torch.equal(F.conv1d(wide[None], weight.flip(2), padding=zeros), goal)
    )
    side = len(wide)
    return Posed(
        f"A transposed convolution has kernel {kernel}, stride {stride}, padding "
        f"{padding}. With zeros between the numbers of its {size} x {size} map, an "
        "ordinary one of stride 1 does the same. How wide is this stuffed map, and how "
        "many zeros go around it on each side?",
        f"{side} wide, {around} around",
        f"{size} numbers with {stride - 1} between neighbours: {size} + {size - 1} * "
        f"{stride - 1} = {side}. Around: {kernel} - 1 - {padding} = {around}.",
        {
            f"{side} wide, {padding} around": "This padding belongs to the way down. "
            "Here it takes zeros away: with padding 0 there are K - 1.",
            f"{side} wide, {kernel - 1} around": "So it is with padding 0. Each "
            "padding takes one away.",
            f"{size * stride} wide, {around} around": "Zeros stand between the "
            "numbers, and none behind the last.",
            f"{size + (size - 1) * stride} wide, {around} around": "The stride counts "
            "steps from number to number: that leaves one zero less between them.",
        },
    )


QUESTIONS = (enlarged_row, matrix_of_the_way_back, even_kernel, zeros_around)
