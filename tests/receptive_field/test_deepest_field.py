"""The field of the deepest maps of every model is, to the pixel, what its gradient is.

Models are narrow: a field does not depend on the number of channels. Images are larger
than the field, so that no border hides a part of it.
"""

from __future__ import annotations

import pytest
import torch

from cnn_tutorial import models
from cnn_tutorial.receptive_field import gradient_footprint, trace_fields
from small_models import small_model

#: Their images are of one size.
FIXED = ("lenet", "lenet5", "simple")
#: Fields of hundreds of pixels, and images to match.
DEEP = (
    *("densenet121", "densenet169", "densenet_bc100", "mobilenet_v2"),
    *("resnet34", "resnet101"),
)
NAMES = [
    pytest.param(name, marks=[pytest.mark.slow] if name in DEEP else [])
    for name in models.list_models()
]


def deepest(trace):
    """Return the name and the row of the maps that see most, whole images aside."""
    rows = [
        (name, row)
        for name, row in trace.named.items()
        if name and len(row.output_shape) == 4 and not row.field.fixed
    ]
    return max(rows, key=lambda item: item[1].field.size)


@pytest.mark.parametrize("name", NAMES)
def test_to_the_pixel(name):
    torch.manual_seed(0)
    model = small_model(name)
    layer, row = deepest(trace_fields(model, (1, 32, 32)))
    size, stride = row.field.size[0], int(row.field.stride[0])
    side = 32 if name in FIXED else max(32, size + 2 * stride)
    row = trace_fields(model, (1, side, side)).named[layer]
    place = tuple(n // 2 for n in row.output_shape[2:])
    known = row.field.interval(place)
    assert known == row.field.inside(place)
    assert {last - first + 1 for first, last in known} == {size}
    seen = gradient_footprint(model, (1, side, side), layer=layer, position=place)
    assert seen.intervals == known


@pytest.mark.parametrize("name", models.list_models())
def test_scores_see_the_whole_image(name):
    """Or, where rows were left over by a pooling, all but these."""
    torch.manual_seed(0)
    model = small_model(name)
    field = trace_fields(model, (1, 32, 32)).output
    (rows, columns) = field.inside((0, 0))
    assert rows == columns == ((0, 29) if name == "lenet" else (0, 31))
    assert gradient_footprint(model, (1, 32, 32)).intervals == (rows, columns)
