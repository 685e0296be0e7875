"""The recursion: the field of a list of layers, from kernel, stride and dilation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from torch import nn
from torch.nn.modules import activation
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.pooling import _AvgPoolNd, _MaxPoolNd

from cnn_tutorial._validation import pair
from cnn_tutorial.arithmetic import Padding, Pair, padding_sides
from cnn_tutorial.receptive_field._field import Field
from cnn_tutorial.receptive_field._steps import PIXEL, Steps, window

__all__ = ["Layer", "receptive_field"]

_MIXING = (nn.MultiheadAttention, nn.Softmax, nn.LogSoftmax, nn.Softmin)
#: These look at one pixel at a time.
_POINTWISE: tuple[type[nn.Module], ...] = (
    nn.Identity,
    _BatchNorm,
    _DropoutNd,
    *(
        kind
        for kind in (getattr(activation, name) for name in activation.__all__)
        if not issubclass(kind, (*_MIXING, nn.GLU))
    ),
)


@dataclass(frozen=True)
class Layer:
    """What the field needs to know of a convolution or pooling.

    Parameters
    ----------
    kernel_size, stride, dilation
        At least 1, pixels; a number, or (vertical, horizontal).
    padding
        Zeros on each side, at least 0; or "same" (stride 1 only) or "valid".

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> Layer(3, dilation=2)
    Layer(kernel_size=3, stride=1, padding=0, dilation=2)
    """

    kernel_size: Pair
    stride: Pair = 1
    padding: Padding = 0
    dilation: Pair = 1

    def __post_init__(self) -> None:
        self.axes()

    def axes(self) -> tuple[Steps, Steps]:
        """Return what each output reads, vertically and horizontally."""
        kernel = pair("kernel_size", self.kernel_size, minimum=1)
        stride = pair("stride", self.stride, minimum=1)
        dilation = pair("dilation", self.dilation, minimum=1)
        sides = padding_sides(self.padding, kernel, stride=stride, dilation=dilation)
        found = zip(kernel, stride, dilation, sides, strict=True)
        vertical, horizontal = (window(k, s, d, p[0]) for k, s, d, p in found)
        return vertical, horizontal


def receptive_field(layers: nn.Module | Iterable[object]) -> Field:
    r"""Return the field of an output after a list of layers.

    Two numbers go from layer to layer. A window of kernel size :math:`K` and dilation
    :math:`D` adds :math:`(K - 1) D` steps to the field :math:`r`, and a step is
    :math:`j` pixels long; the stride :math:`S` makes it longer:

    .. math:: r \leftarrow r + (K - 1)\,D\,j, \qquad j \leftarrow S\,j

    Parameters
    ----------
    layers : iterable of layers, or a module
        From the input to the output: each a `Layer`, a tuple (kernel_size, stride,
        padding, dilation) whose end may be left out, or a two-dimensional convolution
        or pooling module. Modules that look at one pixel at a time (activations, batch
        norm, dropout) change nothing; ``nn.Sequential`` is opened.

    Returns
    -------
    Field
        Size, stride and offset for both axes; for an empty list those of a pixel.

    Raises
    ------
    ValueError
        If an entry is none of these or holds a bad number; its place in the list is
        named. `trace_fields` takes any other model.

    References
    ----------
    A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural
    Networks", Distill, 2019.

    Examples
    --------
    >>> conv, pool = Layer(3), Layer(2, stride=2)
    >>> receptive_field([conv, conv, pool, conv]).size  # 3, 5, 6 with step 2, 6 + 2*2
    (10, 10)
    >>> receptive_field([(3, 1, 0, d) for d in (1, 2, 4)]).size  # 1 + 2*1 + 2*2 + 2*4
    (15, 15)
    """
    entries = layers if isinstance(layers, nn.Module) else list(_checked(layers))
    found = (PIXEL, PIXEL)
    for name, entry in _opened("layers", entries):
        vertical, horizontal = _axes(name, entry)
        found = vertical.after(found[0]), horizontal.after(found[1])
    return Field(found)


def _checked(layers: object) -> Iterable[object]:
    if isinstance(layers, (str, Layer)) or not isinstance(layers, Iterable):
        raise ValueError(
            f"`layers` (={layers!r}) must be a list of layers; one layer is a list too."
        )
    return cast("Iterable[object]", layers)


def _opened(name: str, entry: object) -> Iterator[tuple[str, object]]:
    """Yield the layers in lists and sequential modules, with their places."""
    if isinstance(entry, (list, nn.Sequential, nn.ModuleList)):
        for k, part in enumerate(entry):
            yield from _opened(f"{name}[{k}]", part)
    else:
        yield name, entry


def _axes(name: str, entry: object) -> tuple[Steps, Steps]:
    if isinstance(entry, Layer):
        return entry.axes()
    if isinstance(entry, nn.Module):
        return _module_axes(name, entry)
    if not isinstance(entry, tuple) or not 1 <= len(entry) <= 4:
        raise ValueError(
            f"`{name}` (={entry!r}) must be a Layer, a tuple (kernel_size, stride, "
            "padding, dilation) or a module."
        )
    try:
        return Layer(*entry).axes()
    except ValueError as error:
        raise ValueError(f"`{name}` (={entry!r}): {error}") from None


def _module_axes(name: str, module: nn.Module) -> tuple[Steps, Steps]:
    if isinstance(module, _POINTWISE):
        return PIXEL, PIXEL
    known = isinstance(module, (_ConvNd, _MaxPoolNd, _AvgPoolNd))
    if not known or getattr(module, "transposed", False):
        raise ValueError(
            f"`{name}` is of type {type(module).__name__}, which has no place in the "
            "recursion over kernels and strides: use `trace_fields`."
        )
    if not type(module).__name__.endswith("2d"):
        raise ValueError(
            f"`{name}` (={module!r}) must have two axes; `trace_fields` takes others."
        )
    # Their types say no more than "Tensor or Module" about attributes.
    found = {k: v for k, v in vars(module).items() if k in Layer.__dataclass_fields__}
    return Layer(**found).axes()
