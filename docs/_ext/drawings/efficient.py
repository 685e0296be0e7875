"""Drawings of the lessons on efficient blocks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import INK, INPUT, KERNEL, OUTPUT, grid, number, path, rect

if TYPE_CHECKING:
    from drawings.shapes import Array


def mixing() -> str:
    """Draw channels that are filtered alone, then one place of them that is mixed."""
    parts = []
    for y in (14.0, 90.0, 166.0):
        parts += [
            rect(12, y, 60, 60, stroke=INPUT, fill=INPUT, tint=0.2, line=4),
            rect(27, y + 15, 30, 30, fill=KERNEL, tint=0.35),
            grid(3, 3, 27, y + 15, 10, stroke=KERNEL),
            path(f"M78 {y + 30:g}H96"),
            rect(102, y + 6, 48, 48, stroke=OUTPUT, fill=OUTPUT, tint=0.2, line=4),
            rect(120, y + 24, 12, 12, fill=KERNEL),
            path(f"M136 {y + 30:g}L196 120", stroke=KERNEL, line=4),
        ]
    dot = f'<circle cx="206" cy="120" r="20" fill="{OUTPUT}"/>'
    return "".join([*parts, dot])


def mbconv() -> str:
    """Draw a block that is thin, wide and thin, with its shortcut around it."""
    thin, wide, tall = 40.0, 132.0, 30.0
    rows = [(18.0, thin, INPUT), (78.0, wide, OUTPUT), (134.0, wide, OUTPUT)]
    rows.append((192.0, thin, OUTPUT))
    middle, parts = 100.0, []
    for (y0, w0, _), (y1, w1, _) in itertools.pairwise(rows):
        slope = (
            f"M{number(middle - w0 / 2)} {number(y0 + tall)}"
            f"L{number(middle - w1 / 2)} {number(y1)}"
            f"M{number(middle + w0 / 2)} {number(y0 + tall)}"
            f"L{number(middle + w1 / 2)} {number(y1)}"
        )
        parts.append(path(slope, stroke=KERNEL, line=4))
    for y, w, color in rows:
        parts.append(
            rect(middle - w / 2, y, w, tall, stroke=color, fill=color, tint=0.3, line=5)
        )
    # Between the wide rows nothing is mixed: a line for each channel.
    lines = "".join(
        f"M{number(x)} {78 + tall:g}V134" for x in np.linspace(48, 152, 7).tolist()
    )
    parts.append(path(lines, stroke=KERNEL, line=3))
    around = "M126 33H190Q206 33 206 49V191Q206 207 190 207H136m12 -10l-12 10l12 10"
    parts.append(path(around, line=5))
    return "".join(parts)


def _spiral(points: int = 220) -> Array:
    angle = np.linspace(0.8, 13, points)
    return np.stack([np.cos(angle), np.sin(angle)]) * angle / 13


def linear_ends() -> str:
    """Draw a spiral, and what is left of it after a ReLU on two channels."""
    spiral = _spiral()
    widen = np.array([[0.9, 0.5], [-0.4, 0.9]])
    wide = np.maximum(widen @ spiral, 0)
    back = np.linalg.lstsq(wide.T, spiral.T, rcond=None)[0].T @ wide
    parts = []
    for curve, x, y, color in ((spiral, 72, 72, INPUT), (back, 148, 172, OUTPUT)):
        places = (60 * curve + np.array([[x], [y]])).T
        d = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in places)
        parts.append(path(d, stroke=color, line=6))
    bend = "M150 40H186Q206 40 206 60V84m-10 -12l10 12l10 -12"
    return "".join([*parts, path(bend, line=4)])


def macs_and_time() -> str:
    """Draw two pairs of bars: the shorter count has the longer time."""
    parts = []
    for y, count, time in ((22.0, 128.0, 72.0), (136.0, 54.0, 166.0)):
        parts += [
            rect(58, y, count, 34, fill=INK, tint=0.4),
            path(f"M24 {y + 8:g}l18 18m0 -18l-18 18", line=5),
            rect(58, y + 46, time, 34, fill=OUTPUT),
            rect(18, y + 48, 30, 30, stroke=OUTPUT, line=5, round_=15),
            path(f"M33 {y + 54:g}V{y + 63:g}H40", stroke=OUTPUT, line=4),
        ]
    return "".join(parts)


DRAWINGS = {
    "50_architectures/60_mixing": mixing,
    "50_architectures/62_mbconv": mbconv,
    "50_architectures/63_linear_ends": linear_ends,
    "50_architectures/64_macs_and_time": macs_and_time,
}
