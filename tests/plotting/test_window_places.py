"""Places of a window: dots, boxes and lengths, against F.unfold."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from cnn_tutorial import plotting
from cnn_tutorial.plotting import walking
from cnn_tutorial.plotting._frames import pixels
from cnn_tutorial.plotting._place_picture import Panel
from cnn_tutorial.plotting._places import places
from cnn_tutorial.plotting.colors import KERNEL, OUTPUT

FOUR = {
    "K3": {"kernel_size": 3},
    "K3, P1": {"kernel_size": 3, "padding": 1},
    "K3, P1, S2": {"kernel_size": 3, "padding": 1, "stride": 2},
    "K3, P2, D2": {"kernel_size": 3, "padding": 2, "dilation": 2},
}


def pairs(low, high):
    return st.tuples(st.integers(low, high), st.integers(low, high))


def read_by_unfold(size, kernel, stride, padding, dilation):
    """Number the padded pixels, let PyTorch unfold them, and list what it read."""
    numbered = torch.arange(1.0, 1 + np.prod(size)).reshape(1, 1, *size)
    table = F.unfold(numbered, kernel, dilation, 0, stride)
    return [
        [divmod(int(value) - 1, size[1]) for value in column] for column in table[0].T
    ]


@settings(max_examples=50)
@given(pairs(1, 9), pairs(1, 3), pairs(1, 3), pairs(0, 2), pairs(1, 2))
def test_places_are_those_of_unfold(size, kernel, stride, padding, dilation):
    padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if any(span > n for span, n in zip(spans, padded, strict=True)):
        with pytest.raises(ValueError, match="spans"):
            places(size, kernel, stride, padding, dilation)
        return
    found = places(size, kernel, stride, padding, dilation)
    wanted = read_by_unfold(padded, kernel, stride, padding, dilation)
    assert found.padded == padded
    assert [found.elements(k) for k in range(found.count)] == wanted
    assert [found.corner(k) for k in range(found.count)] == [w[0] for w in wanted]
    every = set(itertools.product(*map(range, padded)))
    assert {*found.unread()} == every - {pixel for w in wanted for pixel in w}


def test_same_padding_of_an_even_window_is_one_sided():
    found = places((5, 7), (2, 3), 1, "same", 1)
    assert found.sides == ((0, 1), (1, 1))
    assert found.output == (5, 7)
    assert found.inner == (0, 1, 5, 7)


def dots(figure):
    """Return the number of dots that lie in pixels, in each panel."""
    return [
        len(line.get_xdata())
        for line in figure.axes[0].lines
        if line.get_marker() == "o" and to_hex(line.get_color()).upper() == OUTPUT
    ]


def windows(figure):
    """Return the framed boxes in the window's colour, in pixels of `side`."""
    return [
        patch
        for patch in figure.axes[0].patches
        if to_hex(patch.get_edgecolor()).upper() == KERNEL and patch.get_linewidth() > 1
    ]


def test_there_are_as_many_dots_as_output_pixels():
    figure = plotting.window_places(
        (8, 9), (3, 2), stride=(3, 2), padding=(1, 0), title="Rectangular"
    )
    # (8 + 2 - 3) // 3 + 1 = 3 and (9 - 2) // 2 + 1 = 4; one more dot explains itself.
    assert dots(figure) == [12, 1]
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[0] == "input 8 × 9, with its zeros 10 × 9, output 3 × 4"
    assert words[-1] == "no window reads this"
    # Of the zeros above, 4 have a dot and the last is struck out, as are all below.
    assert words.count("0") == 9 - 4 - 1


def test_nothing_is_explained_that_is_not_there():
    figure = plotting.window_places(5, 3, title="All read")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == ["input 5 × 5, output 3 × 3", "a window begins here"]


def test_the_window_is_where_it_was_asked_for():
    figure = plotting.window_places(5, 3, position=(1, 2), title="One")
    (box,) = windows(figure)
    side = box.get_width() / 3
    assert box.get_x() == pytest.approx(2 * side)
    middle = plotting.window_places(5, 3, position=(2, 2), title="Lower")
    assert windows(middle)[0].get_y() - box.get_y() == pytest.approx(side)


def test_a_dilated_window_has_gaps():
    figure = plotting.window_places(7, 2, dilation=3, title="Gaps")
    boxes = windows(figure)
    assert len(boxes) == 4
    side = boxes[0].get_width()
    assert {round(box.get_x() / side) for box in boxes} == {0, 3}


