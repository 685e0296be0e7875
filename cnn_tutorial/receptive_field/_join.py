"""Where tensors meet: what their sum, product or concatenation sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnn_tutorial.receptive_field._sight import (
    Dim,
    Factor,
    Sight,
    Unknown,
    along,
    length,
    plain,
)
from cnn_tutorial.receptive_field._steps import Steps, hull

__all__ = ["join"]


def _matching(sights: Sequence[Sight], shape: Sequence[int]) -> list[Dim]:
    """Return how the axes of a tensor that some others were broadcast to run."""
    found: list[Dim] = []
    for k, size in enumerate(shape):
        at = [k - len(shape) + len(s.dims) for s in sights]
        dims = {
            tuple((f.size, f.axis) for f in s.dims[i])
            for i, s in zip(at, sights, strict=True)
            if i >= 0 and length(s.dims[i]) == size and along(s.dims[i])
        }
        if len(dims) > 1 and size > 1:
            raise Unknown("joins tensors whose axes run differently along the image")
        only = next(iter(dims), None) if len(dims) == 1 else None
        found.append(tuple(Factor(*f) for f in only) if only else plain(size))
    axes = [f.axis for dim in found for f in along(dim)]
    if len(set(axes)) < len(axes):
        raise Unknown("joins tensors whose axes run differently along the image")
    return found


def join(sights: Sequence[Sight], shape: Sequence[int]) -> Sight:
    """Return the union of what several tensors see that were broadcast together."""
    dims, image = _matching(sights, shape), sights[0].image
    rest: dict[int, Steps] = {}
    for axis in range(len(image)):
        home = next(
            (k for k, d in enumerate(dims) for f in d if f.axis == axis), len(dims)
        )
        parts = [_part(s, axis, home - len(dims), dims) for s in sights]
        union = _union(parts, image[axis])
        if home == len(dims):
            rest[axis] = union
        else:
            dims[home] = tuple(
                replace(f, steps=union) if f.axis == axis else f for f in dims[home]
            )
    return Sight(tuple(dims), rest, image)


def _part(sight: Sight, axis: int, k: int, dims: Sequence[Dim]) -> Factor:
    """Return how a tensor runs along an axis of the image, when it has been broadcast.

    `k` is the axis of the result, from its end, that runs along it; 0 for none.
    """
    for place, dim in enumerate(sight.dims):
        for factor in along(dim):
            if factor.axis == axis:
                stays = k < 0 and place - len(sight.dims) == k
                stays = stays and length(dim) == length(dims[k])
                return (
                    factor if stays else replace(factor, steps=sight.everything(factor))
                )
    return Factor(1, axis, sight.rest[axis])


def _union(parts: Sequence[Factor], side: int) -> Steps:
    """Return the union of branches; where one sees the same everywhere, all do."""
    every = [part.steps for part in parts]
    if any(s.fixed for s in every) and not all(s.fixed for s in every):
        spans = [part.steps.span(0, part.size - 1) for part in parts]
        every = [Steps(((max(a, 0), min(b, side - 1)),), 0) for a, b in spans]
    elif all(part.size == 1 for part in parts):
        shift = max(s.shift for s in every)
        every = [Steps((s.at(0),), shift) for s in every]
    union = hull(every)
    if union is None:
        strides = " and ".join(sorted({str(s.stride) for s in every}))
        raise Unknown(
            f"joins branches whose strides disagree ({strides}): they look at places "
            "that run away from each other"
        )
    return union
