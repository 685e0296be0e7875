"""Cones through layers, and windows on an image."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import INPUT, KERNEL, OUTPUT
from cnn_tutorial.receptive_field import receptive_field


def cells(figure):
    """Return each row's filled and empty cells as places, from the image up."""
    rows = {}
    for box in figure.axes[0].patches:
        filled = box.get_facecolor()[3] > 0
        places = rows.setdefault(round(box.get_y(), 6), ([], []))
        places[not filled].append(box.get_x() + box.get_width() / 2)
    return [rows[y] for y in sorted(rows, reverse=True)]


def test_a_cone_by_hand():
    figure = plotting.field_cone([(3,), (2, 2), (3, 1, 2)], title="Three layers")
    counts = [(len(filled), len(empty)) for filled, empty in cells(figure)]
    # One output reads pooled 0, 2, 4; these read 0, 1, 4, 5, 8, 9; these 0 to 11.
    assert counts == [(12, 0), (6, 4), (3, 2), (1, 0)]
    (ways, *others) = [len(c.get_segments()) for c in figure.axes[0].collections]
    assert [ways, *others] == [6 * 3, 3 * 2, 1 * 3]


def test_outputs_stand_above_the_middle_of_what_they_see():
    layers = [(3, 2), (2, 1), (5, 3, 2)]
    figure = plotting.field_cone(layers, title="Middles")
    rows = cells(figure)
    pixels = np.sort(np.concatenate(rows[0]))
    side = pixels[1] - pixels[0]
    for count in range(1, len(layers) + 1):
        field = receptive_field([(k, s, 0, *d) for k, s, *d in layers[:count]])
        places = np.sort(np.concatenate(rows[count]))
        assert (places[0] - pixels[0]) / side == pytest.approx(field.offset[0])
        steps = np.diff(places) / side
        assert steps == pytest.approx(np.full(len(steps), float(field.stride[0])))
    assert len(pixels) == field.size[0]


def test_colours_and_words(read):
    figure = plotting.field_cone([(2,), (2, 1, 3)], title="Two", names=["a", "b"])
    colors = {to_hex(p.get_edgecolor()).upper() for p in figure.axes[0].patches}
    assert {INPUT, OUTPUT} <= colors
    assert read(figure) == ["4 of 5 pixels of the image", "a", "b"]


@pytest.mark.parametrize(
    ("layers", "settings", "message"),
    [
        ([], {}, "`layers` is empty"),
        ([(3, 1, 1, 1)], {}, r"`layers\[0\]` .* must be \(kernel_size, stride"),
        ([()], {}, r"`layers\[0\]`"),
        ([(3,), (0,)], {}, r"`layers\[1\]` \(=0\) must be at least 1"),
        ([(65,)], {}, "see 65 pixels; 64 can be drawn"),
        ([(3,)], {"names": ["a", "b"]}, "`names` has 2 entries for 1 layers"),
    ],
)
def test_what_is_no_cone(layers, settings, message):
    with pytest.raises(ValueError, match=message):
        plotting.field_cone(layers, title="Nothing", **settings)


@pytest.mark.parametrize("channels", [1, 3])
def test_windows_keep_the_inside_and_fade_the_outside(channels):
    image = np.random.default_rng(0).random((channels, 11, 13))
    seen = {"one": ((2, 4), (5, 9)), "two": ((-3, 6), (10, 40))}
    figure = plotting.field_windows(image, seen, title="Two windows")
    first, second = (np.asarray(p.get_array()) for p in figure.axes[0].images)
    shown = image[0] if channels == 1 else image.transpose(1, 2, 0)
    assert first[2:5, 5:10] == pytest.approx(shown[2:5, 5:10])
    assert second[:7, 10:] == pytest.approx(shown[:7, 10:])
    assert (first[:2] >= 0.65).all()
    assert (second[:, :10] >= 0.65).all()
    names = [text.get_text() for text in figure.axes[0].texts]
    assert names == ["one: 3 × 5", "two: 7 × 3"]
    frames = [
        p for p in figure.axes[0].patches if to_hex(p.get_edgecolor()).upper() == KERNEL
    ]
    left, right = (picture.get_extent() for picture in figure.axes[0].images)
    assert frames[0].get_x() == pytest.approx(left[0] + 5 / 13 * (left[1] - left[0]))
    assert frames[0].get_height() == pytest.approx(3 / 11 * abs(left[2] - left[3]))
    assert frames[1].get_width() == pytest.approx(3 / 13 * (right[1] - right[0]))


@pytest.mark.parametrize(
    ("image", "windows", "message"),
    [
        (np.zeros((5, 7)), {}, "`windows` is empty"),
        (np.zeros((2, 1, 5, 7)), {"a": ((0, 1), (0, 1))}, "holds 2 images"),
        (np.zeros((5, 7)), {"a": ((0, 1),)}, r"`windows\['a'\]` .* must be \(first"),
        (np.zeros((5, 7)), {"a": ((5, 9), (0, 1))}, "does not meet the image of 5 x 7"),
        (np.zeros((5, 7)), {"a": ((3, 2), (0, 1))}, "does not meet"),
    ],
)
def test_what_is_no_window(image, windows, message):
    with pytest.raises(ValueError, match=message):
        plotting.field_windows(image, windows, title="Nothing")
