"""The patch matrix, its view without a copy, and the way back."""

from __future__ import annotations

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from cnn_tutorial.convolution import fold, unfold, unfold_view
from convolution_problems import random, windows


class TestOracle:
    @settings(max_examples=60)
    @given(problem=windows())
    def test_unfold_and_fold_agree_with_pytorch(self, problem):
        size, kernel, setting = problem
        x = random(2, 3, *size)
        if isinstance(setting["padding"], str):
            setting["padding"] = (0, 0)
            size = tuple(s + 11 for s in size)
            x = random(2, 3, *size)
        expected = F.unfold(x, kernel, **setting)
        assert_close(unfold(x, kernel, **setting), expected)
        assert_close(unfold(x[1], kernel, **setting), expected[1])
        columns = random(*expected.shape, seed=1)
        image = F.fold(columns, size, kernel, **setting)
        assert_close(fold(columns, size, kernel, **setting), image)
        assert_close(fold(columns[1], size, kernel, **setting), image[1])


class TestInvariants:
    @settings(max_examples=60)
    @given(problem=windows())
    def test_fold_is_the_adjoint_of_unfold(self, problem):
        size, kernel, setting = problem
        x = random(2, 3, *size)
        columns = unfold(x, kernel, **setting)
        y = random(*columns.shape, seed=1)
        left, right = (columns * y).sum(), (x * fold(y, size, kernel, **setting)).sum()
        assert_close(left, right)

    @settings(max_examples=60)
    @given(problem=windows())
    def test_fold_is_the_gradient_of_unfold_and_unfold_of_fold(self, problem):
        size, kernel, setting = problem
        x = random(2, 3, *size, requires_grad=True)
        columns = unfold(x, kernel, **setting)
        y = random(*columns.shape, seed=1, requires_grad=True)
        (gradient,) = torch.autograd.grad(columns, x, y)
        image = fold(y, size, kernel, **setting)
        assert_close(gradient, image)
        (back,) = torch.autograd.grad(image, y, x)
        assert_close(back, unfold(x, kernel, **setting))

    def test_fold_of_ones_counts_the_windows(self):
        x = torch.ones(1, 1, 5, 7)
        counts = fold(unfold(x, 3, padding=1), (5, 7), 3, padding=1)
        # A corner is under 4 of the 9 kernel elements, an edge under 6.
        assert counts[0, 0, 0, :3].tolist() == [4, 6, 6]
        assert counts[0, 0, 2, 1:-1].tolist() == [9] * 5
        # Less what fell outside.
        assert counts.sum() == 9 * 35 - 2 * (3 * 7 + 3 * 5) + 4


class TestView:
    @settings(max_examples=60)
    @given(problem=windows())
    def test_it_copies_nothing(self, problem):
        size, kernel, setting = problem
        stride, dilation = setting["stride"], setting["dilation"]
        x = random(2, 3, *(s + 9 for s in size))
        view = unfold_view(x, kernel, stride=stride, dilation=dilation)
        assert view.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
        assert view._base is x
        columns = F.unfold(x, kernel, stride=stride, dilation=dilation)
        assert view.shape[:4] == (2, 3, *kernel)
        assert view.reshape(columns.shape).equal(columns)
        one = unfold_view(x[1], kernel, stride=stride, dilation=dilation)
        assert one.equal(view[1])

    def test_a_pixel_changed_is_changed_under_each_window(self):
        x = torch.zeros(1, 5, 7)
        view = unfold_view(x, 3)
        x[0, 2, 3] = 1.0
        assert view.sum() == 9

    def test_one_by_one_columns_are_a_view_too(self):
        x = random(2, 3, 5, 7)
        assert unfold(x, 1).data_ptr() == x.data_ptr()


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