def test_settings_stand_below_each_other_in_one_scale():
    figure = plotting.window_settings(8, FOUR, title="Four settings")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert [word.partition(": ")[2] for word in words] == [
        "8 × 8 → 6 × 6",
        "8 × 8 → 8 × 8",
        "8 × 8 → 4 × 4",
        "8 × 8 → 8 × 8",
    ]
    assert dots(figure) == [36, 64, 16, 64]
    sides = {round(box.get_width(), 6) for box in windows(figure)}
    assert len(sides) == 2  # whole windows of 3, and elements of the dilated one
    assert max(sides) == pytest.approx(3 * min(sides), abs=1e-5)


def test_a_row_shows_its_places_and_lengths():
    figure = plotting.window_row(7, 3, stride=2, padding=1, title="A row")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == [
        "0",
        "0",
        "output",
        "0",
        "1",
        "2",
        "3",
        "H + 2P = 7 + 2·1 = 9",
        "span of the window: D(K − 1) + 1 = 1·2 + 1 = 3",
        "room to move: 9 − 3 = 6: 3 steps of S = 2",
    ]
    assert len(windows(figure)) == 4 * 3


def test_a_row_says_what_the_floor_throws_away():
    figure = plotting.window_row(8, 3, stride=3, title="One left over")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[-1] == "room to move: 8 − 3 = 5: 1 step of S = 3, 2 left over"
    # Both pixels at the end are struck out: two strokes each.
    strokes = [c for c in figure.axes[0].collections if c.get_linewidth()[0] > 1]
    assert len(strokes[0].get_segments()) == 4


def test_a_row_with_padding_on_one_side():
    figure = plotting.window_row(4, 2, padding="same", title="Same")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert "H + 2P = 4 + 0 + 1 = 5" in words


@pytest.mark.parametrize(("ceil_mode", "dashed"), [(False, 0), (True, 1)])
def test_what_hangs_over_the_end_is_dashed(ceil_mode, dashed):
    figure = plotting.window_row(
        7, 2, stride=2, ceil_mode=ceil_mode, title="Over the end"
    )
    boxes = windows(figure)
    assert len(boxes) == 2 * (3 + dashed)
    assert sum(box.get_linestyle() not in ("-", "solid") for box in boxes) == dashed


def test_frames_walk_place_by_place():
    animation = plotting.window_animation(4, FOUR, title="Walk")
    assert len(animation.frames) == 16
    # The quickest window, K3 or K3 with P1 and S2, has four places: its second.
    assert animation.still == 1
    assert len({frame.tobytes() for frame in animation.frames}) == 16


def test_a_frame_shows_what_was_reached():
    from cnn_tutorial.plotting._figure import style

    panel = Panel("K3, P1", places(4, 3, 1, 1, 1), 0.2, words=2)
    with style():
        figure, axes = walking.new_sheet(3, 3, "Sixth", known=False)
        panel.draw(axes, 0, 0, 5, shown=6)
        assert pixels(figure).shape[1] == 1280
    assert dots(figure) == [6]
    assert axes.texts[0].get_text() == "K3, P1\nplace 6 of 16"
    full, begun, _ = (p for p in axes.patches if p.get_alpha() in (0.25, 0.5))
    assert full.get_width() == pytest.approx(4 * 0.2)
    assert full.get_height() == pytest.approx(0.2)
    assert begun.get_width() == pytest.approx(2 * 0.2)


def test_the_sheet_of_the_comparison_is_light(tmp_path):
    animation = plotting.window_animation(5, FOUR, title="Same window, same pace")
    animation.save_sheet(tmp_path / "sheet.webp")
    assert (tmp_path / "sheet.webp").stat().st_size < 300_000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.window_places(5, 3, position=(3, 0), title="x"), "3 x 3"),
        (lambda: plotting.window_places(5, 3, position=(-1, 0), title="x"), "posit"),
        (lambda: plotting.window_places(5, 7, title="x"), "spans 7 pixels"),
        (lambda: plotting.window_places(80, 3, title="x"), "158 columns of pixels"),
        (lambda: plotting.window_settings(5, {}, title="x"), "no setting"),
        (
            lambda: plotting.window_settings(5, {"a": {"stride": 1}}, title="x"),
            r"`settings\['a'\]` needs a `kernel_size`",
        ),
        (
            lambda: plotting.window_settings(5, {"a": {"strides": 1}}, title="x"),
            "not 'strides'",
        ),
        (lambda: plotting.window_row((5, 5), 3, title="x"), "`size`.*integer"),
        (
            lambda: plotting.window_row(
                5, 3, padding="same", ceil_mode=True, title="x"
            ),
            "`padding`.*integer",
        ),
        (
            lambda: plotting.window_animation(12, {"a": {"kernel_size": 2}}, title="x"),
            "121 places and an animation at most 100",
        ),
    ],
)
def test_what_cannot_be_drawn(call, message):
    with pytest.raises(ValueError, match=message):
        call()
