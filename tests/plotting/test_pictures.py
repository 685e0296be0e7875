"""Images in a grid: the pixels that are drawn are the pixels that were given."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from cnn_tutorial import plotting
from cnn_tutorial.plotting._grid import Grid, columns_of
from cnn_tutorial.plotting.colors import NEUTRAL, RIGHT, WRONG

TICK, CROSS = "\N{CHECK MARK}", "\N{BALLOT X}"
rng = np.random.default_rng(0)


def edges(figure):
    return [to_hex(patch.get_edgecolor()).upper() for patch in figure.axes[0].patches]


def test_pixels_are_those_of_the_input():
    x = torch.rand(5, 1, 7, 11)
    figure = plotting.images(x, title="Noise")
    pictures = figure.axes[0].images
    assert len(pictures) == 5
    for picture, image in zip(pictures, x, strict=True):
        np.testing.assert_allclose(picture.get_array(), image[0], rtol=1e-6)
        assert picture.get_clim() == (0, 1)
        assert picture.get_cmap().name == "gray"
        assert picture.get_interpolation() == "nearest"


def test_upper_left_pixel_is_drawn_in_the_upper_left():
    x = np.zeros((1, 1, 2, 3))
    x[0, 0, 0, 0] = 1
    figure = plotting.images(x, title="One white pixel")
    figure.canvas.draw()
    raster = np.asarray(figure.canvas.buffer_rgba())[..., 0]
    (picture,) = figure.axes[0].images
    box = picture.get_window_extent()
    columns = np.linspace(box.x0, box.x1, 7)[1::2].astype(int)
    rows = raster.shape[0] - np.linspace(box.y1, box.y0, 5)[1::2].astype(int)
    np.testing.assert_array_equal(raster[np.ix_(rows, columns)], x[0, 0] * 255)
    # Pixels stay square.
    assert box.width / 3 == pytest.approx(box.height / 2)


def test_colour_channels_are_red_green_blue():
    x = torch.zeros(1, 3, 2, 5)
    x[0, 0, 0, 0] = 1
    figure = plotting.images(x, title="A red pixel")
    array = figure.axes[0].images[0].get_array()
    assert array.shape == (2, 5, 3)
    assert array[0, 0].tolist() == [1, 0, 0]


def test_bytes_and_floats_are_the_same_picture():
    x = torch.tensor([[[[0, 51, 255]]]], dtype=torch.uint8)
    figure = plotting.images(x, title="Three greys")
    assert figure.axes[0].images[0].get_array().tolist() == [[0, 0.2, 1]]


def test_large_photographs_are_smoothed():
    figure = plotting.images(rng.random((1, 3, 503, 509)), title="A photograph")
    assert figure.axes[0].images[0].get_interpolation() == "antialiased"


def test_verdicts(read):
    figure = plotting.images(
        rng.random((3, 1, 2, 2)),
        title="Two right, one wrong",
        labels=torch.tensor([2, 0, 1]),
        predictions=torch.tensor([2, 1, 1]),
        classes=["bag", "coat", "boot"],
    )
    assert read(figure) == [TICK, "boot", CROSS, "coat", "is bag", TICK, "coat"]
    assert edges(figure) == [RIGHT, WRONG, RIGHT]
    marks = {t.get_text(): to_hex(t.get_color()) for t in figure.axes[0].texts}
    assert (marks[TICK].upper(), marks[CROSS].upper()) == (RIGHT, WRONG)
    assert marks["coat"] == marks["is bag"] == "#000000"


def test_names_without_predictions(read):
    figure = plotting.images(
        np.zeros((2, 1, 4, 4)),
        title="Two",
        labels=["black", "dark"],
    )
    assert read(figure) == ["black", "dark"]
    assert set(edges(figure)) == {NEUTRAL}


def test_captions_have_room_under_their_images():
    names = ["an uncommonly long name of a class", "b"]
    figure = plotting.images(
        np.zeros((6, 1, 3, 3)),
        title="Six",
        labels=[0] * 6,
        predictions=[1] * 6,
        classes=names,
    )
    figure.canvas.draw()
    frames = [p.get_window_extent() for p in figure.axes[0].patches]
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert not any(frame.overlaps(box) for frame in frames), text.get_text()


@pytest.mark.parametrize(
    ("count", "columns"),
    [(1, 1), (5, 5), (10, 5), (16, 4), (12, 6), (20, 5), (64, 4), (7, 4)],
)
def test_columns_leave_few_places_empty(count, columns):
    assert columns_of(count, 0.95) == columns


def test_columns_as_asked_fit_on_the_page():
    figure = plotting.images(rng.random((23, 1, 5, 3)), title="23", columns=13)
    lefts = {round(p.get_extent()[0], 6) for p in figure.axes[0].images}
    assert len(lefts) == 13
    assert figure.get_figwidth() <= 7


def test_panels_do_not_touch():
    grid = Grid.fitted(7, (3, 2), side=1.1, columns=3, above=0.2, below=0.3)
    boxes = [grid.box(i) for i in range(7)]
    for i, (x, y, w, h) in enumerate(boxes):
        assert (w, h) == (1.1, pytest.approx(1.65))
        assert x + w <= grid.width + 1e-9
        assert y + h + 0.3 <= grid.height + 1e-9
        for u, v, _, _ in boxes[:i]:
            assert x >= u + w or y >= v + h + 0.2 + 0.3 or x + w <= u


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": np.zeros((2, 5, 3, 3))}, r"`x` of shape \(2, 5, 3, 3\).*feature_maps"),
        ({"x": np.zeros((8, 8, 3))}, r"`x` of shape \(8, 8, 3\)"),
        ({"x": np.zeros(4)}, r"`x` of shape \(4,\)"),
        ({"x": [[-1.2, 3.4]]}, "from -1.2 to 3.4. Undo the normalisation"),
        ({"x": [[0.0, float("nan")]]}, "must be finite"),
        ({"x": [[0]], "labels": [1, 2]}, "`labels` has 2 entries for 1 images"),
        ({"x": [[0]], "labels": [3], "classes": ["a"]}, "from 0 to 0.*reaches from 3"),
        ({"x": [[0]], "labels": [-1], "classes": ["a"]}, "reaches from -1"),
        ({"x": [[0]], "predictions": [0.5]}, "`predictions`.*whole class numbers"),
        ({"x": [[0]], "labels": [[1]]}, r"`labels` of shape \(1, 1\)"),
        ({"x": [[0]], "columns": 0}, r"`columns` \(=0\) must be at least 1"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.images(**arguments, title="Nothing")
