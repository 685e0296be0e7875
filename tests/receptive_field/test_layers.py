"""The recursion over a list of layers."""

from __future__ import annotations

import pytest
from torch import nn

from cnn_tutorial.receptive_field import Layer, receptive_field

CONV, POOL = Layer(3), Layer(2, stride=2)


@pytest.mark.parametrize(
    ("layers", "size", "stride", "offset"),
    [
        ([], 1, 1, 0.0),
        ([CONV], 3, 1, 1.0),
        ([CONV, CONV, POOL, CONV, CONV, POOL], 16, 4, 7.5),
        ([CONV, CONV, POOL, CONV], 10, 2, 4.5),
        ([Layer(3, dilation=d) for d in (1, 2, 4)], 15, 1, 7.0),
        # 7, step 2; 7 + 2*2 = 11, step 4; the pixels before 0 are padding.
        ([(7, 2, 3), (3, 2, 1)], 11, 4, 0.0),
    ],
)
def test_by_hand(layers, size, stride, offset):
    field = receptive_field(layers)
    assert field.size == (size, size)
    assert field.stride == (stride, stride)
    assert field.offset == (offset, offset)


def test_axes_do_not_mix():
    field = receptive_field([((3, 5), (2, 1), (0, 2)), ((1, 7), 1, 0, (1, 3))])
    assert field.size == (3, 5 + 6 * 3)
    assert field.stride == (2, 1)
    assert field.offset == (1.0, 5 // 2 - 2 + 3 * 3)
    assert field.interval((11, 13)) == ((22, 24), (13 - 2, 13 - 2 + 22))


def test_padding_moves_the_field_and_no_more():
    inner = receptive_field([CONV, POOL, CONV])
    outer = receptive_field([Layer(3, padding=2), POOL, Layer(3, padding=1)])
    assert inner.size == outer.size
    assert inner.stride == outer.stride
    assert [a - b for a, b in zip(inner.offset, outer.offset, strict=True)] == [4, 4]


def test_same_padding_of_an_even_kernel_is_longer_behind():
    assert receptive_field([(4, 1, "same")]).interval((0, 0)) == ((-1, 2), (-1, 2))


def test_in_two_parts_or_at_once():
    """Composition: layers of layers are layers."""
    one, two = [(5, 3, 1)], [(3, 2, 0, 2), (2, 1, 1)]
    first, second = receptive_field(one), receptive_field(two)
    whole = receptive_field(one + two)
    assert whole.size[0] == first.size[0] + (second.size[0] - 1) * first.stride[0]
    assert whole.stride[0] == first.stride[0] * second.stride[0]
    assert whole.axes[0] == second.axes[0].after(first.axes[0])


def test_modules_are_layers():
    modules = nn.Sequential(
        nn.Conv2d(1, 2, (3, 5), padding=(1, 2)),
        nn.BatchNorm2d(2),
        nn.Sequential(nn.ReLU(), nn.Dropout2d(), nn.MaxPool2d(3, 2)),
        nn.AvgPool2d(2),
        nn.Conv2d(2, 2, 3, padding="same", dilation=2),
    )
    layers = [((3, 5), 1, (1, 2)), (3, 2), (2, 2), (3, 1, 2, 2)]
    assert receptive_field(modules) == receptive_field(layers)
    assert receptive_field(list(modules)) == receptive_field(layers)


def test_how_it_is_read():
    assert str(receptive_field([(3, 2, 1)])) == "3, stride 2, centre 0"
    assert str(receptive_field([((3, 5), 2)])) == "3 × 5, stride 2, centre 1, 2"
    shown = "Field(size=(3, 3), stride=(2, 2), offset=(1.0, 1.0))"
    assert repr(receptive_field([(3, 2)])) == shown


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([(0,)], r"`layers\[0\]` \(=\(0,\)\): `kernel_size` \(=0\) must be at least 1"),
        ([CONV, (3, 0)], r"`layers\[1\]` .*`stride` \(=0\) must be at least 1"),
        ([(3, 1, -1)], r"`padding` \(=-1\) must be at least 0"),
        ([(3, 1, 0, 0)], r"`dilation` \(=0\) must be at least 1"),
        ([(3, 2, "same")], "same"),
        ([(3, 1, 0, 1, 1)], r"`layers\[0\]` .* must be a Layer, a tuple"),
        ([3], r"`layers\[0\]` \(=3\) must be a Layer, a tuple"),
        (CONV, "must be a list of layers; one layer is a list too"),
        ("conv", "must be a list of layers"),
        ([nn.Linear(2, 3)], r"`layers\[0\]` is of type Linear.*`trace_fields`"),
        (nn.Sequential(nn.Softmax(2)), r"`layers\[0\]` is of type Softmax"),
        ([[nn.ConvTranspose2d(1, 1, 3)]], r"`layers\[0\]\[0\]`.*ConvTranspose2d"),
        ([nn.AdaptiveAvgPool2d(1)], "AdaptiveAvgPool2d"),
        ([nn.Conv1d(1, 1, 3)], "must have two axes"),
    ],
)
def test_what_is_no_layer(layers, message):
    with pytest.raises(ValueError, match=message):
        receptive_field(layers)


@pytest.mark.parametrize(
    ("position", "message"),
    [((1,), "must have 2 numbers"), ((0, -1), "at least 0"), ((0, 0.5), "integer")],
)
def test_what_is_no_position(position, message):
    with pytest.raises(ValueError, match=message):
        receptive_field([CONV]).interval(position)


def test_borders_are_not_known():
    with pytest.raises(ValueError, match=r"`image` \(=None\) must be known"):
        receptive_field([CONV]).inside((0, 0))
