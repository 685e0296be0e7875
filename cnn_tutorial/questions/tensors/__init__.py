"""Questions of the chapter on tensors, gradients and images."""

from __future__ import annotations

from cnn_tutorial.questions.question import Question

__all__ = ["QUESTIONS"]

QUESTIONS: tuple[Question, ...] = ()
