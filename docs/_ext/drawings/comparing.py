"""Drawings of the pages that compare whole networks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import INK, INPUT, KERNEL, OUTPUT, PAPER, path, pixels

if TYPE_CHECKING:
    from drawings.shapes import Array

#: Where the networks are: those on the front from left to right, and the others.
FRONT = ((40, 168), (84, 112), (138, 74), (206, 46))
BEATEN = ((74, 186), (118, 152), (150, 120), (186, 160), (212, 102))


def comparison() -> str:
    """Draw a cloud of networks, and the steps of those that nobody beats."""
    steps = "".join(f"H{x}V{y}" for x, y in FRONT[1:])
    area = f"M{FRONT[0][0]} {FRONT[0][1]}{steps}H230V222H{FRONT[0][0]}Z"
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="9" fill="{PAPER}" stroke="{INK}"'
        ' stroke-opacity=".55" stroke-width="4"/>'
        for x, y in BEATEN
    )
    points = "".join(
        f'<circle cx="{x}" cy="{y}" r="12" fill="{OUTPUT}" stroke="{PAPER}"'
        ' stroke-width="3"/>'
        for x, y in FRONT
    )
    return "".join(
        [
            path(area, stroke="none", fill=OUTPUT, more='fill-opacity=".12"'),
            path("M16 12V224H232", line=3),
            rings,
            path(f"M{FRONT[0][0]} {FRONT[0][1]}{steps}", stroke=OUTPUT, line=5),
            points,
        ]
    )


@cache
def _boot() -> Array:
    """Return an ankle boot out of the sample, every other pixel, 0-1."""
    from cnn_tutorial import assets
    from cnn_tutorial.assets.make_fashion_sample import unpack

    arrays = unpack(assets.read("fashion-sample"))
    first = np.flatnonzero(arrays["test_labels"] == 9)[0]
    boot: Array = arrays["test_images"][first].astype(np.float64) / 255
    halved: Array = boot.reshape(14, 2, 14, 2).mean((1, 3))
    return halved


def fashion() -> str:
    """Draw a boot, and curves that climb towards the published line above them."""
    climbs = "".join(
        path(
            f"M22 212C{22 + bend} {top + 30} {120} {top + 6} 214 {top}",
            stroke=c,
            line=5,
        )
        for bend, top, c in ((22, 58, INPUT), (40, 84, OUTPUT))
    )
    return "".join(
        [
            pixels(_boot(), 96, 98, 8.4, levels=8),
            climbs,
            path("M22 32H222", stroke=KERNEL, line=5, more='stroke-dasharray="3 12"'),
            path("M14 12V222H230", line=3),
        ]
    )


DRAWINGS = {
    "50_architectures/70_comparison": comparison,
    "50_architectures/72_fashion": fashion,
}
