"""Exercises of the chapter on training."""

from __future__ import annotations

from cnn_tutorial.exercises.training import (
    adamw_step,
    batch_norm,
    calls_to_even,
    class_map,
    crop_at,
    dropout_by,
    enlarging_matrix,
    epoch_seconds,
    error_bar,
    fold_norm,
    folder_labels,
    freeze_all_but,
    judge_net,
    kept_steps,
    mean_loss,
    paired_difference,
    repaired_epoch,
    signed_picture,
    speedup,
    split_groups,
    stopping_epoch,
    surest_mistakes,
    top_places,
    warmup_cosine,
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
    folder_labels.EXERCISE,
    surest_mistakes.EXERCISE,
    judge_net.EXERCISE,
    speedup.EXERCISE,
    paired_difference.EXERCISE,
    adamw_step.EXERCISE,
    warmup_cosine.EXERCISE,
    crop_at.EXERCISE,
    enlarging_matrix.EXERCISE,
    freeze_all_but.EXERCISE,
    class_map.EXERCISE,
    stopping_epoch.EXERCISE,
    calls_to_even.EXERCISE,
    epoch_seconds.EXERCISE,
    fold_norm.EXERCISE,
    kept_steps.EXERCISE,
)
