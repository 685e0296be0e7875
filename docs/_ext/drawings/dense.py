"""Drawings of the lessons on gates and on dense blocks."""

from __future__ import annotations

import numpy as np

from drawings.shapes import (
    GRADIENT,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    correlate,
    digit,
    number,
    path,
    pixels,
    rect,
    signed,
)

#: Three kernels, and how far the gates of their channels are open.
KERNELS = (
    (np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]), 0.92),
    (np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]), 0.14),
    (np.ones((3, 3)), 0.5),
)


def squeeze() -> str:
    """Draw three maps of a digit, each let through as far as its own gate is open."""
    image, parts = digit(3), []
    for k, (kernel, gate) in enumerate(KERNELS):
        y, values = 12.0 + 75 * k, correlate(image, kernel)
        parts += [
            rect(12, y, 66, 66, stroke=INPUT, line=4),
            signed(values, 18, y + 6, 9),
            path(f"M84 {y + 33:.0f}H98M142 {y + 33:.0f}H156", line=3),
            rect(104, y, 32, 66, stroke=KERNEL, line=4, round_=7),
            rect(104, y + 66 * (1 - gate), 32, 66 * gate, fill=KERNEL, round_=5),
            rect(162, y, 66, 66, stroke=OUTPUT, line=4),
            f'<g opacity="{gate:.2g}">{signed(values, 168, y + 6, 9)}</g>',
        ]
    return "".join(parts)


def gates() -> str:
    """Draw three digits, and for each one how far the gates of six channels open."""
    open_ = (
        (0.9, 0.3, 0.6, 0.15, 0.8, 0.45),
        (0.2, 0.85, 0.55, 0.9, 0.1, 0.4),
        (0.6, 0.1, 0.3, 0.5, 0.35, 0.95),
    )
    parts = []
    for k, (label, row) in enumerate(zip((0, 1, 4), open_, strict=True)):
        y = 12.0 + 75 * k
        parts += [
            rect(10, y, 66, 66, stroke=INPUT, line=4),
            pixels(digit(label), 13, y + 3, 7.5, levels=6),
        ]
        for j, gate in enumerate(row):
            x = 90.0 + 24 * j
            parts += [
                rect(x, y, 18, 66, stroke=KERNEL, line=2, round_=5),
                rect(x, y + 66 * (1 - gate), 18, 66 * gate, fill=KERNEL, round_=4),
            ]
    return "".join(parts)


def dense() -> str:
    """Draw an input and four layers; an arc leads from each one to every later one."""
    places = [28 + 46 * k for k in range(5)]
    pairs = [(a, b) for i, a in enumerate(places) for b in places[i + 1 :]]
    tops = [number(170 - 0.78 * (b - a)) for a, b in pairs]
    arcs = "".join(
        f"M{a} 170C{a} {top} {b} {top} {b} 170"
        for (a, b), top in zip(pairs, tops, strict=True)
    )
    boxes = "".join(
        rect(x - 15, 150, 30, 62, fill=OUTPUT if k else INPUT, round_=5)
        for k, x in enumerate(places)
    )
    return path(arcs, line=3.5) + boxes


def densenet() -> str:
    """Draw maps piling up, a transition that halves them, and a smaller pile."""
    parts = []
    for x, y, side, count, step in ((14, 26, 62, 5, 21), (150, 88, 34, 5, 14)):
        for k in range(count):
            color = INPUT if k == 0 else OUTPUT
            place = (x + 5.0 * k, y + step * k, side, side)
            parts += [
                rect(*place, fill=PAPER),
                rect(*place, stroke=color, fill=color, tint=0.25, line=3.5),
            ]
    funnel = "M104 96L142 112V130L104 148Z"
    return "".join(parts) + path(funnel, stroke=KERNEL, fill=KERNEL, line=4)


def dense_memory() -> str:
    """Draw what a block holds, layer by layer; of most of it only a frame is left."""
    parts = []
    for k in range(5):
        for i in range(k + 1):
            place = (16 + 43.0 * k, 190 - 41.0 * i, 35, 33)
            color = INPUT if i == 0 else OUTPUT
            if i == k:
                parts.append(rect(*place, fill=color, round_=4))
            else:
                more = 'stroke-opacity=".6" stroke-dasharray="2 6"'
                x, y, w, h = place
                frame = f"M{number(x)} {number(y)}h{w}v{h}h-{w}z"
                parts.append(path(frame, stroke=color, line=3, more=more))
    return "".join([*parts, path("M10 230H230", line=3)])


def again() -> str:
    """Draw a way there that keeps every other, and a way back that fills the gaps."""
    parts = []
    for k in range(5):
        x = 12.0 + 45 * k
        kept = k % 2 == 0
        color = INPUT if k == 0 else OUTPUT
        if kept:
            parts.append(rect(x, 44, 36, 52, fill=color, round_=5))
        else:
            frame = f"M{number(x)} 44h36v52h-36z"
            more = 'stroke-opacity=".6" stroke-dasharray="2 8"'
            parts.append(path(frame, stroke=OUTPUT, line=4, more=more))
        parts.append(rect(x, 144, 36, 52, stroke=GRADIENT, line=5, round_=5))
        parts.append(rect(x + 8, 152, 20, 36, fill=color, round_=3))
    there = "M14 24H222m-10 -8l10 8l-10 8"
    back = "M226 216H18m10 -8l-10 8l10 8"
    return "".join([*parts, path(there, line=4), path(back, stroke=GRADIENT, line=5)])


def who_reads_whom() -> str:
    """Draw a triangle of squares, more or less filled: sources down, readers across."""
    read = ((0.9, 0.7, 0.35, 0.25, 0.5), (0.8, 0.5, 0.2, 0.3), (1.0, 0.6, 0.5))
    rows = (*read, (0.9, 0.7), (1.0,))
    parts = []
    for i, row in enumerate(rows):
        parts.append(
            f'<circle cx="24" cy="{38 + 42 * i}" r="11"'
            f' fill="{OUTPUT if i else INPUT}"/>'
        )
        for j, share in enumerate(row):
            x, y = 46.0 + 37 * (i + j), 22.0 + 42 * i
            parts += [
                rect(x, y, 32, 32, stroke=KERNEL, line=2, round_=3),
                rect(x, y, 32, 32, fill=KERNEL, tint=share, round_=3),
            ]
    return "".join(parts)


DRAWINGS = {
    "50_architectures/40_squeeze": squeeze,
    "50_architectures/42_gates": gates,
    "50_architectures/50_dense": dense,
    "50_architectures/51_densenet": densenet,
    "50_architectures/52_dense_memory": dense_memory,
    "50_architectures/53_again": again,
    "50_architectures/54_who_reads_whom": who_reads_whom,
}
