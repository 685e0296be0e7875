"""Drawings of the lessons on speed and on what it changes."""

from __future__ import annotations

from drawings.shapes import GRADIENT, INK, INPUT, KERNEL, OUTPUT, PAPER, path, rect

#: Width of images, forward and backward pass in four bars, in pixels.
BARS = ((48, 66, 98), (10, 66, 98), (10, 40, 62), (10, 20, 32))
COLORS = (INPUT, OUTPUT, GRADIENT)


def fast() -> str:
    """Draw one step of training four times, each with one more switch on."""
    parts = []
    for row, widths in enumerate(BARS):
        x, y = 14.0, 24 + 50 * row
        for width, color in zip(widths, COLORS, strict=True):
            parts.append(rect(x, y, width, 34, fill=color, tint=0.85, round_=3))
            x += width + 2
        if row:
            parts.append(
                path(f"M{x + 4} {y + 17}H222", line=2, more='stroke-dasharray="2 7"')
            )
    parts.append(path("M230 14V226", line=3))
    return "".join(parts)


def switches() -> str:
    """Draw four switches, all on: one lights a lamp, the others light nothing."""
    parts = []
    for row in range(4):
        y, lit = 36 + 56 * row, row == 2
        color = OUTPUT if lit else INK
        parts += [
            rect(24, y - 18, 84, 36, stroke=color, fill=color, tint=0.12, round_=18),
            _disc(90, y, 12, color, color),
            path(f"M112 {y}H166", line=3, stroke=color),
            _disc(188, y, 20, color, OUTPUT if lit else PAPER),
        ]
    rays = "M212 132l9 -8M218 148h12M212 164l9 8"
    return "".join([*parts, path(rays, stroke=OUTPUT, line=4)])


def _disc(x: float, y: float, radius: float, stroke: str, fill: str) -> str:
    line = f'stroke="{stroke}" stroke-width="4"'
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" {line}/>'


def bits() -> str:
    """Draw the 32 bits of a float32 above the 16 that bfloat16 keeps."""

    def row(count: int, x: float, y: float) -> str:
        cells = []
        for k in range(count):
            color = KERNEL if k == 0 else INPUT if k < 9 else OUTPUT
            left, top = x + 26.5 * (k % 8), y + 26.5 * (k // 8)
            cells.append(rect(left, top, 23, 23, fill=color, tint=0.85, round_=3))
        return "".join(cells)

    return "".join(
        [
            row(32, 15, 14),
            path("M120 128v22m-10 -9l10 10l10 -10", line=4),
            row(16, 15, 166),
        ]
    )


DRAWINGS = {
    "40_training/50_fast": fast,
    "40_training/52_switches": switches,
    "40_training/55_what_changes": bits,
}
