"""Questions of the chapter on architectures."""

from __future__ import annotations

from cnn_tutorial.questions.architectures import alexnet, gates, reading

__all__ = ["QUESTIONS"]

QUESTIONS = (*gates.QUESTIONS, *reading.QUESTIONS, *alexnet.QUESTIONS)
