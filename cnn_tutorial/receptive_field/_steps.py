"""What each output along one axis reads: intervals that repeat with a shift.

A convolution moves its window by the same number of pixels for each output. Upsampling,
transposed convolution and adaptive pooling do so too, but for every few outputs: two
outputs read the same pixel, then the next two the next. So the intervals of one period
and the shift from period to period say all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["PIXEL", "Interval", "Steps", "hull", "repeating", "window"]

Interval = tuple[int, int]
"""First and last index, both included."""


@dataclass(frozen=True)
class Steps:
    """Intervals of one period, and how far the next period lies behind.

    Parameters
    ----------
    intervals
        What outputs 0, 1, ... of the first period read.
    shift
        By how much the intervals of the next period are moved; 0 where all outputs read
        the same.
    """

    intervals: tuple[Interval, ...] = ((0, 0),)
    shift: int = 1

    def at(self, index: int) -> Interval:
        """Return what one output reads; indices may lie in the padding.

        Examples
        --------
        >>> window(3, 2, 1, 1).at(4)  # from 4*2 - 1 on, three of them
        (7, 9)
        """
        period, place = divmod(index, len(self.intervals))
        first, last = self.intervals[place]
        return first + period * self.shift, last + period * self.shift

    def span(self, first: int, last: int) -> Interval:
        """Return what the outputs from `first` to `last` read together."""
        return self.at(first)[0], self.at(last)[1]

    def after(self, below: Steps) -> Steps:
        """Return what the outputs read of the input of the layer below.

        Examples
        --------
        >>> two = window(3, 1, 1, 0).after(window(3, 1, 1, 0))
        >>> two.size, int(two.stride)
        (5, 1)
        """
        periods = len(below.intervals) // math.gcd(self.shift, len(below.intervals))
        count = periods * len(self.intervals)
        shift = periods * self.shift // len(below.intervals) * below.shift
        found = (below.span(*self.at(i)) for i in range(count))
        return _shortest(tuple(found), shift)

    @property
    def size(self) -> int:
        """Pixels of the largest interval."""
        return max(last - first + 1 for first, last in self.intervals)

    @property
    def stride(self) -> Fraction:
        """Pixels from output to output, on average."""
        return Fraction(self.shift, len(self.intervals))

    @property
    def offset(self) -> float:
        """Centre of the interval of output 0, where 0.0 is the centre of pixel 0."""
        return sum(self.intervals[0]) / 2

    @property
    def fixed(self) -> bool:
        """Whether all outputs read the same."""
        return self.shift == 0


PIXEL = Steps()
"""A pixel sees itself."""


def _shortest(intervals: tuple[Interval, ...], shift: int) -> Steps:
    """Return the same steps with the shortest period, so that equal ones compare so."""
    count = len(intervals)
    for part in (n for n in range(1, count) if count % n == 0):
        if shift * part % count == 0:
            shorter = Steps(intervals[:part], shift * part // count)
            if all(shorter.at(i) == intervals[i] for i in range(part, count)):
                return shorter
    return Steps(intervals, shift)


def window(kernel: int, stride: int, dilation: int, padding: int) -> Steps:
    """Return what a sliding window reads, with `padding` places before index 0."""
    return Steps(((-padding, dilation * (kernel - 1) - padding),), stride)


def repeating(
    reads: Callable[[int], Iterable[int]], period: int, shift: int
) -> Steps | None:
    """Return the steps of a rule that lists the indices which an output reads.

    None where an output reads nothing at all.
    """
    found = [sorted(reads(i)) for i in range(period)]
    if not all(found):
        return None
    return _shortest(tuple((each[0], each[-1]) for each in found), shift)


def hull(parts: Iterable[Steps]) -> Steps | None:
    """Return the union of what several branches read at the same output.

    None where the branches move at different strides, so that they look at places that
    run away from each other.

    Examples
    --------
    >>> hull([window(1, 2, 1, 0), window(5, 2, 1, 2)])
    Steps(intervals=((-2, 2),), shift=2)
    """
    found = set(parts)
    if len({steps.stride for steps in found}) > 1:
        return None
    count = math.lcm(*(len(steps.intervals) for steps in found))
    every = [[steps.at(i) for steps in found] for i in range(count)]
    union = tuple((min(a)[0], max(last for _, last in a)) for a in every)
    stride = next(iter(found)).stride
    return _shortest(union, int(stride * count))
