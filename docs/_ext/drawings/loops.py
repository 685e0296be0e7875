"""Drawings of the lessons on the loop, its averages, and how it goes on."""

from __future__ import annotations

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

#: Losses of a run that nobody has smoothed.
FALL = (1.0, 0.86, 0.9, 0.7, 0.73, 0.58, 0.47, 0.5, 0.38, 0.33, 0.35, 0.26, 0.22)


def _fall(left: float, right: float, top: float, bottom: float) -> list[str]:
    across = np.linspace(left, right, len(FALL))
    return [
        f"{number(x)} {number(bottom - (bottom - top) * loss)}"
        for x, loss in zip(across, FALL, strict=True)
    ]


def loop() -> str:
    """Draw five stations on a circle, and the loss that falls as it is gone round."""
    turns = np.deg2rad(-90 + 72 * np.arange(5))
    colors = (INPUT, OUTPUT, INK, GRADIENT, KERNEL)
    parts = [
        (
            f'<circle cx="120" cy="120" r="92" fill="none" stroke="{INK}"'
            ' stroke-width="4" stroke-opacity=".35"/>'
        )
    ]
    for k, (turn, color) in enumerate(zip(turns, colors, strict=True)):
        x, y = 120 + 92 * np.cos(turn), 120 + 92 * np.sin(turn)
        half = turn + np.deg2rad(38)
        tip = 120 + 92 * np.cos(half), 120 + 92 * np.sin(half)
        angle = number(float(np.rad2deg(half)) + 90)
        place = f"translate({number(tip[0])} {number(tip[1])}) rotate({angle})"
        parts += [
            (
                f'<path d="M-8 -9L6 0L-8 9" transform="{place}" fill="none"'
                f' stroke="{INK}" stroke-width="4" stroke-linecap="round"/>'
            ),
            f'<circle cx="{number(x)}" cy="{number(y)}" r="21" fill="{PAPER}"/>',
            (
                f'<circle cx="{number(x)}" cy="{number(y)}" r="21" fill="{color}"'
                f' fill-opacity="{0.08 if k == 2 else 0.25}" stroke="{color}"'
                ' stroke-width="5"/>'
            ),
        ]
    parts.append(path("M" + "L".join(_fall(76, 166, 82, 158)), stroke=OUTPUT, line=6))
    return "".join(parts)


def averages() -> str:
    """Draw full batches, a short one with a large loss, and two means of them."""
    losses, sizes = (0.34, 0.46, 0.4, 0.98), (4, 4, 4, 1)
    left, foot, tall, wide = 14.0, 214.0, 190.0, 14.5
    bars, x = [], left
    for loss, size in zip(losses, sizes, strict=True):
        last = size == 1
        bars += [
            rect(
                *(x, foot - tall * loss, wide * size, tall * loss),
                fill=KERNEL if last else INPUT,
                tint=0.3,
                stroke=KERNEL if last else INPUT,
                line=3,
            ),
            path(
                "".join(
                    f"M{number(x + wide * i)} {foot}V{number(foot - tall * loss)}"
                    for i in range(1, size)
                ),
                stroke=INPUT,
                line=1.5,
            ),
        ]
        x += wide * size + 6
    wrong = foot - tall * float(np.mean(losses))
    right = foot - tall * float(np.average(losses, weights=sizes))
    return "".join(
        [
            *bars,
            path(f"M6 {foot}H234", line=2.5),
            path(
                f"M8 {number(wrong)}H232",
                stroke=KERNEL,
                line=5,
                more='stroke-dasharray="3 11"',
            ),
            path(f"M8 {number(right)}H232", stroke=OUTPUT, line=6),
        ]
    )


def resume() -> str:
    """Draw a curve that is cut, a file, and the same curve going on from it."""
    points = _fall(16, 226, 24, 150)
    before, after = "M" + "L".join(points[:7]), "M" + "L".join(points[6:])
    x, y = points[6].split()
    sheet = f"M{float(x) - 23:.0f} 164h30l16 16v44h-46zM{float(x) + 7:.0f} 164v16h16"
    return "".join(
        [
            path("M" + "L".join(points), line=3, more='stroke-opacity=".3"'),
            path(before, stroke=INPUT, line=6),
            path(after, stroke=OUTPUT, line=6),
            path(
                f"M{x} {float(y) + 12:.0f}V152", line=3, more='stroke-dasharray="2 8"'
            ),
            path(sheet, stroke=INK, line=4, fill=PAPER),
            path(f"M{float(x) - 11:.0f} 202l8 9l15 -19", stroke=OUTPUT, line=5),
            (
                f'<circle cx="{x}" cy="{y}" r="11" fill="{PAPER}" stroke="{KERNEL}"'
                ' stroke-width="5"/>'
            ),
            path(
                f"M{float(x) + 10:.0f} {float(y) - 26:.0f}l-14 -22h16l-14 -22",
                stroke=KERNEL,
                line=5,
            ),
        ]
    )


def whole_files() -> str:
    """Draw a file that was torn while it was written, and one that is whole."""
    torn = "M22 30h62l24 24v66l-14 14l-15 -16l-14 16l-15 -16l-14 16l-14 -14z"
    sheet = "M124 102h64l28 28v92h-92z"
    lines = "".join(f"M142 {y}h56" for y in (150, 168))
    return "".join(
        [
            path(torn, stroke=KERNEL, line=5, fill=PAPER),
            path("M84 30v24h24M38 62h28M38 82h50", stroke=KERNEL, line=4),
            path("M30 160l38 44m0 -44l-38 44", stroke=KERNEL, line=6),
            path(sheet, stroke=OUTPUT, line=6, fill=PAPER),
            path(f"M188 102v28h28{lines}", stroke=OUTPUT, line=4),
            path("M148 200l14 14l32 -28", stroke=OUTPUT, line=7),
        ]
    )


DRAWINGS = {
    "40_training/10_loop": loop,
    "40_training/12_averages": averages,
    "40_training/15_resume": resume,
    "40_training/17_whole_files": whole_files,
}
