"""Answers that make a module: what is no module is refused with a word on why."""

from __future__ import annotations

import pytest
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check
from cnn_tutorial.exercises.architectures._modules import as_module
from cnn_tutorial.exercises.faults import Explained


class InAList(nn.Module):
    def __init__(self, kind):
        super().__init__()
        layers = [nn.Linear(2, 3), nn.ReLU()]
        self.layers = kind(layers)
        self.sizes = [2, 3]


class TestAsModule:
    @pytest.mark.parametrize("kind", [list, tuple, lambda them: {"first": them[0]}])
    def test_hidden_layers_are_named_at_any_depth(self, kind):
        with pytest.raises(Explained) as caught:
            as_module(nn.Sequential(nn.ReLU(), InAList(kind)))
        assert caught.value.fault.what.startswith("`self.layers` is a ")
        assert "nn.ModuleList" in caught.value.fault.hint

    @pytest.mark.parametrize("kind", [nn.ModuleList, lambda them: nn.Sequential(*them)])
    def test_layers_that_are_seen(self, kind):
        net = InAList(kind)
        assert as_module(net) is net

    def test_a_list_beside_the_layers_that_are_seen(self):
        net = InAList(list)
        net.row = nn.Sequential(*net.layers)
        assert as_module(net) is net

    @pytest.mark.parametrize(
        ("made", "phrase"),
        [(nn.ReLU, "Call the class"), ([nn.ReLU()], "`nn.Sequential"), (None, "is a")],
    )
    def test_no_module(self, made, phrase):
        with pytest.raises(Explained) as caught:
            as_module(made)
        assert phrase in caught.value.fault.hint


def test_a_block_that_hides_its_layers():
    class Block(nn.Module):
        def __init__(self, a, b, stride=1):
            super().__init__()
            conv = nn.Conv2d(a, b, 3, stride, padding=1, bias=False)
            self.parts = [conv, nn.BatchNorm2d(b)]

        def forward(self, x):
            return self.parts[1](self.parts[0](x))

    feedback = check("BasicBlock", Block)
    assert feedback.status == Status.WRONG
    assert "the module does not see them" in feedback.summary


def test_mbconv_that_asks_for_the_shape_alone():
    def by_shape(x, widen, look, narrow, stride=1):
        wide = x if widen is None else F.conv2d(x, widen[..., None, None]).clamp(0, 6)
        k, groups = look.shape[1], len(look)
        wide = F.conv2d(wide, look[:, None], None, stride, k // 2, groups=groups)
        out = F.conv2d(wide.clamp(0, 6), narrow[..., None, None])
        return x + out if x.shape == out.shape else out

    feedback = check("mbconv", by_shape)
    assert feedback.mistake == "the input is added at stride 2"
    assert feedback.case.name == "one pixel, stride 2"


def test_a_dense_block_that_hands_on_a_list():
    def block(x, layers):
        parts = [x]
        for layer in layers:
            parts.append(layer(parts))
        return parts

    feedback = check("dense_block", block)
    assert "torch.cat(parts, dim=1)" in feedback.hint
