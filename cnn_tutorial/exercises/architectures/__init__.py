"""Exercises of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.exercises.architectures import (
    bottleneck_parameters,
    concatenated_bytes,
    dense_block,
    dense_layer,
    lost_by_relu,
    mbconv,
    merged_kernel,
    se_block,
    separable_conv,
    share_between,
    simple_cnn_parameters,
    top_k_error,
    trace_rows,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    trace_rows.EXERCISE,
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
    lost_by_relu.EXERCISE,
    share_between.EXERCISE,
)
