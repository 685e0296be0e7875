"""Questions of the chapter on convolution."""

from __future__ import annotations

from cnn_tutorial.questions.convolution import (
    channels,
    fields,
    filtering,
    scales,
    sizes,
    sliding,
    tables,
    transposed,
)

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *channels.QUESTIONS,
    *fields.QUESTIONS,
    *filtering.QUESTIONS,
    *scales.QUESTIONS,
    *sizes.QUESTIONS,
    *sliding.QUESTIONS,
    *tables.QUESTIONS,
    *transposed.QUESTIONS,
)
