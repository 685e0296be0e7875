"""One convolution, several machines: each gives what ``F.conv2d`` gives."""

from __future__ import annotations

from cnn_tutorial.convolution.choice import choose_method, conv2d
from cnn_tutorial.convolution.fourier import conv2d_fft
from cnn_tutorial.convolution.loops import conv2d_loops
from cnn_tutorial.convolution.low_rank import conv2d_low_rank, low_rank_factors
from cnn_tutorial.convolution.patches import fold, unfold, unfold_view
from cnn_tutorial.convolution.signals import convolve1d, correlate1d
from cnn_tutorial.convolution.unfolding import conv2d_unfold

__all__ = [
    "choose_method",
    "conv2d",
    "conv2d_fft",
    "conv2d_loops",
    "conv2d_low_rank",
    "conv2d_unfold",
    "convolve1d",
    "correlate1d",
    "fold",
    "low_rank_factors",
    "unfold",
    "unfold_view",
]
