"""Convolutions for the tests of every machine: drawn, computed by PyTorch, compared."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch.testing import assert_close

from cnn_tutorial.convolution import conv2d, conv2d_fft, conv2d_loops, conv2d_unfold

# What takes all that `F.conv2d` takes; conv2d_low_rank has tests of its own.
MACHINES = [conv2d_loops, conv2d_unfold, conv2d_fft, conv2d]


def random(*shape, dtype=torch.float64, seed=0, requires_grad=False):
    """Draw normal numbers, the same for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    if dtype.is_complex:
        real, imaginary = torch.randn(2, *shape, generator=generator)
        values = torch.complex(real, imaginary).to(dtype)
    else:
        values = torch.randn(*shape, generator=generator, dtype=torch.float64)
    return values.to(dtype).requires_grad_(requires_grad)


def reference(x, weight, bias=None, **settings):
    """Convolve as PyTorch does."""
    with warnings.catch_warnings():
        # "same" with an even kernel copies the input: true, and of no concern here.
        warnings.filterwarnings("ignore", message="Using padding='same'")
        return F.conv2d(x, weight, bias, **settings)


@st.composite
def windows(draw):
    """Draw settings of a window, and the size of an image on which it fits."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    dilation = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = draw(
        st.one_of(
            st.sampled_from(["same", "valid", 0, 2]),
            st.tuples(st.integers(0, 3), st.integers(0, 3)),
        )
    )
    strides = st.tuples(st.integers(1, 3), st.integers(1, 3))
    stride = (1, 1) if padding == "same" else draw(strides)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    # The window may need the padding to fit.
    zeros = (0, 0) if isinstance(padding, str) else padding
    zeros = (zeros, zeros) if isinstance(zeros, int) else zeros
    size = tuple(
        draw(st.integers(max(1, span - 2 * p), span + 5))
        for span, p in zip(spans, zeros, strict=True)
    )
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    return size, kernel, settings


@st.composite
def problems(draw):
    """Draw arguments of a convolution: x, weight, bias and settings."""
    size, kernel, settings = draw(windows())
    groups = draw(st.integers(1, 3))
    per_group, out_per_group = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (1,), (2,), (0,)]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.complex128]))
    x = random(*batch, groups * per_group, *size, dtype=dtype, seed=1)
    weight = random(groups * out_per_group, per_group, *kernel, dtype=dtype, seed=2)
    bias = random(len(weight), dtype=dtype, seed=3) if draw(st.booleans()) else None
    return x, weight, bias, {**settings, "groups": groups}


def assert_same_values(machine, problem):
    """Compare a machine with PyTorch's."""
    x, weight, bias, settings = problem
    expected = reference(x, weight, bias, **settings)
    ours = machine(x, weight, bias, **settings)
    assert ours.dtype == expected.dtype
    assert_close(ours, expected, rtol=1e-4, atol=1e-4)


def assert_same_gradients(machine, problem):
    """Compare all gradients of a machine with PyTorch's."""
    x, weight, bias, settings = problem
    leaves = [t for t in (x, weight, bias) if t is not None]
    for leaf in leaves:
        leaf.requires_grad_()
    expected = reference(x, weight, bias, **settings)
    ours = machine(x, weight, bias, **settings)
    assert ours.shape == expected.shape
    if not x.numel():
        return
    seed = random(*expected.shape, dtype=x.dtype, seed=4)
    for mine, theirs in zip(
        torch.autograd.grad(ours, leaves, seed),
        torch.autograd.grad(expected, leaves, seed),
        strict=True,
    ):
        assert_close(mine, theirs, rtol=1e-4, atol=1e-4)
