"""Drawings of the lessons on norms, dropout and optimisers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import (
    GRADIENT,
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    number,
    path,
    rect,
)

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


def _arrow(x0: float, y0: float, x1: float, y1: float, color: str) -> str:
    """Draw an arrow with a head of two strokes."""
    way = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    across = np.array([-way[1], way[0]])
    ends = [np.array([x1, y1]) - 15 * way + side * 9 * across for side in (1, -1)]
    (a, b), (c, d) = ends
    head = f"M{number(a)} {number(b)}L{x1:g} {y1:g}L{number(c)} {number(d)}"
    return path(f"M{x0:g} {y0:g}L{x1:g} {y1:g}{head}", stroke=color, line=5)


def optimisers() -> str:
    """Draw weights, the pull of the slope, the pull towards zero, and where they go."""
    rings = "".join(
        f'<circle cx="40" cy="200" r="{r}" fill="none" stroke="{INK}"'
        ' stroke-width="2" stroke-opacity=".3"/>'
        for r in (24, 62, 100, 138, 176)
    )
    start = (
        f'<circle cx="196" cy="48" r="11" fill="{PAPER}" stroke="{INK}"'
        ' stroke-width="5"/>'
    )
    return "".join(
        [
            rings,
            path("M196 48L108 26M196 48L150 97", line=2, more='stroke-dasharray="3 7"'),
            _arrow(196, 48, 108, 26, GRADIENT),
            _arrow(196, 48, 150, 97, KERNEL),
            _arrow(196, 48, 62, 75, OUTPUT),
            path("M108 26L62 75L150 97", line=2, more='stroke-dasharray="3 7"'),
            start,
            f'<circle cx="40" cy="200" r="7" fill="{INK}"/>',
        ]
    )


def schedules() -> str:
    """Draw a rate that rises and falls, over one that falls in stairs."""
    x = np.linspace(0, 1, 60)
    up = (1 - np.cos(np.pi * np.minimum(x / 0.3, 1))) / 2
    down = (1 + np.cos(np.pi * np.clip((x - 0.3) / 0.7, 0, 1))) / 2
    hill = _curve(16 + 208 * x, 212 - 178 * np.where(x < 0.3, up, down))
    stairs = "M16 34H120V146H172V192H224"
    area = f'<path d="{hill}L224 212L16 212Z" fill="{OUTPUT}" fill-opacity=".15"/>'
    return "".join(
        [
            area,
            path("M12 214H228", line=2.5),
            path(stairs, line=3, more='stroke-opacity=".5" stroke-dasharray="4 8"'),
            path(hill, stroke=OUTPUT, line=7),
        ]
    )


def norm_at_work() -> str:
    """Draw a signal that fades from layer to layer, and one that does not."""
    parts = []
    for row, keep in ((62, 0.66), (178, 1.0)):
        for k in range(7):
            half = 42 * keep**k
            x = 26 + 31 * k
            color = INPUT if k == 0 else OUTPUT
            parts.append(
                f'<path d="M{x - 9} {number(row - half)}h18v{number(2 * half)}h-18z"'
                f' fill="{color}" fill-opacity="{1 if keep == 1 else 0.45}"/>'
            )
        parts.append(path(f"M8 {row}H232", line=2, more='stroke-opacity=".4"'))
    return "".join(parts)


def train_or_eval() -> str:
    """Draw one switch twice: to the left with a scatter, to the right with a point."""
    parts = []
    rng = np.random.default_rng(3)
    for y, on in ((66, False), (174, True)):
        color = OUTPUT if on else KERNEL
        knob = 92 if on else 48
        parts += [
            rect(14, y - 34, 112, 68, stroke=color, fill=color, tint=0.18, round_=34),
            f'<circle cx="{knob}" cy="{y}" r="24" fill="{color}"/>',
        ]
        spots = [(190.0, float(y))] if on else rng.normal((190, y), 20, (14, 2))
        parts += [
            f'<circle cx="{number(a)}" cy="{number(b)}" r="{11 if on else 6}"'
            f' fill="{color}" fill-opacity="{1 if on else 0.7}"/>'
            for a, b in spots
        ]
    return "".join(parts)


DRAWINGS = {
    "40_training/30_batch_norm": batch_norm,
    "40_training/31_norm_at_work": norm_at_work,
    "40_training/32_dropout": dropout,
    "40_training/33_train_or_eval": train_or_eval,
    "40_training/34_optimisers": optimisers,
    "40_training/35_schedules": schedules,
}
