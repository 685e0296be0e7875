"""Other right answers to the exercises on machines, written differently."""

from __future__ import annotations

import numpy as np
import scipy.signal
import torch
import torch.nn.functional as F

from cnn_tutorial.exercises import Status, check


def test_fourier_convolution_without_a_conjugate():
    def convolve(picture, window):
        size = [a + b - 1 for a, b in zip(picture.shape, window.shape, strict=True)]
        spectrum = torch.fft.fft2(picture, s=size) * torch.fft.fft2(
            window.flip(0, 1), s=size
        )
        kh, kw = window.shape
        full = torch.fft.ifft2(spectrum).real
        return full[kh - 1 : picture.shape[0], kw - 1 : picture.shape[1]]

    assert check("fourier_convolution", convolve).status == Status.RIGHT


def test_fourier_convolution_by_others():
    def by_pytorch(image, kernel):
        return F.conv2d(image[None, None], kernel[None, None])[0, 0]

    def by_scipy(image, kernel):
        found = scipy.signal.correlate(image.numpy(), kernel.numpy(), "valid", "fft")
        return torch.from_numpy(np.ascontiguousarray(found))

    assert check("fourier_convolution", by_pytorch).status == Status.RIGHT
    assert check("fourier_convolution", by_scipy).status == Status.RIGHT


def test_median_ratio_by_numpy_and_by_hand():
    def by_numpy(ours, theirs):
        return float(np.median(np.divide(ours, theirs)))

    def by_hand(mine, other):
        ratios = sorted(mine[k] / other[k] for k in range(len(mine)))
        return (ratios[len(ratios) // 2] + ratios[(len(ratios) - 1) // 2]) / 2

    assert check("median_ratio", by_numpy).status == Status.RIGHT
    assert check("median_ratio", by_hand).status == Status.RIGHT
