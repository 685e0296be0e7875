from __future__ import annotations

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

import picture_html
import pictures
import small_site

SVG = '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="x"/>'

PAGE = """
:orphan:

Pictures
========

.. cnn-chart:: /wide.svg
   :alt: A line
   :narrow: /narrow.svg

.. cnn-chart:: /wide.svg
   :alt: Alone

.. cnn-picture:: /small.png
   :alt: Noise & "more"
   :hires: /large.png
   :narrow: /narrow.png
   :width: 20
   :height: 10

.. cnn-picture:: /small.png
   :alt: Plain

.. cnn-player:: /still.png
   :alt: It moves
   :sheet: /sheet.webp
   :frames: 6
   :columns: 3
   :start: 2
   :interval: 500
   :width: 20
   :height: 10
"""


def save(path, width, height):
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(noise).save(path)


def site(root, text=PAGE):
    small_site.write(root, ["pictures"], gallery=False)
    docs = root / "docs"
    (docs / "wide.svg").write_text(SVG)
    (docs / "narrow.svg").write_text(SVG.replace("<svg", '<svg class="n"'))
    sizes = {"small.png": (20, 10), "large.png": (40, 20), "narrow.png": (24, 30)}
    sizes |= {"still.png": (40, 20), "sheet.webp": (120, 40)}
    for name, size in sizes.items():
        save(docs / name, *size)
    (docs / "shown.rst").write_text(text)
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return small_site.build(site(tmp_path_factory.mktemp("pictures")))


@pytest.fixture(scope="module")
def shown(built):
    return BeautifulSoup(built.html("shown"), "html.parser")


def test_there_are_no_warnings(built):
    assert built.warnings == ""


def test_a_chart_stands_in_the_page(shown):
    two, one = shown.select(".cnn-figure--chart")
    assert two.select_one(".cnn-figure__wide > svg:not(.n)")
    assert two.select_one(".cnn-figure__narrow > svg.n")
    assert not one.select_one(".cnn-figure__narrow")
    assert one.select_one("svg")


def test_a_picture_has_sizes_text_and_a_sharp_twin(built, shown):
    image = shown.select_one(".cnn-figure--picture img")
    assert image["alt"] == 'Noise & "more"'
    assert (image["width"], image["height"]) == ("20", "10")
    # The theme's filter would change the pixels.
    assert "dark-light" in image["class"]
    plain, sharp = re.fullmatch(r"(\S+) 1x, (\S+) 2x", image["srcset"]).groups()
    assert plain == image["src"]
    with Image.open(built.site / sharp) as image:
        assert image.size == (40, 20)


def test_a_narrow_screen_gets_the_narrow_picture(built, shown):
    source = shown.select_one("picture > source")
    assert source["media"] == f"(max-width: {picture_html.NARROW_BELOW}px)"
    assert (source["width"], source["height"]) == ("12", "15")
    assert (built.site / source["srcset"].removesuffix(" 2x")).is_file()


def test_the_style_switches_at_the_same_width():
    style = small_site.ROOT / "docs" / "_static" / "lesson.css"
    assert f"@media (max-width: {picture_html.NARROW_BELOW}px)" in style.read_text()


def test_a_picture_needs_no_twin(shown):
    image = shown.select(".cnn-figure--picture img")[1]
    assert "srcset" not in image.attrs
    assert image["alt"] == "Plain"


def test_the_player_waits_with_a_still(built, shown):
    figure = shown.select_one(".cnn-player")
    assert figure["aria-label"] == "Animation: It moves"
    assert (built.site / figure["data-sheet"]).is_file()
    data = {key: figure[f"data-{key}"] for key in ("frames", "columns", "start")}
    assert data == {"frames": "6", "columns": "3", "start": "2"}
    still = figure.select_one("img")
    assert still["alt"] == "It moves"
    assert (built.site / still["src"]).is_file()
    controls = figure.select_one(".cnn-player__controls")
    assert controls.has_attr("hidden")
    assert controls.select_one("output").text == "3 / 6"
    for control in controls.select("button, input"):
        assert control["aria-label"]


def test_the_player_is_loaded_only_where_it_is_used(built):
    assert '<script type="module" src="_static/player.mjs' in built.html("shown")
    assert "player.css" in built.html("shown")
    assert "player" not in built.html("index")


def test_text_says_what_pictures_show(tmp_path):
    built = small_site.build(site(tmp_path), builder="text")
    text = (built.site / "shown.txt").read_text()
    assert "[A line]" in text
    assert "[It moves]" in text


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        (".. cnn-chart:: /gone.svg\n   :alt: x", "there is no file gone.svg"),
        (".. cnn-chart:: /wide.svg", "alt must say what the picture shows"),
        (".. cnn-player:: /still.png\n   :alt: x", "missing options: sheet, frames"),
    ],
)
def test_what_is_missing_is_said(tmp_path, markup, message):
    built = small_site.build(site(tmp_path, f":orphan:\n\nPage\n====\n\n{markup}\n"))
    assert message in built.warnings


def test_weight_is_watched(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "PAGE_BYTES", 2000)
    monkeypatch.setattr(pictures, "PLAYER_BYTES", 1000)
    warnings = small_site.build(site(tmp_path)).warnings
    assert "the animation weighs" in warnings
    assert "the pictures of this page weigh" in warnings
