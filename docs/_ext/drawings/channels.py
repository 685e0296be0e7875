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


def cheaper() -> str:
    """Draw a table of kernels in which only the blocks on the diagonal are filled."""
    cell, x, y = 32.0, 24.0, 24.0
    table = []
    for o in range(6):
        for i in range(6):
            place = (x + i * cell + 3, y + o * cell + 3, cell - 6, cell - 6)
            if o // 2 == i // 2:
                table += [rect(*place, fill=KERNEL, round_=4)]
                table += [grid(3, 3, place[0], place[1], (cell - 6) / 3)]
            else:
                table += [path(f"M{place[0] + 13} {place[1] + 13}h.1", line=4)]
    return "".join(table)


def width() -> str:
    """Draw a straight line, and the stairs that were measured."""
    x, y, run, rise = 22.0, 212.0, 49.0, 46.0
    stairs = f"M{x} {y - 14}" + f"h{run}v-{rise}" * 3 + f"h{run}"
    line = f"M{x} {y}L{x + 4 * run} {y - 4 * rise}"
    dots = "".join(
        f'<circle cx="{x + (k + 1) * run:.0f}" cy="{y - 14 - k * rise:.0f}" r="9" '
        f'fill="{KERNEL}"/>'
        for k in range(4)
    )
    dashes = 'stroke-dasharray="2 9"'
    return path(line, line=4, more=dashes) + path(stairs, stroke=KERNEL, line=6) + dots


DRAWINGS = {
    "20_convolution/50_channels": channels,
    "20_convolution/55_cheaper": cheaper,
    "20_convolution/57_width": width,
}
