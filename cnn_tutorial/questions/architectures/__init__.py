"""Questions of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.questions.architectures import (
    alexnet,
    biases,
    classics,
    dense,
    dense_memory,
    gates,
    reading,
)

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *alexnet.QUESTIONS,
    *biases.QUESTIONS,
    *classics.QUESTIONS,
    *dense.QUESTIONS,
    *dense_memory.QUESTIONS,
    *gates.QUESTIONS,
    *reading.QUESTIONS,
)
