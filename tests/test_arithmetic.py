"""Sizes and counts against numbers worked out by hand and against PyTorch's layers."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from cnn_tutorial import arithmetic
from cnn_tutorial.arithmetic import (
    conv_macs,
    conv_output_size,
    conv_parameters,
    conv_transpose_output_size,
    get_area,
    get_size,
    linear_macs,
    linear_parameters,
    padding_sides,
    pool_output_size,
    same_padding,
)

small = st.integers(1, 5)
pairs = st.tuples(small, small)
sizes = st.tuples(st.integers(1, 13), st.integers(1, 13))


@pytest.mark.parametrize(
    ("size", "settings", "expected"),
    [
        (32, {}, 30),
        (32, {"padding": 1}, 32),
        (32, {"padding": 1, "stride": 2}, 16),
        (32, {"padding": 2, "dilation": 2}, 32),
        (8, {"padding": 1, "stride": 2}, 4),
        (3, {}, 1),
        (7, {"padding": "same"}, 7),
        (7, {"padding": "valid"}, 5),
        ((5, 7), {}, (3, 5)),
        ((11, 13), {"stride": (2, 3), "padding": (1, 0)}, (6, 4)),
        (7, {"stride": (1, 2)}, (5, 3)),
    ],
)
def test_conv_output_size_by_hand(size, settings, expected):
    assert conv_output_size(size, 3, **settings) == expected


@given(sizes, pairs, pairs, st.tuples(st.integers(0, 3), st.integers(0, 3)), pairs)
def test_conv_output_size_is_what_pytorch_returns(size, kernel, stride, pad, dilation):
    settings = {"stride": stride, "padding": pad, "dilation": dilation}
    x, weight = torch.zeros(1, 1, *size), torch.zeros(1, 1, *kernel)
    try:
        expected = tuple(F.conv2d(x, weight, **settings).shape[2:])
    except RuntimeError:
        with pytest.raises(ValueError, match="but the padded input has"):
            conv_output_size(size, kernel, **settings)
    else:
        assert conv_output_size(size, kernel, **settings) == expected
        assert get_size(*size, kernel, **settings) == expected
        assert get_area(*size, kernel, **settings) == expected[0] * expected[1]


@given(sizes, pairs, st.tuples(small, small), st.integers(0, 3), small, st.booleans())
def test_pool_output_size_is_what_pytorch_returns(
    size, kernel, stride, pad, dilation, ceil
):
    assume(2 * pad <= min(kernel))
    x = torch.zeros(1, 1, *size)
    settings = {"padding": pad, "dilation": dilation, "ceil_mode": ceil}
    try:
        expected = tuple(F.max_pool2d(x, kernel, stride, **settings).shape[2:])
    except RuntimeError:
        with pytest.raises(ValueError, match="leaves no window"):
            pool_output_size(size, kernel, stride=stride, **settings)
    else:
        assert pool_output_size(size, kernel, stride=stride, **settings) == expected


def test_pooling_strides_by_its_kernel_and_may_hang_over():
    assert pool_output_size(11, 3) == 3
    assert pool_output_size(11, 3, ceil_mode=True) == 4
    assert pool_output_size((11, 13), (3, 2)) == (3, 6)
    # The window that would start in the padding after the end is dropped.
    assert pool_output_size(3, 2, stride=3, padding=1, ceil_mode=True) == 2
    assert F.max_pool2d(torch.zeros(1, 3, 3), 2, 3, 1, 1, True).shape == (1, 2, 2)


@given(sizes, pairs, pairs, st.integers(0, 3), st.integers(0, 4), pairs)
def test_transposed_output_size_is_what_pytorch_returns(
    size, kernel, stride, pad, extra, dilation
):
    assume(all(extra < max(s, d) for s, d in zip(stride, dilation, strict=True)))
    settings = {"stride": stride, "padding": pad, "dilation": dilation}
    layer = nn.ConvTranspose2d(1, 1, kernel, output_padding=extra, **settings)
    x = torch.zeros(1, 1, *size)
    try:
        expected = tuple(layer(x).shape[2:])
    except RuntimeError:
        with pytest.raises(ValueError, match="removes everything"):
            conv_transpose_output_size(size, kernel, output_padding=extra, **settings)
        return
    ours = conv_transpose_output_size(size, kernel, output_padding=extra, **settings)
    assert ours == expected


@given(sizes, pairs, pairs, st.integers(0, 3), pairs)
def test_a_transposed_convolution_undoes_the_size(size, kernel, stride, pad, dilation):
    settings = {"stride": stride, "padding": pad, "dilation": dilation}
    try:
        larger = conv_transpose_output_size(size, kernel, **settings)
    except ValueError:
        assume(False)
    assert conv_output_size(larger, kernel, **settings) == size


def test_seven_and_eight_both_become_four():
    settings = {"stride": 2, "padding": 1}
    assert conv_output_size(7, 3, **settings) == 4
    assert conv_output_size(8, 3, **settings) == 4
    assert conv_transpose_output_size(4, 3, **settings) == 7
    assert conv_transpose_output_size(4, 3, **settings, output_padding=1) == 8


@pytest.mark.parametrize(
    ("kernel", "dilation", "expected"),
    [
        (1, 1, ((0, 0), (0, 0))),
        (3, 1, ((1, 1), (1, 1))),
        (4, 1, ((1, 2), (1, 2))),
        ((2, 5), (3, 2), ((1, 2), (4, 4))),
    ],
)
def test_same_padding_by_hand(kernel, dilation, expected):
    assert same_padding(kernel, dilation=dilation) == expected
    assert padding_sides("same", kernel, dilation=dilation) == expected


@given(sizes, pairs, pairs)
def test_same_padding_keeps_the_size_and_differs_by_one_at_most(size, kernel, dilation):
    for before, after in same_padding(kernel, dilation=dilation):
        assert 0 <= after - before <= 1
    assert conv_output_size(size, kernel, padding="same", dilation=dilation) == size


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: conv_output_size(4, 7, padding=1),
            "`kernel_size` (=7) spans 7 pixels, but the padded input has 4 + 2*1 = 6.",
        ),
        (
            lambda: conv_output_size((9, 6), 3, dilation=(1, 4)),
            (
                "`kernel_size` (=3) with `dilation` (=4) spans 4*(3 - 1) + 1 = 9 "
                "pixels horizontally, but the padded input has 6 + 2*0 = 6."
            ),
        ),
        (lambda: conv_output_size(0, 3), "`size` (=0) must be at least 1."),
        (lambda: conv_output_size(4, 0), "`kernel_size` (=0) must be at least 1."),
        (lambda: conv_output_size(4, 3, stride=0), "`stride` (=0) must be at least 1."),
        (
            lambda: conv_output_size(4, 3, stride=(1, 2, 3)),
            "`stride` (=(1, 2, 3)) must be an integer or a pair of integers",
        ),
        (lambda: conv_output_size(4, 3, stride=1.5), "`stride` (=1.5) must be an int"),
        (lambda: conv_output_size(4, 3, padding=-1), "`padding` (=-1) must be at leas"),
        (lambda: conv_output_size(4, 3, padding="sam"), "Did you mean 'same'?"),
        (
            lambda: conv_output_size(4, 3, padding="same", stride=2),
            "`padding` (='same') needs `stride` 1, but `stride` (=2)",
        ),
        (lambda: conv_output_size(4, 3, dilation=0), "`dilation` (=0) must be at leas"),
        (
            lambda: pool_output_size(8, 3, padding=2),
            "`padding` (=2) must be at most half of `kernel_size` (=3)",
        ),
        (
            lambda: pool_output_size(2, 3),
            "`kernel_size` (=3) leaves no window: floor((2 + 2*0 - 1*(3 - 1) - 1)/3)",
        ),
        (lambda: pool_output_size(2, 3, stride=0), "`stride` (=0) must be at least 1."),
        (
            lambda: conv_transpose_output_size(4, 3, stride=2, output_padding=2),
            "`output_padding` (=2) must be less than `stride` (=2) or `dilation` (=1).",
        ),
        (
            lambda: conv_transpose_output_size(1, 3, padding=2),
            "removes everything: (1 - 1)*1 - 2*2 + 1*(3 - 1) + 0 + 1 = -1.",
        ),
        (lambda: get_size(0, 5, 3), "`(height, width)` (=(0, 5)) must be at least 1."),
        (
            lambda: conv_parameters(5, 6, 3, groups=2),
            "`in_channels` (=5) must be divisible by `groups` (=2).",
        ),
        (lambda: conv_macs(4, 5, 3, 2, groups=2), "`out_channels` (=5) must be divisi"),
        (lambda: conv_parameters(4, 5, 3, groups=0), "`groups` (=0) must be at least"),
        (lambda: conv_macs(4, 5, 3, 0), "`output_size` (=0) must be at least 1."),
        (lambda: linear_macs(0, 2), "`in_features` (=0) must be at least 1."),
    ],
)
def test_every_bad_value_is_refused_with_the_rule(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_arithmetic_does_without_pytorch():
    code = "import sys, cnn_tutorial.arithmetic; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_everything_public_is_listed():
    assert all(hasattr(arithmetic, name) for name in arithmetic.__all__)
