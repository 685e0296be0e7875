"""Exercise: one step of AdamW."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Three = tuple[Tensor, Tensor, Tensor]
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


def adamw_step(
    p: Tensor, m: Tensor, v: Tensor, slope: Tensor, step: int, lr: float, decay: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (p, m, v) after step number `step` (1, 2, ...); betas 0.9 and 0.999."""
    m = 0.9 * m + 0.1 * slope
    v = 0.999 * v + 0.001 * slope**2
    mean, square = m / (1 - 0.9**step), v / (1 - 0.999**step)
    p = p * (1 - lr * decay)
    return p - lr * mean / (square.sqrt() + 1e-8), m, v


def _usual(mean: Tensor, square: Tensor) -> Tensor:
    return mean / (square.sqrt() + EPS)


@dataclass(frozen=True)
class _Other:
    """An answer that differs from the reference in one respect."""

    decayed: Literal["apart", "in the slope", "not", "without the rate"] = "apart"
    corrected: Literal["both", "none", "mean"] = "both"
    late: int = 0
    weight: float = 1 - BETA1
    power: int = 2
    ratio: Callable[[Tensor, Tensor], Tensor] = _usual
    sign: int = 1
    betas: tuple[float, float] = (BETA1, BETA2)
    squares: Literal["slope", "mean"] = "slope"
    forgets: bool = False
    returned: Literal["as they are", "corrected"] = "as they are"

    def __call__(
        self,
        p: Tensor,
        m: Tensor,
        v: Tensor,
        slope: Tensor,
        step: int,
        lr: float,
        decay: float,
    ) -> Three:
        if self.decayed == "in the slope":
            slope = slope + decay * p
        if self.forgets:
            m, v, step = 0 * m, 0 * v, 1
        beta1, beta2 = self.betas
        m = beta1 * m + (self.weight if beta1 == BETA1 else 1 - beta1) * slope
        squared = slope if self.squares == "slope" else m
        v = beta2 * v + (1 - beta2) * squared.abs() ** self.power
        mean, square = m, v
        if self.corrected != "none":
            mean = m / (1 - beta1 ** (step + self.late))
        if self.corrected == "both":
            square = v / (1 - beta2 ** (step + self.late))
        rates = {"apart": lr * decay, "without the rate": decay}
        p = p * (1 - rates.get(self.decayed, 0.0))
        p = p - self.sign * lr * self.ratio(mean, square)
        return (p, mean, square) if self.returned == "corrected" else (p, m, v)


MISTAKES = (
    Mistake(
        "the decay is added to the slope",
        "That is Adam with an L2 penalty. In AdamW the weights shrink apart from the "
        "step: p * (1 - lr * decay).",
        _Other(decayed="in the slope"),
    ),
    Mistake(
        "the decay is forgotten",
        "Without it this is Adam: multiply p by 1 - lr * decay before the step.",
        _Other(decayed="not"),
    ),
    Mistake(
        "the decay does not contain the learning rate",
        "In PyTorch p shrinks by lr * decay, so that a schedule covers it, too.",
        _Other(decayed="without the rate"),
    ),
    Mistake(
        "the means are not corrected",
        "m and v began at 0 and are too small at first: divide them by 1 - 0.9**step "
        "and 1 - 0.999**step.",
        _Other(corrected="none"),
    ),
    Mistake(
        "the mean of the squares is not corrected",
        "v began at 0 as well: divide it by 1 - 0.999**step.",
        _Other(corrected="mean"),
    ),
    Mistake(
        "the steps are counted from 0",
        "`step` is 1 for the first one: use it as it is.",
        _Other(late=1),
    ),
    Mistake(
        "the slope counts in full",
        "m is a mean: the new slope has the weight 0.1.",
        _Other(weight=1.0),
    ),
    Mistake(
        "v collects slopes, not squares",
        "v is a mean of squared slopes.",
        _Other(power=1),
    ),
    Mistake(
        "v collects the squares of m",
        "v is a mean of the squares of the slopes themselves: `slope**2`.",
        _Other(squares="mean"),
    ),
    Mistake(
        "the two betas are exchanged",
        "m forgets quickly, with 0.9; v is slow, with 0.999.",
        _Other(betas=(BETA2, BETA1)),
    ),
    Mistake(
        "what m, v and step were is forgotten",
        "Each step goes on from the one before. An optimiser that is made anew begins "
        "at 0 again: use the m, v and step that you are given.",
        _Other(forgets=True),
    ),
    Mistake(
        "the corrected means are returned",
        "The next step corrects anew: return m and v as they were before. Give the "
        "corrected ones names of their own.",
        _Other(returned="corrected"),
    ),
    Mistake(
        "the root is forgotten",
        "Divide by the root of v, which is as large as a slope. Its square is not.",
        _Other(ratio=lambda mean, square: mean / (square + EPS)),
    ),
    Mistake(
        "the step goes uphill",
        "Slopes point uphill: subtract.",
        _Other(sign=-1),
    ),
)


