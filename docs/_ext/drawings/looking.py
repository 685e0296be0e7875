"""Drawings of the lessons on what a network learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    correlate,
    digit,
    grid,
    path,
    pixels,
    rect,
)

if TYPE_CHECKING:
    from drawings.shapes import Array

#: An edge, a bar, a corner, and a spot.
PATTERNS = (
    [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    [[-0.6, 1, -0.6], [-0.6, 1, -0.6], [-0.6, 1, -0.6]],
    [[1, 0.6, 0], [0.6, 0, -0.6], [0, -0.6, -1]],
    [[-0.4, -0.4, -0.4], [-0.4, 1, -0.4], [-0.4, -0.4, -0.4]],
)


def _kernel(values: Array, x: float, y: float, cell: float) -> str:
    """Draw weights: kernel orange above zero, ink below, nothing at zero."""
    side = len(values) * cell
    return "".join(
        [
            rect(x, y, side, side, fill=PAPER),
            pixels(values.clip(min=0), x, y, cell, color=KERNEL, levels=10),
            pixels(-values.clip(max=0) * 0.75, x, y, cell, levels=10),
            grid(len(values), len(values), x, y, cell),
            rect(x, y, side, side, stroke=INK, line=2.5),
        ]
    )


def filters() -> str:
    """Draw four filters whose signs can be told."""
    return "".join(
        _kernel(np.array(values), 12 + 112 * (k % 2), 12 + 112 * (k // 2), 34.6)
        for k, values in enumerate(PATTERNS)
    )


def patches() -> str:
    """Draw nine digits, each with the place where one kernel answers most."""
    parts = []
    for k in range(9):
        x, y = 14 + 74 * (k % 3), 14 + 74 * (k // 3)
        image = digit(k + 1)
        answers = correlate(image, np.array(PATTERNS[0]))
        row, column = np.unravel_index(answers.argmax(), answers.shape)
        parts += [
            pixels(image, x, y, 8, levels=6),
            rect(x, y, 64, 64, stroke=INK, line=1.5),
            rect(x + 8 * float(column), y + 8 * float(row), 24, 24, stroke=KERNEL),
        ]
    return "".join(parts)


def mistakes() -> str:
    """Draw a table of five classes: a full diagonal, and one pair that is mixed up."""
    cell = 43
    right = (0.9, 0.95, 0.55, 0.9, 0.6)
    wrong = {(2, 4): 1.0, (4, 2): 0.75, (0, 2): 0.2, (3, 1): 0.15}
    squares = [
        rect(13 + cell * k, 13 + cell * k, cell, cell, fill=INPUT, tint=tint, round_=0)
        for k, tint in enumerate(right)
    ]
    squares += [
        rect(13 + cell * j, 13 + cell * i, cell, cell, fill=KERNEL, tint=tint, round_=0)
        for (i, j), tint in wrong.items()
    ]
    x, y = 13 + 4.5 * cell, 13 + 2.5 * cell
    cross = path(f"M{x - 9} {y - 9}l18 18m0 -18l-18 18", stroke=PAPER, line=5)
    frame = rect(13, 13, 5 * cell, 5 * cell, stroke=INK, line=2.5)
    return "".join([*squares, grid(5, 5, 13, 13, cell), frame, cross])


def heat() -> str:
    """Draw a digit, a square that covers a part of it, and the score that falls."""
    cell, corner, size = 21, (3, 3), 3
    image = digit(4)
    x, y = 14 + cell * corner[1], 36 + cell * corner[0]
    bars = ((196, 168.0, 0.3), (218, 64.0, 1.0))
    return "".join(
        [
            pixels(image, 14, 36, cell, levels=8),
            rect(14, 36, 8 * cell, 8 * cell, stroke=INPUT),
            rect(x, y, size * cell, size * cell, fill=PAPER, round_=2),
            rect(x, y, size * cell, size * cell, fill=INK, tint=0.22, round_=2),
            rect(x, y, size * cell, size * cell, stroke=KERNEL, line=5, round_=2),
            *[
                rect(left, 204 - high, 16, high, fill=OUTPUT, tint=tint, round_=2)
                for left, high, tint in bars
            ],
            path("M193 204H237", line=2.5),
        ]
    )


DRAWINGS = {
    "40_training/40_filters_and_maps": filters,
    "40_training/41_what_channels_like": patches,
    "40_training/42_mistakes": mistakes,
    "40_training/44_where_it_looks": heat,
}
