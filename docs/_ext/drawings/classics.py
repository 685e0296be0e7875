"""Drawings of the lessons on AlexNet, SimpleCNN and VGG."""

from __future__ import annotations

import itertools

import numpy as np

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    correlate,
    digit,
    number,
    path,
    pixels,
    rect,
)

#: AlexNet after each convolution and its pooling: side of the maps, how many.
ALEXNET = ((55, 96), (27, 256), (13, 384), (13, 384), (6, 256))
SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def _box(x: float, y: float, side: float, depth: float, color: str) -> str:
    """Draw maps as a box: ``side`` high, ``depth`` thick to the right."""
    lean = side * 0.28
    top, bottom = y - side / 2, y + side / 2
    front = rect(x, top, depth, side, stroke=color, line=2.5, fill=color, tint=0.35)
    roof = (
        f"M{number(x)} {number(top)}l{number(lean)} {number(-lean)}h{number(depth)}"
        f"v{number(side)}L{number(x + depth)} {number(bottom)}V{number(top)}z"
        f"M{number(x + depth)} {number(top)}l{number(lean)} {number(-lean)}"
    )
    shape = path(roof, stroke=color, line=2.5, fill=color, more='fill-opacity=".15"')
    return shape + front


def alexnet() -> str:
    """Draw AlexNet's maps to scale, small and many, and the large tables behind."""
    parts = [_box(6, 136, 104, 3, INPUT)]
    x = 43.0
    for side, count in ALEXNET:
        depth = 3 + count / 24
        parts.append(_box(x, 136, 8 + side * 1.05, depth, OUTPUT))
        x += depth + 9 + side * 0.18
    for height in (124, 124, 16):
        top = 136 - height / 2
        parts.append(rect(x + 4, top, 9, height, fill=KERNEL, round_=2))
        x += 17
    return "".join(parts)


def relu_or_tanh() -> str:
    """Draw a curve that flattens on both sides, and one that goes on."""
    t = np.linspace(-1, 1, 50)
    x, y = 120 + 104 * t, 146 - 58 * np.tanh(3.2 * t)
    points = (f"{number(a)} {number(b)}" for a, b in zip(x, y, strict=True))
    return "".join(
        [
            path("M12 146H228M120 28V216", line=2, more='stroke-opacity=".4"'),
            path("M" + "L".join(points), line=6, more='stroke-opacity=".65"'),
            path("M16 146H120L222 26", stroke=OUTPUT, line=8),
        ]
    )


def simple_cnn() -> str:
    """Draw maps of half the side and twice the number, step by step."""
    image = digit(3)
    edges = [np.abs(correlate(image, kernel)) for kernel in (SOBEL, SOBEL.T)]
    halves = [e.reshape(3, 2, 3, 2).max((1, 3)) for e in (*edges, *edges[::-1])]

    def tile(x: float, y: float, side: float, values: np.ndarray, color: str) -> str:
        inside = pixels(
            values / values.max(), x, y, side / len(values), color=color, levels=6
        )
        return (
            rect(x, y, side, side, fill=PAPER, round_=1)
            + inside
            + rect(x, y, side, side, stroke=color, line=3, round_=1)
        )

    parts = [tile(14, 14, 136, image, INPUT)]
    parts += [tile(158, 14 + 70 * k, 66, e, OUTPUT) for k, e in enumerate(edges)]
    parts += [tile(14 + 35 * k, 160, 31, h, OUTPUT) for k, h in enumerate(halves)]
    parts += [
        rect(14 + 17.4 * k, 200, 14, 14, stroke=OUTPUT, fill=OUTPUT, tint=0.4, line=2.5)
        for k in range(8)
    ]
    return "".join([*parts, rect(158, 160, 66, 56, fill=KERNEL, round_=3)])


def vgg() -> str:
    """Draw five pixels, three windows of three, and the one that reads them all."""
    cell, rows = 40.0, ((5, 176.0, INPUT), (3, 100.0, OUTPUT), (1, 24.0, OUTPUT))
    parts = []
    for (count, y, _), (above, top, _) in itertools.pairwise(rows):
        left, over = 120 - count * cell / 2, 120 - above * cell / 2
        for k in range(above):
            middle = over + (k + 0.5) * cell
            foot = left + k * cell
            ends = (foot + 3, y), (middle, top + 36), (foot + 3 * cell - 3, y)
            way = "L".join(f"{number(a)} {number(b)}" for a, b in ends)
            look = 'stroke-opacity=".7"'
            parts.append(path(f"M{way}", stroke=KERNEL, line=2.5, more=look))
    for count, y, color in rows:
        left = 120 - count * cell / 2
        parts += [
            rect(left + k * cell + 2, y, 36, 36, stroke=color, fill=PAPER, line=4)
            + rect(left + k * cell + 2, y, 36, 36, fill=color, tint=0.4)
            for k in range(count)
        ]
    return "".join(parts)


def without_bias() -> str:
    """Draw a curve lifted by a bias, and the norm that brings it down again."""
    t = np.linspace(0, 1, 40)
    wave = 16 * np.sin(9.4 * t) + 9 * np.sin(23 * t + 1)

    def curve(x: float, middle: float, color: str) -> str:
        points = zip(x + 62 * t, middle - wave, strict=True)
        line = "L".join(f"{number(a)} {number(b)}" for a, b in points)
        return path("M" + line, stroke=color, line=5)

    def arrow(x: float, start: float, end: float, color: str) -> str:
        head = 11 if end > start else -11
        tip = f"M{x - 10:g} {end - head:g}L{x:g} {end:g}L{x + 10:g} {end - head:g}"
        return path(f"M{x:g} {start:g}V{end:g}{tip}", stroke=color, line=6)

    return "".join(
        [
            path("M10 182H230", line=2, more='stroke-opacity=".4"'),
            curve(10, 182, INPUT),
            arrow(80, 158, 82, KERNEL),
            curve(89, 74, INK),
            arrow(160, 82, 158, OUTPUT),
            curve(168, 182, OUTPUT),
        ]
    )


DRAWINGS = {
    "50_architectures/10_alexnet": alexnet,
    "50_architectures/12_relu_or_tanh": relu_or_tanh,
    "50_architectures/20_simple_cnn": simple_cnn,
    "50_architectures/22_vgg": vgg,
    "50_architectures/24_without_bias": without_bias,
}
