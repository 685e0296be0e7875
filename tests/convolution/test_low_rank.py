"""Columns and rows: factors that multiply to the kernel, and two passes that agree."""

from __future__ import annotations

import math
import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from cnn_tutorial.convolution import conv2d, conv2d_low_rank, low_rank_factors
from convolution_problems import random, reference, windows

SOBEL = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def laplacian_of_gaussian(sigma, radius):
    t = torch.arange(-radius, radius + 1, dtype=torch.float64)
    q = (t[:, None] ** 2 + t**2) / (2 * sigma**2)
    return (q - 1) * torch.exp(-q) / (math.pi * sigma**4)


def of_rank(r, *shape, seed=0, dtype=torch.float64):
    *batch, kh, kw = shape
    left = random(*batch, kh, r, seed=seed, dtype=dtype)
    return left @ random(*batch, r, kw, seed=seed + 1, dtype=dtype)


class TestFactors:
    def test_sobel_is_smooth_times_difference(self):
        columns, rows = low_rank_factors(SOBEL)
        assert columns.shape == rows.shape == (1, 3)
        # (1, 2, 1) and (-1, 0, 1), up to what one factor may lend the other.
        assert_close(columns[0] / columns[0, 0], torch.tensor([1.0, 2, 1]))
        assert_close(
            rows[0] / rows[0, 2], torch.tensor([-1.0, 0, 1]), rtol=0, atol=1e-6
        )
        assert_close(columns.mT @ rows, SOBEL)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    @pytest.mark.parametrize(("sigma", "radius"), [(1, 3), (5, 15), (10, 30)])
    def test_a_laplacian_of_a_gaussian_has_rank_two(self, sigma, radius, dtype):
        kernel = laplacian_of_gaussian(sigma, radius).to(dtype)
        columns, rows = low_rank_factors(kernel, max_rank=2)
        assert columns.shape == rows.shape == (2, 2 * radius + 1)
        # Against rounding of the largest element; the corners are nearly nothing.
        atol = 50 * torch.finfo(dtype).eps * float(kernel.abs().max())
        assert_close(columns.mT @ rows, kernel, rtol=0, atol=atol)

    @settings(max_examples=40)
    @given(r=st.integers(1, 4), kh=st.integers(1, 7), kw=st.integers(1, 7))
    def test_the_rank_is_found_and_the_product_is_the_kernel(self, r, kh, kw):
        kernel = of_rank(r, 3, kh, kw)
        columns, rows = low_rank_factors(kernel)
        assert columns.shape == (3, min(r, kh, kw), kh)
        assert rows.shape == (3, min(r, kh, kw), kw)
        assert_close(columns.mT @ rows, kernel)

    def test_what_is_rounding_depends_on_the_dtype(self):
        # 3 * eps is 3.6e-7 in float32 and 6.7e-16 in float64.
        kernel = torch.tensor([1, 1e-5, 1e-8], dtype=torch.float64).diag()
        assert len(low_rank_factors(kernel.float())[0]) == 2
        assert len(low_rank_factors(kernel)[0]) == 3

    def test_zeros_have_one_product_of_zeros(self):
        columns, rows = low_rank_factors(torch.zeros(2, 3, 5))
        assert columns.shape == (2, 1, 3)
        assert not columns.any()
        assert not rows.any()


@st.composite
def separable_problems(draw):
    """Draw a convolution whose kernels have rank 1 or 2."""
    size, kernel, setting = draw(windows())
    groups, rank = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    per_group, out_per_group = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.complex128]))
    batch = draw(st.sampled_from([(), (2,)]))
    x = random(*batch, groups * per_group, *size, dtype=dtype, seed=1)
    kernels = (groups * out_per_group, per_group, *kernel)
    weight = of_rank(rank, *kernels, dtype=dtype, seed=2)
    bias = random(len(weight), dtype=dtype, seed=4) if draw(st.booleans()) else None
    return x, weight, bias, {**setting, "groups": groups}


@settings(max_examples=80)
@given(problem=separable_problems())
def test_two_passes_agree_with_pytorch(problem):
    x, weight, bias, setting = problem
    leaves = [t.requires_grad_() for t in (x, bias) if t is not None]
    expected = reference(x, weight, bias, **setting)
    ours = conv2d_low_rank(x, weight, bias, **setting)
    assert_close(ours, expected, rtol=1e-4, atol=1e-4)
    seed = random(*expected.shape, dtype=x.dtype, seed=5)
    for mine, theirs in zip(
        torch.autograd.grad(ours, leaves, seed),
        torch.autograd.grad(expected, leaves, seed),
        strict=True,
    ):
        assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


def test_kernels_of_several_ranks_at_once():
    x = random(2, 2, 11, 13)
    weight = torch.stack([of_rank(r, 2, 5, 3, seed=r) for r in (1, 2, 3)])
    ours = conv2d_low_rank(x, weight, max_rank=3, padding=2)
    assert_close(ours, F.conv2d(x, weight, padding=2))


def test_gradcheck():
    x, bias = random(2, 5, 4, requires_grad=True), random(2, requires_grad=True)
    weight = of_rank(2, 2, 2, 3, 3)

    def run(x, bias):
        return conv2d_low_rank(x, weight, bias, stride=(2, 1), padding=1)

    assert torch.autograd.gradcheck(run, (x, bias))
    assert torch.autograd.gradgradcheck(run, (x, bias))


def test_a_kernel_of_a_higher_rank_is_named():
    weight = torch.stack([of_rank(r, 2, 5, 7, seed=r) for r in (1, 4)])
    message = (
        "`kernel` (shape (2, 2, 5, 7)) has rank 4 at [1, 0], more than `max_rank` (=2) "
        "(2 of 4 kernels do)."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        conv2d_low_rank(random(2, 11, 13), weight)
    with pytest.raises(ValueError, match=re.escape("has rank 4, more than")):
        low_rank_factors(weight[1, 1], max_rank=3)
    assert conv2d_low_rank(random(2, 11, 13), weight, max_rank=4).shape == (2, 7, 7)


def test_a_gradient_of_the_kernel_is_not_lost_in_silence():
    x, weight = random(1, 5, 7), SOBEL.double()[None, None].requires_grad_()
    with pytest.raises(ValueError, match="`weight` requires a gradient"):
        conv2d(x, weight, method="low_rank")
    with torch.no_grad():
        assert_close(conv2d_low_rank(x, weight), F.conv2d(x, weight))


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        ([[1.0]], "`kernel` must be a tensor, not list."),
        (torch.ones(3), "`kernel` (shape (3,)) must have rows and columns."),
        (torch.ones(0, 3), "`kernel` (shape (0, 3)) must have rows and columns."),
        (SOBEL.bfloat16(), "`kernel` (dtype torch.bfloat16) must be float32, float64"),
        (SOBEL.long(), "`kernel` (dtype torch.int64) must be float32, float64"),
        (SOBEL / 0, "`kernel` (shape (3, 3)) must not hold NaN or infinity."),
    ],
)
def test_what_has_no_factors(kernel, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        low_rank_factors(kernel)


@pytest.mark.parametrize("max_rank", [0, True, 1.5])
def test_max_rank_is_a_count(max_rank):
    with pytest.raises(ValueError, match="`max_rank`"):
        low_rank_factors(SOBEL, max_rank=max_rank)
