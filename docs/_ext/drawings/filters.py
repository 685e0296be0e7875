"""Drawings of the lessons on filters."""

from __future__ import annotations

import numpy as np

from drawings.shapes import (
    INPUT,
    KERNEL,
    OUTPUT,
    correlate,
    digit,
    path,
    pixels,
    rect,
)

RIGHT = np.outer([1.0, 2, 1], [-1.0, 0, 1])


def _arrow(x: float, y: float, across: float, down: float) -> str:
    """Draw an arrow around (x, y) that goes so far to the right and downwards."""
    tip, tail = (x + across / 2, y + down / 2), (x - across / 2, y - down / 2)
    wings = "".join(
        f"M{tip[0]:.1f} {tip[1]:.1f}"
        f"l{-0.4 * across - turn * down:.1f} {-0.4 * down + turn * across:.1f}"
        for turn in (-0.3, 0.3)
    )
    return f"M{tail[0]:.1f} {tail[1]:.1f}L{tip[0]:.1f} {tip[1]:.1f}{wings}"


def sobel() -> str:
    """Draw a real digit and, on the rim of its stroke, arrows into the ink."""
    image = np.pad(digit(0), 1)
    across, down = correlate(image, RIGHT), correlate(image, RIGHT.T)
    strength = np.hypot(across, down)
    cell, x, y = 25.0, 20.0, 20.0
    arrows = [
        _arrow(
            x + (j + 0.5) * cell,
            y + (i + 0.5) * cell,
            24 * across[i, j] / strength.max(),
            24 * down[i, j] / strength.max(),
        )
        for i, j in np.argwhere(strength > 0.45 * strength.max())
    ]
    return "".join(
        [
            f'<g opacity=".5">{pixels(digit(0), x, y, cell)}</g>',
            rect(x, y, 8 * cell, 8 * cell, stroke=INPUT),
            path("".join(arrows), stroke=OUTPUT, line=4),
        ]
    )


def log() -> str:
    """Draw the kernel as a curve, and seen from above: a hole with a rim."""
    side = np.linspace(-3.6, 3.6, 61)
    curve = (side**2 - 2) * np.exp(-(side**2) / 2)
    line = "L".join(
        f"{120 + 30 * a:.1f} {34 - 32 * b:.1f}"
        for a, b in zip(side, curve, strict=True)
    )
    x = np.linspace(-3.6, 3.6, 17)
    far = x[:, None] ** 2 + x**2
    kernel = (far - 2) * np.exp(-far / 2)
    rim, hole = kernel.clip(min=0), -kernel.clip(max=0)
    cell, left, top = 6.6, 63.9, 114.0
    return "".join(
        [
            path("M12 34H228", line=1.5, more='stroke-opacity=".5"'),
            path(f"M{line}", stroke=KERNEL, line=6),
            pixels(rim / rim.max(), left, top, cell, color=KERNEL, levels=6),
            pixels(hole / hole.max() * 0.8, left, top, cell, levels=8),
        ]
    )


def vectors() -> str:
    """Draw a square kernel beside the column and the row that it is made of."""
    x = np.linspace(-2, 2, 9)
    bell = np.exp(-(x**2) / 2)
    cell, left, top = 18.0, 62.0, 62.0
    side = 9 * cell
    return "".join(
        [
            pixels(bell[:, None], 20, top, cell, color=KERNEL, levels=8),
            rect(20, top, cell, side, stroke=KERNEL),
            pixels(bell[None], left, 20, cell, color=KERNEL, levels=8),
            rect(left, 20, side, cell, stroke=KERNEL),
            pixels(np.outer(bell, bell), left, top, cell, color=KERNEL, levels=8),
            rect(left, top, side, side, stroke=KERNEL, line=2),
        ]
    )


def blobs() -> str:
    """Draw soft discs of several sizes, each with the circle that fits it."""
    places = [(76, 80, 44), (172, 62, 20), (186, 148, 30), (96, 186, 24), (40, 150, 10)]
    discs = [
        f'<circle cx="{x}" cy="{y}" r="{r * share:.1f}" fill="{INPUT}"'
        f' fill-opacity=".2"/>'
        for x, y, r in places
        for share in (1.05, 0.9, 0.75, 0.6)
    ]
    rings = [
        path(f"M{x - r} {y}a{r} {r} 0 1 1 0 .1", stroke=KERNEL, line=5)
        for x, y, r in places
    ]
    return "".join([*discs, *rings])


DRAWINGS = {
    "20_convolution/40_sobel": sobel,
    "20_convolution/45_log": log,
    "20_convolution/46_vectors": vectors,
    "20_convolution/47_blobs": blobs,
}
