"""Padding and statistics of bytes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from cnn_tutorial.datasets.pixels import channel_statistics, pad_to


@given(st.integers(1, 7), st.integers(1, 5), st.integers(0, 6), st.integers(0, 3))
def test_padding_keeps_the_image_in_the_middle(height, width, rows, columns):
    images = np.random.RandomState(0).randint(1, 256, (2, 3, height, width), np.uint8)
    padded = pad_to(images, (height + rows, width + columns))
    margins = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    expected = F.pad(torch.from_numpy(images), margins)
    np.testing.assert_array_equal(padded, expected.numpy())
    assert np.count_nonzero(padded) == images.size


@pytest.mark.parametrize("size", [(4, 7), (5, 6)])
def test_never_shrunk(size):
    images = np.zeros((1, 1, 5, 7), dtype=np.uint8)
    with pytest.raises(ValueError, match=r"at least \(5, 7\).*padded, never shrunk"):
        pad_to(images, size)


def test_statistics_agree_with_floating_point():
    images = np.random.RandomState(1).randint(0, 256, (11, 3, 5, 7), np.uint8)
    images[:, 1] //= 3
    mean, std = channel_statistics(images)
    scaled = images / 255
    np.testing.assert_allclose(mean, scaled.mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, scaled.std((0, 2, 3)), rtol=1e-12)
