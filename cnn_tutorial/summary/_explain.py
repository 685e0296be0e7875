"""Which layer the shapes did not fit, and what it should have been told."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from cnn_tutorial.summary._row import by

__all__ = ["explain"]

Shape = tuple[int, ...]


def explain(name: str, module: nn.Module, args: object, shapes: list[Shape]) -> str:
    """Return what a layer was built for, what it met and what would have fitted.

    Parameters
    ----------
    name
        The layer's.
    module
        The layer that raised.
    args
        Positional arguments that it was called with.
    shapes
        Shapes of all tensors that were computed before, in order.

    Returns
    -------
    str
        One sentence or two; empty where the layer's kind is not known or its arguments
        look right.
    """
    first = args[0] if isinstance(args, tuple) and args else None
    if not isinstance(first, Tensor):
        return ""
    met = tuple(first.shape)
    match module:
        case nn.Linear():
            setting, axis = "in_features", -1
        case _ConvNd():
            return _convolution(name, module, met)
        case _BatchNorm():
            setting, axis = "num_features", 1
        case nn.GroupNorm():
            setting, axis = "num_channels", 1
        case _:
            return ""
    return _size(name, module, setting, met, axis, shapes)


def _size(
    name: str,
    module: nn.Module,
    setting: str,
    met: Shape,
    axis: int,
    shapes: list[Shape],
) -> str:
    built = getattr(module, setting)
    if len(met) <= max(axis, 0) or met[axis] == built:
        return ""
    return (
        f"`{name}` was built with {setting}={built}, but its input has the shape "
        f"{met}: {setting} should have been {met[axis]}{_origin(met, shapes)}."
    )


def _origin(met: Shape, shapes: list[Shape]) -> str:
    """Return the maps that flattening made a long row of, if they are to be found."""
    if len(met) == 2:
        for shape in reversed(shapes):
            if len(shape) > 2 and shape[0] == met[0] and math.prod(shape[1:]) == met[1]:
                return f" = {by(shape[1:])}, the maps before flattening"
    return ""


def _convolution(name: str, layer: _ConvNd, met: Shape) -> str:
    spatial = len(layer.kernel_size)
    if len(met) != spatial + 2:
        return (
            f"`{name}` takes {spatial + 2} axes, batch and channels included, but its "
            f"input has the shape {met}. `input_size` is that of one sample, without "
            "the batch axis."
        )
    if met[1] != layer.in_channels:
        return (
            f"`{name}` was built with in_channels={layer.in_channels}, but its input "
            f"has the shape {met}: in_channels should have been {met[1]}."
        )
    if isinstance(layer.padding, str) or layer.transposed:
        return ""
    for size, kernel, padding, dilation in zip(
        met[2:], layer.kernel_size, layer.padding, layer.dilation, strict=True
    ):
        window, room = dilation * (kernel - 1) + 1, size + 2 * padding
        if window > room:
            return (
                f"`{name}` needs {window} pixels for its kernel of {kernel} (dilation "
                f"{dilation}), but its input has the shape {met}: {size} + 2 * "
                f"{padding} (padding) = {room}. Earlier layers shrink the image too "
                "far."
            )
    return ""
