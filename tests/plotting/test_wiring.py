"""A block drawn as a graph."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from torch import nn

from cnn_tutorial import blocks, plotting, summary
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT
from small_models import small_model


def drawn(model, size, **settings):
    trace = summary.trace(model, size)
    figure = plotting.architecture_graph(trace, title="A graph", **settings)
    (axes,) = figure.axes
    texts = {text.get_text(): text.get_position() for text in axes.texts}
    boxes = [p for p in axes.patches if isinstance(p, FancyBboxPatch)]
    lines = [p for p in axes.patches if isinstance(p, PathPatch)]
    assert len(lines) == sum(isinstance(p, Polygon) for p in axes.patches)
    return texts, boxes, lines


def test_a_residual_block():
    texts, boxes, lines = drawn(blocks.BasicBlock(3, 5, stride=2), (3, 7, 11))
    assert list(texts) == [
        *("input", "3 × 7 × 11"),
        *("conv1  ConvNormAct", "5 × 4 × 6", "conv2  ConvNormAct"),
        *("shortcut  ConvNormAct", "+", "relu", "output"),
    ]
    colors = [to_hex(box.get_edgecolor()).upper() for box in boxes]
    learned = [KERNEL] * 3
    assert colors == [INPUT, *learned, NEUTRAL, NEUTRAL, OUTPUT]
    assert len(lines) == 7  # two from the input, two into the sum, four along
    heights = [texts[name][1] for name in ("input", "conv1  ConvNormAct", "+")]
    assert heights == sorted(heights)
    # The shortcut stands beside what it goes past.
    assert texts["shortcut  ConvNormAct"][0] != texts["conv2  ConvNormAct"][0]


def test_lines_begin_and_end_at_boxes():
    _, boxes, lines = drawn(blocks.DenseBlock(3, 2, growth=2), (3, 5, 7))
    extents = [box.get_window_extent() for box in boxes]
    axes = boxes[0].axes
    for line in lines:
        ends = axes.transData.transform(line.get_path().vertices[[0, -1]])
        for x, y in ends:
            assert any(
                box.x0 <= x <= box.x1 and box.y0 - 12 <= y <= box.y1 + 12
                for box in extents
            )


def test_functions_show_shapes_that_they_change():
    texts, *_ = drawn(blocks.DenseBlock(3, 1, growth=2), (3, 5, 7))
    assert "5 × 5 × 7" in texts  # of cat
    texts, *_ = drawn(blocks.BasicBlock(3, 3), (3, 5, 7))
    assert list(texts)[-4:] == ["conv2  ConvNormAct", "+", "relu", "output"]


def test_boxes_do_not_overlap():
    model = small_model("resnet8", in_channels=3)
    _, boxes, _ = drawn(model, (3, 32, 32), depth=4)
    extents = [box.get_window_extent() for box in boxes]
    assert len(boxes) > 12
    for k, one in enumerate(extents):
        assert not any(one.overlaps(other) for other in extents[k + 1 :])


def test_several_outputs_all_arrive():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = nn.Linear(3, 2), nn.Linear(3, 5)

        def forward(self, x):
            return self.left(x), self.right(x)

    texts, _, lines = drawn(Two(), (3,))
    assert len(lines) == 4
    assert {"left  Linear", "right  Linear"} < set(texts)


def test_refusals():
    trace = summary.trace(small_model("resnet20", in_channels=3), (3, 32, 32))
    with pytest.raises(ValueError, match=r"`depth` \(=4\) gives .* more than 36"):
        plotting.architecture_graph(trace, title="Too much", depth=4)
    with pytest.raises(ValueError, match=r"`depth` \(=0\) must be at least 1"):
        plotting.architecture_graph(trace, title="Nothing", depth=0)


def test_a_graph_as_wide_as_a_telephone_is_drawn_for_one():
    title = "A title that one line of a telephone cannot hold, and two can"
    thin = summary.trace(blocks.PreActBlock(5, 5), (5, 11, 13))
    wide = plotting.architecture_graph(thin, title=title)
    narrow = wide.narrow()
    assert narrow.get_figwidth() < 3.3 < wide.get_figwidth()
    words = [[t.get_text() for t in f.axes[0].texts] for f in (wide, narrow)]
    assert words[0] == words[1]
    inside = narrow.bbox
    for text in [*narrow.texts, *narrow.axes[0].texts]:
        extent = text.get_window_extent()
        assert inside.x0 <= extent.x0, text
        assert extent.x1 <= inside.x1, text
    branches = summary.trace(blocks.BasicBlock(3, 5, stride=2), (3, 7, 11))
    assert plotting.architecture_graph(branches, title=title).narrow is None
