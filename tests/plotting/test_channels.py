"""Sums over channels, tables of kernels and spans of windows, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_hex, to_rgba

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import INPUT, KERNEL, OUTPUT

G = torch.Generator().manual_seed(3)
X = torch.randn(2, 5, 7, generator=G)
WEIGHT = torch.randn(3, 2, 2, 3, generator=G)
BIAS = torch.tensor([0.5, -2.0, 0.0])


def pictures(figure):
    return [np.asarray(image.get_array()) for image in figure.axes[0].images]


def edges(figure):
    return [to_hex(patch.get_edgecolor()).upper() for patch in figure.axes[0].patches]


@pytest.mark.parametrize("bias", [None, BIAS])
def test_terms_and_sums_are_those_of_torch(bias):
    figure = plotting.channel_sum(X, WEIGHT, bias=bias, title="Terms and sums")
    one, two, *rest = pictures(figure)
    np.testing.assert_allclose(np.stack([one, two]), X, rtol=1e-6)
    sums = F.conv2d(X[None], WEIGHT, bias)[0]
    for o in range(3):
        kernel0, term0, kernel1, term1, total = rest[5 * o : 5 * o + 5]
        for i, (kernel, term) in enumerate([(kernel0, term0), (kernel1, term1)]):
            np.testing.assert_allclose(kernel, WEIGHT[o, i], rtol=1e-6)
            alone = F.conv2d(X[None, i : i + 1], WEIGHT[o : o + 1, i : i + 1])[0, 0]
            np.testing.assert_allclose(term, alone, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(total, sums[o], rtol=1e-4, atol=1e-6)


def test_terms_and_sums_have_one_scale_and_roles_their_colours():
    figure = plotting.channel_sum(X, WEIGHT, title="One scale")
    images = figure.axes[0].images[2:]
    maps = [image for k, image in enumerate(images) if k % 5 not in (0, 2)]
    assert len({image.get_clim() for image in maps}) == 1
    low, high = maps[0].get_clim()
    assert low == -high
    largest = max(np.abs(image.get_array()).max() for image in maps)
    assert high == pytest.approx(largest)
    found = edges(figure)
    assert [found.count(color) for color in (INPUT, KERNEL, OUTPUT)] == [2, 6, 3]


def test_signs_and_biases_are_written(read):
    words = read(plotting.channel_sum(X, WEIGHT, bias=BIAS, title="With a bias"))
    assert words[:2] == ["input 0", "input 1"]
    assert words[2:6] == ["+", "+ 0.5", "=", "output 0"]
    assert words[7] == "\N{MINUS SIGN} 2"


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_number_of_channels_has_room(channels):
    x, weight = torch.rand(channels, 8, 8), torch.randn(2, channels, 3, 3)
    plotting.channel_sum(x, weight, bias=[10.5, -3], title="Wide")  # see conftest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": torch.ones(5, 8, 8)}, r"`x` of shape \(5, 8, 8\) must be one image"),
        ({"x": torch.ones(2, 2, 8, 8)}, r"`x` of shape \(2, 2, 8, 8\)"),
        ({"weight": torch.ones(3, 1, 2, 2)}, r"\(C_out, 2, kh, kw\): `x` has 2"),
        ({"weight": torch.ones(7, 2, 2, 2)}, "7 output channels, and at most 6"),
        ({"weight": torch.ones(1, 2, 6, 2)}, r"`weight` has kernels of \(6, 2\)"),
        ({"bias": [1, 2]}, r"`bias` of shape \(2,\) must be \(3,\)"),
        ({"x": torch.full((2, 5, 7), np.nan)}, "`x`.*finite"),
    ],
)
def test_sums_that_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.channel_sum(**{"x": X, "weight": WEIGHT, **arguments}, title="No")


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_the_table_is_block_diagonal(groups):
    conv = torch.nn.Conv2d(6, 12, 3, groups=groups)
    figure = plotting.weight_table(conv.weight, groups=groups, title="Blocks")
    # Which input moves which output, asked of the layer itself.
    moves = torch.zeros(12, 6, dtype=torch.bool)
    for i in range(6):
        x = torch.zeros(1, 6, 3, 3)
        x[:, i] = torch.randn(3, 3)
        moves[:, i] = (conv(x)[0, :, 0, 0] - conv.bias).abs() > 1e-6
    lefts = sorted({image.get_extent()[0] for image in figure.axes[0].images})
    tops = sorted({image.get_extent()[3] for image in figure.axes[0].images})
    drawn = torch.zeros(12, 6, dtype=torch.bool)
    for image in figure.axes[0].images:
        left, _, _, top = image.get_extent()
        drawn[tops.index(top), lefts.index(left)] = True
    assert torch.equal(drawn, moves)
    rows = conv.weight.detach().flatten(0, 1)
    for picture, kernel in zip(pictures(figure), rows, strict=True):
        np.testing.assert_allclose(picture, kernel)


@pytest.mark.parametrize(
    ("weight", "groups", "message"),
    [
        (torch.ones(3, 3), 1, r"`weight` of shape \(3, 3\) must be"),
        (torch.ones(4, 1, 1, 1), 3, r"4 output channels.*`groups` \(=3\)"),
        (torch.ones(4, 9, 1, 1), 2, "table of 4 x 18 kernels"),
        (torch.ones(4, 1, 1, 1), 0, r"`groups` \(=0\) must be at least 1"),
    ],
)
def test_tables_that_cannot_be_drawn(weight, groups, message):
    with pytest.raises(ValueError, match=message):
        plotting.weight_table(weight, groups=groups, title="No")


def test_spans_lie_where_they_say(read):
    windows = [(0, 6), (5, 11), (10, 16)]
    figure = plotting.window_spans(
        {"rows": (16, windows), "columns": (3, [(1, 2)])}, title="Two rulers"
    )
    bars = [
        patch
        for patch in figure.axes[0].patches
        if to_hex(patch.get_facecolor()).upper() == KERNEL
    ]
    assert to_rgba(KERNEL)[:3] == bars[0].get_facecolor()[:3]
    pixels = len(figure.axes[0].patches) - len(bars)
    assert pixels == 16 + 3
    cell = 6.3 / 16
    found = [(bar.get_x() / cell, bar.get_width() / cell) for bar in bars[:3]]
    np.testing.assert_allclose(found, [(0, 6), (5, 6), (10, 6)])
    assert bars[3].get_width() == pytest.approx(6.3 / 3)
    assert read(figure) == [
        "rows: 16 pixels, 3 windows",
        *["6", "6", "6"],
        "columns: 3 pixels, 1 windows",
        "1",
    ]


@pytest.mark.parametrize(
    ("axes_of", "message"),
    [
        ({}, "`axes_of` is empty"),
        ({"a": (4, [])}, "1 to 24 windows, not 0"),
        ({"a": (4, [(2, 5)])}, r"\(2, 5\) that does not lie on 4 pixels"),
        ({"a": (4, [(2, 2)])}, r"\(2, 2\)"),
        ({"a": (0, [(0, 1)])}, "must be at least 1"),
    ],
)
def test_spans_that_cannot_be_drawn(axes_of, message):
    with pytest.raises(ValueError, match=message):
        plotting.window_spans(axes_of, title="No")
