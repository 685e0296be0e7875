"""Input, patches, kernel and output of one place of a window, on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cnn_tutorial.plotting._cells import Box, Cells, cell_texts, fitted
from cnn_tutorial.plotting._figure import MARGIN, MAX_WIDTH, Array, wrapped
from cnn_tutorial.plotting._pixels import Pixels
from cnn_tutorial.plotting._sheet import LINE, new_sheet, scale_of
from cnn_tutorial.plotting._slides import Slide
from cnn_tutorial.plotting.colors import INPUT, KERNEL, OUTPUT

__all__ = ["draw_slide"]

GAP, ABOVE = 0.5, LINE + 0.1
WORDS = 10.0
#: Numbers are drawn in matrices with at most so many rows.
ROWS = 12
#: Width in inches of the input and of the patches where there are no numbers.
INPUT_WIDTH, PATCHES_WIDTH = 1.8, 3.4
MOST_PLACES = 900

Block = Cells | Pixels


@dataclass(frozen=True)
class _Blocks:
    """The five matrices: the flat ones stand around the patches like a product."""

    image: Block
    patches: Block
    kernel: Block
    flat: Block
    output: Block

    @property
    def left(self) -> float:
        return max(self.image.width, self.kernel.width, self.output.width)

    @property
    def width(self) -> float:
        return self.left + GAP + self.right

    @property
    def right(self) -> float:
        """Room on the right, where the sum is written, too."""
        room = MAX_WIDTH - 2 * MARGIN - self.left - GAP
        return max(self.patches.width, min(3.0, room))

    @property
    def upper(self) -> float:
        return max(self.image.height, self.patches.height)

    @property
    def height(self) -> float:
        return self.lower + max(self.output.height, 0.6)

    @property
    def under(self) -> float:
        """Where the flat kernel begins; the arrow needs the space above it."""
        return ABOVE + self.upper + 0.3

    @property
    def lower(self) -> float:
        """Where the output begins, below the names of the flat row and its own."""
        return self.under + self.flat.height + 2 * ABOVE + 0.08


def _hidden(slide: Slide, shown: int) -> tuple[Array, Array, Array]:
    """Return patches, flat output and output; NaN for places not reached so far."""
    columns, flat = slide.columns.copy(), slide.output.reshape(1, -1).copy()
    columns[:, shown:] = flat[:, shown:] = np.nan
    return columns, flat, flat.reshape(slide.output.shape)


def _with_numbers(slide: Slide, shown: int) -> _Blocks | None:
    """Return blocks of cells, if all of them have room for their numbers."""
    kernel = slide.kernel.reshape(1, -1)
    rows, places = slide.columns.shape
    height, width = slide.padded.shape
    if max(rows, height, slide.output.shape[0]) > ROWS:
        return None
    written = [cell_texts(m) for m in (slide.padded, kernel, slide.output)]
    left = max(width, rows, slide.output.shape[1])
    fit = fitted(written, left + places, GAP)
    if fit is None:
        return None
    texts = [
        [["" if text == "nan" else text for text in row] for row in cell_texts(m)]
        for m in _hidden(slide, shown)
    ]
    return _Blocks(
        Cells(written[0], INPUT, *fit, inner=slide.inner),
        Cells(texts[0], INPUT, *fit),
        Cells(written[1], KERNEL, *fit),
        Cells(texts[1], OUTPUT, *fit),
        Cells(texts[2], OUTPUT, *fit),
    )


def _scale(array: Array) -> tuple[Normalize, str]:
    """Return the scale of an image: grey for intensities, diverging for signed."""
    norm, cmap = scale_of([array])
    return norm, "gray" if cmap == "viridis" else cmap


def _with_pixels(slide: Slide, shown: int) -> _Blocks:
    """Return blocks of pixels."""
    height, width = slide.padded.shape
    rows, places = slide.columns.shape
    if places > MOST_PLACES:
        raise ValueError(
            f"The window has {places} places on an image of {height} x {width}, and at "
            f"most {MOST_PLACES} can be drawn: use a smaller image or a larger stride."
        )
    columns, flat, output = _hidden(slide, shown)
    kernel = slide.kernel.reshape(1, -1)
    intensity, signed, result = map(_scale, (slide.padded, kernel, slide.output))
    wide = INPUT_WIDTH
    tall = min(2.2, max(0.06 * rows, PATCHES_WIDTH / places * rows))
    step = min(0.22, INPUT_WIDTH / rows)
    (h, w) = slide.output.shape
    out = min(1.6, wide * w / width)
    return _Blocks(
        Pixels(
            slide.padded, INPUT, wide, wide * height / width, *intensity, slide.inner
        ),
        Pixels(columns, INPUT, PATCHES_WIDTH, tall, *intensity),
        Pixels(kernel, KERNEL, step * rows, step, *signed),
        Pixels(flat, OUTPUT, PATCHES_WIDTH, step, *result),
        Pixels(output, OUTPUT, out, out * h / w, *result),
    )


def _sum(slide: Slide, k: int, *, terms: bool) -> str:
    """Write the dot product of the k-th column."""
    row, column = slide.position(k)
    minus = "\N{MINUS SIGN}"
    value = cell_texts(np.array([[slide.output[row, column]]]))[0][0]
    pixel = f"output[{row},\N{NO-BREAK SPACE}{column}]"
    if not terms:
        return f"{pixel} = {value}"
    patch = cell_texts(slide.columns[:, [k]])
    weights = cell_texts(slide.kernel.reshape(-1, 1))
    products = [
        f"{a}·({b})" if b.startswith(minus) else f"{a}·{b}"
        for (a,), (b,) in zip(patch, weights, strict=True)
    ]
    return f"{pixel} = {' + '.join(products)} = {value}"


def _size(array: Array) -> str:
    return f"{array.shape[0]} × {array.shape[1]}"


def _named(
    axes: Axes, block: Block, x: float, y: float, name: str, windows: Sequence[Box] = ()
) -> None:
    axes.text(x, y - 0.07, name, va="bottom", fontsize=WORDS)
    block.draw(axes, x, y, windows)


def _draw_upper(axes: Axes, blocks: _Blocks, slide: Slide, k: int) -> None:
    """Draw the input with its window, and the patches with this column."""
    name = "padded input" if any(slide.padding) else "input"
    name = f"{name} {_size(slide.padded)}"
    _named(axes, blocks.image, 0, ABOVE, name, slide.windows(k))
    right = blocks.left + GAP
    y = ABOVE + blocks.upper - blocks.patches.height
    name = f"patches {_size(slide.columns)}"
    _named(axes, blocks.patches, right, y, name, [(0, k, len(slide.columns), 1)])
    _connect(axes, right + (k + 0.5) * blocks.patches.side, blocks.under)


def _draw_lower(axes: Axes, blocks: _Blocks, slide: Slide, k: int) -> None:
    """Draw the flat kernel and output with their names below, and the output."""
    right, under, lower = blocks.left + GAP, blocks.under, blocks.lower
    left = blocks.left - blocks.kernel.width
    blocks.kernel.draw(axes, left, under)
    blocks.flat.draw(axes, right, under, [(0, k, 1, 1)])
    y = under + blocks.flat.height + 0.07
    for x, name in ((left, "kernel, flat"), (right, "kernel times patches")):
        axes.text(x, y, name, va="top", fontsize=WORDS)
    name = f"output {_size(slide.output)}"
    _named(axes, blocks.output, 0, lower, name, [(*slide.position(k), 1, 1)])
    readable = isinstance(blocks.image, Cells)
    text = wrapped(_sum(slide, k, terms=readable), WORDS + 1, blocks.right)
    if not readable:
        text += "\nwhite is zero, red positive, blue negative"
    axes.text(right, lower, text, va="top", fontsize=WORDS + 1, linespacing=1.4)


def _connect(axes: Axes, x: float, end: float) -> None:
    """Lead from the column down to the number it makes."""
    arrow = {"arrowstyle": "->", "color": KERNEL, "linewidth": 1.5}
    arrow |= {"shrinkA": 2, "shrinkB": 2}
    axes.annotate("", (x, end), (x, end - 0.3), arrowprops=arrow)


def draw_slide(
    slide: Slide, k: int, title: str, *, shown: int | None = None, known: bool = True
) -> Figure:
    """Draw the k-th place of the window, and of all places the first `shown`."""
    count = slide.columns.shape[1] if shown is None else shown
    blocks = _with_numbers(slide, count) or _with_pixels(slide, count)
    figure, axes = new_sheet(blocks.width, blocks.height, title, known=known)
    _draw_upper(axes, blocks, slide, k)
    _draw_lower(axes, blocks, slide, k)
    return figure
