"""A second layout of a figure, for a telephone.

Shrinking a figure of seven inches to the width of a telephone makes its text
unreadable. Where the layout allows it, the same figure is drawn once more at the narrow
width: with its title on several lines and panels that stood side by side below each
other. The figure is as before afterwards.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

#: Inches; 320 pixels less the margins of the page are 3 inches.
NARROW = 3.25
#: Figures up to this width (inches) are readable on a telephone as they are.
WIDE = 4.0
#: Inches for what stands around each panel: its title and labels.
PANEL_MARGIN = 0.9
#: Height of a panel by its width, at least and at most.
FLATTEST, STEEPEST = 0.45, 1.2
#: Steps between the numbers below a panel.
MAX_TICKS = 4
#: Characters; titles are not broken into shorter lines.
SHORTEST_LINE = 12


def _panels(figure: Figure) -> list[Any]:
    """Axes of the figure's grid, from left to right and top to bottom."""
    placed = [
        (spec.num1, number, axes)
        for number, axes in enumerate(figure.axes)
        if (spec := axes.get_subplotspec()) is not None
    ]
    return [axes for _, _, axes in sorted(placed, key=lambda item: item[:2])]


def _one_row(figure: Figure) -> bool:
    panels = _panels(figure)
    grids = {id(axes.get_subplotspec().get_gridspec()) for axes in panels}
    loose = [*figure.texts, *figure.lines, *figure.patches, *figure.artists]
    return (
        len(panels) > 1
        and len(grids) == 1
        and panels[0].get_subplotspec().get_gridspec().nrows == 1
        # Anything placed by hand, but the title, would stay behind.
        and len(loose) == bool(figure.get_suptitle())
    )


def can_be_narrow(figure: Figure) -> bool:
    """Whether a figure gains from a layout of its own for narrow screens.

    Parameters
    ----------
    figure : the figure
    """
    if figure.get_figwidth() <= WIDE or figure.get_layout_engine() is None:
        return False
    return len(_panels(figure)) == 1 == len(figure.axes) or _one_row(figure)


def _restack(figure: Figure) -> tuple[float, Callable[[], None]]:
    """Put the panels of a row below each other; return the height and the way back."""
    panels = _panels(figure)
    boxes = [axes.get_window_extent() for axes in panels]
    square = all(box.height > 0.7 * box.width for box in boxes)
    columns = 2 if square and len(panels) > 2 else 1
    rows = math.ceil(len(panels) / columns)
    before = [axes.get_subplotspec() for axes in panels]
    grid = figure.add_gridspec(rows, columns)
    for number, axes in enumerate(panels):
        axes.set_subplotspec(grid[divmod(number, columns)])
    width = NARROW / columns
    ratios = (box.height / box.width for box in boxes)
    heights = [
        min(max(ratio, FLATTEST), STEEPEST) * width + PANEL_MARGIN for ratio in ratios
    ]
    height = sum(max(heights[i : i + columns]) for i in range(0, len(panels), columns))

    def back() -> None:
        for axes, spec in zip(panels, before, strict=True):
            axes.set_subplotspec(spec)

    return height, back


def _wrap(text: Text, width: float) -> Callable[[], None]:
    """Break a title that is wider than `width` pixels; return the way back."""
    before, wrapped = text.get_text(), text.get_wrap()
    words = " ".join(before.split())
    # Matplotlib's own wrapping knows the figure but not its margins.
    text.set_wrap(False)
    text.set_text(words)
    characters = len(words)
    while text.get_window_extent().width > width and characters > SHORTEST_LINE:
        characters = max(SHORTEST_LINE, int(0.92 * characters))
        lines = textwrap.wrap(words, characters, break_long_words=False)
        text.set_text("\n".join(lines))

    def back() -> None:
        text.set_text(before)
        text.set_wrap(wrapped)

    return back


def _fewer_ticks(axes: Axes) -> Callable[[], None]:
    """Leave room between the numbers below a panel; return the way back."""
    from matplotlib.ticker import MaxNLocator

    before = axes.xaxis.get_major_locator()
    if not isinstance(before, MaxNLocator):
        return lambda: None
    whole = all(float(place).is_integer() for place in axes.get_xticks())
    # The steps are those of matplotlib's automatic choice.
    fewer = MaxNLocator(MAX_TICKS, steps=[1, 2, 2.5, 5, 10], integer=whole)
    axes.xaxis.set_major_locator(fewer)
    return lambda: axes.xaxis.set_major_locator(before)


def _apart(axes: Axes) -> Callable[[], None]:
    """Leave out numbers of a log axis that touch others; return the way back."""
    from matplotlib.ticker import FixedLocator

    before = axes.xaxis.get_major_locator()
    if not isinstance(before, FixedLocator) or axes.get_xscale() != "log":
        return lambda: None
    kept: list[float] = []
    right = -math.inf
    for place, text in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        box = text.get_window_extent()
        if not text.get_text() or box.x0 > right + box.height / 4:
            kept.append(float(place))
            right = max(right, box.x1) if text.get_text() else right
    axes.xaxis.set_major_locator(FixedLocator(kept))
    return lambda: axes.xaxis.set_major_locator(before)


def _titles(figure: Figure) -> list[Text]:
    titles = [axes.title for axes in figure.axes if axes.get_title()]
    over_all = figure.get_suptitle()
    return titles + [text for text in figure.texts if text.get_text() == over_all]


@contextmanager
def narrowed(figure: Figure) -> Iterator[Figure | None]:
    """Lay a figure out for a telephone, for as long as the context lasts.

    A figure of the package may know how it is drawn there: then that is another one.

    Parameters
    ----------
    figure : the figure

    Yields
    ------
    the figure for a telephone; None where the other one is good for it
    """
    if (draw := getattr(figure, "narrow", None)) is not None:
        yield draw()
        return
    if not can_be_narrow(figure):
        yield None
        return
    width, height = figure.get_size_inches()
    # Sizes of text are those of the last renderer; that of SVG has another resolution.
    figure.draw_without_rendering()
    with ExitStack() as ways_back:
        ways_back.callback(figure.set_size_inches, width, height)
        new_height = max(0.62 * NARROW, min(height, NARROW))
        if len(_panels(figure)) > 1:
            new_height, back = _restack(figure)
            ways_back.callback(back)
        for axes in figure.axes:
            ways_back.callback(_fewer_ticks(axes))
            # It stands below the axes, which are narrower than the figure.
            ways_back.callback(_wrap(axes.xaxis.label, 0.75 * NARROW * figure.dpi))
        lines = 0
        for title in _titles(figure):
            room = NARROW * figure.dpi * 0.94
            ways_back.callback(_wrap(title, room))
            lines += title.get_text().count("\n")
        figure.set_size_inches(NARROW, new_height + 0.2 * lines)
        figure.draw_without_rendering()
        for axes in figure.axes:
            ways_back.callback(_apart(axes))
        yield figure
