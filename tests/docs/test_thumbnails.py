from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from scipy.signal import correlate2d
from sklearn.datasets import load_digits
from sphinx.errors import ExtensionError

import course
import small_site
import thumbnails
from drawings import modules, shapes

GALLERY = Path(__file__).parents[2] / "gallery"
COLOURS = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#f6f4ef", "#1d2430"}


def test_each_lesson_has_a_drawing_and_each_drawing_a_lesson():
    assert set(thumbnails.DRAWINGS) == set(course.scripts(GALLERY))


@pytest.mark.parametrize("name", thumbnails.DRAWINGS)
def test_a_drawing_is_a_small_square_in_our_colours(name):
    text = thumbnails.file(name)
    root = ET.fromstring(text)
    assert root.get("viewBox") == "0 0 240 240"
    assert len(text) < 10_000
    assert {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}", text)} <= COLOURS
    assert "nan" not in text


@pytest.mark.parametrize("name", thumbnails.DRAWINGS)
def test_rectangles_stay_in_the_square(name):
    root = ET.fromstring(thumbnails.markup(name))
    for rect in root.iter("rect"):
        x, y, width, height = (
            float(rect.get(k)) for k in ("x", "y", "width", "height")
        )
        assert min(x, y) >= 0
        assert max(x + width, y + height) <= shapes.SIDE


def test_drawings_differ():
    assert len({draw() for draw in thumbnails.DRAWINGS.values()}) == len(
        thumbnails.DRAWINGS
    )


def test_a_picture_is_decoration_or_has_a_name():
    name = "20_convolution/30_unfold"
    assert 'aria-hidden="true"' in thumbnails.markup(name)
    named = thumbnails.markup(name, title='A "window"')
    assert 'role="img" aria-label="A &quot;window&quot;"' in named


def test_a_lesson_without_a_drawing_stops_the_build(tmp_path):
    small_site.write(tmp_path, ["thumbnails"])
    with pytest.raises(ExtensionError, match=r"no thumbnail for 10_one/10_start, 10_"):
        small_site.build(tmp_path)


def test_the_files_are_in_the_site(tmp_path, monkeypatch):
    drawing = thumbnails.DRAWINGS["20_convolution/30_unfold"]
    names = ("10_one/10_start", "10_one/20_next", "20_two/10_last")
    monkeypatch.setattr(thumbnails, "DRAWINGS", dict.fromkeys(names, drawing))
    small_site.write(tmp_path, ["thumbnails"])
    site = small_site.build(tmp_path).site
    for name in names:
        ET.parse(site / "_static" / "thumbs" / f"{name}.svg")


def test_other_builders_draw_nothing(tmp_path):
    small_site.write(tmp_path, ["thumbnails"])
    assert small_site.build(tmp_path, builder="text").app.statuscode == 0


def test_digits_are_those_of_scikit_learn():
    data = load_digits()
    third = np.flatnonzero(data.target == 7)[2]
    assert np.array_equal(shapes.digit(7, skip=2) * 16, data.images[third])


def test_what_is_drawn_as_read_is_nearest_to_its_own_mean():
    for label in {*modules.READ, 2}:
        assert shapes.likeness(label, skip=2).argmax() == label


def test_what_is_drawn_as_a_mistake_is_one():
    data = load_digits()
    images = data.images / 16
    k = next(
        i for i, x in enumerate(images) if np.array_equal(x, shapes.clearest_mistake())
    )
    means = [images[data.target == label].mean(0) for label in range(10)]
    nearest = np.argmin([np.linalg.norm(images[k] - mean) for mean in means])
    assert nearest != data.target[k]


def test_correlation_agrees_with_scipy():
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(7, 11)), rng.normal(size=(3, 2))
    expected = correlate2d(image, kernel, mode="valid")
    np.testing.assert_allclose(shapes.correlate(image, kernel), expected)


def _cells(markup):
    """Sum of areas by opacity, from the runs of a drawing of pixels."""
    areas = {}
    for d, opacity in re.findall(r'd="([^"]*)" fill-opacity="([^"]*)"', markup):
        widths = [int(width) for width in re.findall(r"h(\d+)v1", d)]
        areas[float(opacity)] = sum(widths)
    return areas


def test_pixels_keep_the_area_of_each_shade():
    values = np.array([[0, 4, 4, 0, 4], [16, 16, 0, 8, 8]]) / 16
    markup = shapes.pixels(values, 3, 5, 2)
    assert _cells(markup) == {0.25: 3, 1.0: 2, 0.5: 2}
    assert 'translate(3 5) scale(2)"' in markup


def test_signed_values_are_told_apart():
    markup = shapes.signed(np.array([[2.0, -2.0, 0.0]]), 0, 0, 1)
    green, grey = markup.split("</g>")[:2]
    assert shapes.OUTPUT in green
    assert "M0 0h1" in green
    assert shapes.INK in grey
    assert "M1 0h1" in grey
    assert "M2 0" not in markup
