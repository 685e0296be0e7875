"""Gradients: what arrives where, in how many sweeps, and what is lost on the way."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "10_tensors/20_autograd",
    w=(2, 4, 6),
    factor=(3, 5, 7),
    detached=("`w.detach() * w`", "`w * w`", "`(w * w).detach()`"),
)
def gradient_of_parts(w: int, factor: int, detached: str) -> Posed:
    """Gradient of a sum of which some may be detached."""
    x = torch.tensor(float(w), requires_grad=True)
    square = x.detach() * x if "h() *" in detached else x * x
    square = square.detach() if "(w" in detached else square
    (square + factor * x).backward()
    slope = int(x.grad.item()) if x.grad is not None else 0
    reason = {
        "`w.detach() * w`": f"The detached factor is the constant {w}",
        "`w * w`": f"`w * w` holds w twice and sends {w} along either way",
        "`(w * w).detach()`": "The detached square is a constant, with slope 0",
    }[detached]
    return Posed(
        f"`w` is {w}, with `requires_grad=True`. `y = {detached.strip('`')} + "
        f"{factor} * w`, then `y.backward()`. What is `w.grad`?",
        slope,
        f"{reason}; `{factor} * w` adds its {factor}.",
        {
            2 * w + factor: "To autograd, what is detached is a constant.",
            w + factor: "Along how many ways does the first term send a gradient to "
            "`w`?",
            factor: "The first term has a `w` that is watched: it sends a gradient.",
            slope - factor: f"That is the first term alone. What does `{factor} * w` "
            "send?",
        },
    )


_EMPTY = "w.grad = None"


@question(
    "10_tensors/20_autograd",
    first=(2, 3, 4),
    second=(5, 6),
    third=(7, 10),
    emptied=("never", "after the first", "after the second", "before the first"),
)
def gradient_that_adds_up(first: int, second: int, third: int, emptied: str) -> Posed:
    """Gradient after several walks."""
    w = torch.tensor(1.0, requires_grad=True)
    slopes, lines = (first, second, third), []
    cleared = {"before the first": 0, "after the first": 1, "after the second": 2}
    for k, slope in enumerate(slopes):
        if cleared.get(emptied) == k:
            w.grad = None
            lines.append(_EMPTY)
        (slope * w).backward()
        lines.append(f"({slope} * w).backward()")
    kept = slopes[cleared.get(emptied, 0) :]
    return Posed(
        "`w` is 1, with `requires_grad=True`, and `w.grad` is empty. Then "
        + ", ".join(f"`{line}`" for line in lines)
        + ". What is `w.grad`?",
        int(w.grad.item()) if w.grad is not None else 0,
        f"`backward` adds to what is there: {' + '.join(map(str, kept))}."
        if len(kept) > 1
        else f"The {third} finds an empty `w.grad`.",
        {
            third: "`backward` adds to what is there, as long as nobody empties it.",
            sum(slopes): "One line empties `w.grad`: what was there before is gone.",
            second + third: "Look for the line that empties `w.grad`, if there is one. "
            "Which slopes come after it?",
            0: "Nobody empties `w.grad` after the last `backward`.",
        },
    )


@question(
    "10_tensors/25_directions",
    inputs=(2, 3, 5, 6),
    outputs=(2, 4, 5, 7, 8),
    loss=(False, False, True),
)
def fewest_sweeps(inputs: int, outputs: int, loss: bool) -> Posed | None:
    """Direction that is cheaper for a whole Jacobian, and its sweeps."""
    layer = torch.empty(outputs, inputs, device="meta"), torch.empty(outputs)
    columns = sum(part.numel() for part in layer) if loss else inputs
    rows = 1 if loss else outputs
    if rows == columns:
        return None
    sweeps = {"forward": columns, "backward": rows}
    cheap, dear = sorted(sweeps, key=lambda way: sweeps[way])

    def way(name: str, count: int) -> str:
        return f"{name}: {count} sweep{'s' * (count > 1)}"

    rule = "Forward, a sweep for each input; backward, one for each output."
    if loss:
        rule += " Here the parameters are the inputs, and the loss is the output."
    entry = "parameter" if loss else "input"
    return Posed(
        f"`nn.Linear({inputs}, {outputs})` with its bias, and one loss: which way to "
        "the slopes of all its parameters is the cheaper one?"
        if loss
        else f"A function makes {outputs} numbers out of {inputs}. Which way to its "
        "whole Jacobian is the cheaper one?",
        way(cheap, sweeps[cheap]),
        f"The Jacobian has {rows} row{'s' * (rows > 1)}, one for each output, and "
        f"{columns} columns, one for each {entry}.",
        {
            way(dear, sweeps[dear]): "This would do. The other way takes fewer.",
            way(cheap, sweeps[dear]): rule,
            way(dear, sweeps[cheap]): rule,
        },
    )


@question("10_tensors/25_directions", a=(3, 5), b=(6, 7), s=(1, 2), t=(0, 3, 4))
def dual_product(a: int, b: int, s: int, t: int) -> Posed:
    """Product of two dual numbers."""
    move = torch.tensor(0.0, requires_grad=True)
    (slope,) = torch.autograd.grad((a + s * move) * (b + t * move), move)
    return Posed(
        f"Two dual numbers: value {a} with slope {s}, and value {b} with slope {t}. "
        "What are the value and the slope of their product?",
        (a * b, int(slope.item())),
        f"{a} * {b} = {a * b}, and by the product rule {s} * {b} + {a} * {t} = "
        f"{s * b + a * t}.",
        {
            (a * b, s * t): "The slope of a product is not the product of the slopes.",
            (a * b, s + t): "Slopes are added where values are added.",
            (a * b, s * b): "The second factor moves, too.",
            (a * b, a * t): "The first factor moves, too.",
        },
    )


def _naive(z: Tensor, truth: Tensor) -> Tensor:
    y = torch.sigmoid(z)
    return -torch.log(y if truth else 1 - y)


_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "naive": _naive,
    "clipped": lambda z, truth: F.binary_cross_entropy(torch.sigmoid(z), truth),
    "logits": F.binary_cross_entropy_with_logits,
}
_TOLD = (
    "At this score `float32` still tells y from 0 and from 1, so that y - y_true comes "
    "through."
)
_SAVED = {
    "naive": _TOLD,
    "clipped": _TOLD,
    "logits": "From logit to loss in one box: the gradient is y - y_true, wherever the "
    "score is.",
}
_LOST = {
    "nan": "Rounded, y is exactly wrong. There the logarithm's slope is infinite, the "
    "sigmoid's is 0, and their product is no number.",
    "0": "Rounded, y is exactly wrong. Clipping keeps the loss finite, but the "
    "sigmoid's slope y (1 - y) is 0 there.",
}
_ASTRAY: dict[str, dict[object, str]] = {
    "nan": {
        "0": "That is the slope of the sigmoid. By what is it multiplied?",
        "infinite": "That arrives at the sigmoid. By what is it multiplied there?",
    },
    "0": {
        "nan": "Logarithms below -100 are replaced, so that nothing is infinite.",
        "infinite": "Logarithms below -100 are replaced, so that nothing is infinite.",
    },
    "kept": {
        "nan": "That takes a y that is rounded to 0 or 1 on the way. Is there one?",
        "0": "That takes a y that is rounded to 0 or 1 on the way. Is there one?",
    },
}


@question(
    "10_tensors/27_saturation",
    score=(10, 20, 30, 50, -10, -20, -120, -150),
    loss=("naive", "naive", "clipped", "logits"),
)
def lost_gradient(score: int, loss: str) -> Posed:
    """Gradient of a sure mistake."""
    truth = float(score < 0)
    z = torch.tensor(float(score), requires_grad=True)
    (slope,) = torch.autograd.grad(_LOSSES[loss](z, torch.tensor(truth)), z)
    found, signs = slope.item(), ("about 1", "about -1")
    paper, other = reversed(signs) if truth else signs
    lost = "nan" if found != found else "0"
    right = paper if abs(found) > 0.5 else lost
    log = "-torch.log(y)" if truth else "-torch.log(1 - y)"
    code = {
        "naive": f"with `y = torch.sigmoid(z)` the loss is `{log}`",
        "clipped": "the loss is `F.binary_cross_entropy(torch.sigmoid(z), y_true)`",
        "logits": "the loss is `F.binary_cross_entropy_with_logits(z, y_true)`",
    }[loss]
    return Posed(
        f"In `float32`, `y_true` is {truth:.0f}, the score `z` is {score}, and "
        f"{code}. What is the gradient of the loss with respect to `z`?",
        right,
        _SAVED[loss] if right == paper else _LOST[lost],
        {other: "It is y - y_true: which of them is larger?", **_ASTRAY["kept"]}
        if right == paper
        else {paper: "That is y - y_true, on paper. And rounded?", **_ASTRAY[lost]},
    )


QUESTIONS = (
    gradient_of_parts,
    gradient_that_adds_up,
    fewest_sweeps,
    dual_product,
    lost_gradient,
)
