"""Questions of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.questions.architectures import (
    alexnet,
    biases,
    classics,
    dense,
    dense_memory,
    gates,
    paths,
    reading,
    residual,
)

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *alexnet.QUESTIONS,
    *biases.QUESTIONS,
    *classics.QUESTIONS,
    *dense.QUESTIONS,
    *dense_memory.QUESTIONS,
    *gates.QUESTIONS,
    *paths.QUESTIONS,
    *reading.QUESTIONS,
    *residual.QUESTIONS,
)
