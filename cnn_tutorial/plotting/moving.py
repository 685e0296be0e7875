"""Animations: one picture drawn for each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from matplotlib.axes import Axes

from cnn_tutorial.plotting._chart import new_chart
from cnn_tutorial.plotting._figure import checked_title, style
from cnn_tutorial.plotting._frames import pixels
from cnn_tutorial.plotting._slide_picture import draw_slide
from cnn_tutorial.plotting._slides import Pair, slide
from cnn_tutorial.plotting.animation import MOST_FRAMES, Animation

__all__ = ["animate", "unfold_animation"]

T = TypeVar("T")


def animate(
    draw: Callable[[Axes, T], object],
    frames: Iterable[T],
    *,
    title: str,
    still: int | None = None,
    interval: int = 700,
    size: tuple[float, float] = (5.0, 3.2),
) -> Animation:
    """Draw a chart once for each frame.

    Parameters
    ----------
    draw : function of (axes, frame)
        Draws one frame on empty axes. Set the limits: they should not move.
    frames
        What `draw` gets, one after the other.
    title
        What to see; it stands above each frame and becomes the alternative text.
    still
        Index of the frame that stands for all; without it, the last.
    interval
        Milliseconds for which a frame is shown.
    size : (width, height) in inches
        Of the chart; a smaller one has larger letters, as all are shown equally wide.

    Returns
    -------
    animation
        The frames, 1280 pixels wide.

    Raises
    ------
    ValueError
        If there are no frames or more than 100.

    Examples
    --------
    >>> def draw(axes, k):
    ...     axes.set_xlim(0, 3)
    ...     axes.plot([0, k], [0, k])
    >>> animation = animate(draw, [1, 2, 3], title="A line grows")
    >>> len(animation.frames), animation.frames[0].shape[1]
    (3, 1280)
    """
    title, pictures, place = checked_title(title), [], None
    for frame in frames:
        with style():
            figure, (axes,) = new_chart(
                title, width=size[0], height=size[1], known=False
            )
            draw(axes, frame)
            if place is None:
                figure.draw_without_rendering()
                place = axes.get_position()
            # A longer number on an axis must not make the whole picture jump.
            figure.set_layout_engine("none")
            axes.set_position(place)
            pictures.append(pixels(figure))
    last = max(0, len(pictures) - 1)
    chosen = last if still is None else still
    return Animation(pictures, title=title, still=chosen, interval=interval)


def unfold_animation(
    image: object,
    kernel: object,
    *,
    title: str,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    still: int | None = None,
) -> Animation:
    """Let the window slide: each frame adds a column and an output pixel.

    Parameters
    ----------
    image : tensor or array, shape (H, W); leading axes of length 1 are dropped
        One channel.
    kernel : tensor or array, shape (kh, kw); leading axes of length 1 are dropped
        The kernel, which is not flipped.
    title
        What to see; it stands above each frame and becomes the alternative text.
    stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0.
    still
        Index of the frame that stands for all; without it, the middle one.

    Returns
    -------
    animation
        A frame for each place of the window, 1280 pixels wide.

    Raises
    ------
    ValueError
        If there is more than one channel, no window fits, or there are more than 100
        places.

    Examples
    --------
    >>> animation = unfold_animation([[1, 2, 3]], [[1, -1]], title="Two places")
    >>> len(animation.frames)  # 3 - 2 + 1
    2
    """
    title = checked_title(title)
    numbers = slide(image, kernel, stride, padding, dilation)
    count = numbers.output.size
    if count > MOST_FRAMES:
        raise ValueError(
            f"the window has {count} places and an animation at most {MOST_FRAMES} "
            "frames: use a smaller image or a larger stride."
        )
    with style():
        pictures = [
            pixels(draw_slide(numbers, k, title, shown=k + 1, known=False))
            for k in range(count)
        ]
    chosen = (count - 1) // 2 if still is None else still
    return Animation(pictures, title=title, still=chosen)
