"""Questions of the chapter on convolution."""

from __future__ import annotations

from cnn_tutorial.questions.convolution import tables

__all__ = ["QUESTIONS"]

QUESTIONS = (*tables.QUESTIONS,)
