"""A receptive field: how large, how far from output to output, and where it begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from cnn_tutorial._validation import integer
from cnn_tutorial.receptive_field._steps import Interval, Steps

__all__ = ["Field"]


@dataclass(frozen=True, repr=False)
class Field:
    """The input pixels that an output can see, along each axis of the image.

    The first number belongs to the vertical axis, the second to the horizontal one.
    Rows and columns count from 0; 0.0 is the centre of pixel 0, so that pixel 0 reaches
    from -0.5 to 0.5. Padding counts as pixels that lie outside the image: negative
    numbers are before its first row or column.

    Parameters
    ----------
    axes
        What each output reads, for each axis.
    image
        Pixels along each axis of the image, where it is known.

    Attributes
    ----------
    size : tuple of int
        Pixels that an output sees; the most where outputs differ.
    stride : tuple of int or Fraction
        Pixels from one output to the next; 0 where all outputs see the same.
    offset : tuple of float
        Centre of the field of output 0, in pixels.

    Examples
    --------
    >>> from cnn_tutorial.receptive_field import receptive_field
    >>> field = receptive_field([(3, 2, 1)])  # kernel 3, stride 2, padding 1
    >>> field
    Field(size=(3, 3), stride=(2, 2), offset=(0.0, 0.0))
    >>> field.interval((0, 5))  # row 0 - 1 to 0 + 1, column 5*2 - 1 to 5*2 + 1
    ((-1, 1), (9, 11))
    """

    axes: tuple[Steps, ...]
    image: tuple[int, ...] | None = None

    @property
    def size(self) -> tuple[int, ...]:
        """Pixels that an output sees; the most where outputs differ."""
        return tuple(steps.size for steps in self.axes)

    @property
    def stride(self) -> tuple[int | Fraction, ...]:
        """Pixels from one output to the next; 0 where all outputs see the same."""
        strides = (steps.stride for steps in self.axes)
        return tuple(int(s) if s.denominator == 1 else s for s in strides)

    @property
    def offset(self) -> tuple[float, ...]:
        """Centre of the field of output 0, where 0.0 is the centre of pixel 0."""
        return tuple(steps.offset for steps in self.axes)

    @property
    def fixed(self) -> bool:
        """Whether all outputs see the same pixels."""
        return all(steps.fixed for steps in self.axes)

    @property
    def whole(self) -> bool:
        """Whether every output sees the whole image, of a size that is known."""
        return self.image is not None and all(
            steps.fixed and steps.at(0)[0] <= 0 and steps.at(0)[1] >= side - 1
            for steps, side in zip(self.axes, self.image, strict=True)
        )

    def interval(self, position: Sequence[int]) -> tuple[Interval, ...]:
        """Return the first and last pixel of an output's field, along each axis.

        Parameters
        ----------
        position
            Row and column of the output; where all outputs see the same, any will do.

        Returns
        -------
        tuple of (int, int)
            Both included. Numbers below 0 or beyond the image lie in the padding.

        Raises
        ------
        ValueError
            If there are not as many numbers as axes, or one is negative.
        """
        places = tuple(position)
        if len(places) != len(self.axes):
            raise ValueError(
                f"`position` (={position!r}) must have {len(self.axes)} numbers, one "
                "for each axis of the image."
            )
        places = tuple(integer("position", place, minimum=0) for place in places)
        return tuple(
            steps.at(place) for steps, place in zip(self.axes, places, strict=True)
        )

    def inside(self, position: Sequence[int]) -> tuple[Interval, ...]:
        """Return the part of an output's field that lies in the image.

        Exact where the whole field does. At the border it is the part that the formula
        leaves, and what is really read may be less.

        Parameters
        ----------
        position
            As in `interval`.

        Returns
        -------
        tuple of (int, int)
            First and last pixel along each axis, both included; the last is smaller
            where the output sees padding only.

        Raises
        ------
        ValueError
            As in `interval`, or if the size of the image is not known.
        """
        if self.image is None:
            raise ValueError(
                "`image` (=None) must be known to say which pixels lie in it: use "
                "`trace_fields`, or Field.interval for a field without borders."
            )
        found = zip(self.interval(position), self.image, strict=True)
        return tuple(
            (max(first, 0), min(last, side - 1)) for (first, last), side in found
        )

    def __repr__(self) -> str:
        stride = ", ".join(map(str, self.stride))
        stride += "," * (len(self.axes) == 1)
        return f"Field(size={self.size}, stride=({stride}), offset={self.offset})"

    def __str__(self) -> str:
        size, stride, offset = self.cells()
        return size if self.fixed else f"{size}, stride {stride}, centre {offset}"

    def cells(self) -> tuple[str, str, str]:
        """Return size, stride and offset as a table shows them."""
        if self.fixed:
            return self._fixed_words(), "", ""
        size = _by(map(str, self.size))
        stride = _by(map(str, self.stride))
        return size, stride, _by((f"{o:g}" for o in self.offset), ", ")

    def _fixed_words(self) -> str:
        if self.whole:
            return "whole image"
        sides = self.image or (None,) * len(self.axes)
        ends = zip((steps.at(0) for steps in self.axes), sides, strict=True)
        return _by(
            f"{first}\N{EN DASH}{last}" + (f" of {side}" if side else "")
            for (first, last), side in ends
        )


def _by(numbers: Iterable[str], sign: str = " × ") -> str:
    """Return 3 for 3 and 3, and 3 × 5 for 3 and 5."""
    found = list(numbers)
    return found[0] if len(set(found)) == 1 else sign.join(found)
