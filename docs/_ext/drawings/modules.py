"""Drawings of the chapter on modules."""

from __future__ import annotations

import numpy as np

from drawings.shapes import (
    GRADIENT,
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    PAPER,
    clearest_mistake,
    correlate,
    digit,
    grid,
    likeness,
    path,
    pixels,
    rect,
    signed,
)

#: The third digit of each of these classes is nearest to the mean of its own; the one
#: in the middle makes room for a mistake.
READ = (7, 0, 4, 6, 0, 2, 1, 9, 3)
SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def _tensors(
    x: float, y: float, count: int, *, color: str, side: float = 17
) -> list[str]:
    """Draw tensors in a drawer, as small squares in a row."""
    return [
        rect(x + k * (side + 5), y, side, side, fill=color, round_=2)
        for k in range(count)
    ]


def anatomy() -> str:
    """Draw a module with its drawers, its children, and a tensor that it lost."""
    children = []
    for k, (kept, buffers) in enumerate(((2, 0), (2, 2), (1, 0))):
        y = 78 + 44 * k
        children += [
            rect(58, y, 146, 36, stroke=INK, line=2.5, fill=INK, tint=0.06, round_=8),
            *_tensors(70, y + 9.5, kept, color=KERNEL),
            *_tensors(70 + 22 * kept + 14, y + 9.5, buffers, color=INK),
        ]
    return "".join(
        [
            rect(20, 14, 200, 202, stroke=INK, line=4, fill=INK, tint=0.05, round_=16),
            *_tensors(40, 34, 3, color=KERNEL, side=24),
            *_tensors(144, 34, 2, color=INK, side=24),
            path("M40 68V184H54M40 96H54M40 140H54", line=2.5),
            *children,
            f'<g transform="rotate(18 222 226)">{rect(202, 206, 26, 26, fill=PAPER)}'
            + path("M202 206h26v26h-26z", stroke=KERNEL, more='stroke-dasharray="2 7"')
            + "</g>",
        ]
    )


def _spreads(gain: float, depth: int = 9) -> np.ndarray:
    """Return the spread after each of a stack of random layers with ReLU between."""
    random = np.random.default_rng(0)
    x, spreads = random.standard_normal((64, 256)), []
    for _ in range(depth):
        x = x @ random.standard_normal((256, 256)) * (gain / 256) ** 0.5
        spreads.append(float(x.std()))
        x = x.clip(min=0)
    return np.array(spreads)


def starting_weights() -> str:
    """Draw signals through a stack of layers: dying out, steady, growing."""
    parts = []
    for row, (gain, color) in enumerate(((1.1, INK), (2.0, OUTPUT), (2.6, KERNEL))):
        middle = 44 + 76 * row
        heights = np.clip(_spreads(gain) / 2**0.5 * 11, 1.2, 34)
        parts += [
            rect(
                14 + 24 * k,
                middle - float(h),
                16,
                2 * float(h),
                fill=color,
                tint=0.9 if color != INK else 0.7,
                round_=4,
            )
            for k, h in enumerate(heights)
        ]
    return "".join(parts)


def call() -> str:
    """Draw the shells around ``forward`` and what passes through them."""
    shells = [
        rect(
            120 - half,
            112 - half * 0.78,
            2 * half,
            2 * half * 0.78,
            stroke=INK,
            line=2.5,
            fill=INK,
            tint=0.05,
            round_=half / 3.2,
        )
        for half in (92, 72, 52)
    ]
    dots = "".join(
        f'<circle cx="{120 + side * half}" cy="112" r="6.5" fill="{color}"'
        f' stroke="{PAPER}" stroke-width="2"/>'
        for half in (92, 72, 52)
        for side, color in ((-1, INPUT), (1, OUTPUT))
    )
    word = (
        '<text x="120" y="118" text-anchor="middle" font-size="18" font-weight="600"'
        ' font-family="ui-monospace,Menlo,Consolas,monospace" fill="currentColor">'
        "forward</text>"
    )
    back = path("M228 208H38", stroke=GRADIENT, more='stroke-dasharray="3 9"')
    back += path("M24 208m9 -9l-9 9l9 9", stroke=GRADIENT)
    return "".join(
        [
            *shells,
            path("M6 112H70", stroke=INPUT, line=4),
            path("M170 112H228m-9 -9l9 9l-9 9", stroke=OUTPUT, line=4),
            dots,
            word,
            back,
        ]
    )


