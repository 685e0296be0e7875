"""One convolution, several machines: each gives what ``F.conv2d`` gives."""

from __future__ import annotations

from cnn_tutorial.convolution.loops import conv2d_loops
from cnn_tutorial.convolution.patches import fold, unfold, unfold_view
from cnn_tutorial.convolution.unfolding import conv2d_unfold

__all__ = ["conv2d_loops", "conv2d_unfold", "fold", "unfold", "unfold_view"]
