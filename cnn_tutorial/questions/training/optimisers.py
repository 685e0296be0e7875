"""One step of an optimiser, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, optim

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_MAKE: dict[str, Callable[..., optim.Optimizer]] = {
    "SGD": optim.SGD,
    "Adam": optim.Adam,
    "AdamW": optim.AdamW,
}
_HOW = {
    "SGD": "The decay joins the slope, and the rate multiplies their sum",
    "Adam": "The decay joins the slope, and the sum is divided by its own size",
    "AdamW": "The slope is divided by its own size; the decay, times rate and weight, "
    "is apart",
}


@question(
    "40_training/34_optimisers",
    name=("SGD", "Adam", "AdamW", "AdamW"),
    slope=(0, 3, -2, 4, 20),
    decay=(0.5, 0.25),
    weight=(2, 4),
)
def one_step(name: str, slope: int, decay: float, weight: int) -> Posed | None:
    """Compute where the first step of an optimiser leads."""
    if slope + decay * weight == 0:
        return None
    found = {kind: _stepped(kind, slope, decay, weight) for kind in _MAKE}
    wrong: dict[object, str] = {}
    for value, why in (
        (_stepped(name, slope, 0, weight), "So it steps without weight decay."),
        *((found[kind], f"So {kind} does it. {_NOT[kind]}") for kind in _MAKE),
        (_stepped(name, -slope, decay, weight), "A step goes against the slope."),
        (_stepped(name, slope, -decay, weight), "Decay makes a weight smaller."),
    ):
        wrong.setdefault(value, why)
    return Posed(
        f"A weight is {weight}, the slope of the loss there {slope}. "
        f"{'Plain SGD' if name == 'SGD' else name} makes its first step, with learning "
        f"rate 0.1 and weight decay {decay}. Where is the weight then, in two "
        "decimals?",
        found[name],
        f"{_HOW[name]}: {_sum(name, slope, decay, weight)}.",
        wrong,
    )


_NOT = {
    "SGD": "Its step grows with the slope.",
    "Adam": "There the decay is divided by its own size, like a slope.",
    "AdamW": "There the decay never meets the slope.",
}


def _stepped(kind: str, slope: float, decay: float, weight: float) -> str:
    p = torch.tensor([float(weight)], dtype=torch.double, requires_grad=True)
    p.grad = torch.tensor([float(slope)], dtype=torch.double)
    optimizer = _MAKE[kind]([p], lr=0.1)
    optimizer.param_groups[0]["weight_decay"] = decay
    optimizer.step()
    return f"{p.item():.2f}"


def _sum(name: str, slope: int, decay: float, weight: int) -> str:
    if name == "SGD":
        return f"{weight} - 0.1 * ({slope} + {decay} * {weight})"
    if name == "Adam":
        both = slope + decay * weight
        return f"{weight} - 0.1 * {both:g} / {abs(both):g}" if both else f"{weight}"
    sign = f" - 0.1 * {slope} / {abs(slope)}" if slope else ""
    return f"{weight} - 0.1 * {decay} * {weight}{sign}"


_ACCOUNTS = "nothing", "a velocity", "a running mean of slopes and one of squares"
_KINDS: dict[str, Callable[[Iterable[Tensor]], optim.Optimizer]] = {
    "plain SGD": lambda ps: optim.SGD(ps, lr=0.1),
    "SGD with momentum": lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9),
    "AdamW": lambda ps: optim.AdamW(ps, lr=0.1),
}


@question(
    "40_training/34_optimisers",
    kind=tuple(_KINDS),
    sizes=((4, 5), (10, 3), (20, 10), (50, 2), (8, 8)),
)
def numbers_remembered(kind: str, sizes: tuple[int, int]) -> Posed:
    """Count what an optimiser remembers."""
    inputs, outputs = sizes
    ps = [torch.zeros(outputs, inputs), torch.zeros(outputs)]
    for p in ps:
        p.grad = torch.ones_like(p)
    optimizer = _KINDS[kind](ps)
    optimizer.step()
    total = sum(p.numel() for p in ps)
    kept = sum(
        value.numel()
        for state in optimizer.state.values()
        for value in state.values()
        if isinstance(value, Tensor) and value.ndim
    )
    each = kept // total
    return Posed(
        f"`nn.Linear({inputs}, {outputs})`, with its bias, is trained by {kind}. How "
        "many numbers does the optimiser keep from step to step, besides the "
        "parameters and a counter of steps?",
        kept,
        f"{inputs} * {outputs} + {outputs} = {total} parameters, and "
        f"{_ACCOUNTS[each]} for each.",
        {
            total: "This is one number for each parameter. What does the formula of "
            "this optimiser take over from the step before?",
            2 * total: "This is two for each parameter. What does the formula of this "
            "optimiser take over from the step before?",
            each * inputs * outputs: "The biases are parameters, too.",
            3 * total: "Here the parameters themselves are counted, too.",
            0: "Its steps depend on slopes of the past. Where are they kept?",
        },
    )


QUESTIONS = (one_step, numbers_remembered)
