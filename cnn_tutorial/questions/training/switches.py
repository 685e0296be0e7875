"""Dropout, and the switch between learning and judging."""

from __future__ import annotations

from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/32_dropout",
    rate=(0.2, 0.75, 0.9),
    value=(4, 8, 12),
    training=(True, True, False),
)
def value_that_stays(rate: float, value: int, training: bool) -> Posed:
    """Compute what dropout makes of a value that it keeps."""
    with torch.random.fork_rng(devices=[]):
        out = F.dropout(torch.full((256,), float(value)), rate, training).max().item()
    mode = "training" if training else "evaluation"
    return Posed(
        f"`nn.Dropout({rate})` is in {mode} mode. Of many values it gets, all equal to "
        f"{value}, we look at one that it does not set to 0. What has it become?",
        f"{out:g}",
        f"{value} / (1 - {rate}): those that stay make up for the others."
        if training
        else "In evaluation nothing is thrown away, and nothing has to be made up for.",
        {
            f"{value}": "Then the sum of all values would be smaller than in "
            "evaluation.",
            f"{value / (1 - rate):g}": "So it is in training mode. Which mode is "
            "it in?",
            f"{value / rate:.4g}": "A share p is dropped. Which share stays, and has "
            "to make up for it?"
            if training
            else "Here nothing is lost, so nothing is to be scaled.",
            f"{value * (1 - rate):g}": "Those that stay make up for those that are "
            "gone: do they have to grow or to shrink?"
            if training
            else "Some recipes scale like this in evaluation. PyTorch scales in "
            "training.",
        },
    )


_SCALED = {
    "scales nothing, neither in training nor in evaluation": (False, False),
    "divides what stays by {0} in training": (True, False),
    "multiplies all values by {0} in evaluation": (False, True),
    "divides what stays by {0} in training and multiplies all by {0} in evaluation": (
        True,
        True,
    ),
}


@question(
    "40_training/32_dropout",
    rate=(0.2, 0.5, 0.75),
    way=tuple(_SCALED),
)
def sums_when_judged(rate: float, way: str) -> Posed:
    """Compare the sums of evaluation with the mean of those of training."""
    stays = 1 - Fraction(str(rate))
    in_training, in_evaluation = _SCALED[way]
    learns = _mean_of_sums(rate, scaled=in_training)
    judged = float(stays) * 4 if in_evaluation else 4.0
    found = Fraction(judged / learns).limit_denominator(20)
    shown = {n: f"{float(n):g} times" for n in (1 / stays, stays, stays**2)}
    shown[Fraction(1)] = "the same"
    left = f"{float(stays):g}"
    return Posed(
        f"Somebody's dropout with p = {rate} {way.format(left)}. The next layer sums "
        "up its values. How large are these sums in evaluation, compared with their "
        "mean in training?",
        shown[found],
        f"In training a share of {left} stays"
        f"{f', divided by {left}' if in_training else ''}; in evaluation all stay"
        f"{f', times {left}' if in_evaluation else ''}.",
        {
            shown[Fraction(1)]: "So it is with the factor once, in training or in "
            "evaluation. Count how often it stands here.",
            shown[1 / stays]: "So it is where nothing makes up for what is dropped.",
            shown[stays]: "So it is where it is made up for twice.",
            shown[stays**2]: "Dropout itself takes nothing away in evaluation.",
        },
    )


def _mean_of_sums(rate: float, *, scaled: bool) -> float:
    """Average the sum of four ones over all ways to drop some of them."""
    masks = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 4).double()
    kept = masks.sum(dim=1)
    chance = (1 - rate) ** kept * rate ** (4 - kept)
    sums = kept / (1 - rate) if scaled else kept
    return float((chance * sums).sum())


_STATE = {
    (False, False): "nothing",
    (True, False): "the weights",
    (False, True): "the running statistics",
    (True, True): "the weights and the running statistics",
}
_WHY = {
    "nothing": "No step of an optimiser, and evaluation mode only reads the running "
    "statistics.",
    "the weights": "The step moves the weights; evaluation mode only reads the running "
    "statistics.",
    "the running statistics": "Without a step the weights stay. Every call in training "
    "mode moves the running statistics.",
    "the weights and the running statistics": "The step moves the weights, and every "
    "call in training mode the running statistics.",
}
_STEP = "each time followed by `backward` and a step of SGD"


