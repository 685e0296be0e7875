"""A figure as one frame of an animation."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cnn_tutorial.plotting.animation import Frame

__all__ = ["PIXELS", "pixels"]

#: Width of a frame: 640 pixels of a page on a screen twice as dense.
PIXELS = 1280


def pixels(figure: Figure) -> Frame:
    """Draw a figure on `PIXELS` pixels across."""
    figure.set_dpi(PIXELS / figure.get_figwidth())
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
