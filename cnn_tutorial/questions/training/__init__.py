"""Questions of the chapter on training."""

from __future__ import annotations

from cnn_tutorial.questions.question import Question
from cnn_tutorial.questions.training import (
    data,
    filters,
    looking,
    loops,
    norms,
    optimisers,
    own,
    runs,
    speed,
    stops,
    supply,
    switches,
)

__all__ = ["QUESTIONS"]

QUESTIONS: tuple[Question, ...] = (
    *loops.QUESTIONS,
    *stops.QUESTIONS,
    *data.QUESTIONS,
    *supply.QUESTIONS,
    *norms.QUESTIONS,
    *switches.QUESTIONS,
    *optimisers.QUESTIONS,
    *runs.QUESTIONS,
    *filters.QUESTIONS,
    *looking.QUESTIONS,
    *speed.QUESTIONS,
    *own.QUESTIONS,
)
