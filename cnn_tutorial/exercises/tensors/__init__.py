"""Exercises of the chapter on tensors and gradients."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = ()
