"""Answers to the exercise on the sliding dot product that are right in another way."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from cnn_tutorial.exercises import Status, check


def test_by_a_window_in_each_place():
    def convolve(picture, weights, zeros=0):
        picture, (kh, kw) = F.pad(picture, (zeros,) * 4), weights.shape
        return torch.stack(
            [
                torch.stack(
                    [
                        (picture[i : i + kh, j : j + kw] * weights).sum()
                        for j in range(picture.shape[1] - kw + 1)
                    ]
                )
                for i in range(picture.shape[0] - kh + 1)
            ]
        )

    assert check("sliding_convolution", convolve).status == Status.RIGHT


def test_by_shifted_images():
    def convolve(image, kernel, padding=0):
        image, (kh, kw) = F.pad(image, (padding,) * 4), kernel.shape
        rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1
        return sum(
            kernel[u, v] * image[u : u + rows, v : v + columns]
            for u in range(kh)
            for v in range(kw)
        )

    assert check("sliding_convolution", convolve).status == Status.RIGHT


def test_by_numpy_and_by_the_library():
    def by_numpy(image, kernel, padding=0):
        padded = np.pad(image.numpy(), padding)
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
        return torch.from_numpy(np.einsum("ijuv,uv->ij", windows, kernel.numpy()))

    def by_the_library(image, kernel, padding=0):
        return F.conv2d(image[None, None], kernel[None, None], padding=padding)[0, 0]

    assert check("sliding_convolution", by_numpy).status == Status.RIGHT
    assert check("sliding_convolution", by_the_library).status == Status.RIGHT


def test_gradients_by_transposed_convolution_and_by_autograd():
    def by_convolutions(image, kernel, grad, zeros=0):
        for_x = F.conv_transpose2d(grad, kernel, padding=zeros)
        swapped = F.pad(image, (zeros,) * 4).transpose(0, 1)
        for_weight = F.conv2d(swapped, grad.transpose(0, 1)).transpose(0, 1)
        return for_x, for_weight

    def by_autograd(x, weight, g, padding=0):
        leaves = [t.clone().requires_grad_() for t in (x, weight)]
        out = F.conv2d(*leaves, padding=padding)
        return torch.autograd.grad(out, leaves, g)

    assert check("convolution_gradients", by_convolutions).status == Status.RIGHT
    assert check("convolution_gradients", by_autograd).status == Status.RIGHT
