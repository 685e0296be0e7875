"""The picture of the landing page: a window slides over a digit and makes the output.

The numbers are those of ``landing_numbers``. The picture is drawn twice, once for wide
screens and once for phones; both are whole without JavaScript, which only moves what is
there.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from drawings.shapes import (
    INK,
    INPUT,
    KERNEL,
    OUTPUT,
    grid,
    number,
    path,
    pixels,
    rect,
)
from landing_numbers import FIRST, KERNELS, Slide, signed_text

#: From this much ink on (0-16) a number is written in the colour of the paper.
DARK = 10


@dataclass(frozen=True)
class Layout:
    """Where the parts of the picture are, in units of its view box.

    Parameters
    ----------
    name : str
        ``"wide"`` or ``"narrow"``.
    size : float, float
        Width and height of the view box.
    image, output : float, float, float
        Left, top and side of a cell.
    table, sums : float, float, float, float
        Left, top, width and height of a cell.
    flat : float, float, float, float or None
        The same for the kernel as a row, where there is room for it.
    text : float
        Size of labels.
    """

    name: str
    size: tuple[float, float]
    image: tuple[float, float, float]
    output: tuple[float, float, float]
    table: tuple[float, float, float, float]
    sums: tuple[float, float, float, float]
    flat: tuple[float, float, float, float] | None
    text: float


WIDE = Layout(
    name="wide",
    size=(920, 464),
    image=(4, 30, 30),
    output=(736, 60, 30),
    table=(196, 332, 20, 11),
    sums=(400, 30, 48, 26),
    flat=(4, 372, 18, 20),
    text=14,
)
NARROW = Layout(
    name="narrow",
    size=(340, 540),
    image=(4, 26, 20),
    output=(214, 46, 20),
    table=(8, 454, 9, 6.5),
    sums=(60, 216, 42, 20),
    flat=None,
    text=12.5,
)


def text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    css: str = "",
    anchor: str = "middle",
) -> str:
    """Write words whose middle line is at ``y``."""
    kind = f' class="{css.strip()}"' if css.strip() else ""
    return (
        f'<text x="{number(x)}" y="{number(y + 0.35 * size)}"'
        f' font-size="{number(size)}" text-anchor="{anchor}"{kind}>'
        f"{escape(words)}</text>"
    )


class Picture:
    """The picture in one layout.

    Parameters
    ----------
    data : Slide
        The numbers.
    layout : Layout
        Where they go.
    """

    def __init__(self, data: Slide, layout: Layout) -> None:
        self.data, self.at = data, layout
        self.kernel = np.array(KERNELS[FIRST]).reshape(-1)
        self.row, self.column = divmod(data.still, 6)

    def label(self, x: float, y: float, words: str) -> str:
        """Write what a part is, above its upper left corner."""
        return text(
            x,
            y - 0.9 * self.at.text,
            words,
            self.at.text,
            css="is-label",
            anchor="start",
        )

    def moving(self, kind: str, step: float, mark: str, *, flat: bool = False) -> str:
        """Group what moves with the window; ``step`` is its way from place to place."""
        x = (self.data.still if flat else self.column) * step
        y = 0 if flat else self.row * step
        return (
            f'<g class="is-{kind}" data-step="{number(step)}"'
            f' transform="translate({number(x)} {number(y)})">{mark}</g>'
        )

    def area(self, kind: str, frame: str) -> str:
        """Name a frame, so that the script knows where the reader points."""
        return frame.replace("<rect ", f'<rect class="is-{kind}-area" ', 1)

    def link(
        self, color: str, start: tuple[float, float, float], end: tuple[float, float]
    ) -> str:
        """Draw a dotted line from what moves (left, top, step) to what stays."""
        x, y, step = start
        points = (x + self.column * step, y + self.row * step, *end)
        ends = zip(("x1", "y1", "x2", "y2"), map(number, points), strict=True)
        return (
            f'<line class="is-link" data-x="{number(x)}" data-y="{number(y)}"'
            f' data-step="{number(step)}" stroke="{color}" '
            + " ".join(f'{name}="{value}"' for name, value in ends)
            + "/>"
        )

    def links(self) -> str:
        """Join the window to its column, and the sum to its pixel."""
        x, y, cell = self.at.image
        left, top, width, height = self.at.sums
        a, b, out = self.at.output
        side, low = 3 * cell, top + 9 * height
        end = (left + 3.75 * width, low + 18)
        if self.at.name == "wide":
            ends = [(side, 0.0, left, top), (side, side, left, low)]
            pixel = (a, b + out / 2, out)
        else:
            ends = [(0.0, side, left, top), (side, side, left + width, top)]
            pixel = (a + out / 2, b + out, out)
        return "".join(
            [
                *[
                    self.link(KERNEL, (x + dx, y + dy, cell), (u, v))
                    for dx, dy, u, v in ends
                ],
                self.link(OUTPUT, pixel, end),
            ]
        )

    def image(self) -> str:
        """Draw the digit with its numbers, and the window."""
        x, y, cell = self.at.image
        numbers = [
            text(
                x + (j + 0.5) * cell,
                y + (i + 0.5) * cell,
                str(value),
                0.42 * cell,
                css="is-dark" if value > DARK else "",
            )
            for (i, j), value in np.ndenumerate(self.data.image)
            if value
        ]
        window = rect(x, y, 3 * cell, 3 * cell, stroke=KERNEL)
        return "".join(
            [
                self.label(x, y, "a digit, 8 × 8"),
                pixels(self.data.image / 16, x, y, cell),
                grid(8, 8, x, y, cell),
                *numbers,
                self.area(
                    "window", rect(x, y, 8 * cell, 8 * cell, stroke=INPUT, line=3)
                ),
                self.moving("window", cell, window),
            ]
        )

    def product(self, i: int) -> str:
        """Write one line of the sum: pixel times weight is product."""
        x, y, width, height = self.at.sums
        value, weight = int(self.data.columns[i, self.data.still]), int(self.kernel[i])
        middle, size = y + (i + 0.5) * height, 0.54 * height
        dark = " is-dark" if value > DARK else ""
        shade = rect(x, y + i * height, width, height, fill=INK, round_=0)
        shade = shade.replace(
            "/>", f' class="is-shade" fill-opacity="{value / 16:.2g}"/>'
        )
        words = [
            (0.5, str(value), f"is-value{dark}"),
            (1.17, "×", "is-sign"),
            (1.85, signed_text(weight), "is-weight"),
            (2.52, "=", "is-sign"),
            (3.2, signed_text(value * weight), "is-product"),
        ]
        return shade + "".join(
            text(x + k * width, middle, word, size, css=css) for k, word, css in words
        )

    def sums(self) -> str:
        """Draw the column, the kernel beside it, their products and the sum."""
        x, y, width, height = self.at.sums
        total = int(self.data.columns[:, self.data.still] @ self.kernel)
        low, tall = y + 9 * height, 9 * height
        size = 1.6 * self.at.text
        return "".join(
            [
                self.label(x, y, "window × kernel"),
                rect(x + 1.35 * width, y, width, tall, fill=KERNEL, tint=0.14),
                *[self.product(i) for i in range(9)],
                rect(x, y, width, tall, stroke=KERNEL),
                rect(x + 1.35 * width, y, width, tall, stroke=KERNEL, line=2),
                path(f"M{number(x + 2.75 * width)} {number(low + 3)}h{number(width)}"),
                text(x + 2.3 * width, low + 18, "sum", self.at.text, css="is-sign"),
                text(x + 3.2 * width, low + 18, signed_text(total), size, css="is-sum"),
            ]
        )

    def cells(self, x: float, y: float, width: float, height: float, row: int) -> str:
        """Draw the output as cells that light up one by one."""
        values = self.data.outputs[FIRST]
        largest = np.abs(values).max()
        return "".join(
            f'<rect class="is-out{" is-negative" if value < 0 else ""}"'
            f' x="{number(x + k % row * width)}" y="{number(y + k // row * height)}"'
            f' width="{number(width)}" height="{number(height)}"'
            f' fill-opacity="{abs(value) / largest:.2g}"/>'
            for k, value in enumerate(values)
        )

    def output(self) -> str:
        """Draw the output as an image, with a mark on the pixel that is being made."""
        x, y, cell = self.at.output
        mark = rect(x, y, cell, cell, stroke=OUTPUT, line=5)
        return "".join(
            [
                self.label(x, y, "output, 6 × 6"),
                self.cells(x, y, cell, cell, 6),
                grid(6, 6, x, y, cell),
                self.area(
                    "pixel", rect(x, y, 6 * cell, 6 * cell, stroke=OUTPUT, line=3)
                ),
                self.moving("pixel", cell, mark),
                text(
                    *(x + 3 * cell, y + 6 * cell + 0.9 * self.at.text),
                    "green: above 0",
                    min(0.85 * self.at.text, cell / 2.1),
                    css="is-sign",
                ),
            ]
        )

    def table(self) -> str:
        """Draw all columns side by side, and under them their sums with the kernel."""
        x, y, width, height = self.at.table
        below, high = y + 9 * height + 8, 1.6 * height
        shades = pixels(self.data.columns / 16, 0, 0, 1, levels=8)
        place = f"translate({number(x)} {number(y)})"
        place += f" scale({number(width)} {number(height)})"
        mark = rect(x, y, width, 9 * height, stroke=KERNEL, line=3, round_=2)
        mark += rect(x, below, width, high, stroke=OUTPUT, line=4, round_=2)
        return "".join(
            [
                self.label(x, y, "every window is a column, every column a pixel"),
                f'<g transform="{place}">{shades}</g>',
                rect(x, y, 36 * width, 9 * height, stroke=INPUT, line=2),
                self.cells(x, below, width, high, 36),
                rect(x, below, 36 * width, high, stroke=OUTPUT, line=2),
                self.moving("column", width, mark, flat=True),
            ]
        )

    def flat(self) -> str:
        """Draw the kernel as the row that multiplies the table."""
        if self.at.flat is None:
            return ""
        x, y, width, height = self.at.flat
        numbers = [
            text(
                x + (i + 0.5) * width,
                y + height / 2,
                signed_text(int(weight)),
                0.52 * height,
                css="is-weight",
            )
            for i, weight in enumerate(self.kernel)
        ]
        box = rect(x, y, 9 * width, height, stroke=KERNEL, line=2)
        tint = rect(x, y, 9 * width, height, fill=KERNEL, tint=0.14)
        times = text(x + 9.85 * width, y + height / 2, "×", 14, css="is-sign")
        return self.label(x, y, "kernel, flat") + tint + "".join(numbers) + box + times

    def svg(self, description: str) -> str:
        """Return the whole picture.

        Parameters
        ----------
        description : str
            What a screen reader says.
        """
        width, height = (number(side) for side in self.at.size)
        parts = [self.links(), self.image(), self.sums(), self.output()]
        parts += [self.flat(), self.table()]
        return (
            f'<svg class="cnn-slide__picture is-{self.at.name}" role="img"'
            f' viewBox="0 0 {width} {height}" aria-label="{escape(description)}">'
            f"{''.join(parts)}</svg>"
        )
