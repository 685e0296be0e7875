from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import pytest

import narrow_figures
from cnn_tutorial.plotting import lines
from narrow_figures import narrowed

LONG = "Two panels: left the loss falls, right the accuracy rises until it has to stop"


def state(figure):
    return (
        tuple(figure.get_size_inches()),
        [axes.get_subplotspec().get_geometry() for axes in figure.axes],
        [axes.get_title() for axes in figure.axes],
        [axes.xaxis.get_major_locator() for axes in figure.axes],
        figure.get_suptitle(),
    )


def row(columns=2, **options):
    figure, _ = plt.subplots(
        1, columns, figsize=(7, 3), layout="constrained", **options
    )
    figure.suptitle(LONG)
    return figure


def test_panels_of_a_row_stand_below_each_other():
    figure = row()
    with narrowed(figure) as changed:
        assert changed
        figure.draw_without_rendering()
        first, second = (axes.get_window_extent() for axes in figure.axes)
        assert second.y1 < first.y0
        assert first.x0 == pytest.approx(second.x0, abs=2)
        assert figure.get_figwidth() == narrow_figures.NARROW


def test_four_square_panels_stand_in_two_columns():
    figure = row(4)
    for axes in figure.axes:
        axes.set_box_aspect(1)
    with narrowed(figure):
        specs = [axes.get_subplotspec().get_geometry()[:2] for axes in figure.axes]
        assert specs == [(2, 2)] * 4


def test_all_is_as_before_afterwards():
    figure = row(3)
    figure.axes[1].set_title("a title that is a little longer than its panel is wide")
    before = state(figure)
    with narrowed(figure):
        assert state(figure) != before
    assert state(figure) == before


def test_all_is_as_before_after_an_error():
    figure = row()
    before = state(figure)
    with pytest.raises(KeyError), narrowed(figure):
        raise KeyError
    assert state(figure) == before


@pytest.mark.parametrize("wrap", [False, True])
def test_titles_fit(wrap):
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.set_title(LONG, wrap=wrap)
    with narrowed(figure):
        figure.draw_without_rendering()
        extent = axes.title.get_window_extent()
        assert extent.width < figure.get_figwidth() * figure.dpi
        assert axes.get_title().split() == LONG.split()
    assert axes.get_title() == LONG
    assert axes.title.get_wrap() is wrap


def test_titles_fit_after_another_format_was_written(tmp_path):
    # The SVG backend has 72 pixels per inch, and texts remember the last renderer.
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.set_title(LONG)
    figure.savefig(tmp_path / "x.svg")
    with narrowed(figure):
        figure.draw_without_rendering()
        extent = axes.title.get_window_extent()
        assert extent.width < figure.get_figwidth() * figure.dpi


def test_a_label_below_is_not_cut_off():
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.set_xlabel(LONG)
    with narrowed(figure):
        figure.draw_without_rendering()
        extent = axes.xaxis.label.get_window_extent()
        assert 0 <= extent.x0 <= extent.x1 <= figure.bbox.width
    assert axes.get_xlabel() == LONG


def test_numbers_below_do_not_touch():
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.set_title("T")
    axes.plot([0, 48_120], [0, 1])
    with narrowed(figure):
        figure.draw_without_rendering()
        labels = [label for label in axes.get_xticklabels() if label.get_visible()]
        boxes = [label.get_window_extent() for label in labels]
        assert len(boxes) >= 3
        assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


@pytest.mark.parametrize(("last", "whole"), [(8, True), (1, False)])
def test_whole_ticks_stay_whole(last, whole):
    figure = row(1)
    (axes,) = figure.axes
    axes.plot([0, last], [0, 1])
    assert all(place.is_integer() for place in axes.get_xticks()) == whole
    with narrowed(figure):
        assert all(place.is_integer() for place in axes.get_xticks()) == whole


def test_ticks_chosen_by_hand_stay():
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.set_xticks([0, 3, 7], ["a", "b", "c"])
    with narrowed(figure):
        assert list(axes.get_xticks()) == [0, 3, 7]


@pytest.mark.parametrize(
    "make",
    [
        lambda: plt.subplots(figsize=(3.5, 3), layout="constrained"),
        lambda: plt.subplots(figsize=(6, 3)),
        lambda: plt.subplots(2, 2, figsize=(6, 3), layout="constrained"),
    ],
    ids=["small", "placed by hand", "grid"],
)
def test_others_are_left_alone(make):
    figure, _ = make()
    before = tuple(figure.get_size_inches())
    with narrowed(figure) as changed:
        assert not changed
        assert tuple(figure.get_size_inches()) == before


def test_a_row_with_something_placed_by_hand_is_left_alone():
    figure = row()
    figure.text(0.5, 0.5, "+")
    assert not narrow_figures.can_be_narrow(figure)


def test_a_figure_that_knows_how_is_asked():
    (figure, _), (other, _) = plt.subplots(figsize=(6, 3)), plt.subplots()
    figure.narrow = lambda: other
    with narrowed(figure) as found:
        assert found is other


def test_numbers_of_a_log_axis_do_not_touch():
    places = [1.1, 2, 3.1, 8.4, 24, 69, 130]
    figure = lines(
        places,
        {"measured": places},
        title="Points where they were measured",
        xlabel="place",
        ylabel="value",
        log="x",
    )
    axes = figure.axes[0]
    assert axes.get_xticks().tolist() == places
    with narrowed(figure):
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in axes.get_xticklabels()]
        assert 2 < len(boxes) < len(places)
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert axes.get_xticks().tolist() == places
