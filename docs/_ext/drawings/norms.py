"""Drawings of the lessons on norms, dropout and optimisers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import INK, INPUT, OUTPUT, PAPER, number, path

if TYPE_CHECKING:
    from drawings.shapes import Array


def _curve(x: Array, y: Array) -> str:
    points = (f"{number(a)} {number(b)}" for a, b in zip(x, y, strict=True))
    return "M" + "L".join(points)


def _bell(middle: float, width: float, height: float, foot: float, color: str) -> str:
    x = np.linspace(middle - 3 * width, middle + 3 * width, 40)
    y = foot - height * np.exp(-(((x - middle) / width) ** 2) / 2)
    shape = _curve(x, y)
    area = f'<path d="{shape}Z" fill="{color}" fill-opacity=".18"/>'
    return area + path(shape, stroke=color, line=5)


def batch_norm() -> str:
    """Draw three bells of different places and widths, and below them one of each."""
    bells = ((46, 9, 84), (104, 17, 58), (184, 14, 70))
    before = [_bell(m, w, h, 104, INPUT) for m, w, h in bells]
    arrows = "".join(
        path(f"M{m} 114C{m} 134 120 128 120 144", line=2.5, more='stroke-opacity=".55"')
        for m, *_ in bells
    )
    after = [_bell(120, 17 * k, 78, 226, OUTPUT) for k in (0.94, 1, 1.06)]
    foot = path("M12 104H228M12 226H228", line=2)
    return "".join([*before, arrows, *after, foot])


def dropout() -> str:
    """Draw a network of which some units are missing, with all that they carried."""
    layers = [
        [(34, 28 + 46 * k) for k in range(5)],
        [(120, 28 + 46 * k) for k in range(5)],
        [(206, 74 + 46 * k) for k in range(3)],
    ]
    dropped = {(0, 1), (0, 4), (1, 0), (1, 2), (1, 3)}
    lines, dots = [], []
    for n, layer in enumerate(layers):
        for k, (x, y) in enumerate(layer):
            gone = (n, k) in dropped
            color = INPUT if n == 0 else OUTPUT
            look = (
                f'fill="{PAPER}" stroke="{INK}" stroke-opacity=".45"'
                ' stroke-width="3" stroke-dasharray="4 6"'
                if gone
                else f'fill="{color}"'
            )
            dots.append(f'<circle cx="{x}" cy="{y}" r="15" {look}/>')
            for m, (a, b) in enumerate(layers[n + 1] if n < 2 else []):
                if not gone and (n + 1, m) not in dropped:
                    lines.append(f"M{x} {y}L{a} {b}")
    return path("".join(lines), line=3, more='stroke-opacity=".6"') + "".join(dots)


DRAWINGS = {
    "40_training/30_batch_norm": batch_norm,
    "40_training/32_dropout": dropout,
}
