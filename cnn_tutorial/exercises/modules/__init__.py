"""Exercises of the chapter on modules."""

from __future__ import annotations

from cnn_tutorial.exercises.modules import (
    activation_recorder,
    call_with_hooks,
    he_deviation,
    lenet_features,
    part_of_state,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    part_of_state.EXERCISE,
    he_deviation.EXERCISE,
    call_with_hooks.EXERCISE,
    activation_recorder.EXERCISE,
    lenet_features.EXERCISE,
)
