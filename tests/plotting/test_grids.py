"""Matrices with their numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from cnn_tutorial import plotting
from cnn_tutorial.plotting._cells import cell_texts
from cnn_tutorial.plotting.colors import INPUT, KERNEL, OUTPUT


def frames(figure):
    """Return colour, width of line and box of each frame, in inches."""
    return [
        (
            to_hex(patch.get_edgecolor()).upper(),
            patch.get_linewidth(),
            [
                round(v, 6)
                for v in (*patch.get_xy(), patch.get_width(), patch.get_height())
            ],
        )
        for patch in figure.axes[0].patches
        if isinstance(patch, Rectangle)
    ]


def as_numbers(texts):
    return [float(text.replace("\N{MINUS SIGN}", "-")) for text in texts]


def test_numbers_stand_in_their_cells():
    x = torch.arange(6).reshape(1, 1, 2, 3) - 2
    figure = plotting.matrix(x, title="Six numbers", role="kernel")
    texts = figure.axes[0].texts
    assert as_numbers(t.get_text() for t in texts) == x.flatten().tolist()
    ((color, _, (left, top, width, height)),) = frames(figure)
    assert color == KERNEL
    side = width / 3
    assert height == pytest.approx(2 * side)
    for k, text in enumerate(texts):
        row, column = divmod(k, 3)
        place = (left + (column + 0.5) * side, top + (row + 0.5) * side)
        assert text.get_position() == pytest.approx(place)


def test_equation_of_a_convolution(read):
    x = torch.arange(20.0).reshape(1, 1, 4, 5)
    kernel = torch.tensor([[[[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]]]])
    out = F.conv2d(x, kernel)
    figure = plotting.matrices(
        [x, "*", kernel, "=", out],
        titles=["input", "kernel", "output"],
        roles=["input", "kernel", "output"],
        windows={0: (1, 2, 2, 3), 2: (1, 2)},
        title="A convolution",
    )
    words = read(figure)
    assert [w for w in words if w.isalpha()] == ["input", "kernel", "output"]
    assert words[21] == "∗"
    assert words[21 + 8] == "="
    assert as_numbers(words[:20]) == x.flatten().tolist()
    assert as_numbers(words[-10:-1]) == out.flatten().tolist()
    whole, window, kernel_frame, result, pixel = frames(figure)
    assert (whole[0], kernel_frame[0], result[0]) == (INPUT, KERNEL, OUTPUT)
    # In the input the window is orange; in the output the pixel stays green.
    assert (window[0], pixel[0]) == (KERNEL, OUTPUT)
    side = whole[2][2] / 5
    x0, y0 = whole[2][:2]
    assert window[2] == pytest.approx([x0 + 2 * side, y0 + side, 3 * side, 2 * side])
    x0, y0 = result[2][:2]
    assert pixel[2] == pytest.approx([x0 + 2 * side, y0 + side, side, side])


def test_matrices_do_not_touch():
    figure = plotting.matrices(
        [[[1, 2]], [[3]], "+", [[4]]],
        titles=["a long title over a short matrix", "b", "c"],
        title="Side by side",
    )
    boxes = [box for _, _, box in frames(figure)]
    for (left, _, width, _), (right, _, _, _) in pairwise(boxes):
        assert left + width + 0.3 < right
    figure.canvas.draw()
    texts = [t.get_window_extent() for t in figure.axes[0].texts]
    for i, one in enumerate(texts):
        assert not any(one.overlaps(other) for other in texts[:i])


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1.0, -2.0, 0.0], ["1", "−2", "0"]),
        ([True, False], ["1", "0"]),
        ([0.5, 1.0], ["0.5", "1.0"]),
        ([1 / 3, -1.0], ["0.33", "−1.00"]),
        ([-0.001, 1.234], ["0.00", "1.23"]),
        ([0.001, 0.0002], ["1.0e−03", "2.0e−04"]),
        ([123456.0, 1.0], ["1.2e+05", "1.0e+00"]),
        ([1234.5, 6.25], ["1.2e+03", "6.2e+00"]),
        ([12345, 1], ["12345", "1"]),
        ([float("nan"), float("inf"), -float("inf"), 2], ["nan", "inf", "−inf", "2"]),
        ([float("nan")], ["nan"]),
    ],
)
def test_numbers_are_written_alike(numbers, expected):
    assert cell_texts(np.array([numbers])) == [expected]


def test_bfloat16_is_not_shown_with_its_rounding_error():
    x = torch.tensor([[0.1, 2.5]], dtype=torch.bfloat16, requires_grad=True)
    figure = plotting.matrix(x, title="Rounded")
    assert [t.get_text() for t in figure.axes[0].texts] == ["0.10", "2.50"]


def test_wide_matrices_shrink_and_then_refuse():
    figure = plotting.matrix(np.zeros((6, 16)), title="Sixteen columns")
    assert figure.get_figwidth() <= 7
    with pytest.raises(ValueError, match="23 columns of numbers are too wide"):
        plotting.matrix(np.zeros((2, 23)), title="Too wide")
    with pytest.raises(ValueError, match=r"inches wide and a page has 6\.8"):
        plotting.matrices([[[1]], [[2]]], titles=["word " * 15] * 2, title="Too wide")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"items": ["+"]}, "`items` holds no matrix"),
        ({"items": [np.ones((2, 3, 4))]}, r"`items\[0\]` of shape \(2, 3, 4\)"),
        (
            {"items": [[[1]]], "roles": ["input", "output"]},
            "`roles` has 2 entries for 1",
        ),
        ({"items": [[[1]]], "titles": []}, "`titles` has 0 entries for 1 matrices"),
        ({"items": [[[1]]], "roles": ["inptu"]}, "Did you mean 'input'"),
        ({"items": [[[1]]], "windows": {1: (0, 0)}}, "names matrix 1; there are 1"),
        (
            {"items": [[[1]]], "windows": {0: (0, 1)}},
            "does not lie in a matrix of 1 x 1",
        ),
        ({"items": [[[1]]], "windows": {0: (-1, 0)}}, "does not lie in a matrix"),
        ({"items": [[[1]]], "windows": {0: (0, 0, 0, 1)}}, "does not lie in a matrix"),
        ({"items": [[[1]]], "windows": {0: (0, 0, 1)}}, r"\(row, column\[, height"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.matrices(**arguments, title="Nothing")
