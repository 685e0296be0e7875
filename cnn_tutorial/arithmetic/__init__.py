"""Sizes, parameters and multiplications of layers: plain numbers, without PyTorch."""

from __future__ import annotations

from cnn_tutorial.arithmetic._forms import Padding, Pair
from cnn_tutorial.arithmetic.counts import (
    conv_macs,
    conv_parameters,
    linear_macs,
    linear_parameters,
)
from cnn_tutorial.arithmetic.fronts import pareto_front
from cnn_tutorial.arithmetic.padding import padding_sides, same_padding
from cnn_tutorial.arithmetic.pooling import pool_output_size
from cnn_tutorial.arithmetic.sizes import conv_output_size, get_area, get_size
from cnn_tutorial.arithmetic.transposed import conv_transpose_output_size

__all__ = [
    "Padding",
    "Pair",
    "conv_macs",
    "conv_output_size",
    "conv_parameters",
    "conv_transpose_output_size",
    "get_area",
    "get_size",
    "linear_macs",
    "linear_parameters",
    "padding_sides",
    "pareto_front",
    "pool_output_size",
    "same_padding",
]
