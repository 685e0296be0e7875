"""Questions of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.questions.architectures import (
    alexnet,
    biases,
    classics,
    comparing,
    dense,
    dense_memory,
    efficient,
    gates,
    paths,
    reading,
    residual,
    roof,
)

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *alexnet.QUESTIONS,
    *biases.QUESTIONS,
    *classics.QUESTIONS,
    *comparing.QUESTIONS,
    *dense.QUESTIONS,
    *dense_memory.QUESTIONS,
    *efficient.QUESTIONS,
    *gates.QUESTIONS,
    *paths.QUESTIONS,
    *reading.QUESTIONS,
    *residual.QUESTIONS,
    *roof.QUESTIONS,
)
