"""How a convolution mixes channels: a kernel for each pair, and the sum of terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cnn_tutorial.plotting._figure import SMALL, Array, checked_title, numbers, style
from cnn_tutorial.plotting._grid import ROOM
from cnn_tutorial.plotting._sheet import (
    ABOVE,
    BAR,
    LINE,
    color_bar,
    name_above,
    new_sheet,
    panel,
    scale_of,
)
from cnn_tutorial.plotting.colors import INPUT, KERNEL, NEUTRAL, OUTPUT

__all__ = ["channel_sum"]

#: Widest side of a map, side of a kernel, room for a sign and between rows, inches.
SIDE, SMALL_SIDE, SIGN, GAP = 1.2, 0.5, 0.34, 0.16
MOST_IN, MOST_OUT = 4, 6
EDGE = 1.5


@dataclass(frozen=True)
class _Sum:
    """Inputs (C_in, H, W), kernels, terms (C_out, C_in, h, w), sums and bias."""

    x: Array
    weight: Array
    terms: Array
    sums: Array
    bias: Array | None

    @property
    def signs(self) -> float:
        """Room before the sum: for "=", and for a bias."""
        return SIGN if self.bias is None else SIGN + 0.6

    @property
    def side(self) -> float:
        count = len(self.x)
        other = count * (SMALL_SIDE + 0.08) + (count - 1) * SIGN + self.signs
        return min(SIDE, (ROOM - other) / (count + 1))

    def left(self, i: int) -> float:
        """Return where the term of input `i` begins; of the sum, for i = C_in."""
        step = SMALL_SIDE + 0.08 + self.side
        if i == len(self.x):
            return i * step + (i - 1) * SIGN + self.signs
        return i * (step + SIGN) + SMALL_SIDE + 0.08


def _terms(x: Array, weight: Array) -> Array:
    """Slide each kernel over its own input channel."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], (1, 2))
    return np.asarray(np.einsum("ihwuv,oiuv->oihw", windows, weight))


def _checked_sum(x: object, weight: object, bias: object) -> _Sum:
    image, kernels = numbers("x", x).astype(float), numbers("weight", weight)
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 3 or not 1 <= len(image) <= MOST_IN:
        raise ValueError(
            f"`x` of shape {image.shape} must be one image (C_in, H, W) with at most "
            f"{MOST_IN} channels."
        )
    if kernels.ndim != 4 or kernels.shape[1] != len(image):
        raise ValueError(
            f"`weight` of shape {kernels.shape} must be (C_out, {len(image)}, kh, kw): "
            f"`x` has {len(image)} channels."
        )
    if len(kernels) > MOST_OUT:
        raise ValueError(
            f"`weight` has {len(kernels)} output channels, and at most {MOST_OUT} can "
            "be drawn."
        )
    if any(k > n for k, n in zip(kernels.shape[2:], image.shape[1:], strict=True)):
        raise ValueError(
            f"`weight` has kernels of {kernels.shape[2:]} pixels, larger than `x` with "
            f"{image.shape[1:]}."
        )
    terms = _terms(image, kernels)
    sums = terms.sum(axis=1)
    if bias is None:
        return _Sum(image, kernels, terms, sums, None)
    offsets = numbers("bias", bias)
    if offsets.shape != (len(kernels),):
        raise ValueError(
            f"`bias` of shape {offsets.shape} must be ({len(kernels)},): one number "
            "for each output channel."
        )
    sums = sums + offsets[:, None, None]
    return _Sum(image, kernels, terms, sums, offsets)


def _draw_inputs(axes: Axes, found: _Sum) -> float:
    """Draw the inputs above their terms; return where the next row begins."""
    height = found.side * found.x.shape[1] / found.x.shape[2]
    norm, cmap = scale_of([found.x])
    cmap = "gray" if cmap == "viridis" else cmap
    look = {"edge": INPUT, "linewidth": EDGE}
    for i, one in enumerate(found.x):
        x = found.left(i)
        name_above(axes, x, ABOVE, f"input {i}")
        box = (x, ABOVE, found.side, height)
        panel(axes, one, box, norm=norm, cmap=cmap, **look)  # type: ignore[arg-type]
    return float(ABOVE + height + GAP)


def _sign(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, ha="center", va="center", fontsize=14)


