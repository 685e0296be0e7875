"""Questions of the chapter on convolution."""

from __future__ import annotations

from cnn_tutorial.questions.convolution import (
    channels,
    clocks,
    fields,
    filtering,
    moving,
    machines,
    scales,
    sizes,
    sliding,
    tables,
    transposed,
)

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *channels.QUESTIONS,
    *clocks.QUESTIONS,
    *fields.QUESTIONS,
    *filtering.QUESTIONS,
    *moving.QUESTIONS,
    *machines.QUESTIONS,
    *scales.QUESTIONS,
    *sizes.QUESTIONS,
    *sliding.QUESTIONS,
    *tables.QUESTIONS,
    *transposed.QUESTIONS,
)
