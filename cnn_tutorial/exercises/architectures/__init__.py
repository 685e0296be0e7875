"""Exercises of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.exercises.architectures import (
    bottleneck_parameters,
    concatenated_bytes,
    dense_block,
    dense_layer,
    mbconv,
    merged_kernel,
    se_block,
    separable_conv,
    simple_cnn_parameters,
    top_k_error,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    top_k_error.EXERCISE,
    simple_cnn_parameters.EXERCISE,
    merged_kernel.EXERCISE,
    se_block.EXERCISE,
    separable_conv.EXERCISE,
    dense_layer.EXERCISE,
    dense_block.EXERCISE,
    bottleneck_parameters.EXERCISE,
    concatenated_bytes.EXERCISE,
    mbconv.EXERCISE,
)
