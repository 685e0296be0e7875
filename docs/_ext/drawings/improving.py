"""Drawings of the pages that compare recipes and improve one."""

from __future__ import annotations

from drawings.shapes import GRADIENT, INK, INPUT, KERNEL, OUTPUT, PAPER, path, rect

#: Scores of a variant's three seeds, in pixels from the left.
SEEDS = ((150, 161, 176), (96, 112, 104), (158, 170, 166), (178, 196, 190))


def ablation() -> str:
    """Draw bars of scores with a ring for each seed; one brick of each is missing."""
    parts = []
    for k, seeds in enumerate(SEEDS):
        y = 22 + 52 * k
        end = sum(seeds) / 3 + 30
        role = INPUT if k == 0 else OUTPUT
        parts.append(rect(14, y, end - 14, 36, fill=role, tint=0.3, stroke=role))
        if k:
            left = 20 + 30 * k
            parts += [
                rect(left, y - 4, 24, 44, fill=PAPER, round_=0),
                rect(left, y + 5, 24, 26, stroke=KERNEL, line=3, round_=3),
                path(f"M{left + 5} {y + 26}l14 -16", stroke=KERNEL, line=3),
            ]
        parts += [
            f'<circle cx="{seed + 30}" cy="{y + 18}" r="7" fill="{PAPER}"'
            f' stroke="{INK}" stroke-width="3"/>'
            for seed in seeds
        ]
    return "".join([*parts, path("M14 10V230", line=4)])


def improve() -> str:
    """Draw two curves whose gap closes step by step."""
    train = "M18 60C60 34 90 26 130 28C170 30 196 44 224 58"
    validation = "M18 196C60 178 90 150 130 122C170 98 196 84 224 76"
    gaps = ((48, 48, 178), (104, 32, 138), (160, 36, 98))
    arrows = "".join(
        path(
            f"M{x} {top + 8}V{bottom - 8}m-7 -8l7 8l7 -8M{x - 7} {top + 16}l7 -8l7 8",
            stroke=KERNEL,
            line=4,
        )
        for x, top, bottom in gaps
    )
    return "".join(
        [
            path("M14 12V222H230", line=2.5),
            path(train, stroke=GRADIENT, line=6, more='stroke-dasharray="2 11"'),
            path(validation, stroke=INPUT, line=6),
            arrows,
        ]
    )


DRAWINGS = {
    "40_training/36_ablation": ablation,
    "40_training/38_improve": improve,
}
