"""Maps of ratios: numbers, words, colours around one."""

from __future__ import annotations

from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
import torch

from cnn_tutorial import plotting

SIZES = {"rows": [64, 128], "columns": [3, 7, 15], "row_label": "image"}
NAN = float("nan")


def draw(values, **settings):
    settings = {"title": "What to see", "column_label": "kernel"} | SIZES | settings
    return plotting.ratios(values, **settings)


def test_numbers_stand_where_they_belong(read):
    figure = draw([[1, 0.25, 4], [NAN, 0.003, 1234.5]])
    texts = read(figure)
    assert texts == [
        *("kernel", "3", "7", "15", "image"),
        *("64", "1.0", "0.25", "4.0", "128", "0.003", "1,234"),
    ]
    place = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    assert place["3"][0] == place["1.0"][0] < place["0.25"][0] == place["0.003"][0]
    assert place["64"][1] == place["4.0"][1] < place["128"][1]


def test_one_is_white_and_half_is_as_deep_as_twice():
    figure = draw([[1, 0.5, 2], [1, 1, 1]])
    (picture,) = figure.axes[0].images
    logs = picture.get_array()
    np.testing.assert_array_equal(logs[0], [0, -1, 1])
    one, half, twice = picture.cmap(picture.norm(logs))[0, :, :3]
    assert min(one) > 0.95
    assert half[2] > half[0]  # blue
    assert twice[0] > twice[2]  # red
    assert picture.norm(-1) == pytest.approx(1 - picture.norm(1))


def test_ratios_near_one_can_have_more_decimals(read):
    figure = draw([[0.9412, 1.028, 1], [NAN, 1.05, 12]], decimals=2)
    assert read(figure)[6:9] == ["0.94", "1.03", "1.00"]
    assert read(figure)[-2:] == ["1.05", "12.00"]


def test_words_stand_below_numbers(read):
    words = [["fft", "unfold", "a long name"], ["fft"] * 3]
    figure = draw(torch.tensor([[1.0, 2, 3], [4, 5, NAN]]), words=words)
    assert read(figure).count("fft") == 3
    number, word = (
        next(t for t in figure.axes[0].texts if t.get_text() == text)
        for text in ("3.0", "a long name")
    )
    assert number.get_position()[1] < word.get_position()[1]


def test_text_can_be_read_on_every_colour():
    figure = draw([[1e-3, 0.1, 0.7], [1.4, 10, 1e3]])
    (picture,) = figure.axes[0].images
    cells = picture.cmap(picture.norm(picture.get_array())).reshape(-1, 4)
    texts = [t for t in figure.axes[0].texts if t.get_ha() == "center"][3:]
    assert len(texts) == 6
    for cell, text in zip(cells, texts, strict=True):
        ink = mpl.colors.to_hex(text.get_color())
        paper = mpl.colors.to_hex(cell)
        assert plotting.colors.contrast(ink, paper) >= 4.5, text


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        (np.ones((3, 2)), {}, r"`values` of shape \(3, 2\) must be \(2, 3\)"),
        ([[1, 2, 0], [1, 1, 1]], {}, "must be positive"),
        (np.full((2, 3), NAN), {}, "must be positive"),
        (np.ones((2, 3)), {"words": [["a"] * 3]}, "`words` must have 2 lines of 3"),
        (np.ones((2, 3)), {"words": [["word " * 20] * 3] * 2}, "inches wide"),
    ],
)
def test_what_cannot_be_drawn_is_refused(values, settings, message):
    with pytest.raises(ValueError, match=message):
        draw(values, **settings)


def test_a_telephone_gets_narrower_cells_and_the_same_text(read):
    settings = {"columns": ["1", "2", "3", "4", "next"], "decimals": 2}
    figure = draw([[1, 1.01, 1, 0.99, 0.98], [NAN, 0.99, 0.95, 1, 0.95]], **settings)
    narrow = figure.narrow()
    assert narrow.get_figwidth() == pytest.approx(3.25)
    assert read(narrow) == read(figure)
    renderer = narrow.canvas.get_renderer()
    row = [text for text in narrow.axes[0].texts if text.get_text()[:2] in ("0.", "1.")]
    boxes = [text.get_window_extent(renderer) for text in row[:5]]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
