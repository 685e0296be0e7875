"""Drawings of the lessons on splits, augmentation and workers."""

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


def splits() -> str:
    """Draw two patches of one picture that share pixels, one on either side."""
    image, cell = digit(8, skip=3), 26
    x, y = 16, 16
    # Rows 0-4 and columns 0-4 teach, rows 3-7 and columns 3-7 test.
    first = (x, y, 5 * cell, 5 * cell)
    second = (x + 3 * cell, y + 3 * cell, 5 * cell, 5 * cell)
    shared = (x + 3 * cell, y + 3 * cell, 2 * cell, 2 * cell)
    return "".join(
        [
            pixels(image * 0.75, x, y, cell),
            grid(8, 8, x, y, cell),
            rect(*shared, fill=KERNEL, tint=0.35, round_=0),
            rect(*first, stroke=INPUT, line=6),
            rect(*second, stroke=KERNEL, line=6),
        ]
    )


def augmentation() -> str:
    """Draw a digit, and the same one moved, mirrored and partly covered."""
    image = digit(5)
    moved, covered = np.zeros_like(image), image.copy()
    moved[2:, 1:] = image[:-2, :-1]
    covered[2:5, 3:6] = 0
    cell, side = 12, 96
    places = [(16, 16), (128, 16), (16, 128), (128, 128)]
    parts = []
    for k, (one, (x, y)) in enumerate(
        zip([image, moved, image[:, ::-1], covered], places, strict=True)
    ):
        parts += [
            pixels(one, x, y, cell),
            grid(8, 8, x, y, cell),
            rect(x, y, side, side, stroke=KERNEL if k else INPUT, line=4),
        ]
    x, y = places[3]
    hole = (x + 3 * cell, y + 2 * cell, 3 * cell, 3 * cell)
    parts.append(rect(*hole, fill=KERNEL, round_=0))
    return "".join(parts)


def enlarging() -> str:
    """Draw a small digit, and the same eight by eight pixels spread over the tile."""
    image = digit(3)
    smooth = np.kron(image, np.ones((3, 3)))
    for _ in range(2):
        wide = np.pad(smooth, 1, mode="edge")
        smooth = (wide[:-2] + wide[1:-1] + wide[2:])[:, 1:-1] / 3
        wide = np.pad(smooth, 1, mode="edge")
        smooth = (wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:])[1:-1] / 3
    return "".join(
        [
            pixels(np.multiply(smooth, 0.8, dtype=np.float64), 64, 64, 6.8, levels=8),
            grid(24, 24, 64, 64, 6.8),
            rect(64, 64, 163, 163, stroke=KERNEL, line=4),
            rect(12, 12, 66, 66, fill=PAPER),
            pixels(image, 13, 13, 8),
            grid(8, 8, 13, 13, 8),
            rect(12, 12, 66, 66, stroke=INPUT, line=4),
        ]
    )


def workers() -> str:
    """Draw two workers who prepare the next batches while the network computes."""
    parts = []
    for lane, (y, starts) in enumerate([(20, (8, 104)), (78, (44, 140))]):
        for k, x in enumerate(starts):
            parts += [
                rect(x, y, 90, 44, stroke=KERNEL, fill=KERNEL, tint=0.15),
                pixels(digit(2 * k + lane + 1), x + 29, y + 6, 4, levels=6),
            ]
    for k in range(3):
        x = 60 + 58 * k
        parts += [
            rect(x, 162, 52, 56, stroke=OUTPUT, fill=OUTPUT, tint=0.18),
            pixels(digit(k + 1), x + 6, 170, 5, levels=6),
        ]
    hand_over = "M116 64V78M116 122V150m-8 -9l8 9l8 -9"
    parts.append(path(hand_over, stroke=INK, line=3))
    return "".join(parts)


DRAWINGS = {
    "40_training/20_splits": splits,
    "40_training/22_augmentation": augmentation,
    "40_training/24_enlarging": enlarging,
    "40_training/25_workers": workers,
}