def _case(
    name: str,
    p: float,
    slope: float,
    *,
    m: float = 0.0,
    v: float = 0.0,
    step: int = 1,
    lr: float = 0.5,
    decay: float = 0.0,
) -> Case:
    def make() -> dict[str, object]:
        tensors = {"p": p, "m": m, "v": v, "slope": slope}
        found = {key: torch.tensor([value]) for key, value in tensors.items()}
        return {**found, "step": step, "lr": lr, "decay": decay}

    return Case(name, make)


def _two() -> dict[str, object]:
    tensors = {"p": torch.ones(2), "m": torch.zeros(2), "v": torch.zeros(2)}
    slope = torch.tensor([4.0, -2.0])
    return {**tensors, "slope": slope, "step": 1, "lr": 0.5, "decay": 0.0}


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    p, m, v, slope = torch.randn(4, 5, 7, generator=generator)
    tensors = {"p": p, "m": m, "v": v.square(), "slope": slope}
    return {**tensors, "step": 3, "lr": 0.01, "decay": 0.1}


EXERCISE = Exercise(
    reference=adamw_step,
    title="One step of AdamW",
    lesson="40_training/34_optimisers",
    level="deeper",
    minutes=12,
    prompt="Return parameters, mean slope and mean squared slope after one step of "
    "AdamW, with betas 0.9 and 0.999 and an epsilon of 1e-8 outside the root.",
    observe=call_it(adamw_step),
    cases=(
        # m = 0.4, v = 0.016; corrected 4 and 16: 4 / 4 = 1, and 3 - 0.5 * 1.
        _case("the first step", 3.0, 4.0),
        # 2 * (1 - 0.5 * 0.2) = 1.8, and then 1.8 - 0.5 * 1.
        _case("the first step, with decay", 2.0, 4.0, decay=0.2),
        # No slope ever: 2 * (1 - 0.5 * 0.2), and nothing else.
        _case("decay alone", 2.0, 0.0, decay=0.2),
        # m = 0.9*1 + 0.1*2 = 1.1, v = 0.999*4 + 0.001*4 = 4; then / 0.19 and 0.001999.
        _case("the second step", 1.0, 2.0, m=1.0, v=4.0, step=2, lr=0.1),
        # Slopes of any size: one step of 0.5 down, one up.
        Case("two parameters", _two),
        # Mean slope and root are 1e-8, and so is epsilon: 3 - 0.5 * 1/2.
        _case("a slope as small as epsilon", 3.0, 1e-8),
        Case("35 parameters, the third step", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Four lines: m, v, both corrected, and the parameters.",
        (
            "m = 0.9 * m + 0.1 * slope, v = 0.999 * v + 0.001 * slope**2; divide "
            "copies of them by 1 - 0.9**step and 1 - 0.999**step."
        ),
        (
            "p * (1 - lr * decay) - lr * mean / (square.sqrt() + 1e-8), and return m "
            "and v as they were before the correction."
        ),
    ),
    next="How long is the first step, whatever the slope is?",
)
