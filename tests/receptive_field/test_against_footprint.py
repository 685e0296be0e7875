"""What the trace computes is what the gradient finds."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnn_tutorial import models
from cnn_tutorial.receptive_field import (
    gradient_footprint,
    receptive_field,
    trace_fields,
)
from field_zoo import SIZE, ZOO
from small_models import small_model


def built(name):
    torch.manual_seed(0)
    model = ZOO[name]()
    model(torch.zeros(2, *SIZE))  # lazy layers learn their sizes
    return model


def places(shape):
    """Corners, the middle, and a place off the middle."""
    rows = [sorted({0, n // 3, n // 2, n - 1}) for n in shape[2:]]
    return list(itertools.product(*rows))


def agree(model, size, trace, name):
    """Compare all that is known of a layer with its gradient."""
    row = trace.named[name]
    nowhere, found = (0,) * len(row.field.image), 0
    if not row.field.fixed and len(row.output_shape) != 2 + len(nowhere):
        return 0  # rows and columns are one axis here
    for place in places(row.output_shape):
        seen = gradient_footprint(model, size, layer=name, position=place).intervals
        at = nowhere if row.field.fixed else place
        known, inside = row.field.interval(at), row.field.inside(at)
        if known == inside:
            assert seen == inside, (name, place)
            found += 1
        for (a, b), (first, last) in zip(seen, inside, strict=True):
            assert a > b or first <= a <= b <= last, (name, place)
    return found


@pytest.mark.parametrize("name", ZOO)
def test_zoo(name):
    model = built(name)
    trace = trace_fields(model, SIZE)
    assert trace.named[""].field == trace.output
    assert sum(agree(model, SIZE, trace, layer) for layer in trace.named) > 0


# Another network of the same blocks is in each run.
DEEP = ("resnet34", "resnet101", "densenet121", "densenet169", "vgg16")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in DEEP else [])
        for name in models.list_models()
    ],
)
def test_every_model_of_the_package(name):
    model = small_model(name)  # a field does not depend on the number of channels
    size = (1, 32, 32)
    trace = trace_fields(model, size)
    layers = [n for n, m in model.named_modules() if not any(m.children())]
    assert set(layers) <= set(trace.named)
    some = layers[:: 1 + len(layers) // 6] + layers[-1:]  # deep ones are slow
    # Deep fields reach past the image at every place: those are only bounded by it.
    assert sum(agree(model, size, trace, layer) > 0 for layer in some) > 1


SMALL = st.integers(1, 3)
WINDOWS = st.tuples(
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(SMALL, SMALL),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.tuples(SMALL, SMALL),
)


@given(
    st.lists(
        st.tuples(WINDOWS, st.sampled_from(["conv", "max", "average"])), max_size=4
    )
)
@settings(max_examples=50)
def test_any_stack_of_windows(drawn):
    """The recursion, the trace and the gradient agree, axis by axis."""
    layers = [layer(kind, *window) for window, kind in drawn]
    size = (2, 61, 67)
    model = nn.Sequential(nn.Identity(), *layers)
    try:
        model(torch.zeros(1, *size))
    except RuntimeError:  # a window larger than what is left
        return
    field, trace = receptive_field(model), trace_fields(model, size)
    place = tuple(n // 2 for n in trace.rows[-1].output_shape[2:])
    seen = gradient_footprint(model, size, position=place).intervals
    known, inside = trace.output.interval(place), trace.output.inside(place)
    for axis, steps in enumerate(trace.output.axes):
        if not steps.fixed:  # by a pooling of all that was left
            assert steps == field.axes[axis]
            assert known[axis] != inside[axis] or seen[axis] == known[axis]
        assert inside[axis][0] <= seen[axis][0] <= seen[axis][1] <= inside[axis][1]


def layer(kind, kernel, stride, padding, dilation):
    if kind == "conv":
        return nn.Conv2d(2, 2, kernel, stride, padding, dilation)
    half = tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))
    if kind == "max":
        return nn.MaxPool2d(kernel, stride, half, dilation)
    return nn.AvgPool2d(kernel, stride, half)
