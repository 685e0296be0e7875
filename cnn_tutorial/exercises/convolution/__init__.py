"""Exercises of the chapter on convolution."""

from __future__ import annotations

from cnn_tutorial.exercises.convolution import (
    adaptive_windows,
    blur_kernel,
    conv_transpose,
    convolution_gradients,
    count_ways,
    field_picture,
    flat_features,
    fourier_convolution,
    grouped_weight,
    log_kernel,
    make_divisible,
    max_pool,
    median_ratio,
    needed_output_padding,
    output_size,
    patch_matrix_bytes,
    pooled_size,
    receptive_field,
    shift_error,
    sliding_convolution,
    sobel_magnitude,
    split_kernel,
    sum_over_channels,
    unfold_convolution,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    sliding_convolution.EXERCISE,
    unfold_convolution.EXERCISE,
    convolution_gradients.EXERCISE,
    fourier_convolution.EXERCISE,
    patch_matrix_bytes.EXERCISE,
    median_ratio.EXERCISE,
    sum_over_channels.EXERCISE,
    output_size.EXERCISE,
    pooled_size.EXERCISE,
    grouped_weight.EXERCISE,
    make_divisible.EXERCISE,
    flat_features.EXERCISE,
    max_pool.EXERCISE,
    needed_output_padding.EXERCISE,
    sobel_magnitude.EXERCISE,
    adaptive_windows.EXERCISE,
    receptive_field.EXERCISE,
    blur_kernel.EXERCISE,
    conv_transpose.EXERCISE,
    log_kernel.EXERCISE,
    field_picture.EXERCISE,
    shift_error.EXERCISE,
    count_ways.EXERCISE,
    split_kernel.EXERCISE,
)
