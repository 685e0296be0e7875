"""Exercises that answer: not attempted, wrong with a hint, or right."""

from __future__ import annotations

from cnn_tutorial.exercises import (
    architectures,
    convolution,
    modules,
    tensors,
    training,
)
from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.feedback import FailingCase, Feedback, Folded, Hint, Status
from cnn_tutorial.exercises.frame import (
    ExerciseList,
    check,
    get,
    hint,
    list_exercises,
    register,
    solution,
)
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = [
    "Case",
    "Exercise",
    "ExerciseList",
    "FailingCase",
    "Feedback",
    "Folded",
    "Hint",
    "Mistake",
    "Status",
    "check",
    "get",
    "hint",
    "list_exercises",
    "solution",
]

for _chapter in (tensors, convolution, modules, training, architectures):
    register(_chapter.EXERCISES)