def _draw_row(
    axes: Axes, found: _Sum, o: int, y: float, scales: tuple[Normalize, Normalize]
) -> None:
    """Draw kernels, terms and sum of one output channel, with the top at `y`."""
    h, w = found.sums.shape[1:]
    side, tall = found.side, found.side * h / w
    kh, kw = found.weight.shape[2:]
    small = SMALL_SIDE * min(1.0, kh / kw), SMALL_SIDE * min(1.0, kw / kh)
    middle = y + tall / 2
    for i in range(len(found.x)):
        left = found.left(i)
        box = (left - 0.08 - small[1], middle - small[0] / 2, small[1], small[0])
        look = {"norm": scales[0], "cmap": "RdBu_r", "edge": KERNEL, "linewidth": EDGE}
        panel(axes, found.weight[o, i], box, **look)  # type: ignore[arg-type]
        look = {"norm": scales[1], "cmap": "RdBu_r", "edge": NEUTRAL}
        panel(axes, found.terms[o, i], (left, y, side, tall), **look)  # type: ignore[arg-type]
        if i:
            _sign(axes, left - 0.08 - SMALL_SIDE - SIGN / 2, middle, "+")
    left = found.left(len(found.x))
    if found.bias is not None:
        value = f"{abs(float(found.bias[o])):.3g}"
        sign = "\N{MINUS SIGN}" if found.bias[o] < 0 else "+"
        axes.text(left - SIGN, middle, f"{sign} {value}", ha="right", va="center")
    _sign(axes, left - SIGN / 2, middle, "=")
    name_above(axes, left, y, f"output {o}")
    look = {"norm": scales[1], "cmap": "RdBu_r", "edge": OUTPUT, "linewidth": EDGE}
    panel(axes, found.sums[o], (left, y, side, tall), **look)  # type: ignore[arg-type]


def _symmetric(*arrays: Array) -> Normalize:
    limit = max(float(np.abs(array).max()) for array in arrays) or 1.0
    return Normalize(-limit, limit)


def channel_sum(
    x: object, weight: object, *, title: str, bias: object = None
) -> Figure:
    """Draw a convolution term by term: what each input channel adds to each output.

    The input channels stand on top. A row below them belongs to one output channel: for
    each input its kernel and what the kernel makes of it, and at the end their sum. All
    terms and sums are on one scale, white at zero.

    Parameters
    ----------
    x : tensor or array, shape (C_in, H, W) or (1, C_in, H, W)
        One image, at most 4 channels.
    weight : tensor or array, shape (C_out, C_in, kh, kw)
        The kernels, which are not flipped; at most 6 output channels.
    title
        What to see; it becomes the alternative text.
    bias : tensor or array, shape (C_out,), optional
        A number that is added to each sum.

    Returns
    -------
    figure
        The figure, at most 7 inches wide.

    Raises
    ------
    ValueError
        If shapes do not fit, there are too many channels, or a number is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0]], [[3.0, 5.0]]])  # two channels, 1 x 2
    >>> weight = np.array([[[[10.0]], [[1.0]]]])  # one output, 1 x 1
    >>> figure = channel_sum(x, weight, title="Ten times one channel plus the other")
    >>> figure.axes[0].images[-1].get_array().tolist()  # 10*1 + 3, 10*2 + 5
    [[13.0, 25.0]]
    """
    title, found = checked_title(title), _checked_sum(x, weight, bias)
    h, w = found.sums.shape[1:]
    step = ABOVE + max(found.side * h / w, SMALL_SIDE) + GAP
    upper = ABOVE + found.side * found.x.shape[1] / found.x.shape[2] + GAP
    height = upper + len(found.weight) * step
    scales = _symmetric(found.weight), _symmetric(found.terms, found.sums)
    with style():
        width = found.left(len(found.x)) + found.side
        figure, axes = new_sheet(width, height + BAR + LINE, title)
        y = _draw_inputs(axes, found)
        for o in range(len(found.weight)):
            _draw_row(axes, found, o, y + o * step + ABOVE, scales)
        color_bar(axes, scales[1], "RdBu_r", 0, height)
        words = "scale of terms and outputs; kernels (orange frames): white is zero"
        axes.text(0, height + BAR - 0.08, words, va="top", fontsize=SMALL)
    return figure
