"""Biases in front of norms: when they are taken away again."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "50_architectures/24_without_bias",
    added=(2, 3, 4, 8),
    scale=(1, 2, 3),
    variance=(4, 16, 25),
    mode=("training", "evaluation", "evaluation"),
)
def change_behind_a_norm(added: int, scale: int, variance: int, mode: str) -> Posed:
    """Change of the outputs when the bias in front of a norm changes."""
    x = torch.tensor([[1.0], [2.0], [3.0], [6.0]])  # one channel of four images

    def norm(maps: Tensor) -> Tensor:
        mean, spread = torch.tensor([3.0]), torch.tensor([float(variance)])
        training = mode == "training"
        return F.batch_norm(maps, mean, spread, training=training, eps=1e-9)

    moved = scale * (norm(x + added) - norm(x)).mean().item()
    root = int(variance**0.5)
    return Posed(
        f"A trained batch norm has running variance {variance} and scale {scale}. We "
        f"add {added} to the bias of the convolution in front of it. By how much do "
        f"the norm's outputs change at the next batch, in {mode} mode?",
        _number(moved),
        f"Its memory does not know the {added} yet: {added} / {root} * {scale}."
        if mode == "evaluation"
        else "It subtracts the mean of this batch, and the mean has grown as much.",
        _mistakes(mode, added, scale, variance),
    )


def _mistakes(mode: str, added: int, scale: int, variance: int) -> dict[object, str]:
    full = _number(added * scale / variance**0.5)
    if mode == "training":
        batch = "In training mode it subtracts the mean of the batch itself."
        both = "Mean and variance are the batch's own in training mode: do they change?"
        return {full: batch, str(added): batch, _number(added * scale): both}
    return {
        "0": "It subtracts what it remembers. Does it remember this change?",
        _number(added * scale / variance): "It divides by the deviation, the root of "
        "the variance.",
        _number(added * scale): "It divides, too, and by a number it remembers.",
    }


def _number(value: float) -> str:
    return f"{round(value, 4) + 0.0:g}"


@question(
    "50_architectures/24_without_bias",
    mean=(16, 32, 48, 64),
    momentum=(0.25, 0.5, 0.75),
    batches=(1, 2),
)
def missing_from_the_memory(mean: int, momentum: float, batches: int) -> Posed:
    """Part of a mean that a new norm does not yet subtract in evaluation."""
    maps = torch.tensor([mean - 1.0, mean + 1.0]).reshape(2, 1)
    memory, spread = torch.zeros(1), torch.ones(1)
    for _ in range(batches):
        F.batch_norm(maps, memory, spread, training=True, momentum=momentum)
    keep = 1 - momentum
    return Posed(
        f"A new batch norm with `momentum={momentum}` (its running mean is 0) sees "
        f"{batches} batch{'es' * (batches > 1)} in training mode, with a mean of "
        f"{mean} in the channel. How much of the {mean} does it not subtract in "
        f"evaluation mode?",
        round(mean - memory.item()),
        f"Each batch leaves {keep} of what is missing: {mean} * "
        f"{' * '.join([str(keep)] * batches)}.",
        {
            round(memory.item()): "That is what it has learned, and subtracts.",
            round(
                mean * momentum**batches
            ): "PyTorch's momentum is the share of the new batch, not of the memory.",
            round(mean * keep): "It has seen another batch since the first one.",
            0: "In evaluation it subtracts its memory. Is all of it there already?",
            mean: "Each batch in training mode has taught it a part.",
        },
    )


QUESTIONS = (change_behind_a_norm, missing_from_the_memory)
