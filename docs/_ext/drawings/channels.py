"""Drawings of the lessons on channels, pooling and shifts."""

from __future__ import annotations

from drawings.shapes import INK, INPUT, KERNEL, OUTPUT, grid, path, rect


def channels() -> str:
    """Draw three inputs, each through a kernel of its own, added to one output."""
    ways = []
    for y in (20.0, 92.0, 164.0):
        middle = y + 28
        ways += [
            rect(14, y, 56, 56, stroke=INPUT, fill=INPUT, tint=0.2, line=5),
            path(f"M70 {middle}H86", stroke=INK),
            rect(88, middle - 16, 32, 32, fill=KERNEL),
            grid(3, 3, 88, middle - 16, 32 / 3),
            path(f"M122 {middle}L143 {120 + (middle - 120) * 0.28:.0f}", stroke=INK),
        ]
    circle = f'stroke="{INK}" stroke-width="3"'
    plus = f'<circle cx="152" cy="120" r="14" fill="none" {circle}/>'
    return "".join(
        [
            *ways,
            plus,
            path("M145 120H159M152 113V127M166 120H174", stroke=INK),
            rect(176, 95, 50, 50, stroke=OUTPUT, fill=OUTPUT, tint=0.2, line=5),
        ]
    )


DRAWINGS = {
    "20_convolution/50_channels": channels,
}
