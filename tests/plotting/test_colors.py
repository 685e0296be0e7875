"""The palette: its meanings, and whether it can be seen."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from cnn_tutorial.plotting import colors
from cnn_tutorial.plotting._figure import style

PAGES = {"white": "#FFFFFF", "near-black": "#14181E"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("color", colors.SERIES)
def test_lines_can_be_seen_on_both_themes(page, color):
    assert colors.contrast(color, page) >= 3


def test_each_hue_has_one_meaning():
    hues = (colors.INPUT, colors.KERNEL, colors.OUTPUT, colors.GRADIENT)
    assert hues == ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
    assert colors.role_color("input") == colors.role_color("right") == colors.INPUT
    assert colors.role_color("window") == colors.role_color("wrong") == colors.KERNEL


def test_lines_without_a_role_have_no_colour_of_a_role():
    assert not set(colors.SERIES[:-1]) & set(colors.ROLES.values())


def test_style_sheet_has_the_same_series():
    with style():
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert [f"#{color.removeprefix('#')}" for color in cycle] == list(colors.SERIES)


def test_contrast_of_known_pairs():
    # WCAG's own example: #777 on white just misses 4.5.
    assert colors.contrast("#777777", "#FFFFFF") == 4.48
    assert colors.contrast("#FFFFFF", "#777777") == 4.48
    assert colors.contrast("#0072B2", "#0072B2") == 1
    # A dark channel below 0.04045 is on the straight part: 10/255/12.92 = 0.003035.
    assert colors.contrast("#0A0A0A", "#000000") == round(0.053035 / 0.05, 2)


def test_tint_goes_from_white_to_the_colour():
    assert colors.tint("#D55E00", 0) == "#FFFFFF"
    assert colors.tint("#D55E00", 1) == "#D55E00"
    # 255 + 0.5 * (213 - 255) = 234, 255 - 0.5 * 161 = 174.5 -> 174, 127.5 -> 128
    assert colors.tint("#D55E00", 0.5) == "#EAAE80"


@pytest.mark.parametrize("bad", ["red", "#12345", "#GGGGGG", "#+12345"])
def test_no_colour(bad):
    with pytest.raises(ValueError, match="must look like '#0072B2'"):
        colors.tint(bad)


def test_no_such_role_or_strength():
    with pytest.raises(ValueError, match=r"'inputs'.*Did you mean 'input'"):
        colors.role_color("inputs")
    with pytest.raises(ValueError, match=r"`strength` \(=1.5\)"):
        colors.tint("#000000", 1.5)
