"""The graph of autograd, drawn."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from cnn_tutorial import plotting
from cnn_tutorial.plotting._layers import Layers
from cnn_tutorial.plotting.colors import GRADIENT, INK, KERNEL, NEUTRAL, OUTPUT


def leaf(*shape):
    return torch.ones(shape, requires_grad=True)


def boxes(figure):
    """Return the words of each box with its outline and middle."""
    axes = figure.axes[0]
    patches = [p for p in axes.patches if isinstance(p, FancyBboxPatch)]
    return {
        text.get_text(): (to_hex(patch.get_edgecolor()).upper(), text.get_position())
        for text, patch in zip(axes.texts, patches, strict=True)
    }


def lines(figure):
    return [p for p in figure.axes[0].patches if isinstance(p, PathPatch)]


def test_leaves_operations_and_result():
    w, b, x = leaf(3), leaf(), torch.ones(5, 3)
    z = x @ w + b
    figure = plotting.graph(z.sum(), title="A sum", names={"w": w, "b": b, "z": z})
    found = boxes(figure)
    assert {name: color for name, (color, _) in found.items()} == {
        "Sum": OUTPUT,
        "z = Add": NEUTRAL,
        "Mv": NEUTRAL,
        "w": KERNEL,
        "b": KERNEL,
    }
    heights = {name: y for name, (_, (_, y)) in found.items()}
    assert heights["w"] < heights["Mv"] == heights["b"] < heights["z = Add"]
    assert heights["z = Add"] < heights["Sum"]
    assert len(lines(figure)) == 4  # x needs no gradient: it is not in the graph


def test_leaves_without_a_name_show_their_shape(read):
    figure = plotting.graph((leaf(2, 3) * leaf()).sum(), title="A product")
    assert set(read(figure)) == {"Sum", "Mul", "leaf (2, 3)", "leaf"}


def test_words_of_long_names(read):
    y = torch.nn.functional.logsigmoid(leaf(2))
    assert read(plotting.graph(y, title="Words"))[0] == "Log Sigmoid"


def test_each_use_of_an_operand_has_a_line_of_its_own():
    x = leaf()
    figure = plotting.graph(x * x, title="A square", names={"x": x})
    first, second = (line.get_path().vertices for line in lines(figure))
    assert first[0][0] != second[0][0]
    assert boxes(figure)["x"][1][0] == pytest.approx((first[0][0] + second[0][0]) / 2)


@pytest.mark.parametrize(("backward", "color"), [(False, INK), (True, GRADIENT)])
def test_arrows_point_the_way_that_is_asked_for(backward, color):
    x = leaf()
    figure = plotting.graph(x.exp(), title="Exp", names={"x": x}, backward=backward)
    (line,), found = lines(figure), boxes(figure)
    assert to_hex(line.get_edgecolor()).upper() == color
    (head,) = (p for p in figure.axes[0].patches if isinstance(p, Polygon))
    tip, left, right = head.get_path().vertices[:3]
    assert (tip[1] < left[1]) == backward  # y grows downwards
    assert left[1] == right[1]
    near = min(found, key=lambda name: abs(found[name][1][1] - tip[1]))
    assert near == ("x" if backward else "Exp")


def test_no_line_crosses_a_box():
    x = leaf()
    figure = plotting.graph(x + x.exp().log().sin(), title="Round it")
    figure.canvas.draw()
    shapes = [p for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    areas = [shape.get_window_extent().padded(-3) for shape in shapes]
    for line in lines(figure):
        # In pixels, curves become short straight pieces.
        path = line.get_path().transformed(line.get_transform())
        (pieces,) = path.to_polygons(closed_only=False)
        points = Path(pieces).interpolated(5).vertices
        assert not any(area.contains(*point) for area in areas for point in points)


@pytest.mark.parametrize("result", [torch.ones(2), leaf(2), "z", leaf(2).detach() + 1])
def test_without_a_graph(result):
    with pytest.raises(ValueError, match="`result` has no graph"):
        plotting.graph(result, title="Nothing")


def test_too_large_a_graph():
    x = leaf()
    y = x
    for _ in range(24):
        y = y.sin()
    with pytest.raises(ValueError, match="more than 24 nodes"):
        plotting.graph(y, title="A chain")
    assert x.grad is None


@given(
    st.integers(2, 12).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))),
        )
    )
)
@settings(max_examples=60)
def test_layouts_keep_order_and_distance(case):
    count, pairs = case
    # Every node but the root has a user that comes before it: no cycles.
    edges = [(k - 1, k) for k in range(1, count)]
    edges += [(a, b) for a, b in pairs if a < b]
    layout = Layers.of(edges, [0.5 + 0.1 * k for k in range(count)])
    rank = {item: r for r, layer in enumerate(layout.layers) for item in layer}
    assert rank[0] == 0
    assert all(rank[user] < rank[operand] for user, operand in edges)
    for chain in layout.chains:
        steps = [rank[item] for item in chain]
        assert steps == list(range(steps[0], steps[-1] + 1))
    for layer in layout.layers:
        for a, b in pairwise(layer):
            touch = (layout.widths[a] + layout.widths[b]) / 2
            assert layout.x[b] - layout.x[a] > touch + 0.2
    left = min(x - w / 2 for x, w in zip(layout.x, layout.widths, strict=True))
    assert left == pytest.approx(0, abs=1e-12)


def test_parallel_chains_do_not_cross():
    # 0 uses 1 and 2; 1 uses 3, 2 uses 4, named so that walk order would cross them.
    layout = Layers.of([(0, 1), (0, 2), (1, 4), (2, 3)], [1.0] * 5)
    assert layout.layers[2].index(4) == layout.layers[1].index(1)
    assert layout.x[4] == pytest.approx(layout.x[1])
