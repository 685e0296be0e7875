"""Learning curves of training runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from cnn_tutorial.plotting._chart import draw_line, new_chart, note
from cnn_tutorial.plotting._figure import (
    MAX_WIDTH,
    Array,
    checked_title,
    numbers,
    style,
)
from cnn_tutorial.plotting._labels import End, label_ends
from cnn_tutorial.plotting.colors import NEUTRAL, SERIES

__all__ = ["curves"]

#: One table of (seeds, epochs) for each curve of a run.
Run = dict[str, Array]


def _curves_of(name: str, record: Any) -> Mapping[str, object]:  # noqa: ANN401
    found = getattr(record, "curves", None)
    if not isinstance(found, Mapping):
        raise ValueError(
            f"`{name}` is a {type(record).__name__}: records of training runs have "
            "`curves`."
        )
    return found


def _run(name: str, records: object) -> Run:
    """Stack the curves of one run's seeds; a run that stopped early ends in NaN."""
    seeds = list(records) if isinstance(records, (list, tuple)) else [records]
    if not seeds:
        raise ValueError(f"`{name}` holds no record.")
    tables = [_curves_of(name, record) for record in seeds]
    stacked = {}
    for key in tables[0]:
        rows = [
            numbers(f"{name}.curves[{key!r}]", t[key], finite=False)
            for t in tables
            if key in t and np.size(t[key])  # type: ignore[arg-type]
        ]
        if rows:
            stacked[key] = np.full((len(rows), max(map(len, rows))), np.nan)
            for table, row in zip(stacked[key], rows, strict=True):
                table[: len(row)] = row
            if not np.isfinite(stacked[key]).any():
                raise ValueError(f"`{name}.curves[{key!r}]` holds no finite number.")
    return stacked


def _runs(record_or_records: object) -> dict[str, Run]:
    """Return the curves of each run by its name; "" is the name of a single run."""
    if isinstance(record_or_records, Mapping):
        if not 1 <= len(record_or_records) <= len(SERIES):
            raise ValueError(
                f"`record_or_records` must have 1 to {len(SERIES)} runs, not "
                f"{len(record_or_records)}."
            )
        return {str(n): _run(str(n), r) for n, r in record_or_records.items()}
    return {"": _run("record_or_records", record_or_records)}


def _line(axes: Axes, table: Array, name: str, color: str, dash: str) -> End:
    return draw_line(axes, np.arange(1, table.shape[1] + 1), table, name, color, dash)


def _panel(axes: Axes, runs: Mapping[str, Run], quantity: str) -> None:
    """Draw the training curves dashed and the validation curves solid."""
    ends: list[End] = []
    for k, (name, run) in enumerate(runs.items()):
        training, validation = (
            run.get(f"{part}_{quantity}") for part in ("train", "validation")
        )
        if training is not None:
            alone = validation is None
            color = SERIES[k] if name or alone else NEUTRAL
            dash = "-" if alone else "--"
            end = _line(axes, training, name or "training", color, dash)
            ends += [end] if alone or not name else []
        if validation is not None:
            ends.append(_line(axes, validation, name or "validation", SERIES[k], "-"))
    axes.set(xlabel="epoch", ylabel=quantity)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    if quantity == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    else:
        axes.set_ylim(0, 1.04 * axes.get_ylim()[1])  # room for points at the top
    label_ends(axes, ends)


def _remarks(runs: Mapping[str, Run]) -> list[str]:
    seeds = max(len(table) for run in runs.values() for table in run.values())
    remarks = [f"line: mean of {seeds} seeds; band: range"] if seeds > 1 else []
    keys = {key for run in runs.values() for key in run}
    both = any(k.startswith("train") for k in keys) and any(
        k.startswith("validation") for k in keys
    )
    return remarks + (["dashed: training"] if both and "" not in runs else [])


def curves(record_or_records: object, *, title: str) -> Figure:
    """Draw loss and accuracy of training runs, epoch by epoch.

    Parameters
    ----------
    record_or_records : record, list of records, or mapping of name to either
        What `cnn_tutorial.training.fit` returns. The records of a list are one run with
        several seeds: a line through their mean and a band from the smallest to the
        largest. A mapping compares runs: one colour each, training dashed.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, one panel for loss and one for accuracy where there are both:
        vectors only, black where it may follow the text colour of a page.

    Raises
    ------
    ValueError
        If something is no record, there are too many runs, or no record has a curve of
        loss or accuracy.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> record = SimpleNamespace(curves={"train_loss": [2.0, 1.0], "seconds": [3, 3]})
    >>> figure = curves(record, title="The loss halves")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['loss']
    """
    title, runs = checked_title(title), _runs(record_or_records)
    wanted = [
        quantity
        for quantity in ("loss", "accuracy")
        if any(key.endswith(f"_{quantity}") for run in runs.values() for key in run)
    ]
    if not wanted:
        keys = sorted({key for run in runs.values() for key in run})
        raise ValueError(f"No record has a curve of loss or accuracy, only {keys}.")
    with style():
        wide = MAX_WIDTH if len(wanted) == 2 else 5.0
        figure, panels = new_chart(title, width=wide, height=3.1, panels=len(wanted))
        if remarks := _remarks(runs):
            note(panels[0], "\n".join(remarks))
        for axes, quantity in zip(panels, wanted, strict=True):
            _panel(axes, runs, quantity)
    return figure
