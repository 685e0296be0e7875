"""Where a window stands: the geometry behind the pictures of sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cnn_tutorial._validation import pair
from cnn_tutorial.arithmetic import conv_output_size, padding_sides

__all__ = [
    "Pair",
    "Places",
    "Setting",
    "checked_settings",
    "named",
    "places",
    "size_text",
]

Pair = int | tuple[int, int]
#: A setting: `kernel_size`, and where wanted `stride`, `padding`, `dilation`.
Setting = Mapping[str, Pair]
KEYS = ("kernel_size", "stride", "padding", "dilation")

Sides = tuple[tuple[int, int], tuple[int, int]]
#: (row, column, height, width).
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Places:
    """All places of a window on a padded image, counted row by row."""

    size: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    sides: Sides
    output: tuple[int, int]

    @property
    def count(self) -> int:
        return self.output[0] * self.output[1]

    @property
    def padded(self) -> tuple[int, int]:
        """Height and width of the image with its zeros."""
        (top, bottom), (left, right) = self.sides
        return top + self.size[0] + bottom, left + self.size[1] + right

    @property
    def inner(self) -> Box:
        """Where the image lies in its padding."""
        (top, _), (left, _) = self.sides
        return top, left, *self.size

    def position(self, k: int) -> tuple[int, int]:
        """Row and column of the k-th output pixel."""
        row, column = divmod(k, self.output[1])
        return row, column

    def corner(self, k: int) -> tuple[int, int]:
        """Return the pixel below the first element of the k-th window."""
        row, column = self.position(k)
        return row * self.stride[0], column * self.stride[1]

    def elements(self, k: int) -> list[tuple[int, int]]:
        """Return the pixels that the k-th window reads."""
        top, left = self.corner(k)
        (rows, columns), (down, across) = self.kernel, self.dilation
        return [
            (top + down * i, left + across * j)
            for i in range(rows)
            for j in range(columns)
        ]

    def unread(self) -> list[tuple[int, int]]:
        """Return the pixels, zeros included, that no window reads."""
        rows, columns = self._read(0), self._read(1)
        height, width = self.padded
        return [
            (i, j)
            for i in range(height)
            for j in range(width)
            if i not in rows or j not in columns
        ]

    def _read(self, axis: int) -> set[int]:
        """Return the rows (axis 0) or columns (1) that some window reads."""
        starts = range(0, self.output[axis] * self.stride[axis], self.stride[axis])
        return {
            start + k * self.dilation[axis]
            for start in starts
            for k in range(self.kernel[axis])
        }


def places(
    size: Pair, kernel_size: Pair, stride: Pair, padding: Pair | str, dilation: Pair
) -> Places:
    """Count the places with the course's own arithmetic."""
    whole = pair("size", size, minimum=1)
    kernel = pair("kernel_size", kernel_size, minimum=1)
    output = conv_output_size(
        whole, kernel, stride=stride, padding=padding, dilation=dilation
    )
    return Places(
        size=whole,
        kernel=kernel,
        stride=pair("stride", stride, minimum=1),
        dilation=pair("dilation", dilation, minimum=1),
        sides=padding_sides(padding, kernel, stride=stride, dilation=dilation),
        output=output,
    )


def size_text(shape: tuple[int, int]) -> str:
    """Write a size."""
    return f"{shape[0]} × {shape[1]}"


def checked_settings(size: Pair, settings: Mapping[str, Setting]) -> dict[str, Places]:
    """Return the places of each setting, or say what is wrong with one."""
    if not settings:
        raise ValueError("`settings` names no setting.")
    found = {}
    for name, setting in settings.items():
        if unknown := sorted({*setting} - {*KEYS}):
            raise ValueError(
                f"`settings[{name!r}]` knows {', '.join(KEYS)}, not {unknown[0]!r}."
            )
        if "kernel_size" not in setting:
            raise ValueError(f"`settings[{name!r}]` needs a `kernel_size`.")
        values = {"stride": 1, "padding": 0, "dilation": 1, **setting}
        found[name] = places(size, **values)
    return found


def named(name: str, found: Places) -> str:
    """Write what a setting does to the size."""
    return f"{name}: {size_text(found.size)} → {size_text(found.output)}"
