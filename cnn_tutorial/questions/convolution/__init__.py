"""Questions of the chapter on convolution."""

from __future__ import annotations

from cnn_tutorial.questions.convolution import (
    channels,
    clocks,
    fields,
    filtering,
    machines,
    memory,
    moving,
    pooling,
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
    *machines.QUESTIONS,
    *memory.QUESTIONS,
    *moving.QUESTIONS,
    *pooling.QUESTIONS,
    *scales.QUESTIONS,
    *sizes.QUESTIONS,
    *sliding.QUESTIONS,
    *tables.QUESTIONS,
    *transposed.QUESTIONS,
)
