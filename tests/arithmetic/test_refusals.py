"""Sizes and counts that cannot be: refused with argument, value and rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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

CHANNELS = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": 2}
WINDOW = {"kernel_size": 3, "stride": 1, "padding": 1, "dilation": 1}
FEATURES = {"in_features": 3, "out_features": 5}
# Each function with arguments that are fine.
GOOD = {
    conv_output_size: {"size": 8, **WINDOW},
    get_size: {"height": 8, "width": 9, **WINDOW},
    get_area: {"height": 8, "width": 9, **WINDOW},
    pool_output_size: {"size": 8, **WINDOW},
    conv_transpose_output_size: {"size": 8, **WINDOW, "output_padding": 0},
    same_padding: {"kernel_size": 3, "dilation": 1},
    padding_sides: WINDOW,
    conv_parameters: CHANNELS,
    conv_macs: {**CHANNELS, "output_size": 5},
    linear_parameters: FEATURES,
    linear_macs: FEATURES,
}
ARGUMENTS = [(f, name) for f, good in GOOD.items() for name in good]
MAY_BE_ZERO = ("padding", "output_padding")
SINGLE = ("in_channels", "out_channels", "groups", "in_features", "out_features")

not_whole = st.one_of(
    st.floats(),
    st.booleans(),
    st.none(),
    st.complex_numbers(),
    st.sampled_from(["3", b"3", {}, set(), (), (1,), (1, 2, 3), [1, True], (1, 2.0)]),
)


@pytest.mark.parametrize("function", GOOD)
def test_the_good_arguments_are_good(function):
    assert function(**GOOD[function])


@pytest.mark.parametrize(("function", "name"), ARGUMENTS)
@settings(max_examples=25)
@given(value=not_whole, low=st.integers(max_value=0), lower=st.integers(max_value=-1))
def test_no_argument_takes_a_bad_value(function, name, value, low, lower):
    too_low = lower if name in MAY_BE_ZERO else low
    pair = () if name in SINGLE or name in ("height", "width") else ((1, too_low),)
    if name == "stride" and function is pool_output_size and value is None:
        value = 0.5  # None is fine there: the kernel size
    named = "height, width" if name in ("height", "width") else name
    for bad in (value, too_low, *pair):
        with pytest.raises(ValueError, match=named) as caught:
            function(**{**GOOD[function], name: bad})
        assert repr(bad) in str(caught.value)


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
