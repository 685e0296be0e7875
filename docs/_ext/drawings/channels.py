"""Drawings of the lessons on channels, pooling and shifts."""

from __future__ import annotations

import numpy as np

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    correlate,
    digit,
    grid,
    path,
    pixels,
    rect,
    signed,
)


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


def pooling() -> str:
    """Draw a digit, a window of it, and the digit of half the size it is pooled to."""
    image = digit(3)
    pooled = image.reshape(4, 2, 4, 2).max((1, 3))
    cell, x, y = 17.0, 14.0, 52.0
    small, x1, y1 = 15.0, 166.0, 90.0
    wx, wy = x + 2 * cell, y + 2 * cell
    px, py = x1 + small, y1 + small
    fan = (
        f"M{wx + 2 * cell} {wy}L{px} {py}"
        f"M{wx + 2 * cell} {wy + 2 * cell}L{px} {py + small}"
    )
    return "".join(
        [
            pixels(image, x, y, cell),
            grid(4, 4, x, y, 2 * cell),
            rect(x, y, 8 * cell, 8 * cell, stroke=INPUT),
            pixels(pooled, x1, y1, small),
            grid(4, 4, x1, y1, small),
            rect(x1, y1, 4 * small, 4 * small, stroke=OUTPUT),
            path(fan, stroke=KERNEL, line=2, more='stroke-dasharray="1 6"'),
            rect(wx, wy, 2 * cell, 2 * cell, stroke=KERNEL, line=5),
            rect(px, py, small, small, stroke=KERNEL, line=4),
        ]
    )


def adaptive() -> str:
    """Draw eleven pixels, and three windows that cover them and overlap."""
    x, y, cell, tall = 14.0, 54.0, 212 / 11, 26.0
    windows = [(k * 11 // 3, -(-(k + 1) * 11 // 3)) for k in range(3)]
    parts = [
        rect(x, y, 212, tall, stroke=INPUT, fill=INPUT, tint=0.2),
        grid(1, 11, x, y, cell),
    ]
    for k, (start, end) in enumerate(windows):
        low, middle = y + 44 + k * 22, x + (start + end) / 2 * cell
        parts += [
            rect(x + start * cell, low, (end - start) * cell, 14, fill=KERNEL),
            rect(middle - 10, 190, 20, 20, stroke=OUTPUT, fill=OUTPUT, tint=0.2),
            path(
                f"M{middle:.0f} {low + 18}V184", line=2, more='stroke-dasharray="1 6"'
            ),
        ]
    return "".join(parts)


def shifts() -> str:
    """Draw stripes and the same stripes moved by one, each pooled in pairs."""
    row = [0, 0, 1, 1, 0, 0, 1, 1]
    x, cell = 16.0, 26.0
    parts = []
    for y, values in ((22.0, row), (136.0, [*row[1:], row[0]])):
        for k, value in enumerate(values):
            ink = INPUT if value else "none"
            parts += [rect(x + k * cell, y, cell, 26, fill=ink, tint=0.85, round_=0)]
        for k in range(4):
            left = x + 2 * k * cell
            ink = OUTPUT if any(values[2 * k : 2 * k + 2]) else "none"
            place = (left + 13, y + 44, cell, 26)
            parts += [
                rect(left, y, 2 * cell, 26, stroke=KERNEL, line=4),
                rect(*place, stroke=OUTPUT, line=3, fill=ink, tint=0.85),
            ]
    return "".join(parts)


def equivariance() -> str:
    """Draw a digit and its edges, both also moved: two ways lead to the last."""
    image = digit(7)
    wide = np.pad(image, 1, mode="wrap")
    edges = correlate(wide, np.array([[-1.0, 0, 1]] * 3))
    cell, far, near = 10.0, 142.0, 18.0
    side = 8 * cell
    parts = []
    for y, rows in ((near, 0), (far, 3)):
        parts += [
            pixels(np.roll(image, rows, 0), near, y, cell),
            rect(near, y, side, side, stroke=INPUT),
            signed(np.roll(edges, rows, 0), far, y, cell),
            rect(far, y, side, side, stroke=OUTPUT),
            path(
                f"M{near + side + 10} {y + 40}H{far - 10}m-9 -7l9 7l-9 7", stroke=KERNEL
            ),
        ]
    down = [
        path(f"M{x + 40} {near + side + 10}V{far - 10}m-7 -9l7 9l7 -9")
        for x in (near, far)
    ]
    return "".join([*parts, *down])


def moving_digits() -> str:
    """Draw a digit that falls, and how sure a reader is of it at each height."""
    image, heights = digit(3), (0, 1, 2, 3)
    means = [sum(digit(k, skip=s) for s in range(30)) / 30 for k in range(10)]
    parts = []
    for k, d in enumerate(heights):
        y, moved = 14 + 54.0 * k, np.roll(image, d, 0)
        distance = np.array([((moved - mean) ** 2).sum() for mean in means])
        share = np.exp((distance.min() - distance[3]) / 3)
        parts += [
            pixels(moved, 18, y, 6.0),
            rect(18, y, 48, 48, stroke=INPUT, line=3),
            rect(86, y + 15, 136, 18, stroke=OUTPUT, line=3),
            rect(86, y + 15, 136 * share, 18, fill=OUTPUT),
        ]
    return "".join(parts)


DRAWINGS = {
    "20_convolution/50_channels": channels,
    "20_convolution/55_cheaper": cheaper,
    "20_convolution/57_width": width,
    "20_convolution/60_pooling": pooling,
    "20_convolution/62_adaptive": adaptive,
    "20_convolution/65_shifts": shifts,
    "20_convolution/80_equivariance": equivariance,
    "20_convolution/85_moving_digits": moving_digits,
}
