"""Blobs against discs of known size, scikit-image's, and what must hold."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import skimage.data
import skimage.feature
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from cnn_tutorial.filters import blob_log

COINS = {"min_sigma": 8, "max_sigma": 24, "num_sigma": 9, "threshold": 0.15}


def coins(dtype=torch.float64):
    return torch.from_numpy(skimage.data.coins()).to(dtype) / 255


def tissue():
    colours = torch.from_numpy(skimage.data.immunohistochemistry())
    return colours.double().mean(-1) / 255


def discs(size, *places):
    """Draw discs (row, column, radius, brightness) on black."""
    rows = torch.arange(size[0], dtype=torch.float64)[:, None]
    columns = torch.arange(size[1], dtype=torch.float64)
    image = torch.zeros(size, dtype=torch.float64)
    for row, column, radius, brightness in places:
        far = torch.hypot(rows - row, columns - column)
        image += brightness * (radius + 0.5 - far).clamp(0, 1)
    return image


def theirs(image, **settings):
    found = skimage.feature.blob_log(image.numpy(), **settings)
    return torch.from_numpy(np.asarray(found, dtype=np.float64))


def by_place(blobs):
    """Sort by row, column, sigma."""
    return torch.tensor(sorted(blobs.double().tolist())).reshape(-1, 3)


class TestByHand:
    def test_two_discs(self):
        image = discs((83, 97), (23, 31, 7, 1.0), (53, 67, 14, 0.5))
        sigmas = {"min_sigma": 3, "max_sigma": 13, "num_sigma": 101}
        found = blob_log(image, threshold=0.3, **sigmas)
        assert found[:, :2].tolist() == [[23, 31], [53, 67]]  # the brighter one first
        expected = torch.tensor([7, 14]).double() / math.sqrt(2)
        assert_close(found[:, 2], expected, rtol=0.03, atol=0)

    def test_the_threshold_is_in_units_of_brightness(self):
        image = discs((61, 67), (31, 29, 8, 0.5))  # answers 2/e * 0.5 = 0.368
        at = 8 / math.sqrt(2)
        sigmas = {"min_sigma": at, "max_sigma": at, "num_sigma": 1}
        assert len(blob_log(image, threshold=0.36, **sigmas)) == 1
        assert len(blob_log(image, threshold=0.38, **sigmas)) == 0

    def test_dark_blobs_by_the_negative(self):
        image = discs((61, 67), (31, 29, 8, 0.5))
        settings = {"min_sigma": 3, "max_sigma": 10, "num_sigma": 8}
        assert_close(blob_log(image, **settings), blob_log(1 - (1 - image), **settings))
        # The bright ring around a dark disc answers too, but weakly.
        assert not len(blob_log(1 - image, threshold=0.2, **settings))

    def test_of_two_that_overlap_the_larger_one_stays(self):
        spot = discs((61, 67), (31, 29, 14, 0.6), (31, 29, 2.5, 0.6))
        at = {"min_sigma": 2, "max_sigma": 10, "num_sigma": 3, "threshold": 0.3}
        assert blob_log(spot, overlap=1.0, **at)[:, 2].tolist() == [10, 2]
        assert blob_log(spot, overlap=0.9, **at).tolist() == [[31, 29, 10]]

    def test_nothing_there(self):
        assert blob_log(torch.zeros(11, 13)).shape == (0, 3)
        assert blob_log(torch.full((11, 13), 0.7)).shape == (0, 3)


class TestOracle:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_coins(self, dtype):
        image = coins(dtype)
        ours = by_place(blob_log(image, **COINS))
        assert len(ours) > 20  # there are 24, and one more on the shaded ground
        assert_close(ours, by_place(theirs(image, **COINS)))

    def test_cells_before_pruning(self):
        image = 1 - tissue()[:211, :223]
        settings = {"min_sigma": 3, "max_sigma": 12, "num_sigma": 10}
        settings |= {"threshold": 0.1, "overlap": 1.0}
        ours = by_place(blob_log(image, zero_sum=False, **settings))
        assert len(ours) > 30
        assert_close(ours, by_place(theirs(image, **settings)))

    def test_scales_in_equal_factors(self):
        image = discs((61, 67), (31, 29, 8, 0.5))
        settings = {"min_sigma": 2, "max_sigma": 16, "num_sigma": 7, "log_scale": True}
        assert_close(blob_log(image, **settings), theirs(image, **settings))

    @given(
        places=st.lists(
            st.tuples(st.integers(0, 52), st.integers(0, 58), st.integers(2, 9)),
            min_size=1,
            max_size=4,
        )
    )
    def test_discs_anywhere_before_pruning(self, places):
        image = discs((53, 59), *((*place, 1.0) for place in places)).clamp(max=1)
        # A little noise, so that no two neighbours are equal up to rounding.
        noise = torch.rand(53, 59, generator=torch.Generator().manual_seed(0))
        image += 0.01 * noise
        settings = {"min_sigma": 2, "max_sigma": 8, "num_sigma": 4, "overlap": 1.0}
        ours = blob_log(image, zero_sum=False, **settings)
        assert_close(by_place(ours), by_place(theirs(image, **settings)))


def shared(first, second):
    """Count how much of the smaller disc lies in the larger, on a fine grid."""
    (small, big) = sorted((first, second), key=lambda blob: blob[2])
    steps = torch.linspace(-1, 1, 401, dtype=torch.float64)
    rows, columns = steps[:, None], steps
    inner = torch.hypot(rows, columns) <= 1
    rows, columns = (r * small[2] * math.sqrt(2) for r in (rows, columns))
    far = torch.hypot(rows + small[0] - big[0], columns + small[1] - big[1])
    return ((far <= big[2] * math.sqrt(2)) & inner).sum() / inner.sum()


class TestWhatMustHold:
    @pytest.mark.parametrize("overlap", [0.2, 0.5])
    def test_pruning_leaves_the_larger_and_then_the_stronger(self, overlap):
        settings = {"min_sigma": 3, "max_sigma": 12, "num_sigma": 7, "threshold": 0.1}
        image = 1 - tissue()[:101, :103]
        every = blob_log(image, **settings, overlap=1.0).tolist()
        kept = blob_log(image, **settings, overlap=overlap).tolist()
        ranked = sorted(every, key=lambda blob: -blob[2])  # stable: stronger first
        expected = []
        for blob in ranked:
            if all(shared(blob, other) <= overlap for other in expected):
                expected.append(blob)
        assert kept == [blob for blob in every if blob in expected]
        assert 5 < len(kept) < len(every)

    def test_brighter_ground_changes_nothing(self):
        settings = {**COINS, "num_sigma": 5}
        assert_close(blob_log(coins() + 3, **settings), blob_log(coins(), **settings))

    def test_a_turned_image_has_turned_blobs(self):
        image = coins()
        plain, turned = blob_log(image, **COINS), blob_log(torch.rot90(image), **COINS)
        back = torch.stack(
            [turned[:, 1], image.shape[1] - 1 - turned[:, 0], turned[:, 2]], dim=1
        )
        assert_close(by_place(back), by_place(plain))

    def test_no_gradient_and_no_change(self):
        image = discs((31, 37), (15, 18, 5, 1.0)).requires_grad_()
        before = image.detach().clone()
        assert not blob_log(image, min_sigma=2, max_sigma=5).requires_grad
        assert image.detach().equal(before)


class TestBadInput:
    @pytest.mark.parametrize(
        ("image", "problem"),
        [
            (torch.zeros(3, 11, 13), "(shape (3, 11, 13)) must be one grey image"),
            (torch.zeros(11, 13, 3), "mean over its channels"),
            (torch.zeros(11, 13, dtype=torch.uint8), "by `/ 255`"),
            (torch.zeros(0, 13), "must have rows and columns"),
            (torch.tensor([[0.0, math.nan]]), "must be finite: 1 of 2 pixels"),
            (torch.tensor([[0.0, -math.inf]]), "must be finite: 1 of 2 pixels"),
        ],
    )
    def test_images(self, image, problem):
        with pytest.raises(ValueError, match=r"`image` .*" + re.escape(problem)):
            blob_log(image)

    @pytest.mark.parametrize(
        ("settings", "problem"),
        [
            ({"min_sigma": 0}, "`min_sigma` (=0) must be a positive number"),
            ({"max_sigma": -1.0}, "`max_sigma` (=-1.0) must be a positive number"),
            ({"min_sigma": 5, "max_sigma": 3}, "`min_sigma` (=5) must not be above"),
            ({"num_sigma": 0}, "`num_sigma` (=0) must be at least 1"),
            ({"threshold": -0.1}, "`threshold` (=-0.1)"),
            ({"threshold": math.nan}, "`threshold` (=nan)"),
            ({"overlap": 1.5}, "`overlap` (=1.5) must be between 0 and 1"),
            ({"border": "valid"}, "`border` (='valid') must be another one"),
            ({"border": "zero"}, "`border` (='zero') must be one of"),
        ],
    )
    def test_settings(self, settings, problem):
        with pytest.raises(ValueError, match=re.escape(problem)):
            blob_log(torch.zeros(11, 13), **settings)
