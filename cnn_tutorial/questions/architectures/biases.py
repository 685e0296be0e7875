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
        f"The running mean has not seen the {added} yet, so that it is not subtracted: "
        f"{added} / {root} * {scale}."
        if mode == "evaluation"
        else f"It subtracts the mean of this batch, which has grown by {added}, too.",
        _mistakes(mode, added, scale, variance),
    )


def _mistakes(mode: str, added: int, scale: int, variance: int) -> dict[object, str]:
    full = _number(added * scale / variance**0.5)
    if mode == "training":
        return {
            full: "That is for evaluation mode. Which mean is subtracted in training?",
            str(added): "The norm comes after the bias. What does it do to a number "
            "that is added to a whole channel?",
            _number(
                added * scale
            ): f"The scale comes last. What is left of the {added} "
            "when the batch's own mean has been subtracted?",
        }
    return {
        "0": "It subtracts its running mean. Does that know of the change?",
        _number(added * scale / variance): "It divides by the deviation, the root of "
        "the variance.",
        _number(added * scale): "It also divides. By which of the numbers it has kept?",
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
        f"{mean} in the channel. In evaluation mode it subtracts its running mean. How "
        f"much of the {mean} is left then?",
        round(mean - memory.item()),
        f"Each batch leaves {keep} of what is missing: {mean} * "
        f"{' * '.join([str(keep)] * batches)}.",
        {
            round(memory.item()): "That is the running mean. What is left without it?",
            round(
                mean * momentum**batches
            ): "PyTorch's momentum is the share of the new batch, not of the memory.",
            round(mean * keep): "That is left after one batch. How many has it seen?",
            0: "Has the running mean come all the way from 0 already?",
            mean: "Each batch in training mode moves the running mean.",
        },
    )


QUESTIONS = (change_behind_a_norm, missing_from_the_memory)
