"""Questions to predict, with other numbers for each seed."""

from __future__ import annotations

from cnn_tutorial.questions import (
    architectures,
    convolution,
    modules,
    tensors,
    training,
)
from cnn_tutorial.questions.asked import Asked, Choice, Reply
from cnn_tutorial.questions.frame import ask, get, list_questions, register
from cnn_tutorial.questions.question import Posed, Question, question

__all__ = [
    "Asked",
    "Choice",
    "Posed",
    "Question",
    "Reply",
    "ask",
    "get",
    "list_questions",
    "question",
]

for _chapter in (tensors, convolution, modules, training, architectures):
    register(_chapter.QUESTIONS)
