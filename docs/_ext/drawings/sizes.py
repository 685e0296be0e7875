"""Drawings of the lessons on output sizes."""

from __future__ import annotations

import numpy as np

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    digit,
    grid,
    path,
    pixels,
    rect,
)


def output_size() -> str:
    """Draw a window in each of its places on one row, and the output they make."""
    cell, x, y = 24.0, 12.0, 16.0
    stairs = [
        rect(
            x + 2 * k * cell,
            y + 36 + 34 * k,
            3 * cell,
            26,
            stroke=KERNEL,
            fill=KERNEL,
            tint=0.3,
        )
        for k in range(4)
    ]
    return "".join(
        [
            rect(x + cell, y, 7 * cell, cell, fill=INPUT, tint=0.2),
            grid(1, 9, x, y, cell),
            rect(x, y, 9 * cell, cell, stroke=INK, line=2),
            rect(x + cell, y, 7 * cell, cell, stroke=INPUT),
            *stairs,
            rect(60, 196, 120, 30, fill=OUTPUT, tint=0.3),
            grid(1, 4, 60, 196, 30),
            rect(60, 196, 120, 30, stroke=OUTPUT),
        ]
    )


def left_over() -> str:
    """Draw windows on a digit that never come to the last row and column."""
    cell, x, y = 25.0, 20.0, 20.0
    image = digit(5)
    strikes = "".join(
        f"M{x + j * cell + 8} {y + i * cell + 8}l9 9m0 -9l-9 9"
        for i in range(8)
        for j in range(8)
        if 7 in (i, j)
    )
    return "".join(
        [
            pixels(image, x, y, cell, levels=6),
            grid(8, 8, x, y, cell),
            rect(x, y, 8 * cell, 8 * cell, stroke=INPUT),
            rect(x + 7 * cell, y, cell, 8 * cell, fill=PAPER, tint=0.75),
            rect(x, y + 7 * cell, 7 * cell, cell, fill=PAPER, tint=0.75),
            rect(x, y, 7 * cell, 7 * cell, stroke=KERNEL, line=2),
            rect(
                x + 4 * cell,
                y + 4 * cell,
                3 * cell,
                3 * cell,
                stroke=KERNEL,
                fill=KERNEL,
                tint=0.2,
                line=6,
            ),
            path(strikes, stroke=INK, line=2.5),
        ]
    )


def wrong_size() -> str:
    """Draw seven pegs before eight holes: one size off."""
    tall, x0, x1 = 24.0, 22.0, 152.0
    pegs, holes = 7, 8
    rows = [
        rect(x0, 36 + k * tall, 66, tall - 8, stroke=OUTPUT, fill=OUTPUT, tint=0.3)
        for k in range(pegs)
    ]
    slots = [
        rect(x1, 24 + k * tall, 34, tall - 8, stroke=INK, line=3, fill=PAPER)
        for k in range(holes)
    ]
    return "".join(
        [
            rect(14, 26, 14, pegs * tall + 12, fill=OUTPUT, round_=6),
            *rows,
            rect(x1, 14, 68, holes * tall + 12, fill=INK, tint=0.12, round_=8),
            rect(x1, 14, 68, holes * tall + 12, stroke=INK, round_=8),
            *slots,
            path("M104 104l32 32m0 -32l-32 32", stroke=KERNEL, line=8),
        ]
    )


def transposed() -> str:
    """Draw a wide matrix of kernels, and the same one on its side."""
    cell, x, y = 23.0, 20.0, 22.0
    bands = [(i, 2 * i + j - 1) for i in range(3) for j in range(3)]
    inside = [(i, j, 0.3 + 0.3 * (j - 2 * i + 1)) for i, j in bands if 0 <= j < 5]
    left, top = x + 3.4 * cell, y + 3.6 * cell
    wide = [
        rect(x + j * cell, y + i * cell, cell, cell, fill=KERNEL, tint=round(t, 1))
        for i, j, t in inside
    ]
    tall = [
        rect(
            left + i * cell + 28,
            top + j * cell,
            cell,
            cell,
            fill=KERNEL,
            tint=round(t, 1),
        )
        for i, j, t in inside
    ]
    start, end = f"{x + 5 * cell + 14} {y + 26}", f"206 {top - 14}"
    turn = f"M{start}C210 {y + 20} 214 {y + 40} {end}m-9 -10l8 11l10 -8"
    return "".join(
        [
            *wide,
            grid(3, 5, x, y, cell),
            rect(x, y, 5 * cell, 3 * cell, stroke=KERNEL),
            *tall,
            grid(5, 3, left + 28, top, cell),
            rect(left + 28, top, 3 * cell, 5 * cell, stroke=KERNEL),
            path(turn, line=4),
            rect(x, top + 6, 22, 5 * cell - 12, stroke=INPUT, fill=INPUT, tint=0.2),
            rect(
                x + 56,
                top + 34,
                22,
                3 * cell - 22,
                stroke=OUTPUT,
                fill=OUTPUT,
                tint=0.2,
            ),
        ]
    )


def checkerboard() -> str:
    """Draw how many stamps of 3 x 3 each pixel gets at stride 2."""
    cell, x, y = 24.0, 12.0, 12.0
    counts = np.zeros((9, 9))
    for i in range(0, 7, 2):
        for j in range(0, 7, 2):
            counts[i : i + 3, j : j + 3] += 1
    return "".join(
        [
            pixels(counts / 4, x, y, cell, color=OUTPUT, levels=4),
            grid(9, 9, x, y, cell),
            rect(x, y, 9 * cell, 9 * cell, stroke=OUTPUT),
            rect(x, y, 3 * cell, 3 * cell, stroke=KERNEL, line=6),
            rect(x + 2 * cell, y, 3 * cell, 3 * cell, stroke=KERNEL, line=3),
            rect(x, y + 2 * cell, 3 * cell, 3 * cell, stroke=KERNEL, line=3),
        ]
    )


DRAWINGS = {
    "20_convolution/20_output_size": output_size,
    "20_convolution/22_left_over": left_over,
    "20_convolution/25_wrong_size": wrong_size,
    "20_convolution/27_transposed": transposed,
    "20_convolution/28_checkerboard": checkerboard,
}
