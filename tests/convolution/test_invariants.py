"""What must hold for every convolution, whoever computes it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from cnn_tutorial.convolution import conv2d_fft, conv2d_loops, conv2d_unfold
from convolution_problems import MACHINES, problems, random

each_machine = pytest.mark.parametrize("conv2d", MACHINES)


@each_machine
def test_linear_in_image_and_kernel(conv2d):
    x, y = random(2, 3, 5, 7), random(2, 3, 5, 7, seed=1)
    v, w = random(4, 3, 3, 2, seed=2), random(4, 3, 3, 2, seed=3)
    assert_close(conv2d(2 * x - 3 * y, w), 2 * conv2d(x, w) - 3 * conv2d(y, w))
    assert_close(conv2d(x, 2 * v - 3 * w), 2 * conv2d(x, v) - 3 * conv2d(x, w))


@each_machine
def test_a_shifted_image_gives_a_shifted_result(conv2d):
    x, weight = torch.zeros(1, 11, 13), random(1, 1, 3, 2, dtype=torch.float32)
    x[:, 2:7, 3:8] = random(5, 5, dtype=torch.float32)
    shifted = x.roll((2, 3), dims=(1, 2))
    assert_close(conv2d(shifted, weight), conv2d(x, weight).roll((2, 3), dims=(1, 2)))


@pytest.mark.parametrize("conv2d", [m for m in MACHINES if m is not conv2d_loops])
@settings(max_examples=30)
@given(problem=problems())
def test_the_gradient_is_the_adjoint(conv2d, problem):
    x, weight, _, setting = problem
    x.requires_grad_()
    out = conv2d(x, weight, **setting)
    if not x.numel():
        return
    y = random(*out.shape, dtype=x.dtype, seed=5)
    (back,) = torch.autograd.grad(out, x, y)
    # The inner products <conv x, y> and <x, conv* y>; the first factor is conjugated.
    left, right = torch.vdot(y.flatten(), out.flatten()), (back.conj() * x).sum()
    assert_close(left, right, rtol=1e-3, atol=1e-3)


# PyTorch's own forward mode is made of scripted functions.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
@each_machine
def test_gradcheck(conv2d):
    tensors = (random(2, 4, 5, 4), random(2, 2, 2, 3, seed=1), random(2, seed=2))
    for tensor in tensors:
        tensor.requires_grad_()
    setting = {"stride": (2, 1), "padding": (1, 2), "dilation": 2, "groups": 2}

    def run(x, weight, bias):
        return conv2d(x, weight, bias, **setting)

    assert torch.autograd.gradcheck(run, tensors, check_forward_ad=True)


@pytest.mark.parametrize("conv2d", [conv2d_unfold, conv2d_fft])
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_second_derivatives(conv2d, dtype):
    x, weight = random(1, 2, 4, 3, dtype=dtype), random(2, 2, 2, 2, dtype=dtype, seed=1)
    inputs = (x.requires_grad_(), weight.requires_grad_())
    assert torch.autograd.gradgradcheck(conv2d, inputs)


@pytest.mark.parametrize("conv2d", [m for m in MACHINES if m is not conv2d_loops])
def test_a_batch_of_kernels(conv2d):
    x, weights = random(3, 5, 7), random(4, 2, 3, 3, 2, seed=1)
    ours = torch.func.vmap(lambda w: conv2d(x, w, padding=1, dilation=2))(weights)
    each = [F.conv2d(x, w, padding=1, dilation=2) for w in weights]
    assert_close(ours, torch.stack(each))


@each_machine
def test_arguments_keep_their_numbers(conv2d):
    x, weight, bias = random(2, 5, 7), random(3, 2, 3, 2, seed=1), random(3, seed=2)
    kept = [t.clone() for t in (x, weight, bias)]
    conv2d(x, weight, bias, padding=2, dilation=2)
    assert all(a.equal(b) for a, b in zip((x, weight, bias), kept, strict=True))
