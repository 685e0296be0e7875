"""Sizes against numbers worked out by hand and against PyTorch's layers.

PyTorch answers on its "meta" device, where tensors have shapes and no numbers, so that
images may be as large as they like.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn_tutorial import arithmetic
from cnn_tutorial.arithmetic import (
    conv_output_size,
    conv_transpose_output_size,
    get_area,
    get_size,
    padding_sides,
    pool_output_size,
    same_padding,
)

small = st.integers(1, 5)
pairs = st.tuples(small, small)
sides = st.one_of(st.integers(1, 13), st.integers(1, 5000))
sizes = st.tuples(sides, sides)
few = settings(max_examples=80)


def empty(*shape):
    """Return a tensor that has a shape and nothing else."""
    return torch.empty(shape, device="meta")


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


@few
@given(sizes, pairs, pairs, st.tuples(st.integers(0, 3), st.integers(0, 3)), pairs)
def test_conv_output_size_is_what_pytorch_returns(size, kernel, stride, pad, dilation):
    settings = {"stride": stride, "padding": pad, "dilation": dilation}
    x, weight = empty(1, 1, *size), empty(1, 1, *kernel)
    try:
        expected = tuple(F.conv2d(x, weight, **settings).shape[2:])
    except RuntimeError:
        with pytest.raises(ValueError, match="but the padded input has"):
            conv_output_size(size, kernel, **settings)
    else:
        assert conv_output_size(size, kernel, **settings) == expected
        assert get_size(*size, kernel, **settings) == expected
        area = get_area(*size, kernel, **settings)
        assert area == expected[0] * expected[1]
        assert area == F.unfold(x, kernel, dilation, pad, stride).shape[2]


@few
@given(sizes, pairs, st.tuples(small, small), st.integers(0, 3), small, st.booleans())
def test_pool_output_size_is_what_pytorch_returns(
    size, kernel, stride, pad, dilation, ceil
):
    assume(2 * pad <= min(kernel))
    x = empty(1, 1, *size)
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


@few
@given(sizes, pairs, pairs, st.integers(0, 3), st.integers(0, 4), pairs)
def test_transposed_output_size_is_what_pytorch_returns(
    size, kernel, stride, pad, extra, dilation
):
    assume(all(extra < max(s, d) for s, d in zip(stride, dilation, strict=True)))
    settings = {"stride": stride, "padding": pad, "dilation": dilation}
    x, weight = empty(1, 1, *size), empty(1, 1, *kernel)
    try:
        out = F.conv_transpose2d(x, weight, output_padding=extra, **settings)
        expected = tuple(out.shape[2:])
    except RuntimeError:
        expected = (0, 0)
    if min(expected) < 1:  # "meta" lets one side vanish, the CPU does not
        with pytest.raises(ValueError, match="removes everything"):
            conv_transpose_output_size(size, kernel, output_padding=extra, **settings)
        return
    ours = conv_transpose_output_size(size, kernel, output_padding=extra, **settings)
    assert ours == expected


@few
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


@few
@given(sizes, pairs, pairs)
def test_same_padding_keeps_the_size_and_differs_by_one_at_most(size, kernel, dilation):
    for before, after in same_padding(kernel, dilation=dilation):
        assert 0 <= after - before <= 1
    assert conv_output_size(size, kernel, padding="same", dilation=dilation) == size


@few
@given(sizes, pairs, pairs, st.integers(0, 3), pairs)
def test_the_last_window_fits_and_one_more_would_not(
    size, kernel, stride, pad, dilation
):
    setting = {"stride": stride, "padding": pad, "dilation": dilation}
    try:
        places = conv_output_size(size, kernel, **setting)
    except ValueError:
        assume(False)
    for n, out, k, s, d in zip(size, places, kernel, stride, dilation, strict=True):
        end = (out - 1) * s + d * (k - 1) + 1
        assert end <= n + 2 * pad < end + s


def test_arithmetic_does_without_pytorch():
    code = "import sys, cnn_tutorial.arithmetic; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_everything_public_is_listed():
    assert all(hasattr(arithmetic, name) for name in arithmetic.__all__)
