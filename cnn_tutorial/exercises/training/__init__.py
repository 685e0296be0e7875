"""Exercises of the chapter on training."""

from __future__ import annotations

from cnn_tutorial.exercises.training import (
    batch_norm,
    mean_loss,
    split_groups,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    mean_loss.EXERCISE,
    batch_norm.EXERCISE,
    split_groups.EXERCISE,
)
