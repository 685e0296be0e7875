"""What every figure shares: style, title, numbers in, display."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import LayoutEngine
from matplotlib.textpath import TextToPath
from numpy.typing import NDArray

__all__ = [
    "MARGIN",
    "MAX_WIDTH",
    "NARROW",
    "SMALL",
    "Array",
    "CourseFigure",
    "also_narrow",
    "checked_title",
    "new_figure",
    "numbers",
    "style",
    "text_width",
    "wrapped",
]

Array = NDArray[Any]

#: Widest figure, in inches.
MAX_WIDTH = 7.0
#: Width of a figure on a telephone, in inches: 320 pixels less margins.
NARROW = 3.25
#: White space at each edge, in inches.
MARGIN = 0.12
#: Smallest text, in points.
SMALL = 9.0

STYLE_FILE = Path(__file__).with_name("cnn_tutorial.mplstyle")


class CourseFigure(Figure):
    """A figure that a notebook shows once, as the last line of a cell or not.

    IPython's inline backend shows all new figures after a cell, and the value of its
    last line: a figure would appear twice. This one takes itself off the list once
    shown. It is sent at twice the resolution, with its title as the alternative text.

    Attributes
    ----------
    narrow
        Draws the same for a telephone, `NARROW` inches wide; None where that is left to
        whoever shows the figure.
    """

    narrow: Callable[[], Figure] | None = None

    def _ipython_display_(self) -> None:
        if "inline" not in mpl.get_backend():
            raise NotImplementedError  # IPython then does what it does with any object.
        from IPython.display import Image, display

        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=2 * self.dpi)
        width, height = (round(side * self.dpi) for side in self.get_size_inches())
        alt = " ".join(self.get_suptitle().split())
        image = Image(
            buffer.getvalue(), format="png", width=width, height=height, alt=alt
        )
        display(image)
        plt.close(self)


def also_narrow(figure: Figure, draw: Callable[[], Figure]) -> Figure:
    """Say how a figure is drawn for a telephone, and return it."""
    assert isinstance(figure, CourseFigure)
    figure.narrow = draw
    return figure


@contextmanager
def style() -> Iterator[None]:
    """Draw with the style of the course on matplotlib's defaults, then put all back."""
    # The first figure loads the backend, which may switch interactive mode on. That
    # must not happen inside the context, which would switch it off again.
    plt.draw_if_interactive()
    with mpl.style.context([STYLE_FILE], after_reset=True):
        yield


def checked_title(title: object) -> str:
    """Return the title on one line, or say why there must be one."""
    if not isinstance(title, str) or not title.strip():
        raise ValueError(
            f"`title` (={title!r}) must say in words what to see: it is also the "
            "alternative text of the figure."
        )
    return " ".join(title.split())


def text_width(text: str, size: float) -> float:
    """Width of a line of text in inches, whatever the resolution."""
    measure = TextToPath().get_text_width_height_descent
    return float(measure(text, FontProperties(size=size), ismath=False)[0]) / 72


def wrapped(text: str, size: float, room: float) -> str:
    """Break a text into as few lines as `room` inches allow, of about equal length.

    >>> wrapped("one two three four", 12, 100)
    'one two three four'
    """
    words = text.split(" ")  # A no-break space does not break.
    widths = {word: text_width(f"{word} ", size) for word in words}

    def broken(limit: float) -> list[str]:
        lines = [""]
        used = 0.0
        for word in words:
            used += widths[word]
            if lines[-1] and used > limit:
                lines.append("")
                used = widths[word]
            lines[-1] += f" {word}" if lines[-1] else word
        return lines

    lines = broken(room)
    while room > max(widths.values()):
        room -= 0.2
        if len(narrower := broken(room)) > len(lines):
            break
        lines = narrower
    return "\n".join(lines)


def new_figure(
    width: float,
    height: float,
    title: str,
    *,
    layout: LayoutEngine | None = None,
    known: bool = True,
) -> Figure:
    """Make a titled figure of a size in inches; `known` to pyplot, or for one frame."""
    if known:
        figure: Figure = plt.figure(
            FigureClass=CourseFigure, figsize=(width, height), layout=layout
        )
    else:
        figure = Figure(figsize=(width, height), layout=layout)
        FigureCanvasAgg(figure)
    size = mpl.rcParams["figure.titlesize"]
    lines = wrapped(checked_title(title), size, width - 2 * MARGIN)
    figure.suptitle(lines, x=MARGIN / width, ha="left", va="top")
    return figure


def _from_tensor(name: str, tensor: Any) -> Array:  # noqa: ANN401 (torch is not imported)
    value = tensor.detach()
    if value.is_meta:
        raise ValueError(
            f"`{name}` is on the meta device: it has a shape and no numbers."
        )
    value = value.to_dense().cpu().resolve_conj().resolve_neg()
    # NumPy knows no bfloat16 and no 8-bit floats.
    small = value.is_floating_point() and value.element_size() < 4
    array: Array = (value.float() if small else value).numpy()
    return array


def numbers(name: str, value: object, *, finite: bool = True) -> Array:
    """Return tensors, arrays and nested lists as an array of real numbers.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        A tensor on any device, with or without gradient, of any real dtype; an array; a
        number; lists of these.
    finite
        Whether NaN and infinity are errors.

    Raises
    ------
    ValueError
        If `value` holds anything but real numbers, is empty, or is not finite.
    """
    if isinstance(value, (list, tuple)) and any(hasattr(v, "detach") for v in value):
        value = [_from_tensor(name, v) if hasattr(v, "detach") else v for v in value]
    if hasattr(value, "detach"):
        value = _from_tensor(name, value)
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"`{name}` must be an array: its rows differ in length."
        ) from None
    if array.dtype.kind not in "buif":
        raise ValueError(f"`{name}` must hold real numbers, not {array.dtype}.")
    if array.size == 0:
        raise ValueError(f"`{name}` of shape {array.shape} holds no numbers.")
    if finite and not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))
        first = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"`{name}` of shape {array.shape} must be finite: {len(bad)} of "
            f"{array.size} values are not, the first at {first} (={array[first]})."
        )
    return array
