"""A copy of a model in which no pixel can hide: positive weights, and no kinks.

A gradient is zero where a pixel has no influence, but also where a ReLU is off, where
another pixel is the maximum, where a sigmoid is flat, and where two ways cancel. Here
activations let everything pass, a maximum becomes an average, and all weights are
positive.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnn_tutorial.arithmetic import pool_output_size

__all__ = ["Linearly", "positive_copy"]

_STRAIGHT = frozenset(
    [
        "relu",
        "relu6",
        "hardtanh",
        "tanh",
        "sigmoid",
        "hardsigmoid",
        "hardswish",
        "silu",
        "gelu",
        "elu",
        "leaky_relu",
        "selu",
        "celu",
        "softplus",
        "mish",
        "clamp",
        "clip",
        "clamp_min",
        "clamp_max",
        "threshold",
        "softsign",
        "logsigmoid",
        "tanhshrink",
        "softshrink",
        "hardshrink",
        "prelu",
        "rrelu",
    ]
)
_CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)
_ADAPTIVE: tuple[Callable[..., Tensor], ...] = (
    F.adaptive_avg_pool1d,
    F.adaptive_avg_pool2d,
    F.adaptive_avg_pool3d,
)


def positive_copy(model: nn.Module, generator: torch.Generator) -> nn.Module:
    """Return a copy in float64 and evaluation mode with random positive parameters.

    Weights of an output add up to 1, so that a deep model neither grows nor vanishes;
    batch norms neither move nor scale.
    """
    positive = copy.deepcopy(model).cpu().double().eval()
    with torch.no_grad():
        for parameter in positive.parameters():
            parameter.requires_grad_(False)
            random = torch.rand(
                parameter.shape, generator=generator, dtype=torch.double
            )
            random = random.mul_(0.5).add_(0.5)  # none is near zero
            if random.ndim > 1:
                random /= random.sum(dim=tuple(range(1, random.ndim)), keepdim=True)
            parameter.copy_(random)
        for module in positive.modules():
            for name, buffer in module.named_buffers(recurse=False):
                if name in ("running_mean", "running_var"):
                    buffer.fill_(float(name == "running_var"))
    return positive


class Linearly(TorchFunctionMode):
    """Let activations pass what they get, and take averages for maxima."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> object:
        name = getattr(func, "__name__", "").removesuffix("_")
        values = kwargs or {}
        if name in _STRAIGHT:
            return args[0] if args else values["input"]
        if name in _AVERAGES and not values.get("return_indices", False):
            return _AVERAGES[name](*args, **values)
        return func(*args, **values)


def _each(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * axes if len(values) == 1 else values


def _mean_pool(axes: int) -> Callable[..., Tensor]:
    """Return an average pooling that takes all that a max pooling does."""

    def pool(
        input: Tensor,  # noqa: A002 - PyTorch's name
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
        **_: object,
    ) -> Tensor:
        kernel = _each(kernel_size, axes)
        steps = _each(stride or kernel, axes)
        gaps, before = _each(dilation, axes), _each(padding, axes)
        sides: list[int] = []
        settings = zip(input.shape[-axes:], kernel, steps, before, gaps, strict=True)
        for n, k, s, p, d in settings:
            count = pool_output_size(
                n, k, stride=s, padding=p, dilation=d, ceil_mode=ceil_mode
            )
            after = (count - 1) * s + d * (k - 1) + 1 - (n + p)
            sides = [p, max(after, 0), *sides]  # F.pad begins with the last axis
        channels = input.shape[-axes - 1]
        weight = input.new_full((channels, 1, *kernel), 1 / math.prod(kernel))
        convolve = _CONVOLUTIONS[axes - 1]
        padded = F.pad(input, sides)
        return convolve(padded, weight, None, steps, 0, gaps, channels)

    return pool


def _adaptive_mean_pool(axes: int) -> Callable[..., Tensor]:
    average = _ADAPTIVE[axes - 1]

    def pool(
        input: Tensor,  # noqa: A002 - PyTorch's name
        output_size: int | Sequence[int | None],
        *_: object,
        **__: object,
    ) -> Tensor:
        return average(input, output_size)

    return pool


def _mean(
    input: Tensor,  # noqa: A002 - PyTorch's name
    dim: int | Sequence[int] | Tensor = (),
    keepdim: bool = False,
    **named: Any,  # noqa: ANN401 - `other` of torch.max
) -> Tensor:
    """``amax`` and ``maximum`` without a winner."""
    other = named.get("other", dim)
    if isinstance(other, Tensor):
        return (input + other) / 2
    return input.mean(dim if isinstance(dim, int) else tuple(dim), keepdim)


def _max(
    input: Tensor,  # noqa: A002 - PyTorch's name
    *args: Any,  # noqa: ANN401 - dim and keepdim, or other
    **named: Any,  # noqa: ANN401
) -> object:
    """``torch.max``, which returns places too if it is given an axis."""
    mean = _mean(input, *args, **named)
    if isinstance(args[0] if args else named.get("dim"), int):
        places = torch.max(input, *args, **named).indices
        return torch.return_types.max((mean, places))
    return mean


_AVERAGES: dict[str, Callable[..., object]] = {
    **{f"max_pool{axes}d": _mean_pool(axes) for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": _adaptive_mean_pool(axes) for axes in (1, 2, 3)},
    **dict.fromkeys(("amax", "amin", "maximum", "minimum", "fmax", "fmin"), _mean),
    "max": _max,
}
