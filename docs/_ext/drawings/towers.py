"""Drawings of the lesson on reading an architecture."""

from __future__ import annotations

from itertools import pairwise
from math import log2

from drawings.shapes import INK, INPUT, KERNEL, OUTPUT, path, rect

#: Channels and side of the image and of ResNet-18's stages, for 32 x 32 pixels.
SHAPES = ((3, 32), (64, 32), (128, 16), (256, 8), (512, 4))
#: Blocks of two 3x3 convolutions in each stage.
DEPTH = 2


def _shares() -> tuple[list[float], list[float]]:
    """Return each stage's share of the weights of all 3x3 convolutions, and of MACs."""
    weights = [0.0]
    for (before, _), (channels, _) in pairwise(SHAPES):
        first = before if before > 3 else channels
        weights.append(9.0 * channels * (first + (2 * DEPTH - 1) * channels))
    macs = [w * side**2 for w, (_, side) in zip(weights, SHAPES, strict=True)]
    return [w / sum(weights) for w in weights], [m / sum(macs) for m in macs]


def reading() -> str:
    """Draw a network as a tower, and beside each stage its weights and its work."""
    weights, macs = _shares()
    parts, top = [], 18.0
    for k, (channels, side) in enumerate(SHAPES):
        height = 8 + 3.2 * log2(channels)
        middle = top + height / 2
        color = INPUT if k == 0 else OUTPUT
        width = 3.1 * side
        parts.append(
            rect(
                *(64 - width / 2, top, width, height),
                stroke=color,
                line=3.5,
                fill=color,
                tint=0.25,
            )
        )
        if k:
            parts += [
                rect(128, middle - 12, max(3, 126 * weights[k]), 10, fill=KERNEL),
                rect(128, middle + 3, max(3, 126 * macs[k]), 10, fill=INK, tint=0.45),
            ]
        top += height + 12
        if k + 1 < len(SHAPES):
            parts.append(path(f"M64 {top - 10:.1f}v8", line=2.5))
    return "".join(parts)


DRAWINGS = {"50_architectures/05_reading_an_architecture": reading}
