"""The package as a whole: cheap to import, no side effects, one picture per call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from cnn_tutorial import plotting, summary

X = np.arange(6.0).reshape(2, 3)


class Event:
    order, kind, module = 1, "forward", "fc"


class Record:
    def __init__(self):
        self.curves = {"train_loss": [2.0, 1.0]}


CALLS = {
    "architecture": lambda title: plotting.architecture(
        summary.trace(torch.nn.Linear(3, 2), (3,)), title=title
    ),
    "architecture_graph": lambda title: plotting.architecture_graph(
        summary.trace(torch.nn.Linear(3, 2), (3,)), title=title
    ),
    "arrows": lambda title: plotting.arrows(X, X, X, title=title),
    "circles": lambda title: plotting.circles(X, [[0, 1, 0.5]], title=title),
    "surfaces": lambda title: plotting.surfaces({"a": X}, title=title),
    "activations": lambda title: plotting.activations({"fc": [1, 2]}, title=title),
    "bars": lambda title: plotting.bars({"a": 1}, title=title, xlabel="x"),
    "channel_sum": lambda title: plotting.channel_sum(
        X[None], np.ones((1, 1, 1, 1)), title=title
    ),
    "broadcasting": lambda title: plotting.broadcasting([[1], [2]], X, title=title),
    "confusion_matrix": lambda title: plotting.confusion_matrix(
        [[2, 1], [0, 3]], title=title
    ),
    "curves": lambda title: plotting.curves(Record(), title=title),
    "feature_maps": lambda title: plotting.feature_maps(X, title=title),
    "field_cone": lambda title: plotting.field_cone([(3, 2), (3,)], title=title),
    "field_windows": lambda title: plotting.field_windows(
        X / 5, {"a": ((0, 1), (1, 2))}, title=title
    ),
    "gradient_flow": lambda title: plotting.gradient_flow({"a": 1}, title=title),
    "graph": lambda title: plotting.graph(
        torch.ones(2, requires_grad=True).sum(), title=title
    ),
    "heat": lambda title: plotting.heat(X / 5, X, title=title),
    "image_rows": lambda title: plotting.image_rows({"a": X / 5}, title=title),
    "images": lambda title: plotting.images(X / 5, title=title),
    "kernels": lambda title: plotting.kernels(X, title=title),
    "lines": lambda title: plotting.lines(
        [1, 2], {"a": [1, 2]}, title=title, xlabel="x", ylabel="y"
    ),
    "matrices": lambda title: plotting.matrices([X, "+", X], title=title),
    "matrix": lambda title: plotting.matrix(X, title=title),
    "pareto": lambda title: plotting.pareto(
        {"a": 1, "b": 2}, {"a": 0.5, "b": 0.6}, title=title, xlabel="x", ylabel="y"
    ),
    "paths": lambda title: plotting.paths(
        [0, 1, 2],
        [0, 1],
        X,
        {"a": [(0, 0), (1, 1)]},
        title=title,
        xlabel="x",
        ylabel="y",
    ),
    "ratios": lambda title: plotting.ratios(
        [[1, 2]], rows=[3], columns=[4, 5], row_label="r", column_label="c", title=title
    ),
    "scatter": lambda title: plotting.scatter(
        [1, 2], [2, 1], {"a": [1, 2]}, title=title, xlabel="x", ylabel="y"
    ),
    "memory": lambda title: plotting.memory({"x": torch.ones(2, 3)}, title=title),
    "schedule": lambda title: plotting.schedule(
        {"a": [(0, 1)]}, title=title, xlabel="x"
    ),
    "timeline": lambda title: plotting.timeline([Event()], title=title),
    "unfold_steps": lambda title: plotting.unfold_steps(
        X, [[1, 2]], position=(0, 0), title=title
    ),
    "weight_table": lambda title: plotting.weight_table(
        np.ones((1, 1, 1, 1)), title=title
    ),
    "window_spans": lambda title: plotting.window_spans(
        {"row": (3, [(0, 2)])}, title=title
    ),
    "window_places": lambda title: plotting.window_places(5, 3, title=title),
    "window_row": lambda title: plotting.window_row(5, 3, title=title),
    "window_settings": lambda title: plotting.window_settings(
        5, {"K3": {"kernel_size": 3}}, title=title
    ),
}
MOVING = {
    "animate": lambda title: plotting.animate(
        lambda axes, k: axes.plot([0, k]), [1, 2], title=title
    ),
    "fit_animation": lambda title: plotting.fit_animation(
        [1, 2], [2, 1], [[1, 2]], title=title, xlabel="x", ylabel="y", captions=["a"]
    ),
    "unfold_animation": lambda title: plotting.unfold_animation(
        X, [[1, 2]], title=title
    ),
    "window_animation": lambda title: plotting.window_animation(
        3, {"K2": {"kernel_size": 2}}, title=title
    ),
}
CHARTS = (
    "bars",
    "broadcasting",
    "confusion_matrix",
    "gradient_flow",
    "graph",
    "memory",
    "curves",
    "lines",
    "matrices",
    "matrix",
    "pareto",
    "paths",
    "scatter",
    "timeline",
    "unfold_steps",
    "window_spans",
    "window_places",
    "window_row",
    "window_settings",
)


def test_no_module_hides_the_function_of_its_name():
    """Importing ``plotting.x`` the module puts it where the function x would be."""
    modules = {path.stem for path in Path(plotting.__file__).parent.glob("*.py")}
    assert modules & set(plotting.__all__) == {"colors"}  # which is a module


def run(code):
    """Run Python without a display and with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_public_function_is_called_here():
    functions = {
        name for name in plotting.__all__ if name not in ("Animation", "colors", "show")
    }
    assert functions == {*CALLS, *MOVING}


