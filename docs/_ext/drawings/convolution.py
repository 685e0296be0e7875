"""Drawings of the chapter on convolution."""

from __future__ import annotations

import numpy as np

from drawings.shapes import (
    GRADIENT,
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    digit,
    grid,
    number,
    path,
    pixels,
    rect,
)


def sliding() -> str:
    """Draw a window on a row of a real digit, on its way to the right."""
    row = digit(3)[2]
    kernel = np.array([0.25, 0.5, 0.25])
    out = np.array([row[i : i + 3] @ kernel for i in range(6)])
    cell, x, top, low = 26.0, 16.0, 56.0, 164.0
    at = 2
    left, right = x + at * cell, x + (at + 3) * cell
    x1 = x + (at + 1) * cell
    fan = f"M{left} {top + cell}L{x1} {low}M{right} {top + cell}L{x1 + cell} {low}"
    arrow = "M100 30h62m-11 -10l11 10l-11 10"
    return "".join(
        [
            pixels(row[None], x, top, cell),
            grid(1, 8, x, top, cell),
            rect(x, top, 8 * cell, cell, stroke=INPUT),
            rect(left, top - 5, 3 * cell, cell + 10, stroke=KERNEL, line=6),
            path(arrow, stroke=KERNEL, line=5),
            path(fan, stroke=KERNEL, line=2, more='stroke-dasharray="1 6"'),
            pixels(out[None, : at + 1], x + cell, low, cell, color=OUTPUT),
            grid(1, 6, x + cell, low, cell),
            rect(x + cell, low, 6 * cell, cell, stroke=OUTPUT),
            rect(x1, low - 4, cell, cell + 8, stroke=OUTPUT, line=6),
        ]
    )


def unfold() -> str:
    """Draw a window of a real digit as a column."""
    image, row, column = digit(3), 2, 3
    cell, x, y = 18.0, 18.0, 48.0
    tall, x1, y1 = 20.0, 198.0, 30.0
    window = image[row : row + 3, column : column + 3]
    wx, wy = x + column * cell, y + row * cell
    right, low = wx + 3 * cell, wy + 3 * cell
    fan = f"M{right} {wy}L{x1} {y1}M{right} {low}L{x1} {y1 + 9 * tall}"
    return "".join(
        [
            pixels(image, x, y, cell),
            grid(8, 8, x, y, cell),
            rect(x, y, 8 * cell, 8 * cell, stroke=INPUT),
            path(fan, stroke=KERNEL, line=2, more='stroke-dasharray="1 6"'),
            rect(wx, wy, 3 * cell, 3 * cell, stroke=KERNEL, line=5),
            pixels(window.reshape(9, 1), x1, y1, tall),
            grid(9, 1, x1, y1, tall),
            rect(x1, y1, tall, 9 * tall, stroke=KERNEL, line=5),
        ]
    )


def fold() -> str:
    """Draw how many windows read each pixel, and a column on its way home."""
    reads = np.outer([1, 2, 2, 1], [1, 2, 2, 1]) / 4
    cell, x, y = 34.0, 16.0, 84.0
    tall, x1, y1 = 22.0, 198.0, 20.0
    wx, wy = x + cell, y + cell
    right, low = wx + 2 * cell, wy + 2 * cell
    fan = f"M{x1} {y1}L{wx} {wy}M{x1} {y1 + 4 * tall}L{right} {low}"
    arrow = f"M{x1 - 14} {y1 + 2 * tall}L{right + 12} {wy - 8}m14 2l-14 -2l4 -14"
    return "".join(
        [
            pixels(reads, x, y, cell, color=GRADIENT),
            grid(4, 4, x, y, cell),
            rect(x, y, 4 * cell, 4 * cell, stroke=GRADIENT),
            path(fan, stroke=KERNEL, line=2, more='stroke-dasharray="1 6"'),
            rect(wx, wy, 2 * cell, 2 * cell, stroke=KERNEL, line=5),
            rect(x1, y1, tall, 4 * tall, fill=GRADIENT, tint=0.5),
            grid(4, 1, x1, y1, tall),
            rect(x1, y1, tall, 4 * tall, stroke=KERNEL, line=5),
            path(arrow, stroke=INK, line=4),
        ]
    )


