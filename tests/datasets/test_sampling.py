"""Stratified choices."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_tutorial.datasets.sampling import carve, stratified

labels_of_some_classes = st.lists(st.integers(1, 40), min_size=1, max_size=7).map(
    lambda sizes: np.repeat(np.arange(len(sizes)), sizes)
)


def test_shares_computed_by_hand():
    # Of 7, 5 and 2 images choose 5: shares 2.5, 1.79, 0.71; whole parts 2, 1, 0; the
    # two left over go to fractions .79, .71.
    labels = np.repeat([0, 1, 2], [7, 5, 2])
    chosen = stratified(labels, 5, seed=3)
    assert np.bincount(labels[chosen]).tolist() == [2, 2, 1]


def test_no_class_goes_empty_handed():
    labels = np.repeat([0, 1, 2], [97, 2, 1])
    chosen = stratified(labels, 3, seed=0)
    assert labels[chosen].tolist() == [0, 1, 2]


@given(labels_of_some_classes, st.data())
def test_invariants(labels, data):
    classes, sizes = np.unique(labels, return_counts=True)
    count = data.draw(st.integers(len(classes), len(labels)))
    chosen = stratified(labels, count, seed=data.draw(st.integers(0, 99)))
    assert len(chosen) == count
    assert (np.diff(chosen) > 0).all()
    quotas = np.bincount(labels[chosen], minlength=len(classes))
    assert (quotas >= 1).all()
    assert (quotas <= sizes).all()
    expected = largest_remainders(sizes.tolist(), count)
    if min(expected) > 0:
        assert quotas.tolist() == expected


def largest_remainders(sizes, count):
    """Share `count` in exact fractions, one image at a time."""
    exact = [Fraction(size * count, sum(sizes)) for size in sizes]
    quotas = [share.numerator // share.denominator for share in exact]
    while sum(quotas) < count:
        short = [share - quota for share, quota in zip(exact, quotas, strict=True)]
        quotas[short.index(max(short))] += 1
    return quotas


def test_same_seed_same_choice_whatever_others_draw():
    labels = np.repeat(np.arange(5), 13)
    first = stratified(labels, 17, seed=4)
    np.random.seed(99)  # noqa: NPY002
    np.random.random(10)  # noqa: NPY002
    np.testing.assert_array_equal(stratified(labels, 17, seed=4), first)
    assert (stratified(labels, 17, seed=5) != first).any()


@pytest.mark.parametrize("count", [4, 66])
def test_bounds(count):
    with pytest.raises(ValueError, match="`count`"):
        stratified(np.repeat(np.arange(5), 13), count, seed=0)


def test_carve_moves_images_and_loses_none():
    labels = np.repeat(np.arange(3), 10)
    images = np.arange(30, dtype=np.uint8).reshape(30, 1, 1, 1)
    rest = (np.zeros((1, 1, 1, 1), dtype=np.uint8), np.array([0]))
    parts = carve({"train": (images, labels), "test": rest}, 6)
    pixels = [parts[split][0].ravel() for split in ("train", "validation")]
    assert sorted(np.concatenate(pixels).tolist()) == list(range(30))
    for split in ("train", "validation"):
        x, y = parts[split]
        np.testing.assert_array_equal(x.ravel() // 10, y)
    assert np.bincount(parts["validation"][1]).tolist() == [2, 2, 2]
    assert parts["test"] is rest
