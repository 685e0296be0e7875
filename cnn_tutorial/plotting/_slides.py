"""The numbers behind the pictures of a sliding window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnn_tutorial._validation import pair
from cnn_tutorial.plotting._figure import Array, numbers

__all__ = ["Slide", "slide"]

Pair = int | tuple[int, int]


@dataclass(frozen=True)
class Slide:
    """An image with its padding, a kernel, and what the window makes of them."""

    padded: Array
    kernel: Array
    columns: Array
    output: Array
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]

    @property
    def inner(self) -> tuple[int, int, int, int]:
        """Where the image lies in its padding: (row, column, height, width)."""
        (top, left), (height, width) = self.padding, self.padded.shape
        return top, left, height - 2 * top, width - 2 * left

    def position(self, k: int) -> tuple[int, int]:
        """Row and column of the k-th output pixel."""
        row, column = divmod(k, self.output.shape[1])
        return row, column

    def windows(self, k: int) -> list[tuple[int, int, int, int]]:
        """Return what the k-th window reads, as boxes in the padded image."""
        row, column = self.position(k)
        top, left = row * self.stride[0], column * self.stride[1]
        (kh, kw), (dh, dw) = self.kernel.shape, self.dilation
        if dh == dw == 1:
            return [(top, left, kh, kw)]
        return [
            (top + dh * i, left + dw * j, 1, 1) for i in range(kh) for j in range(kw)
        ]


def _plane(name: str, x: object) -> Array:
    array = numbers(name, x)
    if array.ndim < 2 or array.size != array.shape[-1] * array.shape[-2]:
        raise ValueError(
            f"`{name}` of shape {array.shape} must be one channel: (height, width), or "
            "with leading axes of length 1."
        )
    return np.ascontiguousarray(array.reshape(array.shape[-2:]), np.float64)


def slide(
    image: object, kernel: object, stride: Pair, padding: Pair, dilation: Pair
) -> Slide:
    """Compute patches and output with the course's own engine."""
    import torch

    from cnn_tutorial.convolution import unfold

    plane, weight = _plane("image", image), _plane("kernel", kernel)
    steps = pair("stride", stride, minimum=1)
    rim = pair("padding", padding, minimum=0)
    spread = pair("dilation", dilation, minimum=1)
    patches = unfold(
        torch.from_numpy(plane)[None, None],
        weight.shape,
        stride=steps,
        padding=rim,
        dilation=spread,
    )
    columns = patches[0].numpy()
    padded = np.pad(plane, [(rim[0],) * 2, (rim[1],) * 2])
    room = padded.shape[1] - spread[1] * (weight.shape[1] - 1) - 1
    output = (weight.reshape(-1) @ columns).reshape(-1, room // steps[1] + 1)
    return Slide(padded, weight, columns, output, steps, rim, spread)
