"""What every picture must be, checked after each test for all that it drew."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text


def texts_of(figure):
    """Return what can be read in a figure: no ticks beyond the limits of an axis."""
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not (axes.axison and low <= tick.get_loc() <= high):
                    hidden |= {tick.label1, tick.label2}
    texts = [text for text in figure.findobj(Text) if text not in hidden]
    return [text for text in texts if text.get_visible() and text.get_text().strip()]


def check(figure):
    """Assert what look.md asks of every figure."""
    assert figure.get_suptitle().strip()
    assert figure.get_figwidth() <= 7 + 1e-6
    figure.canvas.draw()
    whole = figure.bbox
    for text in texts_of(figure):
        assert text.get_fontsize() >= 9, text
        box = text.get_window_extent()
        assert min(box.x0, box.y0) >= -1, text
        assert max(box.x1 - whole.x1, box.y1 - whole.y1) <= 1, text


@pytest.fixture(autouse=True)
def every_figure():
    """Check all open figures after the test; settings must be as they were."""
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    for number in plt.get_fignums():
        check(plt.figure(number))


@pytest.fixture
def read():
    """Return a function that lists the texts of the first axes of a figure."""

    def texts(figure):
        return [text.get_text() for text in figure.axes[0].texts]

    return texts
