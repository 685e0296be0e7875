"""The rule that picks a machine: its bills, its picks, and what both must keep."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from cnn_tutorial.convolution import choice as rule
from cnn_tutorial.convolution import (
    choose_method,
    conv2d,
    conv2d_fft,
    conv2d_loops,
    conv2d_low_rank,
    conv2d_unfold,
)
from cnn_tutorial.convolution._problem import window
from cnn_tutorial.convolution.fourier import fast_length
from convolution_problems import random


def shaped(*shape, dtype=torch.float32):
    """Return a tensor of any size without its memory."""
    return torch.empty(1, dtype=dtype).expand(shape)


NETWORKS = {
    "LeNet C1": ((64, 1, 32, 32), (6, 1, 5, 5), {}),
    "LeNet C3": ((64, 6, 14, 14), (16, 6, 5, 5), {}),
    "AlexNet": ((1, 3, 224, 224), (64, 3, 11, 11), {"stride": 4, "padding": 2}),
    "ResNet stem": ((1, 3, 224, 224), (64, 3, 7, 7), {"stride": 2, "padding": 3}),
    "ResNet block": ((8, 64, 56, 56), (64, 64, 3, 3), {"padding": 1}),
    "ResNet last": ((1, 512, 7, 7), (512, 512, 3, 3), {"padding": 1}),
    "one by one": ((1, 256, 56, 56), (64, 256, 1, 1), {}),
    "depthwise": ((8, 96, 56, 56), (96, 1, 7, 7), {"padding": 3, "groups": 96}),
    "dilated": ((1, 256, 65, 65), (256, 256, 3, 3), {"padding": 4, "dilation": 4}),
    "U-Net head": ((1, 64, 128, 128), (1, 64, 1, 1), {}),
}


class TestWhatItPicks:
    @pytest.mark.parametrize("layer", NETWORKS.values(), ids=NETWORKS)
    def test_layers_of_networks_go_to_the_library(self, layer):
        size, kernels, setting = layer
        assert choose_method(shaped(*size), shaped(*kernels), **setting) == "library"

    @pytest.mark.parametrize("k", [31, 61])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_large_filters_on_one_channel_go_to_fourier(self, k, dtype):
        x, weight = shaped(1, 1, 512, 512, dtype=dtype), shaped(1, 1, k, k, dtype=dtype)
        assert choose_method(x, weight, padding="same") == "fft"
        assert choose_method(x[0], weight) == "fft"

    def test_what_is_not_on_a_cpu_goes_to_the_library(self):
        x, weight = torch.empty(1, 512, 512), torch.empty(1, 1, 61, 61)
        assert choose_method(x, weight) == "fft"
        assert choose_method(x.to("meta"), weight.to("meta")) == "library"

    def test_whole_numbers_go_to_the_library(self):
        x, weight = torch.zeros(1, 512, 512).int(), torch.zeros(1, 1, 61, 61).int()
        assert choose_method(x, weight) == "library"

    def test_spectra_that_would_fill_the_memory_go_to_the_library(self):
        few, many = shaped(8, 8, 61, 61), shaped(128, 128, 61, 61)
        assert choose_method(shaped(1, 8, 128, 128), few) == "fft"
        assert rule._fourier_bill(
            (1, 128, 512, 512),
            (128, 128, 61, 61),
            window((512, 512), 61, 1, 0, 1),
            torch.float32,
        ) == float("inf")
        assert choose_method(shaped(1, 128, 512, 512), many) == "library"

    @settings(max_examples=60)
    @given(
        k=st.integers(1, 40),
        stride=st.integers(2, 4),
        size=st.integers(41, 300),
        channels=st.sampled_from([(1, 1), (3, 3), (1, 16), (16, 1)]),
    )
    def test_a_stride_speaks_for_the_library(self, k, stride, size, channels):
        # Fourier computes every place and throws most of them away.
        x, weight = shaped(channels[0], size, size), shaped(*channels[::-1], k, k)
        if choose_method(x, weight) == "library":
            assert choose_method(x, weight, stride=stride) == "library"


class TestBills:
    def test_the_library_by_hand(self):
        view = window((11, 13), (3, 5), 1, 0, 1)  # 9 * 9 places
        size, macs = (2, 4, 11, 13), 2 * 6 * 4 * 15 * 81
        for dtype, factor in [
            (torch.float32, 1 / 6),  # six output channels side by side
            (torch.bfloat16, 1 / 6),
            (torch.float64, 1),
            (torch.complex64, 3 / 6),
            (torch.complex128, 3),
        ]:
            bill = rule._library_bill(size, (6, 4, 3, 5), view, 1, dtype)
            assert bill == pytest.approx(macs * factor)

    def test_the_library_by_groups(self):
        view = window((11, 13), (3, 5), 1, 0, 1)

        def bill(kernels, groups, channels):
            size = (channels, 11, 13)
            return rule._library_bill(size, kernels, view, groups, torch.float32)

        assert bill((8, 1, 3, 5), 8, 8) == 8 * 15 * 81 / 8  # depthwise
        assert bill((64, 1, 3, 5), 64, 64) == 64 * 15 * 81 / 16
        assert bill((8, 2, 3, 5), 4, 8) == 8 * 2 * 15 * 81 / 2
        # One output channel in each group, but not one input channel: not depthwise.
        assert bill((8, 2, 3, 5), 8, 16) == 8 * 2 * 15 * 81

    def test_fourier_by_hand(self):
        view = window((11, 13), (3, 5), 1, (1, 2), 1)  # 13 x 17 padded: 14 x 18
        pixels = 14 * 18
        size, kernels = (2, 4, 11, 13), (6, 4, 3, 5)
        maps = 2 * 4 + 6 * 4 + 2 * 6
        products = 2 * 6 * 4 * pixels / 2
        expected = maps * pixels * math.log2(pixels) + 16 * products
        for dtype, factor in [
            (torch.float32, 1),
            (torch.float16, 1),  # computed in float32
            (torch.float64, 2),
            (torch.complex128, 4),
        ]:
            bill = rule._fourier_bill(size, kernels, view, dtype)
            assert bill == pytest.approx(100_000 + factor * expected)

    def test_fast_lengths(self):
        def largest_factor(n):
            return max(p for p in range(1, n + 1) if n % p == 0 and is_prime(p))

        def is_prime(p):
            return p == 1 or (p > 1 and all(p % q for q in range(2, p)))

        for n in range(1, 130):
            fast = fast_length(n)
            assert largest_factor(fast) <= 7
            assert all(largest_factor(m) > 7 for m in range(n, fast))
        assert fast_length(541) == 560
        assert fast_length(1_000_003) < 1_010_000


class TestTheDoor:
    @pytest.mark.parametrize(
        ("method", "machine"),
        [
            ("loops", conv2d_loops),
            ("unfold", conv2d_unfold),
            ("fft", conv2d_fft),
            ("low_rank", conv2d_low_rank),
            ("library", F.conv2d),
        ],
    )
    def test_a_named_method_is_taken(self, method, machine):
        x, weight, bias = random(2, 4, 11, 13), random(6, 2, 2, 2), random(6)
        setting = {"stride": (1, 2), "padding": (0, 1), "dilation": 3, "groups": 2}
        ours = conv2d(x, weight, bias, **setting, method=method)
        assert ours.equal(machine(x, weight, bias, **setting))

    def test_auto_takes_what_was_chosen(self):
        x, weight = random(1, 97, 89), random(1, 1, 31, 29)
        assert choose_method(x, weight, padding=7) == "fft"
        assert conv2d(x, weight, padding=7).equal(conv2d_fft(x, weight, padding=7))

    def test_auto_keeps_every_gradient(self):
        x, weight = random(2, 1, 97, 89), random(1, 1, 31, 29, seed=1)
        bias = random(1, seed=2)
        leaves = [t.requires_grad_() for t in (x, weight, bias)]
        assert choose_method(x, weight) == "fft"
        ours, theirs = conv2d(x, weight, bias), F.conv2d(x, weight, bias)
        seed = random(*ours.shape, seed=3)
        for mine, expected in zip(
            torch.autograd.grad(ours, leaves, seed),
            torch.autograd.grad(theirs, leaves, seed),
            strict=True,
        ):
            assert_close(mine, expected)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_auto_does_not_spread_what_is_not_finite(self, value):
        x, weight = random(1, 97, 89), random(1, 1, 31, 29)
        x[0, 5, 7] = value
        assert choose_method(x, weight) == "fft"
        expected = F.conv2d(x, weight)
        assert expected[0, 40:].isfinite().all()
        assert conv2d_fft(x, weight).isnan().all()
        assert_close(conv2d(x, weight), expected, equal_nan=True)

    def test_auto_in_a_batch_of_kernels(self):
        x, weights = random(1, 97, 89), random(3, 1, 1, 31, 29, seed=1)
        ours = torch.func.vmap(lambda w: conv2d(x, w))(weights)
        assert_close(ours, torch.stack([F.conv2d(x, w) for w in weights]))

    def test_auto_in_a_batch_of_images_one_of_which_is_broken(self):
        images, weight = random(2, 1, 97, 89), random(1, 1, 31, 29, seed=1)
        images[1, 0, 5, 7] = float("nan")
        ours = torch.func.vmap(lambda x: conv2d(x, weight))(images)
        each = torch.stack([F.conv2d(x, weight) for x in images])
        assert_close(ours, each, equal_nan=True)

    @pytest.mark.filterwarnings("error")
    def test_same_padding_of_an_even_kernel_warns_nobody(self):
        x, weight = random(1, 5, 7), random(1, 1, 2, 4, seed=1)
        ours = conv2d(x, weight, padding="same", method="library")
        assert_close(ours, conv2d_loops(x, weight, padding="same"))
