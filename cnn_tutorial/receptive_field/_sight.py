"""What each number of a tensor can see: an axis of the image behind some of its axes.

A tensor's axis is a product of factors, as in ``flatten``: channels times rows times
columns. A factor either runs along an axis of the image, with the steps that say which
pixels each of its positions reads, or it does not (batch, channels). Axes of the image
along which a tensor no longer runs have been read as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cnn_tutorial.receptive_field._field import Field
from cnn_tutorial.receptive_field._steps import PIXEL, Steps

__all__ = [
    "Dim",
    "Factor",
    "Sight",
    "Unknown",
    "along",
    "first_sight",
    "length",
    "plain",
]


class Unknown(Exception):  # noqa: N818 - a reason, which becomes a ValueError
    """Why a function cannot be followed."""


@dataclass(frozen=True)
class Factor:
    """A part of a tensor's axis: how long, and along which axis of the image."""

    size: int
    axis: int | None = None
    steps: Steps = PIXEL


Dim = tuple[Factor, ...]


def length(dim: Dim) -> int:
    """Return how long an axis is."""
    return math.prod(factor.size for factor in dim)


def along(dim: Dim) -> list[Factor]:
    """Return the factors that run along the image."""
    return [factor for factor in dim if factor.axis is not None]


@dataclass(frozen=True)
class Sight:
    """What a tensor's numbers see of an image.

    Parameters
    ----------
    dims
        The factors of each of the tensor's axes.
    rest
        For axes of the image along which the tensor does not run: what all its numbers
        see.
    image
        Pixels along each axis of the image.
    """

    dims: tuple[Dim, ...]
    rest: Mapping[int, Steps]
    image: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the tensor."""
        return tuple(map(length, self.dims))

    def field(self) -> Field:
        """Return what a number of the tensor sees."""
        every = dict(self.rest)
        for factor in (f for dim in self.dims for f in along(dim)):
            assert factor.axis is not None
            every[factor.axis] = factor.steps
        return Field(tuple(every[axis] for axis in range(len(self.image))), self.image)

    def everything(self, factor: Factor) -> Steps:
        """Return what all positions along a factor see together: it no longer moves."""
        assert factor.axis is not None
        first, last = factor.steps.span(0, factor.size - 1)
        side = self.image[factor.axis]
        return Steps(((max(first, 0), min(last, side - 1)),), 0)

    def without(self, dims: Collection[int], *, keep: bool = False) -> Sight:
        """Return the sight after a sum over some axes."""
        rest = dict(self.rest)
        for k in dims:
            for factor in along(self.dims[k]):
                assert factor.axis is not None
                rest[factor.axis] = self.everything(factor)
        left = (() if k in dims else dim for k, dim in enumerate(self.dims))
        found = tuple(d for k, d in enumerate(left) if keep or k not in dims)
        return Sight(found, rest, self.image)

    def mixed(self, dims: Iterable[int]) -> Sight:
        """Return the sight where positions along some axes see what their others do."""
        found = list(self.dims)
        for k in dims:
            found[k] = tuple(
                f if f.axis is None else replace(f, steps=self.everything(f))
                for f in found[k]
            )
        return replace(self, dims=tuple(found))

    def blind(self, shape: Iterable[int]) -> Sight:
        """Return the sight of a tensor whose numbers see all that this one sees."""
        whole = self.without(range(len(self.dims)))
        return replace(whole, dims=tuple(plain(n) for n in shape))

    def slid(self, k: int, steps: Steps, size: int) -> Sight:
        """Return the sight after a window moved along an axis."""
        found = along(self.dims[k])
        if not found:
            return self.with_dim(k, plain(size))
        if len(self.dims[k]) > 1:
            raise Unknown("takes a window of an axis that holds more than rows")
        (one,) = found
        return self.with_dim(k, (Factor(size, one.axis, steps.after(one.steps)),))

    def with_dim(self, k: int, dim: Dim) -> Sight:
        """Return the same with another axis `k`."""
        return replace(self, dims=(*self.dims[:k], dim, *self.dims[k + 1 :]))

    def channels(self, k: int, size: int, verb: str) -> Sight:
        """Return the sight with another number of channels on axis `k`."""
        if along(self.dims[k]):
            raise Unknown(f"{verb} an axis of the image")
        return self.with_dim(k, plain(size))

    def viewed(self, shape: Sequence[int]) -> Sight:
        """Return the sight of a tensor of another shape with the same numbers."""
        old, new = self.shape, tuple(shape)
        head = _equal(old, new)
        tail = _equal(old[head:][::-1], new[head:][::-1])
        middle = [f for dim in self.dims[head : len(old) - tail] for f in dim]
        lost = [f for f in middle if f.axis is not None and f.size == 1]
        rest = {f.axis: self.everything(f) for f in lost if f.axis is not None}
        groups = _regrouped(
            [f for f in middle if f.size > 1], new[head : len(new) - tail]
        )
        dims = (*self.dims[:head], *groups, *self.dims[len(old) - tail :])
        return Sight(dims, {**self.rest, **rest}, self.image)


def plain(size: int) -> Dim:
    """Return an axis that does not run along the image."""
    return (Factor(size),) if size != 1 else ()


def first_sight(shape: Sequence[int], image: tuple[int, ...]) -> Sight:
    """Return what an image sees of itself: each pixel one pixel."""
    before = len(shape) - len(image)
    rows = ((Factor(n, axis),) for axis, n in enumerate(image))
    return Sight((*map(plain, shape[:before]), *rows), {}, image)


def _equal(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many sizes agree from the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((k for k, (a, b) in pairs if a != b), min(len(one), len(other)))


def _regrouped(factors: list[Factor], shape: Sequence[int]) -> Iterable[Dim]:
    """Deal factors out to axes of another shape, in order."""
    left: list[Factor] = []
    for factor in factors:  # neighbours that are no rows or columns are one
        if left and left[-1].axis is None and factor.axis is None:
            left[-1] = Factor(left[-1].size * factor.size)
        else:
            left.append(factor)
    for size in shape:
        group: list[Factor] = []
        while size > 1:
            factor = left.pop(0)
            if size % factor.size and (factor.axis is not None or factor.size % size):
                raise Unknown("cuts an axis of the image into pieces")
            part = math.gcd(size, factor.size)
            group.append(factor if part == factor.size else Factor(part))
            if part < factor.size:
                if factor.axis is not None:
                    raise Unknown("cuts an axis of the image into pieces")
                left.insert(0, Factor(factor.size // part))
            size //= part
        yield tuple(group)
