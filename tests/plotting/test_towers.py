"""A model drawn to scale from its trace."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
import torch
from matplotlib.patches import Rectangle
from torch import nn

from cnn_tutorial import models, plotting, summary
from small_models import small_model


def drawn(model, size, **settings):
    trace = summary.trace(model, size)
    figure = plotting.architecture(trace, title="A tower", **settings)
    (axes,) = figure.axes
    texts = [text.get_text() for text in axes.texts]
    return texts, [p for p in axes.patches if isinstance(p, Rectangle)]


def slabs(patches):
    return [p for p in patches if p.get_linewidth() == 1.0 and p.get_edgecolor()[3]]


def test_lenet():
    texts, patches = drawn(models.LeNet(), (1, 32, 32))
    assert {"parameters", "MACs"} < set(texts)
    names = ["input", "conv1", "conv2", "fc1", "fc2", "fc3"]
    assert [t for t in texts if t in names] == names
    # 69,240 of 81,194 parameters; 146,016 of 274,656 MACs.
    assert "85 %" in texts
    assert "53 %" in texts
    boxes = slabs(patches)
    widths = [box.get_width() for box in boxes]
    assert widths[1] / widths[0] == pytest.approx(30 / 32)
    assert widths[2] / widths[0] == pytest.approx(13 / 32)
    heights = [box.get_height() for box in boxes]
    # 6 and 16 maps; log2(16) = 4 and log2(1) = 0.
    assert (heights[2] - heights[0]) / 4 == pytest.approx(
        (heights[1] - heights[0]) / torch.tensor(6.0).log2().item()
    )


def test_shares_are_to_scale_and_add_up():
    _, patches = drawn(models.LeNet(), (1, 32, 32))
    bars = [p for p in patches if p not in slabs(patches)]
    parameters = [bar.get_width() for bar in bars[: len(bars) // 2]]
    assert parameters[2] / sum(parameters) == pytest.approx(69_240 / 81_194)


def test_parts_with_layers_inside_have_the_shape_that_they_return():
    texts, _ = drawn(small_model("densenet121", in_channels=3), (3, 32, 32), depth=2)
    # Stem 4; six layers of growth 2 are put beside them; the transition halves.
    at = texts.index("stages.0")
    assert texts[at + 1] == "16 × 32 × 32"
    assert texts[texts.index("stages.1") + 1] == "8 × 16 × 16"


def test_a_layer_that_is_called_twice_has_a_shape_for_each_call():
    texts, _ = drawn(models.SimpleCNN(width=2), (3, 32, 32))
    pools = [texts[k + 1] for k, text in enumerate(texts) if text == "pool"]
    assert pools == ["2 × 16 × 16", "4 × 8 × 8", "8 × 4 × 4"]


def test_layers_that_only_pass_on_join_the_one_before():
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(90, 3)
    )
    texts, _ = drawn(net, (1, 7, 11))
    # The scores' shape is a 3 as well.
    assert [t for t in texts if t in "01234"] == ["0", "4", "3"]
    assert "2 × 5 × 9" in texts


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "efficientnet_b0"])
def test_deep_networks_fit(name):
    _, patches = drawn(small_model(name, in_channels=3), (3, 32, 32))
    assert 4 < len(slabs(patches)) <= 15


def test_depth():
    model = small_model("resnet20", in_channels=3)
    texts, _ = drawn(model, (3, 32, 32), depth=1)
    parts = ["input", "stem", "stages", "pool", "head"]
    assert [t for t in texts if t in parts] == parts


def test_a_part_that_is_alone_is_named_after_what_holds_it():
    texts, _ = drawn(small_model("resnet18", in_channels=3), (3, 32, 32))
    assert "stem" in texts
    assert "stem.0" not in texts
    assert "stages.3.1" in texts
    texts, _ = drawn(small_model("resnet8", in_channels=3), (3, 32, 32), depth=3)
    assert [t for t in texts if t.startswith("stages")] == [
        "stages.0",
        "stages.1",
        "stages.2",
    ]


def test_a_dense_block_has_the_shape_that_it_returns():
    """Four channels for each layer on top of those that came in, not the last four."""
    net = models.DenseNet((2, 3), in_channels=1, width=4)
    texts, _ = drawn(net, (1, 16, 16), depth=3)
    named = dict(itertools.pairwise(texts))
    assert named["stages.0"] == "16 × 16 × 16"  # 8 + 2 * 4
    assert named["stages.2"] == "20 × 8 × 8"  # 16 / 2 + 3 * 4


def test_refusals():
    trace = summary.trace(models.LeNet(), (1, 32, 32))
    with pytest.raises(ValueError, match=r"`depth` \(=0\) must be at least 1"):
        plotting.architecture(trace, title="Nothing", depth=0)

    empty = dataclasses.replace(trace, rows=())
    with pytest.raises(ValueError, match="nothing to draw"):
        plotting.architecture(empty, title="Nothing")
