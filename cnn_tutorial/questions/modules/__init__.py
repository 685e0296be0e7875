"""Questions of the chapter on modules."""

from __future__ import annotations

from cnn_tutorial.questions.modules import calls, hooked, networks

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *calls.QUESTIONS,
    *hooked.QUESTIONS,
    *networks.QUESTIONS,
)
