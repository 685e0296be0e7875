"""Exercises of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.exercises.architectures import (
    backward_again,
    basic_block,
    bottleneck_parameters,
    channels_at_end,
    clear_front,
    concatenated_bytes,
    dense_block,
    dense_layer,
    gradient_by_paths,
    idle_biases,
    judged_once,
    lost_by_relu,
    mbconv,
    merged_kernel,
    roofline_seconds,
    se_block,
    separable_conv,
    share_between,
    simple_cnn_parameters,
    source_means,
    times_sooner,
    top_k_error,
    trace_rows,
    weights_at_end,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    clear_front.EXERCISE,
    judged_once.EXERCISE,
    top_k_error.EXERCISE,
    times_sooner.EXERCISE,
    simple_cnn_parameters.EXERCISE,
    merged_kernel.EXERCISE,
    idle_biases.EXERCISE,
    trace_rows.EXERCISE,
    se_block.EXERCISE,
    separable_conv.EXERCISE,
    dense_layer.EXERCISE,
    dense_block.EXERCISE,
    basic_block.EXERCISE,
    bottleneck_parameters.EXERCISE,
    gradient_by_paths.EXERCISE,
    weights_at_end.EXERCISE,
    concatenated_bytes.EXERCISE,
    mbconv.EXERCISE,
    lost_by_relu.EXERCISE,
    share_between.EXERCISE,
    channels_at_end.EXERCISE,
    roofline_seconds.EXERCISE,
    backward_again.EXERCISE,
    source_means.EXERCISE,
)
