"""The kernels of a convolution as a table, and the windows of a pooling as spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnn_tutorial._validation import integer
from cnn_tutorial.plotting._figure import SMALL, Array, checked_title, numbers, style
from cnn_tutorial.plotting._sheet import BAR, LINE, color_bar, new_sheet, panel
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT

__all__ = ["weight_table", "window_spans"]

#: Widest side of a kernel, room for the numbers at the left and above, inches.
SIDE, LEFT, TOP, GAP = 0.42, 0.62, 2 * LINE, 0.05
MOST = 16
#: Width of a ruler, height of a span and of what stands around a ruler, inches.
RULER, SPAN, HEAD = 6.3, 0.2, 0.34
MOST_SPANS = 24


def _checked_weight(weight: object, groups: int) -> Array:
    array = numbers("weight", weight)
    if array.ndim != 4:
        raise ValueError(
            f"`weight` of shape {array.shape} must be (C_out, C_in/groups, kh, kw)."
        )
    integer("groups", groups, minimum=1)
    if len(array) % groups:
        raise ValueError(
            f"`weight` has {len(array)} output channels, which must be divisible by "
            f"`groups` (={groups})."
        )
    if max(len(array), array.shape[1] * groups) > MOST:
        raise ValueError(
            f"`weight` makes a table of {len(array)} x {array.shape[1] * groups} "
            f"kernels; at most {MOST} x {MOST} can be drawn."
        )
    return array


def weight_table(weight: object, *, title: str, groups: int = 1) -> Figure:
    """Draw the kernels of a convolution as a table: outputs down, inputs across.

    With groups, an output has kernels for the inputs of its own group only. The other
    places of the table are empty.

    Parameters
    ----------
    weight : tensor or array, shape (C_out, C_in/groups, kh, kw)
        For instance ``conv.weight``; at most 16 outputs and 16 inputs.
    title
        What to see; it becomes the alternative text.
    groups
        As in ``nn.Conv2d``, at least 1.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If `weight` has another shape, cannot be divided into groups or is too large, or
        holds NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.ones((4, 1, 3, 3))  # 4 outputs, each reads 1 of 4 inputs
    >>> figure = weight_table(weight, groups=4, title="A diagonal")
    >>> len(figure.axes[0].images)  # of 4 * 4 places
    4
    """
    title, array = checked_title(title), _checked_weight(weight, groups)
    outputs, share, kh, kw = array.shape
    inputs = share * groups
    limit = float(np.abs(array).max()) or 1.0
    scale = Normalize(-limit, limit)
    with style():
        width, height = LEFT + inputs * SIDE, TOP + outputs * SIDE * kh / kw
        figure, axes = new_sheet(width, height + 0.12 + BAR, title)
        _name_sides(axes, outputs, inputs, SIDE * kh / kw)
        for o in range(outputs):
            first = o // (outputs // groups) * share
            for i in range(inputs):
                x, y = LEFT + i * SIDE, TOP + o * SIDE * kh / kw
                box = (x, y, SIDE - GAP, SIDE * kh / kw - GAP)
                if first <= i < first + share:
                    one = array[o, i - first]
                    panel(axes, one, box, norm=scale, cmap="RdBu_r", edge=KERNEL)
                else:
                    _empty(axes, box)
        color_bar(axes, scale, "RdBu_r", LEFT, height + 0.12)
    return figure


def _empty(axes: Axes, box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    axes.add_patch(
        Rectangle((x, y), width, height, fill=False, ec=NEUTRAL, lw=0.6, ls=":")
    )


def _name_sides(axes: Axes, outputs: int, inputs: int, tall: float) -> None:
    """Write the numbers of outputs down and of inputs across."""
    word = {"fontsize": SMALL}
    axes.text(LEFT, LINE - 0.04, "input", va="bottom", color=INPUT, **word)  # type: ignore[arg-type]
    axes.text(0, TOP - 0.04, "output", va="bottom", color=OUTPUT, **word)  # type: ignore[arg-type]
    for i in range(inputs):
        x = LEFT + i * SIDE + (SIDE - GAP) / 2
        axes.text(x, TOP - 0.04, f"{i}", ha="center", va="bottom", **word)  # type: ignore[arg-type]
    for o in range(outputs):
        y = TOP + o * tall + (tall - GAP) / 2
        axes.text(LEFT - 0.1, y, f"{o}", ha="right", va="center", **word)  # type: ignore[arg-type]


def window_spans(
    axes_of: Mapping[str, tuple[int, Sequence[tuple[int, int]]]], *, title: str
) -> Figure:
    """Draw which pixels of a row of pixels each window covers.

    Each entry is a ruler with a cell for each pixel. The windows lie below it, one
    under the other as they begin, each with its size.

    Parameters
    ----------
    axes_of : mapping of name to (size, windows)
        `size` is the number of pixels; a window is (start, end), and `end` is not
        part of it.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If there is nothing to draw, or a window does not lie on its ruler.

    Examples
    --------
    >>> figure = window_spans({"row": (5, [(0, 3), (2, 5)])}, title="They share one")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['row: 5 pixels, 2 windows', '3', '3']
    """
    title = checked_title(title)
    if not axes_of:
        raise ValueError("`axes_of` is empty: there is nothing to draw.")
    for name, (size, windows) in axes_of.items():
        _check_spans(name, size, windows)
    with style():
        heights = [HEAD + 0.2 + SPAN * len(windows) for _, windows in axes_of.values()]
        figure, axes = new_sheet(RULER, sum(heights), title)
        y = 0.0
        for (name, (size, windows)), tall in zip(axes_of.items(), heights, strict=True):
            _draw_spans(axes, y, name, size, windows)
            y += tall
    return figure


def _check_spans(name: str, size: int, windows: Sequence[tuple[int, int]]) -> None:
    integer(f"axes_of[{name!r}]", size, minimum=1)
    if not 1 <= len(windows) <= MOST_SPANS:
        raise ValueError(
            f"`axes_of[{name!r}]` must have 1 to {MOST_SPANS} windows, not "
            f"{len(windows)}."
        )
    for start, end in windows:
        if not 0 <= start < end <= size:
            raise ValueError(
                f"`axes_of[{name!r}]` has a window ({start}, {end}) that does not lie "
                f"on {size} pixels."
            )


def _draw_spans(
    axes: Axes, y: float, name: str, size: int, windows: Sequence[tuple[int, int]]
) -> None:
    """Draw a ruler with its windows, the top at `y`."""
    cell = RULER / size
    text = f"{name}: {size} pixels, {len(windows)} windows"
    axes.text(0, y + LINE, text, va="bottom", fontsize=SMALL)
    top = y + LINE + 0.04
    for k in range(size):
        place = (k * cell, top)
        look = {"fc": INPUT, "alpha": 0.45 if k % 2 else 0.2, "lw": 0}
        axes.add_patch(Rectangle(place, cell, 0.12, **look))  # type: ignore[arg-type]
    for k, (start, end) in enumerate(windows):
        low = top + 0.18 + k * SPAN
        place, width = (start * cell, low), (end - start) * cell
        look = {"fc": KERNEL, "alpha": 0.3, "lw": 0}
        axes.add_patch(Rectangle(place, width, SPAN - 0.03, **look))  # type: ignore[arg-type]
        middle = (start + end) / 2 * cell, low + SPAN / 2 - 0.015
        word = {"ha": "center", "va": "center", "fontsize": SMALL}
        axes.text(*middle, f"{end - start}", **word)  # type: ignore[arg-type]
