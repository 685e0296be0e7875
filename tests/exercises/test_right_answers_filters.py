"""Right answers to the exercises on filters that are written in other ways."""

from __future__ import annotations

import math

import numpy as np
import scipy.ndimage as ndi
import torch
import torch.nn.functional as F

from cnn_tutorial import filters
from cnn_tutorial.exercises import Status, check


def test_sobel_magnitude_by_scipy():
    def strength(image):
        down, right = (ndi.sobel(image.numpy(), axis) for axis in (0, 1))
        return torch.from_numpy(np.hypot(down, right)[1:-1, 1:-1])

    assert check("sobel_magnitude", strength).status == Status.RIGHT


def test_sobel_magnitude_by_slices():
    def strength(picture):
        rows = picture[:-2] + 2 * picture[1:-1] + picture[2:]
        columns = picture[:, :-2] + 2 * picture[:, 1:-1] + picture[:, 2:]
        across, down = rows[:, 2:] - rows[:, :-2], columns[2:] - columns[:-2]
        return torch.hypot(across, down)

    assert check("sobel_magnitude", strength).status == Status.RIGHT


def test_sobel_magnitude_by_unfold():
    def strength(image):
        patches = F.unfold(image[None, None], 3)[0]
        flat = torch.tensor([[-1.0, 0, 1, -2, 0, 2, -1, 0, 1]])
        turned = torch.tensor([[-1.0, -2, -1, 0, 0, 0, 1, 2, 1]])
        both = torch.cat([flat, turned]) @ patches
        return both.norm(dim=0).reshape(image.shape[0] - 2, -1)

    assert check("sobel_magnitude", strength).status == Status.RIGHT


def test_log_kernel_by_products_of_vectors():
    def kernel(s):
        x = np.arange(-math.ceil(3 * s), math.ceil(3 * s) + 1)
        bell = np.exp(-0.5 * (x / s) ** 2) / (s * np.sqrt(2 * np.pi))
        bent = (x**2 - s**2) / s**4 * bell
        both = np.outer(bell, bent) + np.outer(bent, bell)
        return torch.from_numpy(both - both.mean())

    assert check("log_kernel", kernel).status == Status.RIGHT


def test_log_kernel_by_autograd():
    def kernel(sigma):
        radius = math.ceil(3 * sigma)
        place = torch.arange(-radius, radius + 1.0).double()
        x, y = torch.meshgrid(place, place, indexing="ij")
        x, y = x.clone().requires_grad_(), y.clone().requires_grad_()
        bell = torch.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * math.pi * sigma**2)
        total = 0
        for axis in (x, y):
            (slope,) = torch.autograd.grad(bell.sum(), axis, create_graph=True)
            (bend,) = torch.autograd.grad(slope.sum(), axis, retain_graph=True)
            total = total + bend
        return total - total.mean()

    assert check("log_kernel", kernel).status == Status.RIGHT


def test_split_kernel_by_a_pivot():
    def split(kernel):
        i, j = divmod(int(kernel.abs().argmax()), kernel.shape[1])
        return kernel[:, j] / kernel[i, j], kernel[i]

    assert check("split_kernel", split).status == Status.RIGHT


def test_split_kernel_by_powers():
    def split(kernel):
        row = kernel[kernel.abs().sum(1).argmax()]
        return [kernel @ row / (row @ row), row]

    assert check("split_kernel", split).status == Status.RIGHT


def test_blob_radius_by_scipy():
    def radius(image, row, column, sigmas):
        stack = [ndi.gaussian_laplace(image.numpy(), s)[row, column] for s in sigmas]
        return sigmas[int(np.argmin(np.array(stack) * np.square(sigmas)))] * 2**0.5

    assert check("blob_radius", radius).status == Status.RIGHT


def test_blob_radius_by_a_stack():
    def radius(picture, i, j, scales):
        cube = torch.stack([filters.log(picture, s, normalized=True) for s in scales])
        return math.sqrt(2) * scales[cube[:, i, j].argmin()]

    assert check("blob_radius", radius).status == Status.RIGHT
