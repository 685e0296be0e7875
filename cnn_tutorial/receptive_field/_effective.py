"""How much each pixel counts: the gradient with the weights as they are."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnn_tutorial._validation import integer
from cnn_tutorial.hooks.layers import uncompiled
from cnn_tutorial.receptive_field._output import checked_size, gradient, output_at

__all__ = ["EffectiveField", "effective_field"]


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """How the influence on one output is spread over the pixels.

    Parameters
    ----------
    shares : float tensor, shape (H, W)
        Mean absolute gradient at each pixel, scaled to the sum 1.
    position
        Row and column of the output.
    """

    shares: Tensor
    position: tuple[int, ...]

    def _lines(self) -> list[tuple[Tensor, Tensor]]:
        """Return places and their shares along each axis."""
        axes = range(self.shares.ndim)
        sums = (
            self.shares.sum(dim=[k for k in axes if k != axis])
            if self.shares.ndim > 1
            else self.shares
            for axis in axes
        )
        return [(torch.arange(len(s), dtype=s.dtype), s) for s in sums]

    @property
    def centre(self) -> tuple[float, ...]:
        """Mean place along each axis, where 0.0 is the centre of pixel 0."""
        return tuple(float((places * s).sum()) for places, s in self._lines())

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of the place along each axis, in pixels."""
        lines = zip(self._lines(), self.centre, strict=True)
        return tuple(
            math.sqrt(float(((places - mean).square() * s).sum()))
            for (places, s), mean in lines
        )

    def side(self, share: float = 0.95) -> float:
        """Return the side of the square around the centre that holds a share.

        Parameters
        ----------
        share
            Of the influence, above 0 and at most 1.

        Returns
        -------
        float
            Pixels; for an even spread over n x n pixels and a share of 1, it is n.

        Raises
        ------
        ValueError
            If `share` is out of range.
        """
        if not 0 < share <= 1:
            raise ValueError(f"`share` (={share!r}) must be above 0 and at most 1.")
        far = torch.zeros_like(self.shares)
        for axis, ((places, _), mean) in enumerate(
            zip(self._lines(), self.centre, strict=True)
        ):
            shape = [-1 if k == axis else 1 for k in range(self.shares.ndim)]
            far = torch.maximum(far, (places - mean).abs().reshape(shape))
        distances, order = far[self.shares > 0].sort()
        held = self.shares[self.shares > 0][order].cumsum(0)
        enough = int((held < share * (1 - 1e-9)).sum())
        return 2 * float(distances[min(enough, len(distances) - 1)]) + 1

    def __repr__(self) -> str:
        std = ", ".join(f"{s:.3g}" for s in self.std)
        return f"EffectiveField(std=({std}), side={self.side():.3g})"


def effective_field(
    model: nn.Module | Sequence[nn.Module],
    input_size: Sequence[int],
    *,
    layer: str | None = None,
    position: Sequence[int] | None = None,
    inputs: Tensor | None = None,
    samples: int = 16,
    seed: int = 0,
) -> EffectiveField:
    """Measure how much each pixel counts for one output, with the weights as they are.

    The absolute gradient is averaged over inputs, over random sums of the output's
    channels and, if several models are given, over these.

    Parameters
    ----------
    model
        Any module whose ``forward`` takes one tensor, or several of the same form with
        other weights. They are left as they are; copies run in float64 and evaluation
        mode.
    input_size
        Shape of one sample: channels, then the axes of the image, (C, H, W).
    layer
        Name of the layer whose output is meant; None for that of the model.
    position
        Row and column on that output; None for its middle.
    inputs : float tensor, shape (N, C, H, W), optional
        Images to average over; without them, normally distributed noise.
    samples
        How many inputs to draw, at least 1, where none are given.
    seed
        Of the inputs and the sums of channels.

    Returns
    -------
    EffectiveField
        Share of each pixel, and how wide they are spread.

    Raises
    ------
    ValueError
        If there is no model, no such layer or position, the inputs have another shape,
        or all gradients are zero.

    References
    ----------
    W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the Effective Receptive Field in
    Deep Convolutional Neural Networks", NeurIPS 2016.

    Examples
    --------
    >>> box = nn.Conv2d(1, 1, 3, bias=False)
    >>> _ = nn.init.ones_(box.weight)
    >>> field = effective_field(nn.Sequential(box, box), (1, 5, 5))
    >>> field.shares[2].mul(
    ...     81
    ... ).round().tolist()  # (1 1 1) * (1 1 1), times the middle 3
    [3.0, 6.0, 9.0, 6.0, 3.0]
    """
    shape = checked_size(input_size)
    models = [model] if isinstance(model, nn.Module) else list(model)
    if not models:
        raise ValueError("`model` is empty: there is nothing to measure.")
    generator = torch.Generator().manual_seed(seed)
    x = _inputs(inputs, shape, integer("samples", samples, minimum=1), generator)
    total = torch.zeros(shape[1:], dtype=torch.double)
    for one in models:
        still = copy.deepcopy(uncompiled(one)).cpu().double().eval()
        with torch.enable_grad():
            output, place = output_at(still, x.requires_grad_(), layer, position)
        signs = torch.randn(output.shape, generator=generator, dtype=torch.double)
        total += gradient(output, x, signs).abs().mean(dim=0).sum(dim=0)
    if total.sum() == 0:
        raise ValueError(
            "`model` has no gradient at this position: all its ways are off, or its "
            "output does not depend on the image."
        )
    return EffectiveField(total / total.sum(), place)


def _inputs(
    inputs: Tensor | None,
    shape: tuple[int, ...],
    samples: int,
    generator: torch.Generator,
) -> Tensor:
    if inputs is None:
        return torch.randn(samples, *shape, generator=generator, dtype=torch.double)
    if tuple(inputs.shape[1:]) != shape or not len(inputs):
        raise ValueError(
            f"`inputs` (of shape {tuple(inputs.shape)}) must be of shape (N, "
            f"{', '.join(map(str, shape))}), as `input_size` says."
        )
    return inputs.detach().cpu().double().clone()
