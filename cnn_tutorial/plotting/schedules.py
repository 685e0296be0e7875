"""Who is busy when: boxes along a time axis, a lane for each worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnn_tutorial.plotting._chart import new_chart
from cnn_tutorial.plotting._figure import SMALL, checked_title, numbers, style
from cnn_tutorial.plotting.colors import INK, role_color, tint

__all__ = ["schedule"]

#: Height in inches of a lane with the space to the next, and of a box in lanes.
LANE, BOX = 0.42, 0.66
#: Boxes without a label, below this share of the time axis.
NARROW = 0.025
#: Room for the outline of the last box, as a share of the time axis.
EDGE = 0.01

Task = tuple[float, float, str]


def _tasks(name: str, given: Iterable[Sequence[object]]) -> list[Task]:
    """Return start, end and label of each box of a lane."""
    found = []
    for one in given:
        if len(one) not in (2, 3):
            raise ValueError(
                f"`lanes[{name!r}]` holds {one!r}; it must be (start, end) or "
                "(start, end, label)."
            )
        start, end = (float(v) for v in numbers(f"lanes[{name!r}]", one[:2]))
        if end < start:
            raise ValueError(
                f"`lanes[{name!r}]` has a box that ends at {end:g}, before its start "
                f"at {start:g}."
            )
        found.append((start, end, str(one[2]) if len(one) == 3 else ""))
    return found


def schedule(
    lanes: Mapping[str, Iterable[Sequence[object]]],
    *,
    title: str,
    xlabel: str,
    roles: str | Mapping[str, str] = "neutral",
) -> Figure:
    """Draw what each worker does over time: a lane each, a box for each task.

    Parameters
    ----------
    lanes : mapping of name to (start, end) or (start, end, label) of each task
        From top to bottom. A label stands in its box if there is room.
    title
        What to see; it becomes the alternative text.
    xlabel
        What the time axis is, with the unit.
    roles
        What the lanes are, which gives their colours: a key of `colors.ROLES` for all,
        or one for each name.

    Returns
    -------
    figure
        The figure: vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If there is no task, or one ends before it starts.

    Examples
    --------
    >>> figure = schedule(
    ...     {"cook": [(0, 2, 1), (2, 4, 2)], "guest": [(2, 3, 1), (4, 5, 2)]},
    ...     title="The guest waits for the cook",
    ...     xlabel="minutes",
    ... )
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '2', '1', '2']
    """
    title = checked_title(title)
    found = {name: _tasks(name, given) for name, given in lanes.items()}
    if not any(found.values()):
        raise ValueError("`lanes` is empty: there is nothing to draw.")
    chosen = dict.fromkeys(found, roles) if isinstance(roles, str) else dict(roles)
    first = min(start for tasks in found.values() for start, _, _ in tasks)
    last = max(end for tasks in found.values() for _, end, _ in tasks)
    with style():
        figure, (axes,) = new_chart(title, height=LANE * len(found) + 0.9)
        for y, (name, tasks) in enumerate(found.items()):
            color = role_color(chosen.get(name, "neutral"))
            for start, end, label in tasks:
                place = (start, y - BOX / 2)
                box = Rectangle(place, end - start, BOX, ec=color, fc=tint(color))
                axes.add_patch(box)
                if label and end - start >= NARROW * (last - first):
                    middle = (start + end) / 2
                    aligned = {"ha": "center", "va": "center_baseline", "color": INK}
                    axes.text(middle, y, label, fontsize=SMALL, **aligned)  # type: ignore[arg-type]
        axes.set(
            xlabel=xlabel,
            xlim=(first, last + EDGE * (last - first)),
            ylim=(len(found) - 0.5, -0.5),
        )
        axes.set_yticks(range(len(found)), list(found))
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
    return figure
