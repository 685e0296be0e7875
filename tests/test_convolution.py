"""Our convolutions against hand-worked numbers, PyTorch's, and what must hold."""

from __future__ import annotations

import re
import warnings

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from cnn_tutorial import convolution
from cnn_tutorial.convolution import (
    conv2d_loops,
    conv2d_unfold,
    fold,
    unfold,
    unfold_view,
)

MACHINES = [conv2d_loops, conv2d_unfold]
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.complex64]
each_machine = pytest.mark.parametrize("conv2d", MACHINES)


def random(*shape, dtype=torch.float64, seed=0, requires_grad=False):
    generator = torch.Generator().manual_seed(seed)
    if dtype.is_complex:
        real, imaginary = torch.randn(2, *shape, generator=generator)
        values = torch.complex(real, imaginary).to(dtype)
    else:
        values = torch.randn(*shape, generator=generator, dtype=torch.float64)
    return values.to(dtype).requires_grad_(requires_grad)


def reference(x, weight, bias=None, **settings):
    with warnings.catch_warnings():
        # "same" with an even kernel copies the input: true, and of no concern here.
        warnings.filterwarnings("ignore", message="Using padding='same'")
        return F.conv2d(x, weight, bias, **settings)


@st.composite
def windows(draw):
    """Settings of a window, and the size of an image on which it fits."""
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
    size = tuple(draw(st.integers(span, span + 5)) for span in spans)
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    return size, kernel, settings


@st.composite
def problems(draw):
    """Arguments of a convolution: x, weight, bias and settings."""
    size, kernel, settings = draw(windows())
    groups = draw(st.integers(1, 3))
    per_group, out_per_group = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (1,), (2,), (0,)]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.complex128]))
    x = random(*batch, groups * per_group, *size, dtype=dtype, seed=1)
    weight = random(groups * out_per_group, per_group, *kernel, dtype=dtype, seed=2)
    bias = random(len(weight), dtype=dtype, seed=3) if draw(st.booleans()) else None
    return x, weight, bias, {**settings, "groups": groups}


