"""Which part of a model reads what another one made."""

from __future__ import annotations

import json

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import blocks
from cnn_tutorial.summary import trace


def wired(model, size, depth=1):
    """Return edges by the names of their ends; the second of a name is numbered."""
    graph = trace(model, size).graph(depth)
    names = []
    for node in graph.nodes:
        again = sum(name.split("#")[0] == node.name for name in names)
        names.append(f"{node.name}#{again + 1}" if again else node.name)
    return [f"{names[a]} > {names[b]}" for a, b in graph.edges]


def test_squeeze_and_excitation():
    assert wired(blocks.SEBlock(6, reduction=3), (6, 5, 7)) == [
        "input > mean",
        "mean > squeeze",
        "squeeze > act",
        "act > excite",
        "excite > sigmoid",
        "input > ×",
        "sigmoid > ×",
    ]


def test_a_projection():
    assert wired(blocks.BasicBlock(3, 5, stride=2), (3, 7, 11)) == [
        "input > conv1",
        "conv1 > conv2",
        "input > shortcut",
        "conv2 > +",
        "shortcut > +",
        "+ > relu",
    ]


def test_a_dense_block():
    assert wired(blocks.DenseBlock(3, 2, growth=2), (3, 5, 7)) == [
        "input > layers.0",
        "input > cat",
        "layers.0 > cat",
        "cat > layers.1",
        "cat > cat#2",
        "layers.1 > cat#2",
    ]


def test_depth_takes_modules_apart():
    model = blocks.MBConv(4, 4, expansion=2, se_reduction=2)
    assert wired(model, (4, 5, 7)) == ["input > layers", "input > +", "layers > +"]
    graph = trace(model, (4, 5, 7)).graph(2)
    assert [node.kind for node in graph.nodes] == [
        "input",
        *("ConvNormAct", "ConvNormAct", "SEBlock", "ConvNormAct", "function"),
    ]
    assert [node.shape[1] for node in graph.nodes] == [4, 8, 8, 8, 4, 4]
    assert (0, 5) in graph.edges
    assert len(trace(model, (4, 5, 7)).graph(9).nodes) > 12


class Odd(nn.Module):
    """In place, into a part, by a class of its own, for nothing, and without a name."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 1)
        self.own = Own()

    def forward(self, x):
        F.relu(x)  # for nothing
        y = self.conv(x)
        y += x
        y[:, 0] = x[:, 1]
        return self.own(y * torch.ones(())), x.shape[0]


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x


class Own(nn.Module):
    def forward(self, x):
        return Double.apply(x)


def test_what_is_written_in_odd_ways():
    assert wired(Odd(), (2, 5, 7)) == [
        "input > conv",
        "conv > +",
        "input > +",
        "input > getitem",
        "+ > setitem",
        "getitem > setitem",
        "setitem > ×",
        "× > own",
    ]


def test_a_module_that_is_called_twice_is_there_twice():
    layer = nn.Linear(3, 3)
    assert wired(nn.Sequential(layer, layer), (3,)) == ["input > 0", "0 > 0#2"]


def test_what_passes_on_is_not_there():
    assert wired(nn.Sequential(nn.Identity(), nn.ReLU()), (3,)) == ["input > 1"]
    assert wired(nn.Identity(), (3,)) == []


def test_json_holds_the_steps():
    content = json.loads(trace(blocks.SEBlock(4, reduction=2), (4, 5, 7)).to_json())
    assert content["steps"][0]["function"] == "mean"
    assert content["steps"][0]["reads"] == [-1]
    assert content["steps"][-1]["last"]


def test_impossible_depth():
    with pytest.raises(ValueError, match=r"`depth` \(=0\) must be at least 1"):
        trace(nn.ReLU(), (3,)).graph(0)
