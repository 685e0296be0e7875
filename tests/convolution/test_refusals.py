"""What no convolution can be: refused with argument, value and rule."""

from __future__ import annotations

import re

import pytest
import torch
import torch.nn.functional as F

from cnn_tutorial.convolution import conv2d, conv2d_fft, conv2d_low_rank, conv2d_unfold
from convolution_problems import MACHINES

each_machine = pytest.mark.parametrize("conv2d", [*MACHINES, conv2d_low_rank])

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
    (
        {"x": torch.zeros(2, 4, 5, 7).to(torch.float8_e4m3fn)},
        "`x` must not be torch.float8_e4m3fn",
    ),
    ({"stride": 1.5}, "`stride` (=1.5) must be an integer or a pair"),
    ({"padding": (1, -2)}, "`padding` (=(1, -2)) must be at least 0."),
    ({"padding": True}, "`padding` (=True) must be an integer or a pair"),
    ({"groups": 2.0}, "`groups` (=2.0) must be an integer."),
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


def test_spectra_do_not_keep_whole_numbers():
    x, weight = torch.ones(1, 5, 7, dtype=int), torch.ones(1, 1, 3, 2, dtype=int)
    message = "`x` (dtype torch.int64) must be floating or complex"
    with pytest.raises(ValueError, match=re.escape(message)):
        conv2d_fft(x, weight)


def test_an_unknown_method_is_told_its_neighbour():
    x, weight = torch.ones(1, 5, 7), torch.ones(1, 1, 3, 2)
    with pytest.raises(ValueError, match=r"`method` .* Did you mean 'unfold'"):
        conv2d(x, weight, method="unfolt")
    with pytest.raises(ValueError, match=r"`method` \(=None\) must be one of"):
        conv2d(x, weight, method=None)
