"""Exercises of the chapter on training."""

from __future__ import annotations

from cnn_tutorial.exercises.training import (
    batch_norm,
    dropout_by,
    error_bar,
    mean_loss,
    repaired_epoch,
    signed_picture,
    split_groups,
    top_places,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    mean_loss.EXERCISE,
    batch_norm.EXERCISE,
    split_groups.EXERCISE,
    error_bar.EXERCISE,
    dropout_by.EXERCISE,
    signed_picture.EXERCISE,
    repaired_epoch.EXERCISE,
    top_places.EXERCISE,
)
