"""Questions of the chapter on training."""

from __future__ import annotations

from cnn_tutorial.questions.question import Question
from cnn_tutorial.questions.training import loops, runs

__all__ = ["QUESTIONS"]

QUESTIONS: tuple[Question, ...] = (*loops.QUESTIONS, *runs.QUESTIONS)