def hooks() -> str:
    """Draw a network with a line hung into it that brings up a feature map."""
    edges = correlate(digit(5), SOBEL)
    layers = [
        (14, 56, INPUT, 0.18),
        (70, 44, INK, 0.08),
        (122, 34, INK, 0.08),
        (170, 26, OUTPUT, 0.18),
    ]
    slabs = [
        rect(x, 172 - half, 26, 2 * half, stroke=color, fill=color, tint=tint)
        for x, half, color, tint in layers
    ]
    return "".join(
        [
            path("M4 172H230m-9 -9l9 9l-9 9", line=2.5),
            *[rect(x, 172 - half, 26, 2 * half, fill=PAPER) for x, half, *_ in layers],
            *slabs,
            path(
                "M164 66C196 66 196 104 168 112C144 120 135 128 135 150", stroke=KERNEL
            ),
            path("M135 149a7 7 0 1 0 .1 0", stroke=KERNEL, line=4),
            rect(70, 14, 92, 92, fill=PAPER),
            signed(edges, 71, 15, 15),
            grid(6, 6, 71, 15, 15),
            rect(70, 14, 92, 92, stroke=KERNEL, line=5),
        ]
    )


def _maps(x: float, y: float, size: float, count: int, image: np.ndarray) -> str:
    """Draw feature maps one behind the other, the last one in front."""
    cell = size / len(image)
    sheets = []
    for k in range(count):
        left, top = x + 6 * k, y - 6 * k
        sheets += [
            rect(left, top, size, size, fill=PAPER, round_=2),
            signed(image, left, top, cell) if k == count - 1 else "",
            rect(left, top, size, size, stroke=OUTPUT, line=2.5, round_=2),
        ]
    return "".join(sheets)


def lenet() -> str:
    """Draw the way of a digit through maps that shrink to ten numbers."""
    image = digit(2, skip=2)
    first = correlate(image, SOBEL)
    second = first.reshape(3, 2, 3, 2).max((1, 3))
    bars = 6 + 46 * likeness(2, skip=2)
    return "".join(
        [
            pixels(image, 10, 52, 10),
            grid(8, 8, 10, 52, 10),
            rect(10, 52, 80, 80, stroke=INPUT),
            _maps(102, 78, 54, 4, first),
            _maps(180, 96, 30, 5, second),
            *[
                rect(
                    *(13 + 22 * k, 214 - float(bar), 16, float(bar)),
                    fill=OUTPUT,
                    tint=1 if bar == bars.max() else 0.35,
                    round_=2,
                )
                for k, bar in enumerate(bars)
            ],
            path("M10 218H230", line=2.5),
        ]
    )


def training() -> str:
    """Draw handwriting that was read, and one digit that was misread."""
    images = [digit(k, skip=2) for k in READ]
    images[4] = clearest_mistake()
    parts = []
    for k, image in enumerate(images):
        x, y = 14 + 74 * (k % 3), 14 + 74 * (k // 3)
        miss = k == 4
        parts += [
            pixels(image, x, y, 8, levels=6),
            rect(
                x, y, 64, 64, stroke=KERNEL if miss else INPUT, line=5 if miss else 2.5
            ),
            f'<circle cx="{x + 60}" cy="{y + 60}" r="12" fill="{PAPER}"/>',
            path(f"M{x + 54} {y + 54}l12 12m0 -12l-12 12", stroke=KERNEL, line=4.5)
            if miss
            else path(f"M{x + 53} {y + 60}l5 6l9 -12", stroke=INPUT, line=4),
        ]
    return "".join(parts)


DRAWINGS = {
    "30_modules/10_anatomy": anatomy,
    "30_modules/15_starting_weights": starting_weights,
    "30_modules/20_call": call,
    "30_modules/25_hooks": hooks,
    "30_modules/30_lenet": lenet,
    "30_modules/35_lenet_training": training,
}
