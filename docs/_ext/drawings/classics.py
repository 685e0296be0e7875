"""Drawings of the lessons on AlexNet, SimpleCNN and VGG."""

from __future__ import annotations

from drawings.shapes import INPUT, KERNEL, OUTPUT, number, path, rect

#: AlexNet after each layer: side of the maps, how many.
ALEXNET = ((55, 96), (27, 256), (13, 384), (13, 384), (6, 256))


def _box(x: float, y: float, side: float, depth: float, color: str) -> str:
    """Draw maps as a box: ``side`` high, ``depth`` thick to the right."""
    lean = side * 0.28
    top, bottom = y - side / 2, y + side / 2
    front = rect(x, top, depth, side, stroke=color, line=2.5, fill=color, tint=0.35)
    roof = (
        f"M{number(x)} {number(top)}l{number(lean)} {number(-lean)}h{number(depth)}"
        f"v{number(side)}L{number(x + depth)} {number(bottom)}V{number(top)}z"
        f"M{number(x + depth)} {number(top)}l{number(lean)} {number(-lean)}"
    )
    shape = path(roof, stroke=color, line=2.5, fill=color, more='fill-opacity=".15"')
    return shape + front


def alexnet() -> str:
    """Draw AlexNet's maps to scale, small and many, and the large tables behind."""
    parts = [_box(6, 136, 104, 3, INPUT)]
    x = 43.0
    for side, count in ALEXNET:
        depth = 3 + count / 24
        parts.append(_box(x, 136, 8 + side * 1.05, depth, OUTPUT))
        x += depth + 9 + side * 0.18
    for height in (124, 124, 16):
        top = 136 - height / 2
        parts.append(rect(x + 4, top, 9, height, fill=KERNEL, round_=2))
        x += 17
    return "".join(parts)


DRAWINGS = {
    "50_architectures/10_alexnet": alexnet,
}
