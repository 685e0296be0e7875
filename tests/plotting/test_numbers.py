"""Whatever holds real numbers can be drawn; the rest is said clearly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnn_tutorial import plotting
from cnn_tutorial.plotting._figure import numbers, text_width, wrapped

VALUES = [[0.5, 1.0, 0.25]]


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor(VALUES, requires_grad=True) * 1,
        torch.tensor(VALUES, dtype=torch.bfloat16),
        torch.tensor(VALUES, dtype=torch.float16),
        torch.tensor(VALUES).to_sparse(),
        torch.tensor(VALUES).to(torch.float8_e4m3fn),
        torch.conj(torch.tensor(VALUES) * 1j).imag.neg(),
        [torch.tensor(0.5), torch.tensor(1.0, requires_grad=True), 0.25],
        np.array(VALUES)[:, ::-1][:, ::-1],
        np.array(VALUES, np.float16),
        VALUES,
    ],
    ids=[
        "grad",
        "bfloat16",
        "float16",
        "sparse",
        "float8",
        "negated view",
        "list of tensors",
        "strides",
        "numpy half",
        "list",
    ],
)
def test_numbers_come_through(value):
    np.testing.assert_array_equal(np.ravel(numbers("x", value)), VALUES[0])


@pytest.mark.cuda
def test_numbers_come_from_a_gpu():
    value = torch.tensor(VALUES, device="cuda", dtype=torch.bfloat16).requires_grad_()
    np.testing.assert_array_equal(numbers("x", value), VALUES)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (torch.ones(2, 3, device="meta"), "`x` is on the meta device"),
        (
            torch.ones(2, 3, dtype=torch.complex64),
            "`x` must hold real numbers, not com",
        ),
        (["a"], "`x` must hold real numbers, not <U1"),
        ([[1, 2], [3]], "`x` must be an array: its rows differ in length"),
        (torch.ones(2, 0), r"`x` of shape \(2, 0\) holds no numbers"),
        (
            torch.tensor([[1, 2, 3], [4, float("nan"), float("inf")]]),
            r"`x` of shape \(2, 3\) must be finite: 2 of 6 .* at \(1, 1\) \(=nan\)",
        ),
    ],
)
def test_what_is_no_number_is_named(value, message):
    with pytest.raises(ValueError, match=message):
        numbers("x", value)


@pytest.mark.parametrize("draw", [plotting.feature_maps, plotting.kernels])
def test_nan_is_not_drawn_as_a_colour(draw):
    with pytest.raises(ValueError, match="must be finite"):
        draw(torch.tensor([[1.0, float("nan")]]), title="Not a number")


def test_lines_of_text_have_room_and_equal_length():
    text = "one two three four five six seven eight nine ten"
    room = text_width(text, 12) * 0.55
    lines = wrapped(text, 12, room).split("\n")
    assert " ".join(lines) == text
    widths = [text_width(line, 12) for line in lines]
    assert len(lines) == 2
    assert max(widths) <= room
    assert min(widths) > 0.75 * max(widths)
    # A word that is too long stands alone and is not lost.
    assert wrapped("a incomprehensibilities b", 12, 0.3).split() == [
        "a",
        "incomprehensibilities",
        "b",
    ]
