"""Exercise: the layer of a dense block, as a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from cnn_tutorial.exercises.architectures._modules import as_module
from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def dense_layer(in_channels: int, growth: int) -> nn.Module:
    """Return the module: norm, ReLU, 1x1 to 4*growth, norm, ReLU, 3x3 to growth."""
    return nn.Sequential(
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, 4 * growth, 1, bias=False),
        nn.BatchNorm2d(4 * growth),
        nn.ReLU(),
        nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
    )


def _of(parts: Callable[[int, int], list[nn.Module]]) -> Attempt:
    """Return an answer that puts other layers in a row."""

    def attempt(in_channels: int, growth: int) -> nn.Module:
        return nn.Sequential(*parts(in_channels, growth))

    return attempt


def _before(a: int, b: int, size: int = 1, *, bias: bool = False) -> list[nn.Module]:
    """Return norm, ReLU and a convolution that keeps the size."""
    conv = nn.Conv2d(a, b, size, padding=size // 2, bias=bias)
    return [nn.BatchNorm2d(a), nn.ReLU(), conv]


def _turned(layers: list[nn.Module]) -> list[nn.Module]:
    """Return ReLU, norm and convolution."""
    return [layers[1], layers[0], layers[2]]


def _behind(a: int, b: int, size: int = 1) -> list[nn.Module]:
    """Return a convolution that keeps the size, norm and ReLU."""
    conv = nn.Conv2d(a, b, size, padding=size // 2, bias=False)
    return [conv, nn.BatchNorm2d(b), nn.ReLU()]


class _Concatenating(nn.Module):
    """The layer, and its input in front of what it makes."""

    def __init__(self, in_channels: int, growth: int) -> None:
        super().__init__()
        self.layer = dense_layer(in_channels, growth)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, self.layer(x)], dim=1)


MISTAKES = (
    Mistake(
        "the input comes out as well",
        "Laying new channels beside the old ones is the block's work. The layer "
        "returns the new ones only.",
        _Concatenating,
    ),
    Mistake(
        "the middle is as narrow as the output",
        "The 1 x 1 convolution makes 4 * growth channels.",
        _of(lambda c, k: _before(c, k) + _before(k, k, 3)),
    ),
    Mistake(
        "the middle grows with the input",
        "The 1 x 1 convolution makes 4 * growth channels, however many come in: that "
        "is what keeps the 3 x 3 convolution small.",
        _of(lambda c, k: _before(c, 4 * c) + _before(4 * c, k, 3)),
    ),
    Mistake(
        "each ReLU comes before its norm",
        "Norm first, then ReLU: what the norm centres, the ReLU cuts in half.",
        _of(lambda c, k: _turned(_before(c, 4 * k)) + _turned(_before(4 * k, k, 3))),
    ),
    Mistake(
        "norm and ReLU come behind the 3 x 3 convolution as well",
        "Six modules, and the last one is a convolution: whoever reads the output has "
        "a norm and a ReLU.",
        _of(lambda c, k: _before(c, 4 * k) + _before(4 * k, k, 3) + _before(k, k)[:2]),
    ),
    Mistake(
        "there is no 1 x 1 convolution",
        "The 3 x 3 convolution reads 4 * growth channels, which a 1 x 1 convolution "
        "makes first, with a norm and a ReLU of its own.",
        _of(lambda c, k: _before(c, k, 3)),
    ),
    Mistake(
        "norm and ReLU come behind the convolutions",
        "In a dense layer they come first: every layer brings a norm of its own for "
        "the channels that it reads.",
        _of(lambda c, k: _behind(c, 4 * k) + _behind(4 * k, k, 3)),
    ),
    Mistake(
        "the convolutions have biases",
        "What comes behind a norm needs none, and the paper's have none: `bias=False`.",
        _of(
            lambda c, k: _before(c, 4 * k, bias=True) + _before(4 * k, k, 3, bias=True)
        ),
    ),
    Mistake(
        "the 3 x 3 convolution comes first",
        "First 1 x 1, from many channels to 4 * growth, then 3 x 3 to growth.",
        _of(lambda c, k: _before(c, 4 * k, 3) + _before(4 * k, k)),
    ),
    Mistake(
        "the 3 x 3 convolution has no padding",
        "Maps that are laid side by side have one size: `padding=1` keeps it.",
        _of(
            lambda c, k: [
                *_before(c, 4 * k),
                *_before(4 * k, k)[:2],
                nn.Conv2d(4 * k, k, 3, bias=False),
            ]
        ),
    ),
    Mistake(
        "a ReLU is missing",
        "There is one behind each of the two norms.",
        _of(
            lambda c, k: [
                *_before(c, 4 * k),
                nn.BatchNorm2d(4 * k),
                *_before(4 * k, k, 3)[2:],
            ]
        ),
    ),
    Mistake(
        "a ReLU comes out",
        "Nothing follows the 3 x 3 convolution: who reads its output has a norm and a "
        "ReLU.",
        _of(lambda c, k: [*_before(c, 4 * k), *_before(4 * k, k, 3), nn.ReLU()]),
    ),
)


def _filled(net: nn.Module) -> nn.Module:
    """Give equal layers equal numbers, wherever they are kept."""
    for layer in net.modules():
        for name, values in layer.named_parameters(recurse=False):
            seed = sum(values.shape) + (name == "bias")
            generator = torch.Generator().manual_seed(seed)
            random = torch.randn(values.shape, generator=generator)
            values.data = random / 2 + (values.ndim == 1)
    return net


def _observe(attempt: Attempt, inputs: dict[str, Any]) -> dict[str, object]:
    net = as_module(ask(attempt, *inputs.values()))
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, inputs["in_channels"], 5, 7, generator=generator)
    with torch.no_grad():
        out = _filled(net)(x)
    return {
        "shape of the output for maps of 5 x 7": list(out.shape),
        "parameters": sum(p.numel() for p in net.parameters()),
        "output": out,
    }


def _case(name: str, in_channels: int, growth: int) -> Case:
    return Case(name, lambda: {"in_channels": in_channels, "growth": growth})


EXERCISE = Exercise(
    reference=dense_layer,
    title="The layer of a dense block",
    lesson="50_architectures/50_dense",
    level="core",
    minutes=8,
    prompt="Return a module with norm, ReLU, a 1 x 1 convolution to `4 * growth` "
    "channels, norm, ReLU, and a 3 x 3 convolution to `growth` channels that keeps "
    "the size. No biases in the convolutions.",
    observe=_observe,
    cases=(
        # Norms 4 + 8, convolutions 2 * 4 and 9 * 4 * 1: 56.
        _case("two channels, growth 1", 2, 1),
        # Norms 6 + 16, convolutions 3 * 8 and 9 * 8 * 2: 190.
        _case("three channels, growth 2", 3, 2),
        _case("eleven channels, growth 5", 11, 5),
    ),
    mistakes=MISTAKES,
    hints=(
        "Six modules in a row, in the order of the prompt: `nn.Sequential` takes them.",
        "The first norm has `in_channels` channels, the second one `4 * growth`.",
        (
            "`nn.Conv2d(in_channels, 4 * growth, 1, bias=False)` in the middle, and "
            "`nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)` at the end."
        ),
    ),
    imports="from torch import nn",
    next="Count its parameters as a formula of `in_channels` and `growth`. Which term "
    "is the largest in the last layer of a deep block?",
)
