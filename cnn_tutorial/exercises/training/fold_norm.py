"""Exercise: a batch norm folded into the convolution in front of it."""

# ruff: noqa: ARG005 - a wrong answer may forget an argument
from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Pair = tuple[Tensor, Tensor]


def fold_norm(
    kernel: Tensor,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    var: Tensor,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor]:
    """Return kernel (C_out, C_in, kh, kw) and bias of conv and norm in one layer."""
    factor = scale / torch.sqrt(var + eps)  # (C_out,)
    return kernel * factor[:, None, None, None], shift - mean * factor


def _by(
    rule: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, float], Pair],
) -> Attempt:
    """Return an answer that follows another rule."""

    def attempt(
        kernel: Tensor,
        scale: Tensor,
        shift: Tensor,
        mean: Tensor,
        var: Tensor,
        eps: float = 1e-5,
    ) -> Pair:
        return rule(kernel, scale, shift, mean, var, eps)

    return attempt


def _rows(values: Tensor) -> Tensor:
    return values[:, None, None, None]


MISTAKES = (
    Mistake(
        "the kernel stays as it was",
        "The norm multiplies what the kernel makes: multiply the kernel instead.",
        _by(lambda w, a, b, m, v, e: (w.clone(), b - m * a / (v + e).sqrt())),
    ),
    Mistake(
        "the mean is forgotten",
        "The norm subtracts the mean, and its factor applies to that, too.",
        _by(lambda w, a, b, m, v, e: (w * _rows(a / (v + e).sqrt()), b.clone())),
    ),
    Mistake(
        "the mean is not divided",
        "The mean is subtracted first and then multiplied by the same factor as the "
        "kernel.",
        _by(lambda w, a, b, m, v, e: (w * _rows(a / (v + e).sqrt()), b - m)),
    ),
    Mistake(
        "the mean is added",
        "The norm subtracts it: shift - mean * factor.",
        _by(
            lambda w, a, b, m, v, e: (
                w * _rows(a / (v + e).sqrt()),
                b + m * a / (v + e).sqrt(),
            )
        ),
    ),
    Mistake(
        "the shift is forgotten",
        "What the norm adds at the end belongs to the bias.",
        _by(
            lambda w, a, b, m, v, e: (
                w * _rows(a / (v + e).sqrt()),
                -m * a / (v + e).sqrt(),
            )
        ),
    ),
    Mistake(
        "the shift is multiplied, too",
        "The shift is added after the multiplication: it has no factor.",
        _by(
            lambda w, a, b, m, v, e: (
                w * _rows(a / (v + e).sqrt()),
                (b - m) * a / (v + e).sqrt(),
            )
        ),
    ),
    Mistake(
        "the scale is forgotten",
        "The factor is scale / sqrt(var + eps), the learned scale included.",
        _by(
            lambda w, a, b, m, v, e: (
                w * _rows(1 / (v + e).sqrt()),
                b - m / (v + e).sqrt(),
            )
        ),
    ),
    Mistake(
        "the variance is taken for the deviation",
        "Divide by the square root of the variance.",
        _by(lambda w, a, b, m, v, e: (w * _rows(a / (v + e)), b - m * a / (v + e))),
    ),
    Mistake(
        "epsilon is forgotten",
        "Add `eps` to the variance before the root, as the norm does.",
        _by(
            lambda w, a, b, m, v, e: (
                w * _rows(a / v.sqrt()),
                b - m * a / v.sqrt(),
            )
        ),
    ),
    Mistake(
        "the factor runs along the input channels",
        "The norm follows the convolution: there is a factor for each output channel, "
        "axis 0 of the kernel.",
        _by(
            lambda w, a, b, m, v, e: (
                w * (a / (v + e).sqrt())[:, None, None],
                b - m * a / (v + e).sqrt(),
            )
        ),
    ),
)


def _case(
    name: str,
    kernel: list[list[list[list[float]]]],
    *,
    eps: float = 0.0,
    **vectors: list[float],
) -> Case:
    def make() -> dict[str, object]:
        found = {key: torch.tensor(value) for key, value in vectors.items()}
        return {"kernel": torch.tensor(kernel), **found, "eps": eps}

    return Case(name, make)


def _small_variance() -> dict[str, object]:
    return {
        "kernel": torch.tensor([[[[4.0]]]]),
        "scale": torch.tensor([0.01]),
        "shift": torch.tensor([1.0]),
        "mean": torch.tensor([3.0]),
        "var": torch.tensor([1.5e-5]),
    }


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    scale, shift, mean = torch.randn(3, 5, generator=generator)
    return {
        "kernel": torch.randn(5, 3, 3, 2, generator=generator),
        "scale": scale,
        "shift": shift,
        "mean": mean,
        "var": torch.rand(5, generator=generator) + 0.1,
        "eps": 0.05,
    }


EXERCISE = Exercise(
    reference=fold_norm,
    title="Fold a norm into its convolution",
    lesson="40_training/31_norm_at_work",
    level="deeper",
    minutes=10,
    prompt="Return kernel and bias of the one convolution that does what a convolution "
    "without bias and the batch norm behind it do in evaluation. `mean` and `var` are "
    "the running statistics.",
    observe=call_it(fold_norm),
    cases=(
        # Factor 6 / sqrt(4) = 3: kernel 2 * 3, bias 1 - 5 * 3.
        _case(
            "one weight", [[[[2.0]]]], scale=[6.0], shift=[1.0], mean=[5.0], var=[4.0]
        ),
        # Factors 3 / 1 = 3 and 8 / 4 = 2: kernels (3, 6) and (6, 8), biases -3 and -3.
        _case(
            "two output channels, two input channels",
            [[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]],
            scale=[3.0, 8.0],
            shift=[0.0, 1.0],
            mean=[1.0, 2.0],
            var=[1.0, 16.0],
        ),
        # 3 / sqrt(2.25 + 4) = 1.2: kernel 6, bias 0 - 10 * 1.2.
        _case(
            "epsilon 4",
            [[[[5.0]]]],
            scale=[3.0],
            shift=[0.0],
            mean=[10.0],
            var=[2.25],
            eps=4.0,
        ),
        # sqrt(1.5e-05 + 1e-05) = 0.005, 0.01 / 0.005 = 2: kernel 8, bias 1 - 3 * 2.
        Case("epsilon not mentioned", _small_variance),
        Case("five output channels, three input channels", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Write the norm as y = factor * x + rest. What is factor, what is rest?",
        "factor = scale / sqrt(var + eps), a number for each output channel.",
        "kernel * factor[:, None, None, None], and shift - mean * factor.",
    ),
    imports="import torch",
    next="And if the convolution has a bias of its own? And can a norm *in front* of a "
    "convolution with padding be folded in?",
)
