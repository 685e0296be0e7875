"""Exercises of the chapter on tensors and gradients."""

from __future__ import annotations

from cnn_tutorial.exercises.tensors import fit_line

__all__ = ["EXERCISES"]

EXERCISES = (fit_line.EXERCISE,)
