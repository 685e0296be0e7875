"""Edges and the Laplacian of Gaussian: answers, sides, signs and sizes."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial import filters
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

# By the axis that is compared: the direction, both sides, what stands there, and
# what counts twice.
_COMPARED = {
    0: ("downwards", "upper", "lower", "row", "column"),
    1: ("to the right", "left", "right", "column", "row"),
}
_SIDES = {
    (1, 0): "right",
    (-1, 0): "left",
    (0, 1): "down",
    (0, -1): "up",
    (1, 1): "right and down",
    (1, -1): "right and up",
    (-1, 1): "left and down",
    (-1, -1): "left and up",
}
# How far the pixel lies outside the rim of the disc.
_OUTSIDE = {"2 pixels inside": -2, "2 pixels outside": 2, "30 pixels outside": 30}
_SIGNS = ("zero", "above zero", "below zero")  # by 0, 1 and -1


@question(
    "20_convolution/40_sobel",
    here=(0, 1, 2, 5),
    there=(1, 3, 4, 6),
    edge=("upright", "lying", "slanted", "slanted"),
    axis=(0, 1),
)
def sobel_answer(here: int, there: int, edge: str, axis: int) -> Posed | None:
    """Answer of one window."""
    if here == there:
        return None
    step, last = [[here, here, there]] * 3, [there] * 3
    slant = [[here, here, there], [here, there, there], last]
    pixels = torch.tensor(slant if edge == "slanted" else step).float()
    pixels = pixels.T if edge == "lying" else pixels
    parts = (pixels * filters.sobel_kernel(axis)).sum(1 - axis)  # before, 0, behind
    answer = int(parts.sum())
    other = int((pixels * filters.sobel_kernel(1 - axis)).sum())
    way, near, far, line, across = _COMPARED[axis]
    turned = f"The kernel compares the {near} {line} with the {far} one."
    rows = ", ".join(f"`{a:.0f} {b:.0f} {c:.0f}`" for a, b, c in pixels.tolist())
    return Posed(
        f"Three rows of pixels: {rows}. What does Sobel's kernel that subtracts {way} "
        "answer at the middle pixel?",
        answer,
        f"Weighted 1 2 1, the {far} {line} makes {int(parts[2])} and the {near} one "
        f"{-int(parts[0])}; {int(parts[2])} - {-int(parts[0])} = {answer}.",
        {
            -other: turned,
            -answer: f"Plus means: brighter in the {far} {line}.",
            int((pixels * filters.prewitt_kernel(axis)).sum()): f"Here all {across}s "
            f"count alike. The middle {across} counts twice.",
            4 * (there - here): f"One of the outer {line}s is not all alike.",
            other: turned,
        },
    )


@question(
    "20_convolution/40_sobel",
    right=(-1, 0, 1),
    down=(-1, 0, 1),
    strength=(2, 4, 8),
)
def brighter_side(right: int, down: int, strength: int) -> Posed | None:
    """Where the arrow of an edge points."""
    if right == down == 0:
        return None
    along = torch.arange(-1.0, 2.0) * strength / 8
    image = along * right + along[:, None] * down
    a, b = (int(filters.sobel(image, axis, border="valid")) for axis in (1, 0))
    x, y = (image[1, 2] - image[1, 0]).sign(), (image[2, 1] - image[0, 1]).sign()
    answer = _SIDES[int(x), int(y)]
    opposite = "Plus means: the pixel that comes later is the brighter one."
    mixed = "The first answer compares columns, the second one compares rows."
    return Posed(
        f"At a pixel, Sobel's kernel that subtracts to the right answers {a}, the one "
        f"that subtracts downwards {b}. Which way does the image become brighter?",
        answer,
        f"{_said(a, 'to the right', 'on the left')} {_said(b, 'below', 'above')}",
        {
            _SIDES[down, right]: mixed,
            _SIDES[-down, -right]: mixed,
            _SIDES[-right, -down]: opposite,
            _SIDES[right, -down]: "Rows are counted downwards: plus is a brighter row "
            "below.",
            _SIDES[-right, down]: "The first answer is right minus left: which side "
            "is the brighter one when it has this sign?",
        },
    )


def _said(answer: int, plus: str, minus: str) -> str:
    if answer == 0:
        return "Zero: no difference."
    return f"Plus: brighter {plus}." if answer > 0 else f"Minus: brighter {minus}."


@question(
    "20_convolution/45_log",
    brighter=(True, False),
    radius=(3, 3, 20, 20),
    spot=("in the middle", *_OUTSIDE),
)
def response_sign(brighter: bool, radius: int, spot: str) -> Posed | None:
    """Sign of the response at a place of a disc."""
    if radius == 3 and spot[0] == "2":
        return None
    far = torch.arange(-20.0, 21)
    column = radius + _OUTSIDE[spot] if spot in _OUTSIDE else 0
    disc = far[:, None] ** 2 + (far + column) ** 2 <= radius**2
    image = disc.double() if brighter else 1 - disc.double()
    found = filters.log(image, 2.0)[20, 20].item()
    sign = 0 if abs(found) < 1e-6 else (1 if found > 0 else -1)
    disc_is, ground = ("bright", "dark") if brighter else ("dark", "bright")
    stands = ("darker", "brighter")[sign < 0]
    likely = 1 if (column > 0) == brighter else -1
    reach = "How far does the kernel reach, at three sigma? Does it meet the rim?"
    where = f"{spot} its rim" if spot in _OUTSIDE else spot
    return Posed(
        f"A {disc_is} disc of radius {radius} lies on flat {ground} ground. We filter "
        "it with a Laplacian of Gaussian of sigma 2, whose sum is zero. Which sign has "
        f"the response {where}?",
        _SIGNS[sign],
        f"Neighbours minus pixel: it is {stands} than what surrounds it."
        if sign
        else "All that the kernel reaches is alike, and its sum is zero.",
        {
            _SIGNS[-sign]: "The Laplacian takes neighbours minus the pixel itself.",
            _SIGNS[0]: "The kernel reaches three sigma, and not all that it finds "
            "there is alike.",
        }
        if sign
        else {
            _SIGNS[likely]: reach,
            _SIGNS[-likely]: "The Laplacian takes neighbours minus the pixel itself. "
            "Do they differ within the reach of the kernel?",
        },
    )


@question("20_convolution/45_log", blur=(5, 7, 9, 13, 19), second=(3, 5, 7))
def merged_kernel(blur: int, second: int) -> Posed:
    """Side of the kernel that does what two of them do."""
    impulse = torch.zeros(1, 1, 41, 41)
    impulse[..., 20, 20] = 1
    once = F.conv2d(impulse, torch.ones(1, 1, blur, blur), padding=blur // 2)
    twice = F.conv2d(once, torch.ones(1, 1, second, second), padding=second // 2)
    side = int(twice.amax(dim=2).count_nonzero())
    valid = abs(blur - second) + 1
    return Posed(
        f"A blur with {blur} x {blur} weights, then a filter with {second} x {second}. "
        "How large is the one kernel that does both at once?",
        f"{side} x {side}",
        f"The second one reaches further, by {second // 2} on each side: {blur} + 2 * "
        f"{second // 2} = {side}.",
        {
            f"{blur} x {blur}": "The second filter reaches past the blur's border.",
            f"{blur + second} x {blur + second}": "Both middles lie on the same pixel, "
            "which counts once.",
            f"{valid} x {valid}": "In so many positions one lies wholly on the other. "
            "Count those, too, where they overlap in part.",
            f"{blur * second} x {blur * second}": "What the two reach is added, not "
            "multiplied.",
        },
    )


QUESTIONS = (sobel_answer, brighter_side, response_sign, merged_kernel)
