"""Exercise: binary cross-entropy that survives a sure mistake."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def stable_bce(logits: Tensor, y_true: Tensor) -> Tensor:
    """Return the binary cross-entropy of each point from its logit."""
    # log(1 + exp(z)) in one operation, with one derivative; where y_true is 1, minus z
    return torch.logaddexp(logits, torch.zeros_like(logits)) - logits * y_true


def _kinks(logits: Tensor, y_true: Tensor) -> Tensor:
    softplus = logits.clamp(min=0) + torch.log1p(torch.exp(-logits.abs()))
    return softplus - logits * y_true


def _naive(logits: Tensor, y_true: Tensor) -> Tensor:
    y = torch.sigmoid(logits)
    return -(y_true * torch.log(y) + (1 - y_true) * torch.log(1 - y))


def _clipped(logits: Tensor, y_true: Tensor) -> Tensor:
    return F.binary_cross_entropy(torch.sigmoid(logits), y_true, reduction="none")


def _clamped(by: float) -> Attempt:
    """Return a loss that keeps y away from 0 and 1."""

    def attempt(logits: Tensor, y_true: Tensor) -> Tensor:
        y = torch.sigmoid(logits).clamp(by, 1 - by)
        return -(y_true * torch.log(y) + (1 - y_true) * torch.log(1 - y))

    return attempt


def _nudged(by: float) -> Attempt:
    """Return a loss that adds something small inside its logarithms."""

    def attempt(logits: Tensor, y_true: Tensor) -> Tensor:
        y = torch.sigmoid(logits)
        return -(y_true * torch.log(y + by) + (1 - y_true) * torch.log(1 - y + by))

    return attempt


def _doubled(logits: Tensor, y_true: Tensor) -> Tensor:
    return _naive(logits.double(), y_true.double()).float()


def _nan_to_number(logits: Tensor, y_true: Tensor) -> Tensor:
    return torch.nan_to_num(_naive(logits, y_true))


def _truth_added(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(logits, torch.zeros_like(y_true)) + logits * y_true


def _ones_only(logits: Tensor, y_true: Tensor) -> Tensor:
    return -y_true * F.logsigmoid(logits)


def _overflowing(logits: Tensor, y_true: Tensor) -> Tensor:
    return torch.log(1 + torch.exp(logits)) - logits * y_true


def _overflowing_below(logits: Tensor, y_true: Tensor) -> Tensor:
    return logits - logits * y_true + torch.log(1 + torch.exp(-logits))


def _no_absolute(logits: Tensor, y_true: Tensor) -> Tensor:
    return logits.clamp(min=0) + torch.log1p(torch.exp(-logits)) - logits * y_true


def _no_maximum(logits: Tensor, y_true: Tensor) -> Tensor:
    return torch.log1p(torch.exp(-logits.abs())) - logits * y_true


def _turned_round(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(logits, 1 - y_true)


def _negative(logits: Tensor, y_true: Tensor) -> Tensor:
    return -stable_bce(logits, y_true)


def _truth_zero(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(logits, torch.zeros_like(y_true))


def _squeezed_twice(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(torch.sigmoid(logits), y_true)


def _summed(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(logits, y_true).sum()


def _mean(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(logits, y_true).mean()


def _no_gradient(logits: Tensor, y_true: Tensor) -> Tensor:
    return stable_bce(logits.detach(), y_true)


MISTAKES = (
    Mistake(
        "the gradient at 0 is wrong",
        "The losses are right. At 0 the maximum and the absolute value have kinks that "
        "cancel on paper only: use one operation, such as `torch.logaddexp`.",
        _kinks,
    ),
    Mistake(
        "the way leads through the sigmoid",
        "In float32 `sigmoid(20)` is 1, and `log(1 - 1)` is lost. Write the loss as a "
        "function of the logit, without y.",
        _naive,
    ),
    Mistake(
        "the logarithm is clipped",
        "The loss is finite and the gradient 0: the worst mistake teaches nothing. "
        "Write the loss as a function of the logit, without y.",
        _clipped,
    ),
    *(
        Mistake(
            f"y is clamped by {by:g}",
            f"Beyond {by:g} a clamped y has no gradient, and the loss stops growing. "
            "Write the loss as a function of the logit, without y.",
            _clamped(by),
        )
        for by in (1e-4, 1e-5, 1e-6, 1e-7)
    ),
    *(
        Mistake(
            f"{by:g} is added inside the logarithm",
            f"{by:g} hides the infinity and changes loss and gradient. Write the loss "
            "as a function of the logit, without y.",
            _nudged(by),
        )
        for by in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
    ),
    Mistake(
        "the way leads through the sigmoid in float64",
        "That moves the trouble from a score of 17 to one of 37. Write the loss as a "
        "function of the logit, without y.",
        _doubled,
    ),
    Mistake(
        "infinity is replaced by a number",
        "What was rounded away no later step brings back: loss and gradient stay "
        "wrong. Write the loss as a function of the logit, without y.",
        _nan_to_number,
    ),
    Mistake(
        "the score is added where the truth is 1",
        "-log(y) = log(1 + exp(-z)) = log(1 + exp(z)) - z: it is subtracted.",
        _truth_added,
    ),
    Mistake(
        "points whose truth is 0 cost nothing",
        "There are two terms. Where the truth is 0 the loss is -log(1 - y), and 1 - y "
        "is the sigmoid of -z.",
        _ones_only,
    ),
    Mistake(
        "the exponential overflows for large logits",
        "exp(z) is infinite from about 89 on. `torch.logaddexp` pulls the larger part "
        "out of the logarithm first.",
        _overflowing,
    ),
    Mistake(
        "the exponential overflows for very negative logits",
        "exp(-z) is infinite below about -89. `torch.logaddexp` pulls the larger part "
        "out of the logarithm first.",
        _overflowing_below,
    ),
    Mistake(
        "the absolute value is missing",
        "It is exp(-|z|) in the logarithm: at most 1, on either side.",
        _no_absolute,
    ),
    Mistake(
        "the maximum is missing",
        "log(1 + exp(z)) is max(z, 0) + log(1 + exp(-|z|)): for large z it is z.",
        _no_maximum,
    ),
    Mistake(
        "the two truths are swapped",
        "Where the truth is 1, a large logit is right and costs nothing: subtract "
        "`logits * y_true`.",
        _turned_round,
    ),
    Mistake(
        "the sign is turned round",
        "A loss is positive: it is minus the logarithm.",
        _negative,
    ),
    Mistake(
        "the truth does not enter",
        "log(1 + exp(z)) is the loss where the truth is 0. Where it is 1, subtract the "
        "logit.",
        _truth_zero,
    ),
    Mistake(
        "the sigmoid is applied twice",
        "The formula takes the logit itself. A sigmoid in front of it squeezes twice.",
        _squeezed_twice,
    ),
    Mistake(
        "the losses are added up",
        "Return one loss for each point: no sum.",
        _summed,
    ),
    Mistake(
        "the mean is returned",
        "Return one loss for each point: no mean.",
        _mean,
    ),
    Mistake(
        "the gradient is lost",
        "Autograd must be able to follow: no `detach`, no `.item()`, no `.numpy()`.",
        _no_gradient,
    ),
)


def _case(name: str, logits: list[float], y_true: list[float]) -> Case:
    def make() -> dict[str, object]:
        given = torch.tensor(logits)
        return {"logits": given.requires_grad_(), "y_true": torch.tensor(y_true)}

    return Case(name, make)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(stable_bce)(attempt, inputs))
    result, logits = seen["result"], inputs["logits"]
    assert isinstance(logits, Tensor)
    if isinstance(result, Tensor):
        seen["result"] = result.detach()
        seen["the result can be differentiated"] = result.requires_grad
        if result.requires_grad:
            (seen["gradient"],) = torch.autograd.grad(result.sum(), logits)
    return seen


EXERCISE = Exercise(
    reference=stable_bce,
    title="Cross-entropy from logits",
    lesson="10_tensors/27_saturation",
    level="deeper",
    minutes=10,
    prompt="Return the binary cross-entropy of each point from its logit, finite and "
    "with the right gradient for any logit. Without a loss function of PyTorch.",
    observe=_observe,
    cases=(
        _case("a truth of 0 and one of 1, score 1", [1.0, 1.0], [0.0, 1.0]),
        _case("scores of both signs", [2.0, -3.0, 0.5], [1.0, 1.0, 0.0]),
        _case("a sure mistake", [20.0], [0.0]),
        _case("a score of exactly 0", [0.0, 0.0], [0.0, 1.0]),
        _case("far out, above", [200.0, 200.0], [0.0, 1.0]),
        _case("far out, below", [-200.0, -200.0], [0.0, 1.0]),
        _case("sure and right", [12.0, -12.0], [1.0, 0.0]),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Put y = 1 / (1 + exp(-z)) into -log(1 - y) and simplify on paper. Which "
            "exponential remains, and when does it overflow?"
        ),
        (
            "log(1 + exp(z)) is the loss where the truth is 0; where it is 1, subtract "
            "z. PyTorch computes log(exp(a) + exp(b)) safely, as `torch.logaddexp`."
        ),
        (
            "`torch.logaddexp(logits, torch.zeros_like(logits))` is log(1 + exp(z)). "
            "Take `logits * y_true` away."
        ),
    ),
    next="Do the same for many classes: `log_softmax` by subtracting the largest logit "
    "first. Why does that change nothing on paper?",
    imports="import torch",
)
