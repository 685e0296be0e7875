"""What a call of a module runs, as a picture with a lane for each kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import SMALL, checked_title, style, text_width
from cnn_tutorial.plotting._sheet import new_sheet
from cnn_tutorial.plotting.colors import GRADIENT, INK, INPUT, OUTPUT, PAPER

__all__ = ["timeline"]

#: What a kind of hook sees gives its colour; ``forward`` itself is ink.
LANES = {
    "forward pre-hook": INPUT,
    "forward": INK,
    "forward hook": OUTPUT,
    "backward pre-hook": GRADIENT,
    "backward hook": GRADIENT,
}
LANE, ROW, HEAD = 0.82, 0.27, 0.4
NUMBER, WORDS, INDENT = 0.32, 10.0, 0.16
MOST = 60


class TimelineEvent(Protocol):
    """What is drawn of a `cnn_tutorial.hooks.Event`."""

    @property
    def order(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def module(self) -> str: ...


def _checked(events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
    found = list(events)
    if not 1 <= len(found) <= MOST:
        raise ValueError(f"`events` must be 1 to {MOST} events, not {len(found)}.")
    for event in found:
        kind = event.kind.removeprefix("global ")
        if kind not in LANES:
            raise ValueError(
                f"`events` has one of kind {event.kind!r}; kinds are "
                f"{', '.join(map(repr, LANES))}, also with 'global ' before it."
            )
    return found


def _words(event: TimelineEvent, name: str) -> str:
    parts = [event.module or name, getattr(event, "hook", "")]
    parts += ["global"] if event.kind.startswith("global ") else []
    return " · ".join(part for part in parts if part)


def _draw_lanes(axes: Axes, lanes: list[str], bottom: float) -> None:
    for k, lane in enumerate(lanes):
        x = NUMBER + (k + 0.5) * LANE
        axes.plot([x, x], [HEAD + 0.02, bottom], color=INK, alpha=0.15, linewidth=1)
        axes.text(
            x,
            HEAD - 0.04,
            lane.replace(" ", "\n"),
            ha="center",
            va="bottom",
            fontsize=SMALL,
            linespacing=1.05,
        )


def timeline(
    events: Iterable[TimelineEvent], *, title: str, name: str = "the module itself"
) -> Figure:
    """Draw what ran as numbered steps from top to bottom, in a lane for each kind.

    A dot is a module's own, a ring belongs to a global hook. The module's name stands
    on the right, indented inside each ``forward``.

    Parameters
    ----------
    events : events of a `cnn_tutorial.hooks.CallTimeline`
        1 to 60 of them.
    title
        What to see; it becomes the alternative text.
    name
        What to call the module that was watched, whose own name is empty.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If there are no events or too many, or one is of another kind.

    Examples
    --------
    >>> from types import SimpleNamespace as Event
    >>> ran = [
    ...     Event(order=1, kind="global forward pre-hook", module="fc", depth=1),
    ...     Event(order=2, kind="forward", module="fc", depth=1),
    ... ]
    >>> figure = timeline(ran, title="A global hook runs before a layer")
    >>> [text.get_text() for text in figure.axes[0].texts[-2:]]
    ['2', 'fc']
    """
    title, found = checked_title(title), _checked(events)
    kinds = [event.kind.removeprefix("global ") for event in found]
    lanes = [lane for lane in LANES if lane in kinds]
    words = [_words(event, name) for event in found]
    indents = [INDENT * getattr(event, "depth", 0) for event in found]
    names_at = NUMBER + len(lanes) * LANE + 0.1
    bottom = HEAD + ROW * len(found)
    xs = [NUMBER + (lanes.index(kind) + 0.5) * LANE for kind in kinds]
    ys = [HEAD + (k + 0.5) * ROW for k in range(len(found))]
    with style():
        wide = max(
            i + text_width(w, WORDS) for i, w in zip(indents, words, strict=True)
        )
        figure, axes = new_sheet(names_at + wide + 0.1, bottom, title)
        _draw_lanes(axes, lanes, bottom)
        axes.plot(xs, ys, color=INK, alpha=0.35, linewidth=1)
        for k, event in enumerate(found):
            color = LANES[kinds[k]]
            ring = event.kind.startswith("global ")
            face = {"markerfacecolor": PAPER, "markeredgewidth": 2} if ring else {}
            axes.plot(xs[k], ys[k], "o", color=color, markersize=9, **face)  # type: ignore[arg-type]
            place = {"va": "center", "fontsize": WORDS}
            axes.text(NUMBER - 0.1, ys[k], str(event.order), ha="right", **place)  # type: ignore[arg-type]
            axes.text(names_at + indents[k], ys[k], words[k], **place)  # type: ignore[arg-type]
    return figure
