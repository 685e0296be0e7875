"""A row for each part of a model."""

from __future__ import annotations

import pytest
from torch import nn

from cnn_tutorial.models import LeNet
from cnn_tutorial.receptive_field import trace_fields
from cnn_tutorial.summary import trace
from small_models import small_model


def test_a_residual_network():
    model = small_model("resnet20", in_channels=3)
    result = trace(model, (3, 32, 32)).stages()
    names = ["stem", "stages.0", "stages.1", "stages.2", "last", "pool", "head"]
    assert [row.name for row in result.rows if row.name != "last"] == [
        name for name in names if name != "last"
    ]
    parts = {row.name: row for row in result.rows}
    assert parts["stages.1"].type == "Sequential"
    assert parts["stages.1"].output_shape == (1, 4, 16, 16)
    count = sum(p.numel() for p in model.stages[1].parameters())
    assert parts["stages.1"].parameters == count
    # The shortcut runs last in a block, and sees less than what the block puts out.
    whole = trace_fields(model, (3, 32, 32)).named["stages.1"].field
    assert parts["stages.1"].field == whole


@pytest.mark.parametrize("name", ["densenet121", "mobilenet_v2", "vgg_small"])
def test_totals_stay(name):
    whole = trace(small_model(name, in_channels=1), (1, 32, 32))
    for depth in (1, 2, 3, 9):
        parts = whole.stages(depth)
        assert (parts.parameters, parts.macs) == (whole.parameters, whole.macs)
        assert sum(row.parameters for row in parts.rows) == whole.parameters
        assert sum(row.macs for row in parts.rows) == whole.macs
        assert parts.memory == whole.memory
        assert parts.rows[-1].output_shape == whole.output_shape
        assert len(parts.rows) <= len(whole.rows)
        assert parts.table()[2] == whole.table()[2]


def test_plain_layers_stay_as_they_are():
    result = trace(LeNet(), (1, 32, 32))
    assert result.stages(1) == result


def test_parts_that_hold_only_layers_stay_whole():
    pair = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU())
    net = nn.Sequential(pair, nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh()))
    rows = trace(net, (1, 7, 11)).stages(3).rows
    assert [row.name for row in rows] == ["0", "1.0", "1.1"]


def test_time():
    parts = trace(LeNet(), (1, 32, 32), timed=True).stages(1)
    assert parts.timed
    assert all(row.seconds > 0 for row in parts.rows)
    assert {row.seconds for row in trace(LeNet(), (1, 32, 32)).stages().rows} == {None}


def test_impossible_depth():
    with pytest.raises(ValueError, match=r"`depth` \(=0\) must be at least 1"):
        trace(LeNet(), (1, 32, 32)).stages(0)