def test_import_is_cheap():
    code = (
        "import sys, cnn_tutorial.plotting as p; p.colors.INPUT; "
        "print({'matplotlib', 'numpy', 'torch', 'PIL'} & set(sys.modules))"
    )
    assert run(code) == "set()\n"


def test_names_are_found_late():
    code = (
        "import cnn_tutorial.plotting as p\n"
        "for name in p.__all__: assert getattr(p, name) is getattr(p, name), name\n"
        "assert set(p.__all__) <= set(dir(p))\n"
        "from cnn_tutorial.plotting import lines\n"
    )
    assert run(code) == ""
    with pytest.raises(AttributeError, match=r"cnn_tutorial\.plotting.*'imges'"):
        plotting.imges  # noqa: B018


def test_pictures_need_neither_torch_nor_a_display():
    code = (
        "import sys\n"
        "from cnn_tutorial import plotting\n"
        "fig = plotting.images([[0, 0.5]], title='Two pixels')\n"
        "fig = plotting.lines([1], {'a': [1]}, title='A', xlabel='x', ylabel='y')\n"
        "import matplotlib.pyplot as plt\n"
        "plt.show()\n"
        "print('torch' in sys.modules, plt.get_fignums())\n"
    )
    assert run(code) == "False [1, 2]\n"


@pytest.mark.parametrize("name", CALLS)
def test_returns_the_one_figure_that_pyplot_knows(name):
    figure = CALLS[name]("What to see")
    assert plt.get_fignums() == [figure.number]
    assert plt.gcf() is figure
    assert figure.get_suptitle() == "What to see"


@pytest.mark.parametrize("name", MOVING)
def test_animations_leave_no_figure(name):
    animation = MOVING[name]("What to see")
    assert plt.get_fignums() == []
    assert animation.title == "What to see"


@pytest.mark.parametrize("name", [*CALLS, *MOVING])
@pytest.mark.parametrize("title", ["", " \n", None])
def test_a_title_is_required(name, title):
    with pytest.raises(ValueError, match=r"`title` .*alternative text"):
        {**CALLS, **MOVING}[name](title)


@pytest.mark.parametrize("name", CALLS)
def test_long_titles_are_broken_and_kept(name):
    title = "A title that says in many words what there is to see in this picture " * 2
    figure = CALLS[name](title)
    assert figure.get_suptitle().count("\n") >= 1
    assert " ".join(figure.get_suptitle().split()) == title.strip()


@pytest.mark.parametrize("name", CALLS)
def test_settings_of_the_reader_do_not_matter(name):
    plain = CALLS[name]("What to see")
    plain.canvas.draw()
    loud = {"font.size": 40, "figure.dpi": 37, "xtick.direction": "in"}
    loud |= {"lines.markeredgewidth": 9, "hatch.linewidth": 5, "axes.facecolor": "red"}
    with mpl.rc_context(loud):
        other = CALLS[name]("What to see")
        other.canvas.draw()
    first, second = (np.asarray(f.canvas.buffer_rgba()) for f in (plain, other))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", CHARTS)
def test_charts_hold_no_raster(name):
    figure = CALLS[name]("What to see")
    assert not figure.findobj(mpl.image.AxesImage)
    # Black becomes the theme's text colour; a background would hide the page.
    assert {mpl.colors.to_hex(t.get_color()) for t in figure.axes[0].texts} <= {
        "#000000"
    }
    assert mpl.colors.to_rgba(figure.axes[0].get_facecolor())[3] == 0


def test_a_notebook_shows_each_figure_once(monkeypatch):
    monkeypatch.delenv("MPLBACKEND")  # A kernel sets its own.
    cells = [
        """
        from cnn_tutorial import plotting, summary
        x = [[0, 1], [1, 0]]
        plotting.matrix(x, title='As the last line')""",
        "fig = plotting.matrix(x, title='With a name')",
        """
        one = plotting.matrix(x, title='One')
        two = plotting.matrix(x, title='Two')
        two""",
        "fig",
        "plotting.unfold_animation([[1, 2]], [[1]], title='Moving & still')",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(dedent(cell)) for cell in cells]
    )
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [
        [output.metadata.get("image/png", {}).get("alt", "") for output in cell.outputs]
        for cell in notebook.cells
    ]
    assert shown[:2] == [["As the last line"], ["With a name"]]
    assert sorted(shown[2]) == ["One", "Two"]
    assert shown[3] == ["With a name"]
    (moving,) = notebook.cells[4].outputs
    assert moving.data["text/html"].count("Moving &amp; still") == 2
