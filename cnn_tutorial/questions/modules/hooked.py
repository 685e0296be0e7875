"""Hooks: who runs first, and what a record holds."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


def _order(ahead: tuple[bool, ...], removed: str) -> str:
    log: list[str] = []
    layer = nn.Identity()

    def hook(letter: str) -> Callable[..., None]:
        def note(*_: object) -> None:
            log.append(letter)

        return note

    handles = {
        letter: layer.register_forward_hook(hook(letter), prepend=jumps)
        for letter, jumps in zip("ABC", ahead, strict=True)
    }
    if removed in handles:
        handles[removed].remove()
    layer(torch.ones(1))
    return ", then ".join(log)


@question(
    "30_modules/25_hooks",
    ahead=(
        *((False, True, False), (False, False, True), (False, True, True)),
        *((True, True, False), (True, False, True)),
    ),
    removed=("", "", "A", "B", "C"),
)
def order_of_hooks(ahead: tuple[bool, ...], removed: str) -> Posed:
    """Tell in which order the hooks of a layer run."""
    named = [
        letter + (" with `prepend=True`" if jumps else "")
        for letter, jumps in zip("ABC", ahead, strict=True)
    ]
    right = _order(ahead, removed)
    arrived = [letter for letter in "ABC" if letter != removed]
    jumped = [k for k in arrived if ahead["ABC".index(k)]]
    queue = [*jumped, *(k for k in arrived if k not in jumped)]
    gone = f" Then `remove()` is called on the handle of {removed}." if removed else ""
    return Posed(
        f"A layer gets three forward hooks: {named[0]}, then {named[1]}, then "
        f"{named[2]}.{gone} In which order do they run when the layer is called?",
        right,
        "A hook with `prepend=True` goes to the head of the queue, in front of earlier "
        "ones; the others go to its end." + (f" {removed} is gone." if removed else ""),
        {
            ", then ".join(arrived): "That is the order in which they were registered. "
            "What does `prepend` do?",
            _order(ahead, ""): f"What does `remove()` do with the hook {removed}?",
            ", then ".join(reversed(arrived)): "Without `prepend`, hooks run in the "
            "order in which they were registered.",
            ", then ".join(queue): "Two hooks have jumped the queue. Where did the "
            "second one find the head of it?",
        },
    )


class _Times(nn.Module):
    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.factor * x


_KEPT = ("output.detach()", "output.detach().clone()", "args[0].detach()")


@question(
    "30_modules/25_hooks",
    low=(-1, -2, -4),
    high=(2, 3, 5),
    factor=(2, 3, 10),
    kept=_KEPT,
    inplace=(True, True, False),
)
def record_of_a_layer(
    low: int, high: int, factor: int, kept: str, inplace: bool
) -> Posed:
    """Tell what a hook's record holds when the call is over."""
    record: list[torch.Tensor] = []
    net = nn.Sequential(_Times(factor), nn.ReLU(inplace=inplace))

    def keep(_: object, args: tuple[torch.Tensor], output: torch.Tensor) -> None:
        both = output.detach(), output.detach().clone(), args[0].detach()
        record.append(dict(zip(_KEPT, both, strict=True))[kept])

    net[0].register_forward_hook(keep)
    net(torch.tensor([low, high]))
    because = {
        _KEPT[0]: "The ReLU wrote into the memory that the record shares."
        if inplace
        else "This ReLU writes its result into new memory.",
        _KEPT[1]: "A `clone` has memory of its own.",
        _KEPT[2]: "`args` holds what the layer was given; nobody wrote into that.",
    }[kept]
    return Posed(
        f"`net = nn.Sequential(Times({factor}), nn.ReLU(inplace={inplace}))` gets "
        f"{low} and {high}; `Times({factor})` multiplies by {factor}. A forward hook "
        f"on `net[0]` keeps `{kept}`. What does this hold after the call?",
        record[0].tolist(),
        because,
        {
            str([factor * low, factor * high]): "`args` is what the layer was given."
            if "args" in kept
            else "`detach` makes no copy. Who else writes into this memory?",
            str([0, factor * high]): "The ReLU comes later. Does it write into the "
            "memory that was kept?",
            str([low, high]): "That went into the layer. What does the hook keep?",
            str(
                [0, high]
            ): "Did the ReLU write into what `net` was given, or into what "
            "`Times` returned?"
            if "args" in kept
            else "The hook is on `Times`: it meets numbers that are multiplied.",
        },
    )


QUESTIONS = (order_of_hooks, record_of_a_layer)
