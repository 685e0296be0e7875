"""Counts against numbers worked out by hand and against PyTorch's layers."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnn_tutorial.arithmetic import (
    conv_macs,
    conv_parameters,
    linear_macs,
    linear_parameters,
)


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (nn.Conv2d(3, 16, 3), 448),
        (nn.Conv2d(256, 64, 1), 16_448),
        (nn.Conv2d(256, 64, 3), 147_520),
        (nn.Conv2d(6, 10, (3, 5), groups=2, bias=False), 10 * 3 * 15),
    ],
)
def test_conv_parameters_by_hand_and_by_pytorch(layer, count):
    ours = conv_parameters(
        layer.in_channels,
        layer.out_channels,
        layer.kernel_size,
        groups=layer.groups,
        bias=layer.bias is not None,
    )
    assert ours == count == sum(p.numel() for p in layer.parameters())


def test_macs_are_one_per_weight_and_place():
    assert conv_macs(6, 10, (3, 5), (7, 11), groups=2) == 10 * 3 * 15 * 77
    # Ones everywhere: each output is the number of products that were added.
    x, weight = torch.ones(1, 6, 9, 15), torch.ones(10, 3, 3, 5)
    out = F.conv2d(x, weight, groups=2)
    assert out.sum() == conv_macs(6, 10, (3, 5), tuple(out.shape[2:]), groups=2)
    assert linear_macs(84, 10) == 840
    assert linear_parameters(84, 10) == 850
    assert linear_parameters(84, 10, bias=False) == 840


@settings(max_examples=40)
@given(
    groups=st.integers(1, 5),
    per_group=st.integers(1, 7),
    out_per_group=st.integers(1, 7),
    kernel=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    bias=st.booleans(),
)
def test_parameters_are_those_of_pytorch(
    groups, per_group, out_per_group, kernel, bias
):
    channels = (groups * per_group, groups * out_per_group)
    layer = nn.Conv2d(*channels, kernel, groups=groups, bias=bias, device="meta")
    ours = conv_parameters(*channels, kernel, groups=groups, bias=bias)
    assert ours == sum(p.numel() for p in layer.parameters())
    macs = conv_macs(*channels, kernel, (3, 5), groups=groups)
    assert macs == 15 * layer.weight.numel()
