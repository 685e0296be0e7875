"""Drawings of the lessons on fitting a curve and of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    correlate,
    digit,
    grid,
    number,
    path,
    pixels,
    rect,
    signed,
)

if TYPE_CHECKING:
    from drawings.shapes import Array


def _descent(x: Array, y: Array, keep: tuple[int, ...]) -> list[Array]:
    """Fit a logistic curve by gradient descent; return it at some of the steps."""
    height, steep, middle = 0.5, 10.0, -0.2
    shown = []
    for step in range(max(keep) + 1):
        s = 1 / (1 + np.exp(-steep * (x - middle)))
        if step in keep:
            shown.append(np.array([height, steep, middle]))
        residual = height * s - y
        bend = residual * height * s * (1 - s)
        height -= 1.0 * (residual * s).mean()
        steep -= 400.0 * (bend * (x - middle)).mean()
        middle += 0.05 * (bend * steep).mean()
    return shown


def curve_fit() -> str:
    """Draw points, and the curves of a descent that ends among them."""
    rng = np.random.default_rng(1)
    x = np.linspace(0.02, 0.98, 26)
    y = 1 / (1 + np.exp(-15 * (x - 0.5))) + 0.1 * rng.standard_normal(26)
    across, up = 16 + 208 * x, 196 - 148 * y
    dots = "".join(
        f'<circle cx="{number(a)}" cy="{number(b)}" r="5.5" fill="{INPUT}"'
        ' fill-opacity=".55"/>'
        for a, b in zip(across, up, strict=True)
    )
    places = np.linspace(-0.03, 1.03, 48)
    curves = []
    steps = _descent(x, y, (0, 90, 150, 190, 1500))
    for k, (height, steep, middle) in enumerate(steps, start=1):
        heights = height / (1 + np.exp(-steep * (places - middle)))
        points = (
            f"{number(16 + 208 * a)} {number(196 - 148 * b)}"
            for a, b in zip(places, heights, strict=True)
        )
        last = k == len(steps)
        faint = "" if last else f'stroke-opacity="{0.12 + 0.12 * k:.2g}"'
        d = "M" + "L".join(points)
        curves.append(path(d, stroke=OUTPUT, line=7 if last else 4, more=faint))
    return dots + "".join(curves)


def ways_down() -> str:
    """Draw level lines of a valley, a path that arrives and one that flies off."""
    rings = [
        f'<ellipse cx="160" cy="84" rx="{number(18 * k**1.15)}"'
        f' ry="{number(9.5 * k**1.3)}" transform="rotate(-28 160 84)" fill="none"'
        f' stroke="{INK}" stroke-width="2" stroke-opacity="{0.62 - 0.07 * k:.2g}"/>'
        for k in range(1, 8)
    ]
    start, x, y = np.array([-96.0, 62.0]), [], []
    # Gradient descent on a quadratic bowl, with a step a little too long across it.
    turn = np.deg2rad(-28)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    place = axes.T @ start
    for _ in range(14):
        a, b = axes @ place + (160, 84)
        x.append(a)
        y.append(b)
        place = place * (0.78, -0.72)
    track = "M" + "L".join(
        f"{number(a)} {number(b)}" for a, b in zip(x, y, strict=True)
    )
    begin = f'cx="{number(x[0])}" cy="{number(y[0])}"'
    return "".join(
        [
            *rings,
            path(f"M{x[0]:.0f} {y[0]:.0f}L118 206L226 232", stroke=KERNEL, line=4),
            path("M213 223L226 232L211 236", stroke=KERNEL, line=4),
            path(track, stroke=OUTPUT, line=4.5),
            f'<circle {begin} r="9" fill="{PAPER}" stroke="{INK}" stroke-width="4"/>',
            f'<circle cx="160" cy="84" r="7" fill="{OUTPUT}"/>',
        ]
    )


def images() -> str:
    """Draw a digit whose pixels show their numbers."""
    image, cell, corner = digit(3), 26.0, 16.0
    style = 'text-anchor="middle" font-size="15" font-family="ui-monospace,monospace"'
    texts = []
    for row, column in np.argwhere(image > 0):
        x, y = corner + (column + 0.5) * cell, corner + (row + 0.5) * cell + 5.5
        ink = round(16 * float(image[row, column]))
        texts.append(
            f'<text x="{number(x)}" y="{number(y)}" {style}'
            f' fill="{PAPER if ink > 5 else INPUT}">{ink}</text>'
        )
    return "".join(
        [
            pixels(image, corner, corner, cell),
            grid(8, 8, corner, corner, cell),
            *texts,
            rect(corner, corner, 8 * cell, 8 * cell, stroke=INPUT),
        ]
    )


def channels() -> str:
    """Draw three planes that become many maps, each of something else."""
    image = digit(3)
    difference, smooth = np.array([-1.0, 0.0, 1.0]), np.array([1.0, 2.0, 1.0])
    kernels = [
        np.outer(smooth, difference),
        np.outer(difference, smooth),
        np.outer(smooth, smooth),
        -np.outer(smooth, difference),
        np.outer(difference, difference),
        -np.outer(difference, smooth),
        np.diag([1.0, 2.0, 1.0]) - 4 / 9,
        np.fliplr(np.diag([1.0, 2.0, 1.0])) - 4 / 9,
    ]
    planes = "".join(
        rect(16 + 9 * k, 88 + 9 * k, 56, 56, fill=PAPER)
        + rect(16 + 9 * k, 88 + 9 * k, 56, 56, stroke=INPUT, fill=INPUT, tint=tint)
        for k, tint in enumerate((0.6, 0.4, 0.2))
    )
    maps = []
    for k, kernel in enumerate(kernels):
        x, y = 130 + 50 * (k % 2), 20 + 52 * (k // 2)
        maps += [
            signed(correlate(image, kernel), x, y, 7),
            rect(x, y, 42, 42, stroke=OUTPUT, line=2.5),
        ]
    lines = "".join(f"M96 125L126 {41 + 52 * k}" for k in range(4))
    return "".join([path(lines, stroke=KERNEL, line=3), planes, *maps])


def loading() -> str:
    """Draw digits in a heap, one picked out after the other into a batch."""
    heap = [(0, 20, 26), (1, 62, 14), (2, 44, 62), (4, 12, 92), (6, 70, 104)]
    heap += [(7, 30, 142), (8, 74, 160), (9, 18, 184)]
    chosen = (4, 1, 8, 6)
    loose = "".join(
        rect(x, y, 40, 40, fill=PAPER)
        + pixels(digit(label), x, y, 5, levels=6)
        + rect(x, y, 40, 40, stroke=INPUT if label in chosen else INK, line=2.5)
        for label, x, y in heap
    )
    places = {label: (x, y) for label, x, y in heap}
    ways, batch = [], []
    for k, label in enumerate(chosen):
        x, y = places[label]
        top = 24 + 49 * k
        ways.append(
            path(
                f"M{x + 42} {y + 20}C{x + 90} {y + 20} 130 {top + 22} 168 {top + 22}",
                stroke=KERNEL,
                line=2.5,
                more='stroke-opacity=".75"',
            )
        )
        batch += [
            pixels(digit(label), 176, top, 5.5, levels=6),
            rect(176, top, 44, 44, stroke=OUTPUT, line=2.5),
        ]
    frame = rect(169, 17, 58, 205, stroke=OUTPUT, line=5, round_=6)
    return "".join([loose, *ways, *batch, frame])


def normalising() -> str:
    """Draw a narrow valley with a lame path, and a round bowl with a straight one."""
    valley = "".join(
        f'<ellipse cx="120" cy="66" rx="{26 * k}" ry="{number(3.6 * k**1.15)}"'
        f' transform="rotate(-14 120 66)" fill="none" stroke="{INK}" stroke-width="2"'
        f' stroke-opacity="{0.66 - 0.09 * k:.2g}"/>'
        for k in range(1, 6)
    )
    bowl = "".join(
        f'<circle cx="120" cy="170" r="{number(6 + 11.5 * k)}" fill="none"'
        f' stroke="{INK}" stroke-width="2" stroke-opacity="{0.66 - 0.09 * k:.2g}"/>'
        for k in range(1, 6)
    )
    lame = "M36 40L62 100L70 66L76 88L84 70L90 83L97 71L103 79"
    ends = [(36, 40), (67, 136)]
    marks = "".join(
        f'<circle cx="{x}" cy="{y}" r="8" fill="{PAPER}" stroke="{INK}"'
        ' stroke-width="4"/>'
        for x, y in ends
    )
    return "".join(
        [
            valley,
            bowl,
            path(lame, stroke=KERNEL, line=4),
            path("M67 136L120 170", stroke=OUTPUT, line=5),
            f'<circle cx="120" cy="170" r="7.5" fill="{OUTPUT}"/>',
            f'<circle cx="120" cy="66" r="6" fill="{INK}" fill-opacity=".55"/>',
            marks,
        ]
    )


def damping() -> str:
    """Draw one start and steps that shorten and turn downhill as damping grows."""
    start = np.array([46.0, 206.0])
    hessian = np.array([[1.0, 0.0], [0.0, 0.02]])
    slope = np.array([140.0, -3.5])
    steps = [
        np.linalg.solve(hessian + weight * np.eye(2), slope)
        for weight in (0.0, 0.012, 0.05, 0.2, 0.9)
    ]
    arrows = []
    for k, step in enumerate(steps):
        x, y = start + step
        color = KERNEL if k == 0 else OUTPUT
        d = f"M{number(start[0])} {number(start[1])}L{number(x)} {number(y)}"
        arrows.append(path(d, stroke=color, line=5))
        arrows.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="6" fill="{color}"/>'
        )
    begin = f'cx="{number(start[0])}" cy="{number(start[1])}"'
    ring = f'<circle {begin} r="9" fill="{PAPER}" stroke="{INK}" stroke-width="4"/>'
    return "".join([*arrows, ring])


DRAWINGS = {
    "10_tensors/30_curve_fit": curve_fit,
    "10_tensors/35_ways_down": ways_down,
    "10_tensors/37_damping": damping,
    "10_tensors/40_images": images,
    "10_tensors/42_channels": channels,
    "10_tensors/45_loading": loading,
    "10_tensors/47_normalising": normalising,
}
