"""Which pixels change one output: measured by the gradient, with nothing hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnn_tutorial.hooks.layers import uncompiled
from cnn_tutorial.receptive_field._linear import Linearly, positive_copy
from cnn_tutorial.receptive_field._output import checked_size, gradient, output_at
from cnn_tutorial.receptive_field._steps import Interval

__all__ = ["Footprint", "gradient_footprint"]


@dataclass(frozen=True, eq=False)
class Footprint:
    """The pixels that change one output.

    Parameters
    ----------
    mask : bool tensor, shape (H, W)
        True where the output depends on the pixel, in any channel.
    position
        Row and column of the output.
    """

    mask: Tensor
    position: tuple[int, ...]

    @property
    def pixels(self) -> int:
        """How many pixels the output depends on."""
        return int(self.mask.sum())

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """First and last pixel along each axis, both included.

        The last is smaller than the first where no pixel has an influence.
        """
        found = []
        for axis in range(self.mask.ndim):
            others = [k for k in range(self.mask.ndim) if k != axis]
            line = self.mask.sum(dim=others) if others else self.mask
            places = line.nonzero().flatten().tolist()
            found.append((places[0], places[-1]) if places else (0, -1))
        return tuple(found)

    @property
    def size(self) -> tuple[int, ...]:
        """Pixels from the first to the last along each axis; gaps count."""
        return tuple(last - first + 1 for first, last in self.intervals)

    def __repr__(self) -> str:
        return (
            f"Footprint(size={self.size}, pixels={self.pixels}, "
            f"position={self.position})"
        )


def gradient_footprint(
    model: nn.Module,
    input_size: Sequence[int],
    *,
    layer: str | None = None,
    position: Sequence[int] | None = None,
    seed: int = 0,
) -> Footprint:
    """Find the pixels that change one output, by the gradient.

    The gradient of a network as it is misses pixels: behind a ReLU that is off, beside
    a maximum, where two ways cancel. So a copy is measured, in float64 and evaluation
    mode, with random positive weights, activations that let everything pass, and
    averages for maxima. What depends on what stays the same.

    Parameters
    ----------
    model
        Any module whose ``forward`` takes one tensor. It is left as it is.
    input_size
        Shape of one sample: channels, then the axes of the image, (C, H, W).
    layer
        Name of the layer whose output is meant; None for that of the model.
    position
        Row and column on that output; None for its middle.
    seed
        Of the weights and the input.

    Returns
    -------
    Footprint
        Mask of the pixels, and the intervals that enclose it.

    Raises
    ------
    ValueError
        If there is no such layer or position, or the model does not take the input.

    See Also
    --------
    trace_fields : The same without numbers, for all layers at once.

    Examples
    --------
    >>> net = nn.Sequential(
    ...     nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 1, 3, dilation=2)
    ... )
    >>> found = gradient_footprint(net, (1, 11, 11))
    >>> found.size, found.pixels  # 3 + 2*2 along each axis: taps 2 apart, each 3 wide
    ((7, 7), 49)
    """
    shape = checked_size(input_size)
    generator = torch.Generator().manual_seed(seed)
    copy = positive_copy(uncompiled(model), generator)
    x = torch.rand(1, *shape, generator=generator, dtype=torch.double)
    x = x.mul_(0.5).add_(0.5).requires_grad_()
    with torch.enable_grad(), Linearly():
        output, place = output_at(copy, x, layer, position)
    found = gradient(output, x)[0]  # (C, H, W)
    return Footprint((found != 0).any(dim=0), place)
