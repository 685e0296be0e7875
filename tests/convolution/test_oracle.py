"""Every machine against PyTorch's convolution: values, gradients, dtypes, layouts."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from cnn_tutorial.convolution import conv2d_fft, conv2d_unfold
from convolution_problems import (
    MACHINES,
    assert_same_gradients,
    assert_same_values,
    problems,
    random,
)

DTYPES = [torch.float32, torch.float64, torch.complex64, torch.complex128]
HALF = [torch.float16, torch.bfloat16]
each_machine = pytest.mark.parametrize("conv2d", MACHINES)


@each_machine
@settings(max_examples=60)
@given(problem=problems())
def test_convolution_agrees_with_pytorch(conv2d, problem):
    assert_same_values(conv2d, problem)


@each_machine
@settings(max_examples=40)
@given(problem=problems())
def test_gradients_agree_with_pytorch(conv2d, problem):
    assert_same_gradients(conv2d, problem)


@pytest.mark.slow
@each_machine
@settings(max_examples=1500)
@given(problem=problems())
def test_a_long_search_finds_no_difference(conv2d, problem):
    assert_same_values(conv2d, problem)
    assert_same_gradients(conv2d, problem)


@each_machine
@pytest.mark.parametrize("dtype", [*DTYPES, *HALF])
def test_dtypes(conv2d, dtype):
    x, weight = random(2, 4, 5, 7, dtype=dtype), random(6, 2, 3, 2, dtype=dtype)
    bias = random(6, dtype=dtype)
    ours = conv2d(x, weight, bias, groups=2, padding=1)
    # Half precision adds in another order: compare with what it stands for.
    wide = torch.complex128 if dtype.is_complex else torch.float64
    args = [t.to(wide) for t in (x, weight, bias)]
    expected = F.conv2d(*args, groups=2, padding=1).to(dtype)
    assert ours.dtype == dtype
    atol = {torch.bfloat16: 0.15, torch.float16: 0.02}.get(dtype, 1e-5)
    assert_close(ours, expected, rtol=0.02, atol=atol)


@each_machine
@pytest.mark.parametrize("dtype", HALF)
def test_gradients_in_half_precision(conv2d, dtype):
    x, weight = random(4, 5, 7, dtype=dtype), random(6, 2, 3, 2, dtype=dtype)
    leaves = [x.requires_grad_(), weight.requires_grad_()]
    ours = torch.autograd.grad(conv2d(x, weight, groups=2).sum(), leaves)
    wide = [t.detach().double().requires_grad_() for t in leaves]
    theirs = torch.autograd.grad(F.conv2d(*wide, groups=2).sum(), wide)
    for mine, exact in zip(ours, theirs, strict=True):
        assert mine.dtype == dtype
        assert_close(mine, exact.to(dtype), rtol=0.05, atol=0.2)


@pytest.mark.parametrize("conv2d", [m for m in MACHINES if m is not conv2d_fft])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_whole_numbers(conv2d, dtype):
    x = torch.arange(2 * 5 * 7, dtype=dtype).reshape(2, 5, 7) % 3
    weight = torch.arange(3 * 2 * 2 * 3, dtype=dtype).reshape(3, 2, 2, 3) % 2
    ours = conv2d(x, weight)
    assert ours.dtype == dtype
    assert ours.equal(F.conv2d(x.double(), weight.double()).to(dtype))


@pytest.mark.parametrize("conv2d", [conv2d_unfold, conv2d_fft])
def test_other_memory_layouts(conv2d):
    x, weight = random(2, 3, 7, 5), random(4, 3, 3, 2)
    expected = F.conv2d(x, weight)
    last = x.contiguous(memory_format=torch.channels_last)
    assert_close(conv2d(last, weight), expected)
    turned = x.transpose(2, 3).contiguous().transpose(2, 3)
    assert_close(conv2d(turned, weight), expected)


@pytest.mark.parametrize("conv2d", [conv2d_unfold, conv2d_fft])
def test_shapes_without_numbers(conv2d):
    x, weight = torch.empty(2, 3, 11, 13, device="meta"), torch.empty(5, 3, 3, 2)
    ours = conv2d(x, weight.to("meta"), stride=2)
    assert ours.shape == (2, 5, 5, 6)


@pytest.mark.parametrize(
    "conv2d", [m for m in MACHINES if m.__name__ != "conv2d_loops"]
)
def test_a_large_kernel_on_primes(conv2d):
    x, weight = random(2, 2, 37, 41), random(3, 2, 31, 29, seed=1)
    assert_close(conv2d(x, weight, padding=5), F.conv2d(x, weight, padding=5))


@pytest.mark.cuda
@pytest.mark.parametrize(
    "conv2d", [m for m in MACHINES if m.__name__ != "conv2d_loops"]
)
def test_on_a_gpu(conv2d):
    x, weight = random(2, 4, 11, 13).cuda(), random(6, 2, 3, 5, seed=1).cuda()
    ours = conv2d(x, weight, groups=2, padding=1, dilation=2)
    assert ours.is_cuda
    expected = F.conv2d(x.cpu(), weight.cpu(), groups=2, padding=1, dilation=2)
    assert_close(ours.cpu(), expected)
