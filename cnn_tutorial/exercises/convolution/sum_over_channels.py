"""Exercise: a convolution with many channels, made of convolutions with one."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def sum_over_channels(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Convolve x (C_in, H, W) with weight (C_out, C_in, kh, kw), bias (C_out,)."""
    outputs = []
    for kernels, offset in zip(weight, bias, strict=True):
        terms = [
            F.conv2d(plane[None, None], kernel[None, None])[0, 0]
            for plane, kernel in zip(x, kernels, strict=True)
        ]
        outputs.append(torch.stack(terms).sum(dim=0) + offset)
    return torch.stack(outputs)


def _terms(x: Tensor, weight: Tensor) -> Tensor:
    """Return every kernel on its input, (C_out, C_in, H_out, W_out)."""
    c_out, c_in = weight.shape[:2]
    flat = weight.transpose(0, 1).reshape(c_in * c_out, 1, *weight.shape[2:])
    out = F.conv2d(x, flat, groups=c_in)
    return out.reshape(c_in, c_out, *out.shape[-2:]).transpose(0, 1)


def _no_bias(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _terms(x, weight).sum(1)


def _bias_in_each_term(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return sum_over_channels(x, weight, len(x) * bias)


def _bias_by_input(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _no_bias(x, weight, bias) + bias.sum()


def _mean(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _terms(x, weight).mean(1) + bias[:, None, None]


def _largest(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _terms(x, weight).amax(1) + bias[:, None, None]


def _one_input(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _terms(x, weight)[:, 0] + bias[:, None, None]


def _last_input(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return _terms(x, weight)[:, -1] + bias[:, None, None]


def _own_input(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    terms = _terms(x, weight)
    rows = torch.arange(len(weight))
    return terms[rows, rows % len(x)] + bias[:, None, None]


def _all_terms(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return (_terms(x, weight) + bias[:, None, None, None]).flatten(0, 1)


def _added_first(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    plane, kernels = x.sum(0, keepdim=True), weight.sum(1, keepdim=True)
    return sum_over_channels(plane, kernels, bias)


def _same_kernel(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return sum_over_channels(x.sum(0, keepdim=True), weight[:, :1], bias)


def _swapped(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return sum_over_channels(x, weight.transpose(0, 1), bias)


def _flipped(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return sum_over_channels(x, weight.flip(2, 3), bias)


def _detached(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return sum_over_channels(x, weight, bias).detach()


MISTAKES = (
    Mistake(
        "the bias is forgotten",
        "Each output channel has one number more: add `bias[o]` to its sum.",
        _no_bias,
    ),
    Mistake(
        "the bias is added in every term",
        "The bias belongs to the output channel, not to a kernel: add it once, after "
        "the sum over the inputs.",
        _bias_in_each_term,
    ),
    Mistake(
        "all biases are added to each output",
        "`bias` has one number for each output channel: output o gets `bias[o]` alone.",
        _bias_by_input,
    ),
    Mistake(
        "the terms are averaged",
        "The terms are added, not averaged: with more input channels the output grows.",
        _mean,
    ),
    Mistake(
        "the largest term is taken",
        "No term wins: all of them are added.",
        _largest,
    ),
    Mistake(
        "the inputs after the first are ignored",
        "Output o listens to every input channel, each through a kernel of its own. "
        "Does your sum run over all of `x`?",
        _one_input,
    ),
    Mistake(
        "only the last input is left",
        "Each term replaces the one before it. Add them up, or keep them in a list.",
        _last_input,
    ),
    Mistake(
        "each output reads one input only",
        "That is a depthwise convolution. Here every output reads every input: two "
        "loops, one inside the other.",
        _own_input,
    ),
    Mistake(
        "the terms stand side by side",
        "There are C_out * C_in terms and C_out outputs: the terms that belong to the "
        "same output are added.",
        _all_terms,
    ),
    Mistake(
        "channels and kernels are added before the convolution",
        "A sum of products is not a product of sums: convolve each channel with its "
        "own kernel first, then add.",
        _added_first,
    ),
    Mistake(
        "all inputs share one kernel",
        "Input i of output o has its own kernel, `weight[o, i]`.",
        _same_kernel,
    ),
    Mistake(
        "inputs and outputs of the weight are swapped",
        "The first axis of `weight` counts outputs, the second counts inputs: "
        "`weight[o, i]`.",
        _swapped,
    ),
    Mistake(
        "the kernel is flipped",
        "Deep learning does not flip: kernel element (0, 0) meets the upper left pixel "
        "of the window.",
        _flipped,
    ),
    Mistake(
        "the gradient is lost",
        "Autograd must be able to follow: no `detach`, no `.data`, no `.item()`.",
        _detached,
    ),
)


def _case(name: str, image: tuple[int, int, int], kernel: tuple[int, ...]) -> Case:
    def make() -> dict[str, object]:
        weight = varied(*kernel, start=4)
        return {"x": varied(*image), "weight": weight, "bias": 5 * varied(kernel[0])}

    return Case(name, make)


def _gradient_case() -> dict[str, object]:
    weight, bias = varied(1, 2, 1, 2), varied(1)
    return {"x": varied(2, 2, 3).requires_grad_(), "weight": weight, "bias": bias}


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(sum_over_channels)(attempt, inputs))
    x, result = inputs["x"], seen["result"]
    if isinstance(x, Tensor) and x.requires_grad and isinstance(result, Tensor):
        seen["the result can be differentiated"] = result.requires_grad
    return seen


EXERCISE = Exercise(
    reference=sum_over_channels,
    title="Many channels from one",
    lesson="20_convolution/50_channels",
    level="core",
    minutes=10,
    prompt="Write a convolution from `C_in` to `C_out` channels. `F.conv2d` may slide "
    "one kernel over one channel; the loops, the sum and the bias are yours.",
    observe=_observe,
    cases=(
        _case(
            "two inputs of 2 x 3, two outputs, 1 x 2 kernels", (2, 2, 3), (2, 2, 1, 2)
        ),
        _case("one input, two outputs", (1, 2, 3), (2, 1, 2, 2)),
        _case("three inputs, one output", (3, 2, 3), (1, 3, 2, 2)),
        _case("three inputs of 7 x 5, five outputs", (3, 7, 5), (5, 3, 3, 2)),
        Case("two inputs that want a gradient", _gradient_case),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Start with one output channel. Which kernels belong to it, and which "
            "input does each of them read?"
        ),
        (
            "Two loops: over the outputs, and inside over the inputs. The inner one "
            "makes C_in maps of the same size, which are added; then comes the bias."
        ),
        (
            "`terms = [F.conv2d(x[None, None, i], weight[None, None, o, i])[0, 0] for "
            "i in range(len(x))]`, then `sum(terms) + bias[o]` for each `o`, then "
            "`torch.stack`."
        ),
    ),
    next="Let `groups` cut the channels into parts: output o then reads the inputs of "
    "its own part only.",
    imports="import torch\nimport torch.nn.functional as F",
)
