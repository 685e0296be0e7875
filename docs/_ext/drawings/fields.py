"""Drawings of the lessons on receptive fields."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drawings.shapes import (
    GRADIENT,
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    digit,
    grid,
    path,
    pixels,
    rect,
)


def receptive_field() -> str:
    """Draw how one number reads three, these five, and these seven pixels."""
    cell, ys = 26.0, [188.0, 134.0, 80.0, 26.0]
    colors = [INPUT, INK, INK, OUTPUT]
    parts = []
    for k, (y, color) in enumerate(zip(ys, colors, strict=True)):
        count = 7 - 2 * k
        x = 120 - count * cell / 2
        if k:
            for i in range(count):
                middle = x + (i + 0.5) * cell
                low, top = f"{y + cell - 2:.0f}", f"{ys[k - 1]:.0f}"
                ways = (
                    f"M{middle:.0f} {low}L{middle + d * cell:.0f} {top}"
                    for d in (-1, 0, 1)
                )
                parts.append(path("".join(ways), stroke=KERNEL, line=2))
        tint = 0.2 if color == INK else 0.45
        parts += [
            rect(
                x + i * cell + 2,
                y,
                cell - 4,
                cell - 2,
                stroke=color,
                fill=color,
                tint=tint,
            )
            for i in range(count)
        ]
    return "".join(parts)


def hidden_pixels() -> str:
    """Draw a field with the pixels that a gradient loses where maxima tie."""
    cell, x = 19.0, 25.0
    kept = np.ones((10, 10))
    kept[9], kept[:, 9] = 0, 0
    shown = 0.35 + 0.65 * np.add.outer(np.hanning(12)[1:-1], np.hanning(12)[1:-1]) / 2
    lost = path(
        "".join(
            f"M{x + j * cell + 6:.0f} {x + i * cell + 6:.0f}l7 7m0 -7l-7 7"
            for i, j in zip(*np.nonzero(kept == 0), strict=True)
        ),
        line=2.5,
    )
    return "".join(
        [
            pixels(shown * kept, x, x, cell, color=GRADIENT),
            grid(10, 10, x, x, cell),
            lost,
            rect(x, x, 10 * cell, 10 * cell, stroke=KERNEL, line=5),
        ]
    )


def effective_field() -> str:
    """Draw a field as it is computed, a frame, and as it is felt, a blob inside."""
    image, side, cell = digit(0), 8, 26.0
    x = y = (240 - side * cell) / 2
    line = np.ones(1)
    for _ in range(10):
        line = np.convolve(line, np.ones(3) / 3)
    blob = np.outer(line, line)
    fine = cell * 6 / len(line)
    left = x + cell
    return "".join(
        [
            pixels(image * 0.35, x, y, cell, levels=8),
            rect(x, y, side * cell, side * cell, stroke=INPUT),
            pixels(blob / blob.max(), left, left, fine, color=GRADIENT, levels=10),
            rect(left, left, 6 * cell, 6 * cell, stroke=KERNEL, line=5),
        ]
    )


DRAWINGS: dict[str, Callable[[], str]] = {
    "20_convolution/70_receptive_field": receptive_field,
    "20_convolution/75_what_one_number_sees": hidden_pixels,
    "20_convolution/77_effective_field": effective_field,
}
