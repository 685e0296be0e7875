"""Questions of the chapter on tensors, gradients and images."""

from __future__ import annotations

from cnn_tutorial.questions.tensors import (
    arrays,
    damping,
    descent,
    gradients,
    images,
    loading,
    places,
)

__all__ = ["QUESTIONS"]

QUESTIONS = (
    *arrays.QUESTIONS,
    *places.QUESTIONS,
    *gradients.QUESTIONS,
    *descent.QUESTIONS,
    *damping.QUESTIONS,
    *images.QUESTIONS,
    *loading.QUESTIONS,
)
