"""Exercises of the chapter on convolution."""

from __future__ import annotations

from cnn_tutorial.exercises.convolution import (
    patch_matrix_bytes,
    sum_over_channels,
    unfold_convolution,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    unfold_convolution.EXERCISE,
    patch_matrix_bytes.EXERCISE,
    sum_over_channels.EXERCISE,
)
