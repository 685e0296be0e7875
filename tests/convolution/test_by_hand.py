"""Convolutions that were worked out on paper, by every machine."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from cnn_tutorial import convolution
from cnn_tutorial.convolution import unfold
from convolution_problems import MACHINES

each_machine = pytest.mark.parametrize("conv2d", MACHINES)


@each_machine
def test_two_channels_and_a_bias(conv2d):
    x = torch.tensor([[[1.0, 2, 3], [4, 5, 6]], [[0, 1, 0], [1, 0, 1]]])
    weight = torch.tensor([[[[1.0, 0], [0, -1]], [[2, 3], [5, 7]]]])
    # Channel 0: 1 - 5 and 2 - 6. Channel 1: 3 + 5 and 2 + 7. Bias: 10.
    expected = torch.tensor([[[-4.0 + 8 + 10, -4 + 9 + 10]]])
    assert_close(conv2d(x, weight, torch.tensor([10.0])), expected)


@each_machine
def test_sobel(conv2d):
    image = [
        [1.0, 2, 3, 0, 1],
        [0, 1, 2, 3, 1],
        [1, 2, 1, 0, 0],
        [2, 1, 0, 1, 1],
        [1, 0, 1, 2, 1],
    ]
    kernel = torch.tensor([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    expected = torch.tensor([[[6.0, 0, -5], [0, -2, -2], [-4, 0, 1]]])
    assert_close(conv2d(torch.tensor([image]), kernel), expected)


@each_machine
def test_same_padding_of_an_even_kernel_is_one_more_at_the_end(conv2d):
    x = torch.tensor([[[1.0, 2, 3]]])
    weight = torch.ones(1, 1, 1, 2)
    assert_close(conv2d(x, weight, padding="same"), torch.tensor([[[3.0, 5, 3]]]))


@each_machine
def test_groups_do_not_see_each_other(conv2d):
    x = torch.tensor([[[1.0, 2]], [[10, 20]]])
    weight = torch.tensor([3.0, 5, 7, 11]).reshape(4, 1, 1, 1)
    expected = torch.tensor([[[3.0, 6]], [[5, 10]], [[70, 140]], [[110, 220]]])
    assert_close(conv2d(x, weight, groups=2), expected)


@each_machine
def test_a_complex_kernel_is_not_conjugated(conv2d):
    x, weight = torch.tensor([[[2j, 3]]]), torch.tensor([[[[1j, 5]]]])
    assert_close(conv2d(x, weight), torch.tensor([[[13 + 0j]]]))  # i * 2i + 5 * 3


def test_stride_padding_and_dilation_of_unfold():
    x = torch.tensor([[[1.0, 2, 3, 4, 5]]])
    settings = {"stride": 2, "padding": (0, 1), "dilation": 2}
    # 0 1 2 3 4 5 0, two pixels apart, two steps on: (0, 2), (2, 4), (4, 0).
    expected = torch.tensor([[0.0, 2, 4], [2, 4, 0]])
    assert unfold(x, (1, 2), **settings).equal(expected)


def test_the_patches_of_the_lesson():
    x = torch.arange(1.0, 17).reshape(1, 1, 4, 4)
    columns = unfold(x, 2)
    assert columns.shape == (1, 4, 9)
    assert columns[0, :, 0].tolist() == [1, 2, 5, 6]
    assert columns[0, :, 5].tolist() == [7, 8, 11, 12]


def test_everything_public_is_listed():
    assert all(hasattr(convolution, name) for name in convolution.__all__)
