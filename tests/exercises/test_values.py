"""What readers are shown, and the sentence that says how two values differ."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest
import torch

from cnn_tutorial.exercises import FailingCase, Feedback, Status
from cnn_tutorial.exercises.values import difference, show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.ones(2, requires_grad=True), "tensor([1., 1.])"),
        (torch.zeros(36).long(), "tensor([0, 0,"),
        (torch.zeros(37), "float32 tensor of shape (37,)"),
        (torch.zeros(2, device="meta"), "float32 tensor of shape (2,)"),
        (0.1 + 0.2, "0.3"),
        ([1, 2], "[1, 2]"),
        ({}, "nothing"),
        (
            {"x": torch.eye(2), "s": 2},
            "x:\n    tensor([[1., 0.],\n            [0., 1.]])\ns: 2",
        ),
        (torch.nn.Linear(2, 3), "Linear(in_features=2, out_features=3, bias=True)"),
    ],
)
def test_show(value, text):
    assert show(value).startswith(text)


def test_long_values_are_cut():
    assert len(show(list(range(1000)))) <= 300


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1, np.int64(1)),
        (1.0, 1),
        (1.0, torch.tensor(1.0)),
        (0.1 + 0.2, 0.3),
        ([1, 2], (1, 2)),
        ({"a": torch.ones(2), "b": 1}, {"b": 1, "a": torch.ones(2)}),
        (torch.tensor([float("nan")]), torch.tensor([float("nan")])),
        (torch.tensor([1.0]), torch.tensor([1.0 + 1e-6], requires_grad=True)),
        (torch.tensor([True]), torch.tensor([True])),
        (None, None),
        (object(), object()),
    ],
)
def test_what_counts_as_equal(expected, got):
    assert difference(expected, got) == ""


@pytest.mark.parametrize(
    ("expected", "got", "sentence"),
    [
        (1, 1.0, "A whole number was expected, not a float."),
        (1, True, "A whole number was expected, not a bool."),
        (1, 2, "1 was expected, not 2."),
        (1.5, 2, "1.5 was expected, not 2."),
        (1.5, None, "A number was expected, not None."),
        (1.5, torch.ones(2), "One number was expected, not a tensor of shape (2,)."),
        (True, 1, "True was expected, not 1."),
        ("a", "b", "'a' was expected, not 'b'."),
        ([1, 2], [1], "The number of entries should be 2, not 1."),
        ([1, 2], [1, 3], "[1]: 2 was expected, not 3."),
        ([1], 1, "A list was expected, not an int."),
        ({"a": 1}, {}, "Missing: 'a'."),
        ({"a": 1}, {"a": 1, "b": 2}, "Not asked for: 'b'."),
        ({"a": 1}, {"a": 2}, "'a': 1 was expected, not 2."),
        ({"a": 1}, [1], "A dictionary was expected, not a list."),
        (
            torch.zeros(2, 3),
            torch.tensor([[0.0, 0, 1], [0, 2, 0]]),
            "2 of 6 numbers differ, first at [0, 2]: 0 was expected, not 1.",
        ),
    ],
)
def test_what_differs_is_said(expected, got, sentence):
    assert difference(expected, got) == sentence


class Tags(HTMLParser):
    """Tell whether each tag is closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.open, self.classes = [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.classes += dict(attrs).get("class", "").split()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_feedback_as_page_and_as_text():
    case = FailingCase("a < b", "x: 1", "2 < 3", "3", "2 was expected, not `3`.")
    feedback = Feedback(Status.WRONG, "T", "no", case, "m", "Look at `x`.")
    page = feedback._repr_html_()
    classes = Tags(page).classes
    assert classes[:2] == ["cnn-feedback", "cnn-feedback--wrong"]
    assert "cnn-feedback__hint" in classes
    assert "2 &lt; 3" in page
    assert "Look at <code>x</code>." in page
    # Colours of the page: the box sets none but that of its border.
    assert "background" not in page
    assert ";color" not in page
    assert repr(feedback) == (
        "T. Not right yet: no.\nSmallest case that fails: a < b\nGiven:\n    x: 1\n"
        "Expected:\n    2 < 3\nYours:\n    3\nDifference: 2 was expected, not `3`.\n"
        "Hint: Look at `x`."
    )


@pytest.mark.parametrize("status", Status)
def test_each_status_has_a_sign_and_words(status):
    page = Feedback(status, "T", "so", next="Go on.")._repr_html_()
    assert f"cnn-feedback--{status.value.replace(' ', '-')}" in Tags(page).classes
    assert {Status.RIGHT: "Right", Status.WRONG: "Not right yet"}.get(
        status, "Not attempted yet"
    ) in page


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (np.array([1.0, 2.0]), ""),
        (np.array([1.0, 3.0]), "1 of 2 numbers differ, first at [1]"),
        (np.array([1.0]), "The shape (2,) was expected, not (1,)."),
        (np.array([1, 2]), "The dtype float64 was expected, not int64."),
        (torch.tensor([1.0, 2.0]), "An array was expected, not a Tensor."),
        ([1.0, 2.0], "An array was expected, not a list."),
    ],
)
def test_arrays_are_compared(got, sentence):
    found = difference(np.array([1.0, 2.0]), got)
    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)