def _machines(x: float, ys: list[float]) -> str:
    loops, views, table, waves, block = ys
    steps = np.linspace(0, 4 * np.pi, 25)
    wave = " ".join(
        f"{x - 22 + 44 * t / steps[-1]:.1f} {waves - 9 * np.sin(t):.1f}" for t in steps
    )
    return "".join(
        [
            path(f"M{x - 16} {loops - 9}h-7v18h7M{x + 16} {loops - 9}h7v18h-7"),
            path(f"M{x - 5} {loops - 6}h-5v12h5M{x + 5} {loops - 6}h5v12h-5"),
            rect(x - 22, views - 8, 24, 16, stroke=INK, line=3),
            rect(x - 10, views - 8, 32, 16, stroke=KERNEL, line=3),
            grid(3, 8, x - 24, table - 9, 6),
            rect(x - 24, table - 9, 48, 18, stroke=INK, line=3),
            path(f"M{wave}", stroke=INK),
            rect(x - 22, block - 9, 44, 18, fill=KERNEL, round_=4),
        ]
    )


def machines() -> str:
    """Draw five ways from one input to one output."""
    ys = [32.0, 76.0, 120.0, 164.0, 208.0]
    ways = [
        path(f"M52 120C72 120 66 {y} 86 {y}", stroke=INPUT)
        + path(f"M152 {y}C172 {y} 166 120 186 120", stroke=OUTPUT)
        for y in ys
    ]
    return "".join(
        [
            *ways,
            rect(16, 102, 36, 36, stroke=INPUT, fill=INPUT, tint=0.2, line=5),
            rect(188, 102, 36, 36, stroke=OUTPUT, fill=OUTPUT, tint=0.2, line=5),
            _machines(119, ys),
        ]
    )


def memory() -> str:
    """Draw a table of which one strip exists, and the image that asks for it."""
    cell, x, y, rows, columns = 20.0, 98.0, 18.0, 10, 6
    strip = y + 4 * cell
    ghost = rect(x, y, columns * cell, rows * cell, stroke=INK, line=3)
    dashed = ghost.replace("/>", ' stroke-dasharray="2 9" stroke-opacity=".6"/>')
    values, middle = digit(3)[2:4, 1:7], number(strip + cell)
    return "".join(
        [
            pixels(digit(3), 16, strip - 8, 7),
            rect(16, strip - 8, 56, 56, stroke=INPUT, line=5),
            path(f"M75 {middle}H{number(x)}", stroke=KERNEL),
            dashed,
            pixels(values, x, strip, cell, color=KERNEL),
            grid(2, columns, x, strip, cell),
            rect(x, strip, columns * cell, 2 * cell, stroke=KERNEL, line=5),
        ]
    )


def benchmark() -> str:
    """Draw rounds of two readings on a machine that slows down: one ratio."""
    load, x, floor, width = (1.0, 1.15, 1.0, 2.1, 2.4, 1.5), 24.0, 210.0, 13.0
    bars = []
    for k, slow in enumerate(load):
        left = x + k * 33
        for shift, height, color in ((0, 42.0, INPUT), (width + 2, 70.0, KERNEL)):
            tall = height * slow
            at = (left + shift, floor - tall, width, tall)
            bars.append(rect(*at, fill=color, round_=2))
    tops = " ".join(
        f"{number(x + k * 33 + width)} {number(floor - 70 * slow - 14)}"
        for k, slow in enumerate(load)
    )
    return "".join(
        [
            path(f"M{tops}", stroke=INK, line=2, more='stroke-dasharray="1 6"'),
            *bars,
            path(f"M16 {floor + 3}H224", line=3),
        ]
    )


DRAWINGS = {
    "20_convolution/10_sliding": sliding,
    "20_convolution/30_unfold": unfold,
    "20_convolution/32_fold": fold,
    "20_convolution/35_machines": machines,
    "20_convolution/36_memory": memory,
    "20_convolution/37_benchmark": benchmark,
}
