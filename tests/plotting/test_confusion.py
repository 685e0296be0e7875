"""Which classes are taken for which."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from sklearn import metrics

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import RIGHT, WRONG

COUNTS = np.array([[6, 2, 0], [1, 3, 4], [0, 0, 0]])


def cells(figure):
    """Return colour and opacity of each cell, (classes, classes)."""
    (found,) = (c for c in figure.axes[0].collections if isinstance(c, PolyCollection))
    rgba = found.get_facecolors()
    side = round(len(rgba) ** 0.5)
    colors = np.array([to_hex(c).upper() for c in rgba]).reshape(side, side)
    return colors, rgba[:, 3].reshape(side, side)


def test_right_is_blue_and_as_deep_as_its_share(read):
    colors, opacity = cells(plotting.confusion_matrix(COUNTS, title="Three classes"))
    np.testing.assert_array_equal(colors == RIGHT, np.eye(3, dtype=bool))
    np.testing.assert_array_equal(colors == WRONG, ~np.eye(3, dtype=bool))
    np.testing.assert_allclose(np.diag(opacity), [0.5 * 6 / 8, 0.5 * 3 / 8, 0])


def test_the_most_frequent_mistake_is_the_deepest():
    _, opacity = cells(plotting.confusion_matrix(COUNTS, title="Three classes"))
    # Shares 2/8, 1/8 and 4/8 of a row: compared with the largest, 4/8.
    assert opacity[0, 1] == pytest.approx(0.5 * 0.5)
    assert opacity[1, 0] == pytest.approx(0.5 * 0.25)
    assert opacity[1, 2] == pytest.approx(0.5)
    assert opacity[0, 2] == 0


def test_numbers_stand_in_their_cells_and_zeros_nowhere():
    figure = plotting.confusion_matrix(torch.tensor(COUNTS), title="Three classes")
    figure.canvas.draw()
    texts = {t.get_text(): t.get_position() for t in figure.axes[0].texts[:5]}
    assert list(texts) == ["6", "2", "1", "3", "4"]
    assert texts["2"][0] > texts["6"][0]  # to the right: another column
    assert texts["2"][1] == texts["6"][1]
    assert texts["1"][1] > texts["6"][1]  # y runs down: another row
    assert texts["1"][0] == texts["6"][0]


def test_counts_of_scikit_learn_and_names(read):
    labels, guesses = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0]
    counts = metrics.confusion_matrix(labels, guesses)
    figure = plotting.confusion_matrix(
        counts, classes=["cat", "dog", "owl"], title="Owls are taken for cats"
    )
    assert {"cat  0", "dog  1", "owl  2", "67%", "100%", "0%"} <= set(read(figure))


def test_a_class_without_images_has_no_share(read):
    assert "none" in read(plotting.confusion_matrix(COUNTS, title="None of the last"))


def test_names_that_are_numbers_stand_once(read):
    figure = plotting.confusion_matrix(
        COUNTS, classes=["0", "1", "2"], title="Three digits"
    )
    assert "0" in read(figure)
    assert "0  0" not in read(figure)


def test_without_mistakes_and_with_many_classes():
    plotting.confusion_matrix(np.eye(7, dtype=int), title="All right")
    figure = plotting.confusion_matrix(1000 * np.eye(40, dtype=int), title="Forty")
    assert "1000" not in [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2]], r"`counts` of shape \(1, 2\) must be \(classes, classes\)"),
        ([[0.5]], r"whole numbers"),
        ([[-1]], r"none negative"),
        (np.ones((41, 41)), r"41 classes and a page has room for 40"),
    ],
)
def test_says_what_is_wrong(counts, message):
    with pytest.raises(ValueError, match=message):
        plotting.confusion_matrix(counts, title="Wrong")
    with pytest.raises(ValueError, match=r"`classes` has 1 names for 3 classes"):
        plotting.confusion_matrix(COUNTS, classes=["cat"], title="Wrong")
