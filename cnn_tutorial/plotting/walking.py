"""Windows of several settings that walk at the same pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnn_tutorial.plotting._figure import checked_title, style
from cnn_tutorial.plotting._frames import pixels
from cnn_tutorial.plotting._place_picture import BETWEEN, GAP, Panel, fitted_side
from cnn_tutorial.plotting._places import Pair, Setting, checked_settings, named
from cnn_tutorial.plotting._sheet import new_sheet
from cnn_tutorial.plotting.animation import MOST_FRAMES, Animation, Frame

__all__ = ["window_animation"]

#: Inches: width of what is drawn in a frame, and of a pixel where there is room.
WIDTH, LARGEST = 4.6, 0.28


def _grid(panels: Sequence[Panel]) -> tuple[list[tuple[float, float]], float, float]:
    """Return where panels go, two in a row, with the width and height of all."""
    columns = min(2, len(panels))
    widths = [max(p.width for p in panels[c::columns]) for c in range(columns)]
    heights = [
        max(p.height for p in panels[r : r + columns])
        for r in range(0, len(panels), columns)
    ]
    spots = [
        (
            sum(widths[: k % columns]) + GAP * (k % columns),
            sum(heights[: k // columns]) + GAP * (k // columns),
        )
        for k in range(len(panels))
    ]
    width = sum(widths) + GAP * (columns - 1)
    return spots, width, sum(heights) + GAP * (len(heights) - 1)


def _frame(panels: Sequence[Panel], k: int, title: str) -> Frame:
    """Draw every window in its k-th place, or in its last."""
    spots, width, height = _grid(panels)
    figure, axes = new_sheet(width, height, title, known=False)
    for panel, (x, y) in zip(panels, spots, strict=True):
        place = min(k, panel.places.count - 1)
        panel.draw(axes, x, y, place, shown=place + 1)
    return pixels(figure)


def window_animation(
    size: Pair,
    settings: Mapping[str, Setting],
    *,
    title: str,
    still: int | None = None,
    interval: int = 700,
) -> Animation:
    """Let the windows of several settings walk at the same pace.

    In each frame every window takes the next of its places, and its output has one
    more pixel. A window that has been everywhere waits in its last place.

    Parameters
    ----------
    size
        Of the image, pixels: one number, or (height, width).
    settings
        As in `window_settings`.
    title
        What to see; it stands above each frame and becomes the alternative text.
    still
        Index of the frame that stands for all; without it, the one in the middle of
        the quickest window's way.
    interval
        Milliseconds for which a frame is shown.

    Returns
    -------
    animation
        A frame for each place of the slowest window, 1280 pixels wide.

    Raises
    ------
    ValueError
        As in `window_settings`, and if a window has more than 100 places.

    Examples
    --------
    >>> both = {"K2": {"kernel_size": 2}, "K2, S2": {"kernel_size": 2, "stride": 2}}
    >>> animation = window_animation(4, both, title="The stride leaves places out")
    >>> len(animation.frames)  # (4 - 2 + 1) squared; the other window needs 4
    9
    """
    title = checked_title(title)
    every = checked_settings(size, settings)
    last = max(found.count for found in every.values())
    if last > MOST_FRAMES:
        raise ValueError(
            f"a window has {last} places and an animation at most {MOST_FRAMES} "
            "frames: use a smaller image or a larger stride."
        )
    columns = min(2, len(every))
    pixels_across = columns * max(f.padded[1] + f.output[1] for f in every.values())
    room = WIDTH - columns * BETWEEN - (columns - 1) * GAP
    side = fitted_side(pixels_across, room, LARGEST)
    panels = [Panel(named(n, f), f, side, words=2) for n, f in every.items()]
    with style():
        pictures = [_frame(panels, k, title) for k in range(last)]
    middle = (min(found.count for found in every.values()) - 1) // 2
    chosen = middle if still is None else still
    return Animation(pictures, title=title, still=chosen, interval=interval)
