"""Drawings of the lessons on tensors and autograd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drawings.shapes import (
    GRADIENT,
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


def walk() -> str:
    """Draw a real digit and the way along its rows that reads it."""
    cell, x, y = 25.0, 20.0, 20.0
    left, right = x + cell / 2, x + 7.5 * cell
    rows = [y + (i + 0.5) * cell for i in range(8)]
    along = "".join(f"M{left:.0f} {y}H{right:.0f}" for y in rows)
    back = "".join(f"M{right:.0f} {y}L{left:.0f} {y + cell}" for y in rows[:-1])
    return "".join(
        [
            pixels(digit(2), x, y, cell, color=INPUT, levels=8),
            grid(8, 8, x, y, cell),
            rect(x, y, 8 * cell, 8 * cell, stroke=INPUT, line=5),
            path(back, stroke=KERNEL, line=1.5, more='stroke-dasharray="1 6"'),
            path(along, stroke=KERNEL, line=3),
            path(f"M{right - 10:.0f} {rows[-1] - 9}l10 9l-10 9", stroke=KERNEL),
        ]
    )


def _cells(rows: int, columns: int, x: float, y: float, color: str) -> str:
    cell = 40.0
    width, height = columns * cell, rows * cell
    return (
        rect(x, y, width, height, fill=color, tint=0.3)
        + grid(rows, columns, x, y, cell)
        + rect(x, y, width, height, stroke=color, line=5)
    )


def broadcast() -> str:
    """Draw a column and a row that spread over a table."""
    arrows = "".join(f"M62 {98 + 40 * i}h18m-7 -7l7 7l-7 7" for i in range(3))
    arrows += "".join(f"M{106 + 40 * j} 58v12m-7 -7l7 7l7 -7" for j in range(3))
    return "".join(
        [
            _cells(3, 1, 14, 78, INPUT),
            _cells(1, 3, 86, 14, INPUT),
            _cells(3, 3, 86, 78, OUTPUT),
            path(arrows, line=2.5),
        ]
    )


def precision() -> str:
    """Draw the bits of three kinds of number: sign, exponent, fraction."""
    parts = []
    kinds = ((1, 11, 52), (1, 8, 23), (1, 8, 7))
    for y, bits in zip((38.0, 98.0, 158.0), kinds, strict=True):
        x, unit = 16.0, 208 / 64
        for count, color, tint in zip(
            bits, (INK, KERNEL, INPUT), (0.5, 0.75, 0.75), strict=True
        ):
            parts.append(rect(x, y, count * unit, 44, fill=color, tint=tint, round_=0))
            x += count * unit
        parts.append(rect(16, y, sum(bits) * unit, 44, stroke=INK, line=3))
    return "".join(parts)


def one_memory() -> str:
    """Draw one row of numbers that two frames hold."""
    cell, x, y = 40.0, 20.0, 100.0
    return "".join(
        [
            rect(x, y, 5 * cell, cell, fill=INK, tint=0.12),
            grid(1, 5, x, y, cell),
            rect(x, y, 5 * cell, cell, stroke=INK, line=3),
            rect(36, 24, 88, 44, stroke=INPUT, fill=INPUT, tint=0.25, round_=8),
            rect(116, 172, 88, 44, stroke=KERNEL, fill=KERNEL, tint=0.25, round_=8),
            path("M44 68L22 96M116 68L218 96", stroke=INPUT),
            path("M124 172L22 144M196 172L218 144", stroke=KERNEL),
        ]
    )


def _dot(x: float, y: float, color: str, radius: float = 15) -> str:
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{PAPER}"/>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{color}"'
        f' fill-opacity=".25" stroke="{color}" stroke-width="5"/>'
    )


def autograd() -> str:
    """Draw a small graph: data go down, gradients come back up."""
    return "".join(
        [
            path("M60 32L114 104M180 32L126 104M120 120V196", line=4),
            path("M92 190V128L36 62m1 17l-1 -17l17 2", stroke=GRADIENT, line=6),
            path("M148 190V128L204 62m-17 2l17 -2l-1 17", stroke=GRADIENT, line=6),
            _dot(60, 32, KERNEL),
            _dot(180, 32, KERNEL),
            _dot(120, 114, INK),
            _dot(120, 206, OUTPUT, 20),
        ]
    )


def modes() -> str:
    """Draw many inputs and one output, and the one sweep back that serves them all."""
    ys = [28 + 30.5 * k for k in range(7)]
    forward = "".join(f"M52 {y}L188 120" for y in ys)
    return "".join(
        [
            path(forward, line=2, more='stroke-opacity=".45"'),
            path(
                "M196 74C160 26 120 22 84 22m14 -12l-14 12l14 12",
                stroke=GRADIENT,
                line=6,
            ),
            *[_dot(40, y, KERNEL, 10) for y in ys],
            _dot(200, 120, OUTPUT, 24),
        ]
    )


def saturation() -> str:
    """Draw the logistic curve, flat at its end, where the logarithm breaks."""
    z = np.linspace(-6, 6, 49)
    points = zip(16 + (z + 6) / 12 * 208, 200 - 150 / (1 + np.exp(-z)), strict=True)
    curve = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return "".join(
        [
            path("M16 200H224M16 50H224", line=2, more='stroke-dasharray="2 7"'),
            path(f"M{curve}", stroke=OUTPUT, line=7),
            f'<circle cx="208" cy="52" r="22" fill="{PAPER}"/>',
            path("M196 40l24 24m0 -24l-24 24", stroke=KERNEL, line=7),
        ]
    )


DRAWINGS: dict[str, Callable[[], str]] = {
    "10_tensors/10_tensors": walk,
    "10_tensors/12_shapes": broadcast,
    "10_tensors/15_places": precision,
    "10_tensors/17_ecosystem": one_memory,
    "10_tensors/20_autograd": autograd,
    "10_tensors/25_directions": modes,
    "10_tensors/27_saturation": saturation,
}
