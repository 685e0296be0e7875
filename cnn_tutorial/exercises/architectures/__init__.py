"""Exercises of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.exercises.architectures import (
    se_block,
    top_k_error,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    top_k_error.EXERCISE,
    se_block.EXERCISE,
)
