"""Drawings on small residual networks, transfer, and images of one's own."""

from __future__ import annotations

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    digit,
    path,
    pixels,
    rect,
)


def residual() -> str:
    """Draw a digit that passes a block twice: through it, and past it."""
    boxes = [
        rect(44, y, 76, 34, stroke=KERNEL, fill=KERNEL, tint=0.16, round_=6)
        for y in (88, 134)
    ]
    return "".join(
        [
            pixels(digit(3), 54, 10, 7),
            rect(54, 10, 56, 56, stroke=INPUT),
            path("M82 68V86m0 38V132m0 38V190", line=3),
            *boxes,
            path(
                "M112 38H176C206 38 208 66 208 96V170C208 196 190 204 164 204H104",
                stroke=INPUT,
                line=6,
            ),
            path("M106 204m10 -9l-10 9l10 9", stroke=INPUT, line=5),
            f'<circle cx="82" cy="204" r="18" fill="{PAPER}"/>',
            path("M64 204a18 18 0 1 0 36 0a18 18 0 1 0 -36 0", stroke=OUTPUT, line=4),
            path("M73 204h18m-9 -9v18", stroke=OUTPUT, line=4),
            path("M62 204H14m9 -9l-9 9l9 9", stroke=OUTPUT, line=4),
        ]
    )


def _trunk(x: float, color: str) -> str:
    """Draw the layers that two tasks share, from wide to narrow."""
    return "".join(
        rect(x + 30 * k, 120 - half, 20, 2 * half, stroke=color, fill=color, tint=0.16)
        for k, half in enumerate((78, 60, 44))
    )


def transfer() -> str:
    """Draw layers that stay, a head that is taken off, and one that is put on."""
    flake = "".join(
        f'<path d="M0 -17V17M-5 -13l5 5l5 -5M-5 13l5 -5l5 5"'
        f' transform="translate(65 22) rotate({angle})" stroke="{INPUT}"'
        ' stroke-width="3" fill="none" stroke-linecap="round"/>'
        for angle in (0, 60, 120)
    )
    return "".join(
        [
            _trunk(20, INPUT),
            flake,
            path("M106 120H128", line=3),
            rect(134, 96, 26, 48, stroke=KERNEL, fill=KERNEL, tint=0.3, line=5),
            path("M164 120H182", line=3),
            *[pixels(digit(k), 188, y, 5) for k, y in ((8, 76), (9, 124))],
            *[rect(188, y, 40, 40, stroke=OUTPUT, line=3) for y in (76, 124)],
            rect(128, 186, 26, 40, stroke=INK, line=2.5, fill=INK, tint=0.08),
            path("M141 182V160", line=2.5, more='stroke-dasharray="2 7"'),
            path("M132 214l18 -18m0 18l-18 -18", line=2.5),
        ]
    )


def folder() -> str:
    """Draw a folder with a row of pictures for each class."""
    rows = []
    for k, label in enumerate((0, 1, 7)):
        y = 68 + 50 * k
        rows += [
            path(f"M36 {y + 6}h14l5 6h19v26h-38z", stroke=KERNEL, line=3.5),
            *[pixels(digit(label, skip=n), 92 + 42 * n, y, 4.5) for n in range(3)],
            *[rect(92 + 42 * n, y, 36, 36, stroke=INPUT, line=2.5) for n in range(3)],
        ]
    return "".join(
        [
            path(
                "M12 48V30q0-8 8-8h58l16 20h126q8 0 8 8v160q0 8-8 8H20q-8 0-8-8z",
                line=4,
                fill=INK,
                more='fill-opacity=".05"',
            ),
            *rows,
        ]
    )


DRAWINGS = {
    "40_training/58_small_resnet": residual,
    "40_training/60_transfer": transfer,
    "40_training/70_own_images": folder,
}
