from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

import svg_theme

SVG = "{http://www.w3.org/2000/svg}"


def drawn(figure):
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "test"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def chart():
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 2, 3], [5, 7, 11], "o-", color="#0072b2", label="a <b> & c")
    axes.plot([1, 3], [7, 7], color="#767676")
    axes.bar([2], [3], facecolor="w", edgecolor="k", hatch="//")
    axes.set_ylabel(r"$\alpha_1$")
    axes.legend(facecolor="white", edgecolor="0.8", framealpha=0.8)
    axes.grid(True, color="black", alpha=0.25)
    return figure


@pytest.fixture(scope="module")
def svg():
    return svg_theme.themed(drawn(chart()), prefix="p3", label='Loss "falls"')


@pytest.fixture(scope="module")
def root(svg):
    return ET.fromstring(svg)


def styles(root):
    return [element.get("style", "") for element in root.iter()]


@pytest.mark.parametrize(
    ("colour", "lightness"),
    [("#000000", 0), ("#ffffff", 1), ("#7f7f7f", 0.498), ("#808a7f", None)],
)
def test_lightness(colour, lightness):
    assert svg_theme.lightness_of_grey(colour) == lightness


def test_no_ink_is_left_that_would_vanish_on_a_dark_page(svg):
    for ink in ("#000000", "#767676", "#cccccc", "#ffffff"):
        assert ink not in svg


def test_colours_with_a_meaning_stay(svg):
    assert "stroke: #0072b2" in svg


def test_grey_is_a_share_of_the_ink(root):
    # 0x76 = 118 of 255, so that 1 - 0.463 of the ink is left.
    assert any(
        "stroke: currentColor" in style and "stroke-opacity: 0.537" in style
        for style in styles(root)
    )


def test_opacity_of_ink_is_kept(root):
    assert any("stroke-opacity: 0.25" in style for style in styles(root))


def test_white_is_the_paper_of_the_page(root):
    assert any("fill: var(--pst-color-background" in style for style in styles(root))


def test_text_is_text_in_the_font_of_the_page(root):
    texts = [text for text in root.iter(f"{SVG}text") if text.text]
    assert "a <b> & c" in [text.text for text in texts]
    assert all("DejaVu" not in text.get("style") for text in texts)
    assert "--pst-font-family-base" in root.get("style")
    assert root.get("fill") == "currentColor"


def test_formulas_keep_a_font_with_their_metrics(root):
    (alpha,) = [span for span in root.iter(f"{SVG}tspan") if span.text == "α"]
    assert "DejaVu Sans" in alpha.get("style")


def test_ids_are_used_and_unique_to_the_figure(root):
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("p3-") for name in ids)
    links = {element.get("href") for element in root.iter() if element.get("href")}
    assert links
    assert links <= {f"#{name}" for name in ids}


def test_every_clip_and_pattern_is_there(svg, root):
    ids = {element.get("id") for element in root.iter()}
    used = svg_theme._URL.findall(svg)
    assert any("clip-path" in element.attrib for element in root.iter())
    assert set(used) <= ids


def test_nothing_reaches_the_page_around(svg, root):
    assert "<style" not in svg
    assert "metadata" not in svg
    assert "<?xml" not in svg
    assert "<!--" not in svg
    assert root.get("stroke-linejoin") == "round"


def test_readers_who_do_not_see_it_get_its_label(root):
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Loss "falls"'


def test_size_is_in_pixels_of_the_page(root):
    # 3 x 2 inches at 96 pixels.
    assert (root.get("width"), root.get("height")) == ("288", "192")


def test_a_label_is_needed():
    with pytest.raises(ValueError, match="label must say"):
        svg_theme.themed("<svg/>", prefix="p", label="  ")


def test_text_on_a_coloured_patch_keeps_its_colour():
    figure, axes = plt.subplots()
    white, black = axes.text(0.5, 0.5, "white", color="white"), axes.text(0, 0, "black")
    for text in (white, black):
        text.set_gid(f"{svg_theme.KEEP}{text.get_text()}")
    root = ET.fromstring(svg_theme.themed(drawn(figure), prefix="p", label="x"))
    found = {text.text: text.get("style") for text in root.iter(f"{SVG}text")}
    assert "fill: #ffffff" in found["white"]
    assert "fill: #000000" in found["black"]


def test_same_figure_same_bytes():
    one, two = (
        svg_theme.themed(drawn(chart()), prefix="p", label="x") for _ in range(2)
    )
    assert one == two
