"""Heat on images, and rows of images."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnn_tutorial import plotting

GREY = np.linspace(0, 1, 2 * 6 * 9).reshape(2, 1, 6, 9)


def blends(figure):
    return [np.asarray(p.get_array()) for p in figure.axes[0].images[1::2]]


def test_the_image_stands_beside_its_heat():
    figure = plotting.heat(GREY, np.ones((2, 6, 9)), title="Two")
    pictures = figure.axes[0].images
    assert len(pictures) == 4
    for picture, image in zip(pictures[::2], GREY[:, 0], strict=True):
        np.testing.assert_allclose(picture.get_array(), image)
    left, right = (picture.get_extent() for picture in pictures[:2])
    assert left[1] < right[0]  # beside, and as high
    assert left[2:] == right[2:]


def test_red_is_for_and_blue_against_and_nothing_is_the_image():
    image = np.full((1, 1, 1, 3), 0.4)
    (blend,) = blends(plotting.heat(image, [[[3.0, 0.0, -3.0]]], title="Three pixels"))
    (red, none, blue) = blend[0]
    assert red[0] > 0.6 > 0.3 > red[2]
    assert blue[2] > 0.6 > 0.3 > blue[0]
    assert none.tolist() == pytest.approx([0.7] * 3)  # 1 - (1 - 0.4) / 2


def test_half_as_strong_is_half_as_dense():
    image = np.ones((1, 1, 1, 2))
    (blend,) = blends(plotting.heat(image, [[[2.0, 1.0]]], title="Two pixels"))
    np.testing.assert_allclose(1 - blend[0, 1], (1 - blend[0, 0]) / 2)


def test_a_coarse_map_covers_the_image_in_blocks():
    coarse = torch.tensor([[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]])
    (blend,) = blends(plotting.heat(np.ones((1, 1, 6, 9)), coarse, title="Blocks"))
    fine = coarse.repeat_interleave(3, 1).repeat_interleave(3, 2)
    (same,) = blends(plotting.heat(np.ones((1, 1, 6, 9)), fine, title="Pixels"))
    np.testing.assert_array_equal(blend, same)


def test_scales(read):
    maps = np.ones((2, 6, 9)) * np.array([1.0, 4.0])[:, None, None]
    white = np.ones((2, 1, 6, 9))
    one, four = blends(plotting.heat(white, maps, title="Each"))
    np.testing.assert_array_equal(one, four)
    shared = plotting.heat(white, maps, title="Shared", scale="shared")
    one, four = blends(shared)
    np.testing.assert_allclose(1 - one, (1 - four) / 4)
    shared.canvas.draw()
    labels = [text.get_text() for text in shared.axes[1].get_xticklabels()]
    assert labels == ["0", "4"]
    signed = plotting.heat(white, -maps, title="Signed", scale="shared")
    signed.canvas.draw()
    labels = [text.get_text() for text in signed.axes[1].get_xticklabels()]
    assert labels == ["\N{MINUS SIGN}4", "0", "4"]


def test_words(read):
    figure = plotting.heat(GREY, GREY[:, 0], title="Two", titles=["boot", "bag"])
    assert read(figure) == ["boot", "bag", "red: for the class; each on its own scale"]
    figure = plotting.heat(GREY[0], GREY[0] - 0.5, title="One")
    assert read(figure)[-1] == "red: for the class; blue: against it"


def test_colour_images_and_nothing_at_all():
    x = torch.zeros(1, 3, 5, 7, dtype=torch.uint8)
    x[0, 1] = 255  # pure green has grey level 0.587
    (blend,) = blends(plotting.heat(x, torch.zeros(1, 5, 7), title="No heat"))
    np.testing.assert_allclose(blend, 1 - 0.5 * (1 - 0.587))


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (np.zeros((3, 6, 9)), r"`maps` of shape \(3, 6, 9\) .* each of 2 images"),
        (np.zeros((2, 7, 9)), r"7 x 9 must not be finer than the images of 6 x 9"),
        (np.full((2, 6, 9), np.nan), r"`maps` .* must be finite"),
    ],
)
def test_says_what_is_wrong(maps, message):
    with pytest.raises(ValueError, match=message):
        plotting.heat(GREY, maps, title="Wrong")


def test_titles_and_scale_are_checked():
    with pytest.raises(ValueError, match=r"`titles` has 1 entries for 2 images"):
        plotting.heat(GREY, GREY[:, 0], titles=["a"], title="Wrong")
    with pytest.raises(ValueError, match=r"`scale` \(='all'\)"):
        plotting.heat(GREY, GREY[:, 0], scale="all", title="Wrong")


class TestImageRows:
    def test_rows_of_different_images_are_equally_high(self, read):
        rows = {"small": GREY[:, :, :3, :3], "wide": torch.rand(3, 3, 5, 10)}
        figure = plotting.image_rows(rows, title="Two rows")
        boxes = [p.get_extent() for p in figure.axes[0].images]
        assert len(boxes) == 5
        heights = {round(low - high, 9) for _, _, low, high in boxes}
        assert len(heights) == 1
        assert read(figure) == ["small", "wide"]
        widths = [right - left for left, right, *_ in boxes]
        assert widths[2] == pytest.approx(2 * widths[0])

    def test_many_images_fit_the_page(self):
        figure = plotting.image_rows({"a": np.ones((24, 1, 5, 5))}, title="Many")
        assert len(figure.axes[0].images) == 24

    def test_pixels_are_those_of_the_input(self):
        figure = plotting.image_rows({"a": GREY}, title="One row")
        for picture, image in zip(figure.axes[0].images, GREY[:, 0], strict=True):
            np.testing.assert_allclose(picture.get_array(), image)

    def test_no_row_is_an_error(self):
        with pytest.raises(ValueError, match="`rows` is empty"):
            plotting.image_rows({}, title="Nothing")
