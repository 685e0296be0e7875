"""Tensors and the memory they look into; what broadcasting repeats."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, Rectangle

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import INPUT, KERNEL, OUTPUT

X = torch.arange(6).reshape(2, 3)


def jumps(figure):
    """Return the colour of each arc and how many boxes it spans."""
    found = []
    for arc in figure.axes[0].patches:
        if isinstance(arc, FancyArrowPatch):
            (start, _), (end, _) = arc._posA_posB
            found.append(
                (to_hex(arc.get_edgecolor()).upper(), round((end - start) / 0.4, 6))
            )
    return found


def test_a_tensor_its_memory_and_its_jumps(read):
    figure = plotting.memory({"x": X}, title="Six numbers")
    words = read(figure)
    assert words[0] == "x: shape (2, 3), strides (3, 1)"
    assert words[1:7] == words[7:13] == list("012345")
    assert {"next row: +3", "next column: +1"} < set(words)
    assert sorted(jumps(figure)) == [(INPUT, 1), (KERNEL, 3)]


def test_a_transposed_view_walks_the_same_memory(read):
    figure = plotting.memory({"x.T": X.T}, title="Six numbers")
    words = read(figure)
    assert words[1:7] == list("031425")
    assert words[7:13] == list("012345")
    assert sorted(jumps(figure)) == [(INPUT, 3), (KERNEL, 1)]


def test_a_slice_begins_where_it_begins():
    figure = plotting.memory({"part": X[1:, 1:]}, title="Two numbers of six")
    ((color, span),) = jumps(figure)  # one row: there is no next one
    assert (color, span) == (INPUT, 1)
    (arc,) = (p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch))
    assert arc._posA_posB[0][0] == pytest.approx((4 + 0.5) * 0.4)  # 1 * 3 + 1


def test_other_numbers_than_float32(read):
    x = torch.tensor([1.5, 2.5], dtype=torch.bfloat16, requires_grad=True)
    words = read(plotting.memory({"x": x}, title="Two numbers"))
    assert words[:3] == ["x: shape (2,), strides (1,)", "1.5", "2.5"]


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({}, "`tensors` is empty"),
        ({"x": np.ones(3)}, r"`tensors\['x'\]` must be a tensor"),
        ({"x": torch.ones(1, 2, 3)}, r"shape \(1, 2, 3\) must have one or two axes"),
        ({"x": torch.ones(0)}, r"shape \(0,\) must have .* numbers"),
        ({"x": torch.ones(99)}, "99 numbers in a row are too wide"),
    ],
)
def test_what_has_no_picture(tensors, message):
    with pytest.raises(ValueError, match=message):
        plotting.memory(tensors, title="Nothing")


def frames(figure):
    """Return colour, rows and columns of each thick frame, from left to right."""
    return [
        (
            to_hex(p.get_edgecolor()).upper(),
            round(p.get_height() / 0.4),
            round(p.get_width() / 0.4),
        )
        for p in figure.axes[0].patches
        if isinstance(p, Rectangle)
    ]


def test_a_column_meets_a_row(read):
    column, row = torch.tensor([[10], [20]]), torch.tensor([1, 2, 3])
    figure = plotting.broadcasting(column, row, title="A table", operation="*")
    # What is there, and what is made of it.
    assert frames(figure) == [(INPUT, 2, 1), (INPUT, 1, 3), (OUTPUT, 2, 3)]
    words = read(figure)
    assert words[:6] == ["10"] * 3 + ["20"] * 3
    assert [w for w in words if w in "×=" or "(" in w] == [
        "(2, 1)",
        "×",
        "(3,)",
        "=",
        "(2, 3)",
    ]
    products = [str(n) for n in (column * row).flatten().tolist()]
    assert words[-7:-1] == products


def test_a_number_meets_a_row(read):
    figure = plotting.broadcasting(5.0, [1, 2], title="A row", operation="-")
    assert frames(figure) == [(INPUT, 1, 1), (INPUT, 1, 2), (OUTPUT, 1, 2)]
    assert read(figure)[-3:] == ["4", "3", "(2,)"]


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3, 4), (4, 3)), r"`first` of shape \(3, 4\) and `second` of shape \(4, 3\)"),
        (((2, 1, 1), (3, 1)), r"result of shape \(2, 3, 1\) must have one or two axes"),
        (((40,), (40,)), "Two times 40 columns are too wide"),
    ],
)
def test_what_cannot_be_broadcast(shapes, message):
    first, second = (np.ones(shape) for shape in shapes)
    with pytest.raises(ValueError, match=message):
        plotting.broadcasting(first, second, title="Nothing")
