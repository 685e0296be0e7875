"""How large gradients are from the first layer to the last."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from cnn_tutorial.plotting._chart import MARKERS, WIDTH, new_chart, note, plain_log
from cnn_tutorial.plotting._figure import (
    NARROW,
    Array,
    also_narrow,
    checked_title,
    numbers,
    style,
)
from cnn_tutorial.plotting.colors import GRADIENT, SERIES

__all__ = ["gradient_flow"]

#: Height in inches of a layer.
STEP = 0.27
#: Inches between the axes and the names of the runs, besides a line of remarks each.
REMARK, LINE = 0.15, 0.17
#: Where zeros are drawn on a scale that has none: below the smallest by this factor.
BELOW = 10.0

Run = dict[str, Array]


def _run(name: str, norms: Mapping[str, object]) -> Run:
    if not norms:
        raise ValueError(f"`{name}` is empty: there is no layer to draw.")
    found = {}
    for layer, value in norms.items():
        array = np.atleast_1d(numbers(f"{name}[{layer!r}]", value)).astype(float)
        if array.ndim != 1 or (array < 0).any():
            raise ValueError(
                f"`{name}[{layer!r}]` (={value!r}) must be one norm, or one for each "
                "seed, none negative."
            )
        found[str(layer)] = array
    return found


def _runs(norms: Mapping[str, object]) -> dict[str, Run]:
    """Return the layers of each run by its name; "" is the name of a single run."""
    if not any(isinstance(value, Mapping) for value in norms.values()):
        return {"": _run("norms", norms)}
    runs = {}
    for name, run in norms.items():
        if not isinstance(run, Mapping):
            raise ValueError(
                f"`norms[{name!r}]` must be layers by name, as the others."
            )
        runs[str(name)] = _run(f"norms[{name!r}]", run)
    if len(runs) > len(SERIES):
        raise ValueError(f"`norms` has {len(runs)} runs; at most {len(SERIES)} do.")
    if len({tuple(run) for run in runs.values()}) > 1:
        raise ValueError("`norms` must have the same layers, in order, in each run.")
    return runs


def _draw(axes: Axes, run: Run, name: str, k: int, floor: float) -> None:
    """Draw a line through the means, a ring for each seed and a cross for each zero."""
    color = SERIES[k] if name else GRADIENT
    means = np.array([values.mean() for values in run.values()])
    places = np.arange(len(means))
    shown = np.where(means > 0, means, np.nan)
    axes.plot(shown, places, "-", marker=MARKERS[k], color=color, label=name)
    for place, values in enumerate(run.values()):
        if len(values) > 1:
            seeds = values[values > 0]
            rings = {"markerfacecolor": "none", "markeredgecolor": color}
            axes.plot(seeds, np.full(len(seeds), place), "o", markersize=8, **rings)  # type: ignore[arg-type]
    dead = places[means == 0]
    if len(dead):
        axes.plot(np.full(len(dead), floor), dead, "x", color=color, markersize=7)


def gradient_flow(norms: Mapping[str, object], *, title: str) -> Figure:
    """Draw how large the gradient of each layer is, from the first to the last.

    Parameters
    ----------
    norms : mapping of layer to norm, or to norms, shape (seeds,)
        For instance ``{name: p.grad.norm() for name, p in net.named_parameters()}``, in
        the order of the layers. A mapping of run to such mappings compares runs with
        the same layers. A norm of 0 is a cross at the left edge.
    title
        What to see; it becomes the alternative text.

    Returns
    -------
    figure
        The figure, on a logarithmic axis: vectors only, black where it may follow the
        text colour of a page.

    Raises
    ------
    ValueError
        If there is no layer, layers differ between runs, or a norm is negative or not
        finite.

    Examples
    --------
    >>> figure = gradient_flow({"conv1": 0.01, "fc": [1.0, 3.0]}, title="It grows")
    >>> line = figure.axes[0].lines[0]
    >>> line.get_xdata().tolist(), line.get_ydata().tolist()  # (1 + 3) / 2 = 2
    ([0.01, 2.0], [0, 1])
    """
    draw = partial(_flow, checked_title(title), _runs(norms))
    return also_narrow(draw(), partial(draw, narrow=True))


def _flow(title: str, runs: dict[str, Run], *, narrow: bool = False) -> Figure:
    layers = list(next(iter(runs.values())))
    values = np.concatenate([v for run in runs.values() for v in run.values()])
    floor = float(values[values > 0].min(initial=np.inf)) / BELOW
    floor = floor if np.isfinite(floor) else 1 / BELOW
    remarks = ("\n" if narrow else "; ").join(_remarks(runs))
    above = REMARK + LINE * (1 + remarks.count("\n"))
    with style():
        key = 0.25 * len(runs) if "" not in runs else 0
        height = STEP * len(layers) + 0.88 + above + key
        width = NARROW if narrow else WIDTH
        figure, (axes,) = new_chart(title, width=width, height=height, known=not narrow)
        plain_log(axes, "x")
        for k, (name, run) in enumerate(runs.items()):
            _draw(axes, run, name, k, floor)
        axes.set(xlabel="norm of the gradient")
        axes.set_yticks(range(len(layers)), layers)
        axes.set_ylim(len(layers) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        if "" not in runs:
            up = ScaledTranslation(0, above, figure.dpi_scale_trans)
            anchor = {"bbox_to_anchor": (0, 1), "bbox_transform": axes.transAxes + up}
            axes.legend(loc="lower left", borderaxespad=0, **anchor)
        note(axes, remarks)
    return figure


def _remarks(runs: dict[str, Run]) -> list[str]:
    values = [v for run in runs.values() for v in run.values()]
    seeds = any(len(v) > 1 for v in values)
    remarks = ["dot: mean; ring: one seed"] if seeds else []
    remarks += ["cross: zero"] if any((v == 0).any() for v in values) else []
    return remarks
