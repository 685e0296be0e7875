"""The sliding dot product in one dimension against NumPy, SciPy and PyTorch."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.signal
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tutorial.convolution import convolve1d, correlate1d

MODES = ["valid", "same", "full"]


def test_by_hand():
    signal, kernel = [1, 2, 3, 4], [1, 10, 100]
    assert correlate1d(signal, kernel).tolist() == [321, 432]
    assert correlate1d(signal, kernel, "same").tolist() == [210, 321, 432, 43]
    full = [100, 210, 321, 432, 43, 4]
    assert correlate1d(signal, kernel, "full").tolist() == full
    assert convolve1d(signal, kernel).tolist() == [123, 234]
    # An even kernel: one zero, in front.
    assert correlate1d([1, 2, 3], [1, 10], "same").tolist() == [10, 21, 32]


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=60)
@given(
    t=st.integers(1, 19),
    k=st.integers(1, 19),
    kind=st.sampled_from([int, float, complex]),
    seed=st.integers(0, 99),
)
def test_numpy_and_scipy_agree(mode, t, k, kind, seed):
    generator = np.random.default_rng(seed)
    signal, kernel = generator.integers(-9, 9, t), generator.integers(-9, 9, k)
    signal, kernel = signal.astype(kind), kernel.astype(kind)
    if kind is complex:
        signal, kernel = signal + 1j * signal[::-1], kernel - 2j * kernel[::-1]
    if mode != "full" and k > t:
        with pytest.raises(ValueError, match="must not be longer than `signal`"):
            correlate1d(signal, kernel, mode)
        return
    for ours, numpy, scipy_signal in (
        (correlate1d, np.correlate, scipy.signal.correlate),
        (convolve1d, np.convolve, scipy.signal.convolve),
    ):
        found = ours(signal, kernel, mode)
        np.testing.assert_allclose(found, numpy(signal, kernel, mode))
        expected = scipy_signal(signal, kernel, mode, method="direct")
        np.testing.assert_allclose(found, expected)
        assert found.dtype == numpy(signal, kernel, mode).dtype


def test_pytorch_does_not_flip():
    signal, kernel = np.arange(11.0) ** 2, np.array([1.0, 5, -2])
    theirs = F.conv1d(torch.tensor(signal)[None], torch.tensor(kernel)[None, None])
    np.testing.assert_allclose(correlate1d(signal, kernel), theirs[0])
    assert not np.allclose(convolve1d(signal, kernel), theirs[0])


def test_a_flip_is_all_the_difference():
    signal, kernel = np.arange(13.0) ** 2, np.array([1.0, 5, -2, 3])
    for mode in MODES:
        flipped = convolve1d(signal, kernel[::-1], mode)
        np.testing.assert_allclose(correlate1d(signal, kernel, mode), flipped)


def test_convolution_commutes_and_correlation_does_not():
    a, b = np.array([1.0, 5, -2]), np.array([3.0, 1, 4, 1, 5])
    assert np.allclose(convolve1d(a, b, "full"), convolve1d(b, a, "full"))
    assert not np.allclose(correlate1d(a, b, "full"), correlate1d(b, a, "full"))


@pytest.mark.parametrize(
    ("signal", "kernel", "mode", "message"),
    [
        ([], [1], "valid", "`signal` (shape (0,)) must be one row of numbers."),
        ([[1, 2]], [1], "valid", "`signal` (shape (1, 2)) must be one row"),
        ([1, 2], 3, "valid", "`kernel` (shape ()) must be one row of numbers."),
        ([1, 2], ["a"], "valid", "`kernel` (dtype <U1) must hold integers, floating"),
        ([True], [1], "valid", "`signal` (dtype bool) must hold integers, floating"),
        ([1], [1, 2], "same", "`kernel` (2 numbers) must not be longer than `signal`"),
        ([1], [1], "vaild", "Did you mean 'valid'?"),
    ],
)
def test_what_is_refused(signal, kernel, mode, message):
    for slide in (correlate1d, convolve1d):
        with pytest.raises(ValueError, match=re.escape(message)):
            slide(signal, kernel, mode)
