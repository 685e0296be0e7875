"""Questions of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.questions.question import Question

__all__ = ["QUESTIONS"]

QUESTIONS: tuple[Question, ...] = ()
