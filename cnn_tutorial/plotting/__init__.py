"""Pictures of tensors, records and traces; every function returns a figure.

Each function asks for a `title` that says what to see: it stands above the picture and
becomes its alternative text. Colours keep one meaning in the whole course, see
`cnn_tutorial.plotting.colors`.

Write a call as the last line of a cell, or ``fig = plotting.images(...)``: notebooks
and the site show the figure once either way. A script ends with ``plotting.show()``,
or keeps a figure by ``fig.savefig(...)``, as any other figure. An `Animation` is
shown where it is the last line of a cell. Global settings of matplotlib are neither
used nor changed.

Importing this package does not import matplotlib; the first picture does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnn_tutorial.plotting import colors

__all__ = [
    "Animation",
    "activations",
    "animate",
    "architecture",
    "architecture_graph",
    "arrows",
    "bars",
    "broadcasting",
    "channel_sum",
    "circles",
    "colors",
    "confusion_matrix",
    "curves",
    "feature_maps",
    "field_cone",
    "field_windows",
    "fit_animation",
    "gradient_flow",
    "graph",
    "heat",
    "image_rows",
    "images",
    "kernels",
    "lines",
    "matrices",
    "matrix",
    "memory",
    "pareto",
    "paths",
    "ratios",
    "scatter",
    "schedule",
    "show",
    "surfaces",
    "timeline",
    "unfold_animation",
    "unfold_steps",
    "weight_table",
    "window_animation",
    "window_places",
    "window_row",
    "window_settings",
    "window_spans",
]

if TYPE_CHECKING:
    from cnn_tutorial.plotting.animation import Animation
    from cnn_tutorial.plotting.bar_charts import bars
    from cnn_tutorial.plotting.channels import channel_sum
    from cnn_tutorial.plotting.charts import lines
    from cnn_tutorial.plotting.comparisons import ratios
    from cnn_tutorial.plotting.cones import field_cone
    from cnn_tutorial.plotting.confusion import confusion_matrix
    from cnn_tutorial.plotting.contours import paths
    from cnn_tutorial.plotting.fields import field_windows
    from cnn_tutorial.plotting.fits import fit_animation, scatter
    from cnn_tutorial.plotting.flow import gradient_flow
    from cnn_tutorial.plotting.fronts import pareto
    from cnn_tutorial.plotting.graphs import graph
    from cnn_tutorial.plotting.grids import matrices, matrix
    from cnn_tutorial.plotting.heat_maps import heat
    from cnn_tutorial.plotting.heights import surfaces
    from cnn_tutorial.plotting.lanes import timeline
    from cnn_tutorial.plotting.maps import activations, feature_maps
    from cnn_tutorial.plotting.moving import animate, unfold_animation
    from cnn_tutorial.plotting.overlays import arrows, circles
    from cnn_tutorial.plotting.pictures import images
    from cnn_tutorial.plotting.places import window_places, window_settings
    from cnn_tutorial.plotting.rows import image_rows
    from cnn_tutorial.plotting.runs import curves
    from cnn_tutorial.plotting.schedules import schedule
    from cnn_tutorial.plotting.staircase import window_row
    from cnn_tutorial.plotting.steps import unfold_steps
    from cnn_tutorial.plotting.strides import broadcasting, memory
    from cnn_tutorial.plotting.tables import weight_table, window_spans
    from cnn_tutorial.plotting.towers import architecture
    from cnn_tutorial.plotting.walking import window_animation
    from cnn_tutorial.plotting.weights import kernels
    from cnn_tutorial.plotting.windows import show
    from cnn_tutorial.plotting.wiring import architecture_graph
else:
    _HOMES = {
        "animation": ("Animation",),
        "channels": ("channel_sum",),
        "bar_charts": ("bars",),
        "charts": ("lines",),
        "cones": ("field_cone",),
        "fields": ("field_windows",),
        "comparisons": ("ratios",),
        "fits": ("fit_animation", "scatter"),
        "fronts": ("pareto",),
        "graphs": ("graph",),
        "grids": ("matrices", "matrix"),
        "lanes": ("timeline",),
        "maps": ("activations", "feature_maps"),
        "moving": ("animate", "unfold_animation"),
        "overlays": ("arrows", "circles"),
        "contours": ("paths",),
        "pictures": ("images",),
        "places": ("window_places", "window_settings"),
        "confusion": ("confusion_matrix",),
        "flow": ("gradient_flow",),
        "heat_maps": ("heat",),
        "rows": ("image_rows",),
        "runs": ("curves",),
        "schedules": ("schedule",),
        "staircase": ("window_row",),
        "steps": ("unfold_steps",),
        "strides": ("broadcasting", "memory"),
        "heights": ("surfaces",),
        "tables": ("weight_table", "window_spans"),
        "towers": ("architecture",),
        "walking": ("window_animation",),
        "weights": ("kernels",),
        "windows": ("show",),
        "wiring": ("architecture_graph",),
    }

    def __getattr__(name: str) -> object:
        """Import the home of a public name when it is asked for (PEP 562)."""
        import importlib

        for home, names in _HOMES.items():
            if name in names:
                module = importlib.import_module(f"{__name__}.{home}")
                globals()[name] = getattr(module, name)
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