@question(
    "40_training/33_train_or_eval",
    training=(True, False),
    how=("under `no_grad`", "all its parameters frozen", _STEP),
    calls=(2, 5, 20),
    what=("validation", "training"),
)
def what_moves(training: bool, how: str, calls: int, what: str) -> Posed | None:
    """Find what calls change in a network with batch norm."""
    if how == _STEP and what == "validation":
        return None
    truth = _moved(training, step=how == _STEP, frozen="frozen" in how)
    if how == _STEP:
        weights = "A step of an optimiser moves the weights, whatever the mode."
    else:
        weights = "Weights are moved by steps of an optimiser, and by nothing else."
    if training:
        statistics = "Running statistics need no gradient to move, only a call in "
        statistics += "training mode."
    else:
        statistics = "In evaluation mode the running statistics are read, not moved."
    return Posed(
        "A network of convolutions and batch norms is in "
        f"{'training' if training else 'evaluation'} mode. It is called on {calls} "
        f"batches of {what} images, {how}. What has changed afterwards?",
        _STATE[truth],
        _WHY[_STATE[truth]],
        {
            state: weights if key[0] != truth[0] else statistics
            for key, state in _STATE.items()
            if key != truth
        },
    )


def _moved(training: bool, *, step: bool, frozen: bool) -> tuple[bool, bool]:
    """Call a small network, and tell whether weights and statistics have moved."""
    with torch.random.fork_rng(devices=[]):
        net = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.train(training).requires_grad_(not frozen)
    with torch.set_grad_enabled(step or frozen):
        out = net(torch.arange(8.0).reshape(2, 1, 2, 2))
    if step:
        out[0].sum().backward()
        torch.optim.SGD(net.parameters(), lr=0.1).step()
    after = net.state_dict()
    moved = {name for name in before if not after[name].equal(before[name])}
    weights = {name for name, _ in net.named_parameters()}
    return bool(moved & weights), bool(moved - weights)


@question(
    "40_training/33_train_or_eval",
    lines=(
        ("net.train()", "net.body.eval()"),
        ("net.body.eval()", "net.train()"),
        ("net.eval()", "net.head.train()"),
        ("net.head.train()", "net.eval()"),
        ("net.eval()", "net.train()", "net.body.eval()"),
        ("net.train()", "net.body.eval()", "net.train()"),
        ("net.body.eval()", "net.eval()", "net.head.train()"),
        ("net.eval()", "net.body.train()"),
        ("net.head.eval()", "net.body.eval()"),
        ("net.train()", "net.head.eval()"),
    ),
)
def parts_in_training_mode(lines: tuple[str, ...]) -> Posed:
    """Find the parts that are in training mode."""
    net = nn.ModuleDict({"body": nn.Dropout(), "head": nn.Dropout()})
    for line in lines:
        *part, mode = line.removesuffix("()").split(".")[1:]
        net.get_submodule(".".join(part)).train(mode == "train")
    states = {
        "both parts": (True, True),
        "the body only": (True, False),
        "the head only": (False, True),
        "neither part": (False, False),
    }
    truth = net["body"].training, net["head"].training
    right = next(name for name, modes in states.items() if modes == truth)
    last = {
        part: next(a for a in reversed(lines) if part in a or a.count(".") == 1)
        for part in ("body", "head")
    }
    shown = ", ".join(f"`{line}`" for line in lines)
    return Posed(
        "A new network has two parts, `net.body` and `net.head`. These lines run: "
        f"{shown}. Which parts are in training mode?",
        right,
        f"The last line to reach the body is `{last['body']}`, the last to reach the "
        f"head `{last['head']}`.",
        {
            name: f"Look at the {'body' if modes[0] != truth[0] else 'head'}: which "
            "line was the last to reach it? A call on `net` reaches every part."
            for name, modes in states.items()
            if modes != truth
        },
    )


QUESTIONS = (value_that_stays, sums_when_judged, what_moves, parts_in_training_mode)
