"""Shapes that all drawings share, in the colours that mean the same on every page."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SIDE = 240
INPUT = "var(--cnn-input,#0072b2)"
KERNEL = "var(--cnn-kernel,#d55e00)"
OUTPUT = "var(--cnn-output,#009e73)"
GRADIENT = "var(--cnn-gradient,#cc79a7)"
INK = "currentColor"
#: Behind what lies in front of something else.
PAPER = "var(--cnn-tile,#f6f4ef)"


def number(value: float) -> str:
    """Return a coordinate with at most one decimal.

    Examples
    --------
    >>> number(12.0), number(1 / 3)
    ('12', '0.3')
    """
    return f"{value:.1f}".removesuffix(".0")


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    stroke: str = "none",
    fill: str = "none",
    tint: float = 1.0,
    line: float = 4,
    round_: float = 3,
) -> str:
    """Draw a rectangle; ``tint`` is the opacity of its fill (0-1)."""
    opacity = "" if fill == "none" or tint == 1 else f' fill-opacity="{tint}"'
    border = f' stroke="{stroke}" stroke-width="{number(line)}"' * (stroke != "none")
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}"'
        f' height="{number(height)}" rx="{number(round_)}" fill="{fill}"'
        f"{opacity}{border}/>"
    )


def path(
    d: str,
    *,
    stroke: str = INK,
    line: float = 3,
    fill: str = "none",
    more: str = "",
) -> str:
    """Draw a path with round ends; ``more`` are further attributes."""
    return (
        f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{number(line)}"'
        f' stroke-linecap="round" stroke-linejoin="round"{more and " "}{more}/>'
    )


def _runs(where: NDArray[np.bool_]) -> str:
    """Return a path over the marked cells, neighbours in a row drawn as one."""
    parts = []
    for i, row in enumerate(where):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]])))
        for start, end in edges.reshape(-1, 2):
            width = end - start
            parts.append(f"M{start} {i}h{width}v1h-{width}z")
    return "".join(parts)


def pixels(
    values: Array,
    x: float,
    y: float,
    cell: float,
    *,
    color: str = INK,
    levels: int = 16,
) -> str:
    """Draw an image whose values are 0-1: nothing at 0, the colour at 1.

    Parameters
    ----------
    values : array, shape (H, W)
        The image, 0-1.
    x, y : float
        Upper left corner.
    cell : float
        Side of a pixel.
    color : str, optional
        Colour of the value 1.
    levels : int, optional
        How many shades are told apart; fewer make a smaller file.
    """
    shades = np.round(np.asarray(values) * levels)
    marks = "".join(
        f'<path d="{_runs(shades == shade)}" fill-opacity="{shade / levels:.2g}"/>'
        for shade in np.unique(shades)
        if shade > 0
    )
    place = f"translate({number(x)} {number(y)}) scale({number(cell)})"
    return f'<g transform="{place}" fill="{color}">{marks}</g>'


def signed(values: Array, x: float, y: float, cell: float) -> str:
    """Draw values around zero: output green above, ink below, nothing at zero."""
    largest = float(np.abs(values).max())
    above, below = values.clip(min=0) / largest, -values.clip(max=0) / largest
    green = pixels(above, x, y, cell, color=OUTPUT, levels=8)
    return green + pixels(below * 0.6, x, y, cell, levels=8)


def grid(
    rows: int, columns: int, x: float, y: float, cell: float, *, stroke: str = INK
) -> str:
    """Draw the lines between cells, thin."""
    width, height = number(columns * cell), number(rows * cell)
    across = (f"M{number(x)} {number(y + i * cell)}h{width}" for i in range(rows + 1))
    down = (f"M{number(x + j * cell)} {number(y)}v{height}" for j in range(columns + 1))
    return path(
        "".join([*across, *down]), stroke=stroke, line=1, more='stroke-opacity=".35"'
    )


@cache
def _digits() -> tuple[Array, NDArray[np.int64]]:
    """Read scikit-learn's digits from its file: importing it takes a second."""
    spec = find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    table = np.loadtxt(file, delimiter=",")
    return table[:, :-1].reshape(-1, 8, 8) / 16, table[:, -1].astype(np.int64)


def digit(label: int, *, skip: int = 0) -> Array:
    """Return a handwritten digit of scikit-learn's set.

    Parameters
    ----------
    label : int
        What was written, 0-9.
    skip : int, optional
        How many of the same to pass over.

    Returns
    -------
    array, shape (8, 8)
        Ink, 0-1.
    """
    images, labels = _digits()
    return np.asarray(images[np.flatnonzero(labels == label)[skip]])


def correlate(image: Array, kernel: Array) -> Array:
    """Slide a kernel over an image, as a convolution layer does; for pictures only."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.asarray(np.einsum("ijkl,kl->ij", windows, kernel))


@cache
def _distances() -> Array:
    """Return the squared distance of each digit to the mean of each class."""
    images, labels = _digits()
    means = np.stack([images[labels == k].mean(0) for k in range(10)])
    return np.asarray(((images[:, None] - means) ** 2).sum((2, 3)))


def likeness(label: int, *, skip: int = 0) -> Array:
    """Return how near a digit is to the mean of each class: the nearest has 1."""
    _, labels = _digits()
    distance = _distances()[np.flatnonzero(labels == label)[skip]]
    return np.asarray(np.exp((distance.min() - distance) / 3))


def clearest_mistake() -> Array:
    """Return the digit that is nearer to a wrong mean by the largest margin."""
    images, labels = _digits()
    distance = _distances()
    margin = distance[np.arange(len(labels)), labels] - distance.min(1)
    return np.asarray(images[margin.argmax()])
