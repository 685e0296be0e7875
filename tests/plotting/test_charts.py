"""Lines with their spread and names, and bars with their numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.text import Text

from cnn_tutorial import plotting
from cnn_tutorial.plotting._labels import spread
from cnn_tutorial.plotting.colors import GRADIENT, NEUTRAL, SERIES

AXES = {"xlabel": "epoch", "ylabel": "loss"}
NAN = float("nan")


def labels(axes):
    """Return the names of lines as they are written, from top to bottom."""
    axes.figure.canvas.draw()
    named = [text for text in axes.texts if text.get_text()]
    named.sort(key=lambda text: -Text.get_window_extent(text).y0)
    return [text.get_text() for text in named]


def colors(lines):
    return [to_hex(line.get_color()).upper() for line in lines]


def test_mean_and_band_of_seeds():
    runs = torch.tensor([[3.0, 2.0, 1.0], [5.0, 2.0, 0.0], [4.0, 8.0, 2.0]])
    figure = plotting.lines([2, 3, 5], {"net": runs}, title="Three seeds", **AXES)
    (axes,) = figure.axes
    assert axes.lines[0].get_xdata().tolist() == [2, 3, 5]
    assert axes.lines[0].get_ydata().tolist() == [4, 4, 1]
    (band,) = axes.collections
    assert to_hex(band.get_facecolor()[0]) == to_hex(axes.lines[0].get_color())
    corners = band.get_paths()[0].vertices
    for x, low, high in ((2, 3, 5), (3, 2, 8), (5, 0, 2)):
        at = corners[corners[:, 0] == x, 1]
        assert (at.min(), at.max()) == (low, high)
    assert axes.get_title(loc="left") == "line: mean of 3 seeds; band: range"


@pytest.mark.parametrize("last", [8, 10, 13])
def test_whole_places_have_whole_numbers_below_them_however_narrow(last):
    places = range(last + 1)
    figure = plotting.lines(places, {"net": places}, title="Shifts", **AXES)
    figure.set_figwidth(2.6)
    figure.draw_without_rendering()
    ticks = figure.axes[0].get_xticks()
    assert len(ticks) > 2
    assert ticks.tolist() == np.round(ticks).tolist()


def test_one_seed_has_no_band():
    figure = plotting.lines([1, 2], {"net": [[3, 2]]}, title="One seed", **AXES)
    assert not figure.axes[0].collections
    assert figure.axes[0].get_title(loc="left") == ""


def test_names_stand_beside_the_ends_in_order():
    series = {"low": [9, 1.0], "middle": [5, 1.01], "high": [1, 1.02]}
    figure = plotting.lines([0, 1], series, title="Close together", **AXES)
    (axes,) = figure.axes
    assert labels(axes) == ["high", "middle", "low"]
    # Of the words alone, without the line that leads to them.
    boxes = [Text.get_window_extent(text) for text in axes.texts]
    for i, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[:i])
        assert one.x0 > axes.get_window_extent().x1
    # A thin line in the colour of the curve leads from each name to its end.
    leads = [to_hex(text.arrow_patch.get_edgecolor()).upper() for text in axes.texts]
    assert leads == list(SERIES[:3])
    for text, (_, end) in zip(axes.texts, series.values(), strict=True):
        assert text.xy == (1, end)


def test_a_line_that_ends_early_has_its_name_there():
    series = {"all": [1, 2, 3, 4], "short": [8, 9, NAN, NAN]}
    figure = plotting.lines([0, 1, 2, 3], series, title="One stops", **AXES)
    (axes,) = figure.axes
    assert sorted(labels(axes)) == ["all", "short"]
    short = next(text for text in axes.texts if text.get_text() == "short")
    box, frame = Text.get_window_extent(short), axes.get_window_extent()
    end = axes.transData.transform((1, 9))
    assert 0 < box.x0 - end[0] < 20
    assert abs((box.y0 + box.y1) / 2 - end[1]) < 3
    assert box.x1 < frame.x1


def test_nan_of_one_seed_is_left_out_of_the_mean():
    runs = [[1.0, NAN, NAN], [3.0, 5.0, NAN]]
    figure = plotting.lines([1, 2, 3], {"net": runs}, title="A gap", **AXES)
    y = figure.axes[0].lines[0].get_ydata()
    np.testing.assert_array_equal(y, [2, 5, NAN])


def test_colours_by_order_by_role_and_then_by_dash():
    series = {f"line {k}": [k, k + 1] for k in range(7)}
    figure = plotting.lines([0, 1], series, title="Seven", **AXES)
    drawn = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert colors(drawn) == [*SERIES, *SERIES[:2]]
    assert [line.get_linestyle() for line in drawn] == ["-"] * 5 + ["--"] * 2
    # Shapes tell lines apart for those who see fewer hues.
    ends = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert [line.get_marker() for line in ends] == list("os^Dvos")
    roles = {"line 1": "gradient"}
    figure = plotting.lines([0, 1], series, title="Seven", roles=roles, **AXES)
    assert colors(figure.axes[0].lines)[1] == GRADIENT


@pytest.mark.parametrize(
    ("log", "scales"),
    [
        (False, ("linear", "linear")),
        (True, ("linear", "log")),
        ("x", ("log", "linear")),
        ("y", ("linear", "log")),
        ("both", ("log", "log")),
    ],
)
def test_logarithmic_axes(log, scales):
    series = {"time": [0.01, 1, 100]}
    figure = plotting.lines([16, 64, 512], series, title="Scales", log=log, **AXES)
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == scales
    figure.canvas.draw()
    if "log" in scales[0]:
        ticks = [text.get_text() for text in axes.get_xticklabels()]
        assert ticks == ["16", "64", "512"]
    if "log" in scales[1]:
        ticks = {text.get_text() for text in axes.get_yticklabels()}
        assert {"0.01", "1", "100"} <= ticks


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.floats(0.01, 0.1),
)
def test_spread_keeps_gaps_order_and_bounds(places, gap):
    moved = spread(places, gap)
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= gap - 1e-9).all()
    assert moved.min() >= -1e-9
    assert moved.max() <= 1 + 1e-9


def test_spread_moves_no_more_than_needed():
    free = [0.9, 0.1, 0.5]
    np.testing.assert_allclose(spread(free, 0.3), free)
    # Two pools join: the mean of all three stays where it was.
    np.testing.assert_allclose(spread([0.5, 0.52, 0.54], 0.1), [0.42, 0.52, 0.62])
    np.testing.assert_allclose(spread([0.0, 0.0], 0.2), [0, 0.2])
    np.testing.assert_allclose(spread([1.0, 1.0], 0.2), [0.8, 1])
    assert spread([], 0.2).size == 0


def test_bars_have_their_lengths_and_numbers():
    values = {"conv1": 60, "fc": torch.tensor([69_000, 69_480]), "back": -1234.5}
    figure = plotting.bars(values, title="Numbers", xlabel="parameters", roles="kernel")
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [60, 69_240, -1234.5]
    # From top to bottom, in the order that was given.
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == ["conv1", "fc", "back"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert [text.get_text() for text in axes.texts] == ["60", "69,240", "−1.23e+03"]
    (rings,) = axes.lines
    assert rings.get_xdata().tolist() == [69_000, 69_480]
    assert axes.get_title(loc="left") == "bar: mean; ring: one seed"
    assert {to_hex(bar.get_facecolor()) for bar in axes.patches} == {"#d55e00"}


def test_bars_begin_at_zero():
    figure = plotting.bars({"a": 91, "b": 92}, title="From zero", xlabel="%")
    assert figure.axes[0].get_xlim()[0] == 0


def test_bars_on_a_log_scale_are_dots():
    figure = plotting.bars({"a": 1, "b": 1000}, title="Dots", xlabel="s", log=True)
    (axes,) = figure.axes
    assert not axes.patches
    assert [line.get_xdata().item() for line in axes.lines] == [1, 1000]
    assert axes.get_xscale() == "log"


def test_bars_have_the_colours_of_their_roles():
    roles = {"dx": "gradient"}
    figure = plotting.bars({"x": 1, "dx": 2}, title="Roles", xlabel="", roles=roles)
    found = [to_hex(bar.get_facecolor()).upper() for bar in figure.axes[0].patches]
    assert found == [NEUTRAL, GRADIENT]


def test_numbers_of_bars_do_not_touch_the_names():
    values = {"a long name": -5.25, "b": 2}
    figure = plotting.bars(values, title="Both signs", xlabel="")
    (axes,) = figure.axes
    figure.canvas.draw()
    for number in axes.texts:
        box = number.get_window_extent()
        assert not any(
            box.overlaps(t.get_window_extent()) for t in axes.get_yticklabels()
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 2]], {"a": [1, 2]}), r"`x` of shape \(1, 2\) must have one axis"),
        (([1, 2], {}), "`series` must have 1 to 15 lines, not 0"),
        (([1], {str(k): [1] for k in range(16)}), "not 16"),
        (([1, 2], {"a": [1, 2, 3]}), r"`series\['a'\]` of shape \(3,\) must be \(2,\)"),
        (([1, 2], {"a": np.ones((2, 2, 2))}), r"`series\['a'\]` of shape \(2, 2, 2\)"),
        (([1, 2], {"a": [NAN, NAN]}), r"`series\['a'\]` holds no finite number"),
        (([1, NAN], {"a": [1, 2]}), "`x` of shape .* must be finite"),
    ],
)
def test_what_is_no_line(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.lines(*arguments, title="Nothing", **AXES)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("x", r"`x` must be positive on a log scale; it has 0"),
        ("y", r"`series\['a'\]` must be positive on a log scale"),
        ("z", "`log`.*'x', 'y', 'both'"),
    ],
)
def test_what_has_no_logarithm(log, message):
    with pytest.raises(ValueError, match=message):
        plotting.lines([0, 1], {"a": [-1, 1]}, title="Nothing", log=log, **AXES)


@pytest.mark.parametrize(
    ("values", "log", "message"),
    [
        ({}, False, "`values` is empty"),
        ({"a": [[1]]}, False, r"`values\['a'\]` of shape \(1, 1\)"),
        ({"a": NAN}, False, "must be finite"),
        ({"a": 0}, True, "must be positive on a log scale; one is 0"),
    ],
)
def test_what_is_no_bar(values, log, message):
    with pytest.raises(ValueError, match=message):
        plotting.bars(values, title="Nothing", xlabel="", log=log)


@pytest.mark.parametrize("largest", [3.0, 1234.5, 150_000, 98_765_432])
def test_numbers_of_the_axis_do_not_touch(largest):
    names = {"a layer with quite a long name": largest, "another": largest / 3}
    figure = plotting.bars(names, title="Many", xlabel="number")
    figure.draw_without_rendering()
    texts = [t for t in figure.axes[0].get_xticklabels() if t.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(boxes) >= 2
    assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))


def test_ticks_have_commas():
    series = {"net": [-30_000, 0, 20_000]}
    figure = plotting.lines([0, 1000, 2000], series, title="Thousands", **AXES)
    (axes,) = figure.axes
    figure.draw_without_rendering()
    assert "2,000" in [text.get_text() for text in axes.get_xticklabels()]
    found = {text.get_text() for text in axes.get_yticklabels()}
    assert {"\N{MINUS SIGN}20,000", "0", "20,000"} <= found
    figure = plotting.lines([1, 2], {"net": [0.2501, 0.2509]}, title="Parts", **AXES)
    figure.draw_without_rendering()
    found = {text.get_text() for text in figure.axes[0].get_yticklabels()}
    assert "0.2502" in found  # what follows the point is not grouped