class TestByHand:
    @each_machine
    def test_two_channels_and_a_bias(self, conv2d):
        x = torch.tensor([[[1.0, 2, 3], [4, 5, 6]], [[0, 1, 0], [1, 0, 1]]])
        weight = torch.tensor([[[[1.0, 0], [0, -1]], [[2, 3], [5, 7]]]])
        # Channel 0: 1 - 5 and 2 - 6. Channel 1: 3 + 5 and 2 + 7. Bias: 10.
        expected = torch.tensor([[[-4.0 + 8 + 10, -4 + 9 + 10]]])
        assert conv2d(x, weight, torch.tensor([10.0])).equal(expected)

    @each_machine
    def test_sobel(self, conv2d):
        image = [
            [1.0, 2, 3, 0, 1],
            [0, 1, 2, 3, 1],
            [1, 2, 1, 0, 0],
            [2, 1, 0, 1, 1],
            [1, 0, 1, 2, 1],
        ]
        kernel = torch.tensor([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
        expected = torch.tensor([[[6.0, 0, -5], [0, -2, -2], [-4, 0, 1]]])
        assert conv2d(torch.tensor([image]), kernel).equal(expected)

    @each_machine
    def test_same_padding_of_an_even_kernel_is_one_more_at_the_end(self, conv2d):
        x = torch.tensor([[[1.0, 2, 3]]])
        weight = torch.ones(1, 1, 1, 2)
        assert conv2d(x, weight, padding="same").equal(torch.tensor([[[3.0, 5, 3]]]))

    def test_stride_padding_and_dilation_of_unfold(self):
        x = torch.tensor([[[1.0, 2, 3, 4, 5]]])
        settings = {"stride": 2, "padding": (0, 1), "dilation": 2}
        # 0 1 2 3 4 5 0, two pixels apart, two steps on: (0, 2), (2, 4), (4, 0).
        expected = torch.tensor([[0.0, 2, 4], [2, 4, 0]])
        assert unfold(x, (1, 2), **settings).equal(expected)

    def test_the_patches_of_the_lesson(self):
        x = torch.arange(1.0, 17).reshape(1, 1, 4, 4)
        columns = unfold(x, 2)
        assert columns.shape == (1, 4, 9)
        assert columns[0, :, 0].tolist() == [1, 2, 5, 6]
        assert columns[0, :, 5].tolist() == [7, 8, 11, 12]


class TestOracle:
    @pytest.mark.parametrize("conv2d", MACHINES)
    @given(problem=problems())
    def test_convolution_agrees_with_pytorch(self, conv2d, problem):
        x, weight, bias, settings = problem
        expected = reference(x, weight, bias, **settings)
        ours = conv2d(x, weight, bias, **settings)
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("conv2d", MACHINES)
    @given(problem=problems())
    def test_gradients_agree_with_pytorch(self, conv2d, problem):
        x, weight, bias, settings = problem
        leaves = [t for t in (x, weight, bias) if t is not None]
        for leaf in leaves:
            leaf.requires_grad_()
        expected = reference(x, weight, bias, **settings)
        ours = conv2d(x, weight, bias, **settings)
        seed = random(*expected.shape, dtype=x.dtype, seed=4)
        if not x.numel():
            assert ours.shape == expected.shape
            return
        for mine, theirs in zip(
            torch.autograd.grad(ours, leaves, seed),
            torch.autograd.grad(expected, leaves, seed),
            strict=True,
        ):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)

    @each_machine
    @pytest.mark.parametrize("dtype", [*DTYPES, torch.float16, torch.complex128])
    def test_dtypes(self, conv2d, dtype):
        x, weight = random(2, 4, 5, 7, dtype=dtype), random(6, 2, 3, 2, dtype=dtype)
        bias = random(6, dtype=dtype)
        ours = conv2d(x, weight, bias, groups=2, padding=1)
        # Half precision adds in another order: compare with what it stands for.
        wide = torch.complex128 if dtype.is_complex else torch.float64
        args = [t.to(wide) for t in (x, weight, bias)]
        expected = F.conv2d(*args, groups=2, padding=1).to(dtype)
        assert ours.dtype == dtype
        atol = {torch.bfloat16: 0.15, torch.float16: 0.02}.get(dtype, 1e-5)
        torch.testing.assert_close(ours, expected, rtol=0.02, atol=atol)

    @each_machine
    @pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
    def test_whole_numbers(self, conv2d, dtype):
        x = torch.arange(2 * 5 * 7, dtype=dtype).reshape(2, 5, 7) % 3
        weight = torch.arange(3 * 2 * 2 * 3, dtype=dtype).reshape(3, 2, 2, 3) % 2
        ours = conv2d(x, weight)
        assert ours.dtype == dtype
        assert ours.equal(F.conv2d(x.double(), weight.double()).to(dtype))

    @given(problem=windows())
    def test_unfold_agrees_with_pytorch(self, problem):
        size, kernel, settings = problem
        x = random(2, 3, *size)
        if isinstance(settings["padding"], str):
            settings["padding"] = (0, 0)
        expected = F.unfold(x, kernel, **settings)
        torch.testing.assert_close(unfold(x, kernel, **settings), expected)
        torch.testing.assert_close(unfold(x[1], kernel, **settings), expected[1])
        columns = random(*expected.shape, seed=1)
        image = F.fold(columns, size, kernel, **settings)
        torch.testing.assert_close(fold(columns, size, kernel, **settings), image)
        one = fold(columns[1], size, kernel, **settings)
        torch.testing.assert_close(one, image[1])

    def test_other_memory_layouts(self):
        x, weight = random(2, 3, 7, 5), random(4, 3, 3, 2)
        expected = F.conv2d(x, weight)
        last = x.contiguous(memory_format=torch.channels_last)
        torch.testing.assert_close(conv2d_unfold(last, weight), expected)
        turned = x.transpose(2, 3).contiguous().transpose(2, 3)
        torch.testing.assert_close(conv2d_unfold(turned, weight), expected)

    def test_shapes_without_numbers(self):
        x, weight = torch.empty(2, 3, 11, 13, device="meta"), torch.empty(5, 3, 3, 2)
        ours = conv2d_unfold(x, weight.to("meta"), stride=2)
        assert ours.shape == (2, 5, 5, 6)


class TestInvariants:
    @given(problem=windows())
    def test_fold_is_the_adjoint_of_unfold(self, problem):
        size, kernel, settings = problem
        x = random(2, 3, *size)
        columns = unfold(x, kernel, **settings)
        y = random(*columns.shape, seed=1)
        left, right = (columns * y).sum(), (x * fold(y, size, kernel, **settings)).sum()
        torch.testing.assert_close(left, right)

    @given(problem=windows())
    def test_fold_is_the_gradient_of_unfold_and_unfold_of_fold(self, problem):
        size, kernel, settings = problem
        x = random(2, 3, *size, requires_grad=True)
        columns = unfold(x, kernel, **settings)
        y = random(*columns.shape, seed=1, requires_grad=True)
        (gradient,) = torch.autograd.grad(columns, x, y)
        image = fold(y, size, kernel, **settings)
        torch.testing.assert_close(gradient, image)
        (back,) = torch.autograd.grad(image, y, x)
        torch.testing.assert_close(back, unfold(x, kernel, **settings))

    def test_fold_of_ones_counts_the_windows(self):
        x = torch.ones(1, 1, 5, 7)
        counts = fold(unfold(x, 3, padding=1), (5, 7), 3, padding=1)
        # A corner is under 4 of the 9 kernel elements, an edge under 6.
        assert counts[0, 0, 0, :3].tolist() == [4, 6, 6]
        assert counts[0, 0, 2, 1:-1].tolist() == [9] * 5
        assert (
            counts.sum() == 9 * 35 - 2 * (3 * 7 + 3 * 5) + 4
        )  # less what fell outside

    @each_machine
    def test_linear_in_image_and_kernel(self, conv2d):
        x, y = random(2, 3, 5, 7), random(2, 3, 5, 7, seed=1)
        v, w = random(4, 3, 3, 2, seed=2), random(4, 3, 3, 2, seed=3)
        torch.testing.assert_close(
            conv2d(2 * x - 3 * y, w), 2 * conv2d(x, w) - 3 * conv2d(y, w)
        )
        torch.testing.assert_close(
            conv2d(x, 2 * v - 3 * w), 2 * conv2d(x, v) - 3 * conv2d(x, w)
        )

    @each_machine
    def test_a_shifted_image_gives_a_shifted_result(self, conv2d):
        x, weight = torch.zeros(1, 11, 13), random(1, 1, 3, 2, dtype=torch.float32)
        x[:, 2:7, 3:8] = random(5, 5, dtype=torch.float32)
        shifted = x.roll((2, 3), dims=(1, 2))
        ours = conv2d(shifted, weight)
        torch.testing.assert_close(ours, conv2d(x, weight).roll((2, 3), dims=(1, 2)))

    # PyTorch's own forward mode is made of scripted functions.
    @pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
    @each_machine
    def test_gradcheck(self, conv2d):
        tensors = (random(2, 4, 5, 4), random(2, 2, 2, 3, seed=1), random(2, seed=2))
        for tensor in tensors:
            tensor.requires_grad_()
        settings = {"stride": (2, 1), "padding": (1, 2), "dilation": 2, "groups": 2}

        def run(x, weight, bias):
            return conv2d(x, weight, bias, **settings)

        assert torch.autograd.gradcheck(run, tensors, check_forward_ad=True)

    def test_second_derivatives(self):
        x, weight = random(1, 2, 4, 3), random(2, 2, 2, 2, seed=1)
        inputs = (x.requires_grad_(), weight.requires_grad_())
        assert torch.autograd.gradgradcheck(conv2d_unfold, inputs)

    def test_a_batch_of_kernels(self):
        x, weights = random(3, 5, 7), random(4, 2, 3, 3, 2, seed=1)
        ours = torch.func.vmap(lambda w: conv2d_unfold(x, w, padding=1))(weights)
        each = torch.stack([F.conv2d(x, w, padding=1) for w in weights])
        torch.testing.assert_close(ours, each)


class TestView:
    @given(problem=windows())
    def test_it_copies_nothing(self, problem):
        size, kernel, settings = problem
        x = random(2, 3, *size)
        stride, dilation = settings["stride"], settings["dilation"]
        view = unfold_view(x, kernel, stride=stride, dilation=dilation)
        assert view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
        assert view._base is x
        columns = F.unfold(x, kernel, stride=stride, dilation=dilation)
        assert view.shape[:4] == (2, 3, *kernel)
        assert view.reshape(columns.shape).equal(columns)
        assert unfold_view(x[1], kernel, stride=stride, dilation=dilation).equal(
            view[1]
        )

    def test_a_pixel_changed_is_changed_under_each_window(self):
        x = torch.zeros(1, 5, 7)
        view = unfold_view(x, 3)
        x[0, 2, 3] = 1.0
        assert view.sum() == 9

    def test_one_by_one_columns_are_a_view_too(self):
        x = random(2, 3, 5, 7)
        assert unfold(x, 1).data_ptr() == x.data_ptr()


BAD = [
    ({"x": torch.zeros(5, 7)}, "`x` (shape (5, 7)) must have 3 axes (C, H, W) or 4"),
    ({"x": [[1.0]]}, "`x` must be a tensor, not list."),
    ({"x": torch.zeros(1, 4, 0, 7), "padding": 2}, "must have channels, rows and colu"),
    ({"weight": torch.zeros(4, 3, 3)}, "`weight` (shape (4, 3, 3)) must have 4 axes"),
    ({"weight": torch.zeros(0, 4, 3, 3)}, "none of them empty."),
    ({"weight": 3}, "`weight` must be a tensor, not int."),
    (
        {"weight": torch.zeros(6, 3, 3, 3)},
        (
            "`x` (shape (2, 4, 5, 7)), `weight` (shape (6, 3, 3, 3)): with `groups` "
            "(=1) the kernels see 1*3 = 3 input channels, but `x` has 4."
        ),
    ),
    ({"groups": 2}, "see 2*4 = 8 input channels, but `x` has 4."),
    ({"groups": 4}, "the 6 output channels must be divisible by `groups` (=4)."),
    ({"groups": 0}, "`groups` (=0) must be at least 1."),
    (
        {"bias": torch.zeros(5)},
        (
            "`bias` (shape (5,)) must have shape (6,): one number for each output "
            "channel of `weight` (shape (6, 4, 3, 3))."
        ),
    ),
    ({"bias": torch.zeros(())}, "`bias` (shape ()) must have shape (6,)"),
    ({"bias": 1.0}, "`bias` must be a tensor or None, not float."),
    ({"bias": torch.zeros(6).double()}, "`bias` (dtype torch.float64) must have the d"),
    ({"x": torch.zeros(2, 4, 5, 7).double()}, "`weight` (dtype torch.float32) must"),
    ({"x": torch.zeros(2, 4, 5, 7).bool()}, "`x` must not be torch.bool"),
    ({"weight": torch.zeros(6, 4, 3, 3, device="meta")}, "(device meta) must have the"),
    ({"stride": 0}, "`stride` (=0) must be at least 1."),
    ({"stride": (1, 2, 3)}, "`stride` (=(1, 2, 3)) must be an integer or a pair"),
    ({"stride": True}, "`stride` (=True) must be an integer or a pair"),
    ({"padding": -1}, "`padding` (=-1) must be at least 0."),
    ({"padding": "Same"}, "Did you mean 'same'?"),
    ({"padding": "same", "stride": 2}, "`padding` (='same') needs `stride` 1"),
    ({"dilation": 0}, "`dilation` (=0) must be at least 1."),
    (
        {"dilation": (3, 1)},
        (
            "`kernel_size` (=3) with `dilation` (=3) spans 3*(3 - 1) + 1 = 7 pixels "
            "vertically, but the padded input has 5 + 2*0 = 5."
        ),
    ),
]


@each_machine
@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_pytorch_refuses_is_refused_in_clearer_words(conv2d, change, message):
    arguments = {"x": torch.zeros(2, 4, 5, 7), "weight": torch.zeros(6, 4, 3, 3)}
    arguments.update(change)
    with pytest.raises(ValueError, match=re.escape(message)):
        conv2d(**arguments)
    theirs = {"input" if k == "x" else k: v for k, v in arguments.items()}
    if "meta" not in message:  # PyTorch returns a shape for a mixture with "meta".
        with pytest.raises((RuntimeError, TypeError)):
            F.conv2d(**theirs)


def test_settings_that_were_seen_before_are_checked_again():
    x, weight = torch.zeros(1, 5, 7), torch.zeros(1, 1, 3, 2)
    conv2d_unfold(x, weight, stride=1)
    with pytest.raises(ValueError, match="`stride` \\(=True\\) must be an integer"):
        conv2d_unfold(x, weight, stride=True)
    assert conv2d_unfold(x, weight, stride=[1, 2]).shape == (1, 3, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fold(torch.zeros(2, 9, 5), (4, 5), 3), "make H_out*W_out = 2*3 = 6."),
        (lambda: fold(torch.zeros(8, 6), (4, 5), 3), "a multiple of kh*kw = 3*3 = 9."),
        (lambda: fold(torch.zeros(6), (4, 5), 3), "must have 2 axes (C*kh*kw, L) or 3"),
        (lambda: fold([1.0], 4, 3), "`columns` must be a tensor, not list."),
        (lambda: fold(torch.zeros(9, 1), 2, 3), "spans 3 pixels vertically, but"),
        (lambda: unfold(torch.zeros(4, 5), 3), "`x` (shape (4, 5)) must have 3 axes"),
        (lambda: unfold_view(torch.zeros(1, 4, 5), 5), "has 4 + 2*0 = 4."),
    ],
)
def test_patches_that_do_not_fit(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_everything_public_is_listed():
    assert all(hasattr(convolution, name) for name in convolution.__all__)
