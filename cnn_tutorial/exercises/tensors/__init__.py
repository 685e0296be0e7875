"""Exercises of the chapter on tensors and gradients."""

from __future__ import annotations

from cnn_tutorial.exercises.tensors import (
    as_array,
    broadcast_shape,
    cut,
    damped_step,
    fit_line,
    float_gap,
    layer_cost,
    logistic_gradient,
    momentum_step,
    polynomial_slope,
    stable_bce,
    standardize,
    strides_of,
    to_batch,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    strides_of.EXERCISE,
    broadcast_shape.EXERCISE,
    float_gap.EXERCISE,
    as_array.EXERCISE,
    logistic_gradient.EXERCISE,
    polynomial_slope.EXERCISE,
    stable_bce.EXERCISE,
    fit_line.EXERCISE,
    momentum_step.EXERCISE,
    damped_step.EXERCISE,
    to_batch.EXERCISE,
    layer_cost.EXERCISE,
    cut.EXERCISE,
    standardize.EXERCISE,
)
