"""Drawings of the pages on residual networks."""

from __future__ import annotations

from drawings.shapes import GRADIENT, INPUT, KERNEL, OUTPUT, PAPER, path, rect

#: Blocks in the four stages of ResNet-18, 34 and 50.
DEPTHS = ((2, 2, 2, 2), (3, 4, 6, 3), (3, 4, 6, 3))


def _plus(x: float, y: float, radius: float = 15) -> str:
    """Draw a sum: a circle with a plus."""
    arm = radius * 0.55
    return (
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{PAPER}" stroke="{OUTPUT}"'
        ' stroke-width="4"/>'
        + path(
            f"M{x - arm} {y}h{2 * arm}M{x} {y - arm}v{2 * arm}", stroke=OUTPUT, line=4
        )
    )


def residual() -> str:
    """Draw two layers, and the way past them to a sum."""
    layers = "".join(
        rect(34, y, 92, 38, stroke=KERNEL, fill=KERNEL, tint=0.16, round_=8)
        for y in (52, 112)
    )
    return "".join(
        [
            path("M80 8V48M80 92V110M80 152V170", line=3.5),
            path(
                "M80 26H140C186 26 198 62 198 107C198 158 178 187 100 187",
                stroke=INPUT,
                line=7,
            ),
            path("M108 179l-9 8l9 8", stroke=INPUT, line=5),
            layers,
            _plus(80, 187),
            path("M80 204V230m-8 -8l8 8l8 -8", stroke=OUTPUT, line=4),
        ]
    )


def family() -> str:
    """Draw three towers, block by block; the third has narrow waists."""
    parts = []
    for column, depths in enumerate(DEPTHS):
        middle, y = 46 + 74 * column, 228.0
        for stage, depth in enumerate(reversed(depths)):
            half = 9 + 6.5 * stage
            for _ in range(depth):
                y -= 12
                waist = half * (0.4 if column == 2 else 1)
                parts.append(
                    path(
                        f"M{middle - half} {y}h{2 * half}L{middle + waist} {y + 4.5}"
                        f"L{middle + half} {y + 9}h{-2 * half}"
                        f"L{middle - waist} {y + 4.5}z",
                        stroke="none",
                        line=0,
                        fill=KERNEL if column == 2 else OUTPUT,
                        more=f'fill-opacity="{0.95 - 0.17 * stage:.2f}"',
                    )
                )
            y -= 3
    return "".join(parts)


def gradient_flow() -> str:
    """Draw a chain of layers, and the gradient's ways back over it: long and short."""
    places = [24 + 48 * k for k in range(5)]
    arcs = []
    for k, place in enumerate(places):
        for other in places[k + 1 :]:
            span = other - place
            height = 150 - 0.62 * span
            width = 2 + 7 * (span / (places[-1] - places[0])) ** 2
            arcs.append(
                path(
                    f"M{other} 168C{other} {height - 40}"
                    f" {place} {height - 40} {place} 168",
                    stroke=GRADIENT,
                    line=width,
                    more=f'stroke-opacity="{0.35 + 0.6 * span / 192:.2f}"',
                )
            )
    layers = [
        rect(place - 14, 168, 28, 44, stroke=KERNEL, fill=PAPER, line=3, round_=5)
        + rect(place - 14, 168, 28, 44, fill=KERNEL, tint=0.16, round_=5)
        for place in places
    ]
    head = path("M24 166m-11 -13l11 13l9 -15", stroke=GRADIENT, line=5)
    return "".join([*arcs, path("M8 190H232", line=2.5), *layers, head])


def pre_activation() -> str:
    """Draw a wide stream that grows by what branches add, with nothing in its way."""
    widths = (22, 32, 42, 52)

    def x(k: int) -> int:
        return (6, 56, 122, 188, 234)[k]

    edge = "".join(
        f"L{x(k)} {92 - w / 2}L{x(k + 1)} {92 - w / 2}" for k, w in enumerate(widths)
    )
    back = "".join(
        f"L{x(k + 1)} {92 + w / 2}L{x(k)} {92 + w / 2}"
        for k, w in reversed(list(enumerate(widths)))
    )
    stream = path(
        f"M{edge[1:]}{back}Z",
        stroke=INPUT,
        line=3,
        fill=INPUT,
        more='fill-opacity=".3"',
    )
    branches = []
    for k in range(3):
        left = 22 + 66 * k
        branches += [
            path(f"M{left + 6} {92 + widths[k] / 2}V152", stroke=INPUT, line=4),
            path(
                f"M{left + 44} 152V{102 + widths[k + 1] / 2}m-7 8l7 -8l7 8",
                stroke=OUTPUT,
                line=4,
            ),
            rect(
                left - 6, 152, 58, 40, stroke=KERNEL, fill=KERNEL, tint=0.16, round_=8
            ),
        ]
    return "".join([stream, *branches])


DRAWINGS = {
    "50_architectures/30_residual": residual,
    "50_architectures/32_resnet": family,
    "50_architectures/34_gradient_flow": gradient_flow,
    "50_architectures/36_pre_activation": pre_activation,
}
