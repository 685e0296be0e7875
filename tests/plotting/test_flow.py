"""How large gradients are, layer by layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from cnn_tutorial import plotting
from cnn_tutorial.models import LeNet
from cnn_tutorial.plotting.colors import GRADIENT


def test_norms_of_a_network_in_the_order_of_its_layers():
    net = LeNet(input_size=11)
    net(torch.randn(3, 1, 11, 11)).square().sum().backward()
    norms = {name: p.grad.norm() for name, p in net.named_parameters()}
    figure = plotting.gradient_flow(norms, title="LeNet")
    (axes,) = figure.axes
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_xdata(), [float(v) for v in norms.values()])
    assert [text.get_text() for text in axes.get_yticklabels()] == list(norms)
    low, high = axes.get_ylim()
    assert low > high  # the first layer is at the top
    assert axes.get_xscale() == "log"
    assert to_hex(line.get_color()).upper() == GRADIENT


def test_seeds_are_rings_about_their_mean():
    figure = plotting.gradient_flow({"a": [1.0, 3.0], "b": [2.0, 4.0]}, title="Seeds")
    mean, first, second = figure.axes[0].lines
    assert mean.get_xdata().tolist() == [2, 3]
    assert first.get_xdata().tolist() == [1, 3]
    assert second.get_ydata().tolist() == [1, 1]
    assert figure.axes[0].get_title(loc="left") == "dot: mean; ring: one seed"


def test_a_layer_without_gradient_is_a_cross_at_the_edge():
    figure = plotting.gradient_flow({"a": 1.0, "b": 0.0, "c": 0.01}, title="Dead")
    line, cross = figure.axes[0].lines
    assert np.isnan(line.get_xdata()[1])
    assert cross.get_marker() == "x"
    assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (0.001, 1)
    assert figure.axes[0].get_title(loc="left") == "cross: zero"
    plotting.gradient_flow({"a": 0.0}, title="All dead")


def test_runs_have_names_and_colours_of_their_own():
    runs = {"plain": {"a": 1, "b": 2}, "residual": {"a": 3, "b": 4}}
    figure = plotting.gradient_flow(runs, title="Two runs")
    (axes,) = figure.axes
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["plain", "residual"]
    assert len({line.get_color() for line in axes.lines}) == 2
    assert len({line.get_marker() for line in axes.lines}) == 2


@pytest.mark.parametrize(
    ("norms", "message"),
    [
        ({}, "`norms` is empty"),
        ({"a": -1.0}, "none negative"),
        ({"a": float("inf")}, "must be finite"),
        ({"a": np.ones((2, 2))}, "one norm, or one for each seed"),
        ({"x": {"a": 1}, "y": 2}, r"`norms\['y'\]` must be layers by name"),
        ({"x": {"a": 1}, "y": {"b": 1}}, "same layers"),
        ({str(k): {"a": 1} for k in range(6)}, "6 runs; at most 5"),
    ],
)
def test_says_what_is_wrong(norms, message):
    with pytest.raises(ValueError, match=message):
        plotting.gradient_flow(norms, title="Wrong")
