"""How windows move: convolution, pooling, padding, and the ways to more pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from cnn_tutorial.receptive_field._call import Call
from cnn_tutorial.receptive_field._sight import Factor, Sight, Unknown, plain
from cnn_tutorial.receptive_field._steps import Steps, repeating, window

__all__ = ["RULES"]


def _each(value: Sequence[int] | int, count: int) -> tuple[int, ...]:
    """Return one setting for each axis."""
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * count if len(values) == 1 else values


def _convolution(call: Call) -> Sight:
    sight, weight = call.sight("input"), call.tensor("weight")
    if call.has_sight("weight") or call.has_sight("bias"):
        raise Unknown("has weights that depend on the image")
    axes = weight.ndim - 2
    settings = [
        _each(call[name], axes)
        for name in ("stride", "dilation", "padding", "output_padding")
    ]
    channels = call.output.shape[1]
    sight = sight.channels(1, channels, "convolves channels that are")
    for k, (kernel, *each) in enumerate(
        zip(weight.shape[2:], *settings, strict=True), start=2
    ):
        s, d, p, _ = each
        steps = window(kernel, s, d, p)
        if call["transposed"]:
            steps = _transposed(kernel, s, d, p)
        sight = sight.slid(k, steps, call.output.shape[k])
    return sight


def _transposed(kernel: int, stride: int, dilation: int, padding: int) -> Steps:
    """Return what outputs read where each input pixel paints a window of them."""

    def reads(i: int) -> Iterable[int]:
        starts = (i + padding - k * dilation for k in range(kernel))
        return (start // stride for start in starts if start % stride == 0)

    steps = repeating(reads, stride, 1)
    if steps is None:
        raise Unknown(
            f"leaves outputs that read nothing: stride {stride} is larger than the "
            f"kernel of {kernel}"
        )
    return steps


def _pool(call: Call) -> Sight:
    sight = call.sight("self")
    axes = int(call.name.partition("pool")[2][0])
    kernel = _each(call["kernel_size"], axes)
    stride = _each(call["stride"] or kernel, axes)
    padding = _each(call["padding"], axes)
    dilation = _each(call.get("dilation", 1), axes)
    first = len(sight.dims) - axes
    for k, (n, s, d, p) in enumerate(
        zip(kernel, stride, dilation, padding, strict=True), start=first
    ):
        size, before = call.output.shape[k], sight.shape[k]
        if size == 1 and p == 0 and d == 1 and n >= before > 1:
            sight = sight.without([k], keep=True)  # global pooling
        else:
            sight = sight.slid(k, window(n, s, d, p), size)
    return sight


def _adaptive(call: Call) -> Sight:
    sight = call.sight("self")
    axes = int(call.name.partition("pool")[2][0])
    for k in range(len(sight.dims) - axes, len(sight.dims)):
        before, after = sight.shape[k], call.output.shape[k]
        if after == 1:
            sight = sight.without([k], keep=True)
            continue
        common = math.gcd(before, after)

        def reads(i: int, n: int = before, m: int = after) -> Iterable[int]:
            return range(i * n // m, -(-(i + 1) * n // m))

        steps = repeating(reads, after // common, before // common)
        assert steps is not None
        sight = sight.slid(k, steps, after)
    return sight


def _source(call: Call, before: int, after: int) -> Callable[[int], Fraction]:
    """Return where an output pixel lies between the input pixels."""
    if call.get("align_corners", False):
        scale = Fraction(before - 1, max(after - 1, 1))
        return lambda i: i * scale
    return lambda i: (Fraction(2 * i + 1, 2) * before) / after - Fraction(1, 2)


def _resized(call: Call) -> Sight:
    sight = call.sight("self" if "self" in call.bound else "input")
    axes = int(call.name.rstrip("d")[-1])
    scales = call.get("scale_factors", None) or [
        call.get(f"scales{end}", None) for end in ("_d", "_h", "_w", "")
    ]
    known = [s for s in scales if s is not None]
    first = len(sight.dims) - axes
    for k in range(first, len(sight.dims)):
        before, after = sight.shape[k], call.output.shape[k]
        if len(known) == axes and before * known[k - first] != after:
            raise Unknown(f"scales by {known[k - first]}, which {before} does not fit")
        steps = _resize_steps(call, before, after)
        sight = sight.slid(k, steps, after)
    return sight


def _resize_steps(call: Call, before: int, after: int) -> Steps:
    corners = int(bool(call.get("align_corners", False)) and after > 1)
    source = _source(call, before, after)

    def reads(i: int) -> Iterable[int]:
        if "nearest_exact" in call.name:
            return [math.floor(source(i) + Fraction(1, 2))]
        if "nearest" in call.name:
            return [i * before // after]
        place = source(i)
        low = math.floor(place)
        if place == low:
            return [low]
        return range(low - 1, low + 3) if "cubic" in call.name else [low, low + 1]

    common = math.gcd(before - corners, after - corners)
    period, shift = (after - corners) // common, (before - corners) // common
    steps = repeating(reads, period, shift)
    assert steps is not None
    return steps


def _padded(call: Call) -> Sight:
    sight = call.sight("self")
    amounts = call["pad"] if "pad" in call.bound else call["padding"]
    for j in range(len(amounts) // 2):
        k = len(sight.dims) - 1 - j
        if amounts[2 * j] or amounts[2 * j + 1]:
            sight = sight.slid(k, window(1, 1, 1, amounts[2 * j]), call.output.shape[k])
    return sight


def _shuffled(call: Call) -> Sight:
    factor = call.get("upscale_factor", None)
    steps = Steps(((0, 0),) * factor, 1) if factor else None
    steps = steps or window(call["downscale_factor"], call["downscale_factor"], 1, 0)
    shape, axes = call.output.shape, call.output.ndim
    sight = call.sight("self").channels(axes - 3, shape[-3], "shuffles")
    for k in (axes - 2, axes - 1):
        sight = sight.slid(k, steps, shape[k])
    return sight


def _patches(call: Call) -> Sight:
    """``F.unfold``: rows and columns of places become one axis."""
    sight = call.sight("self")
    names = ("kernel_size", "stride", "dilation", "padding")
    found: list[Factor] = []
    for k, n, s, d, p in zip(
        (-2, -1), *(_each(call[name], 2) for name in names), strict=True
    ):
        place = len(sight.dims) + k
        size = (sight.shape[k] + 2 * p - d * (n - 1) - 1) // s + 1
        sight = sight.slid(place, window(n, s, d, p), size)
        found += sight.dims[place]
    channels = plain(call.output.shape[-2])
    dims = (*sight.dims[:-3], channels, tuple(found))
    return Sight(dims, sight.rest, sight.image)


_POOLS = ("avg_pool{}d", "max_pool{}d_with_indices", "max_pool{}d")
_ADAPTIVE = ("_adaptive_avg_pool{}d", "adaptive_avg_pool{}d", "adaptive_max_pool{}d")
_RESIZE = (
    *(
        f"{start}upsample_nearest{end}{{}}d"
        for start, end in (("", ""), ("_", "_exact"))
    ),
    *("upsample_linear{}d", "upsample_bilinear{}d", "upsample_trilinear{}d"),
    "upsample_bicubic{}d",
)
_PADS = ("reflection_pad{}d", "replication_pad{}d")

RULES: dict[str, Callable[[Call], Sight]] = {
    "convolution": _convolution,
    "constant_pad_nd": _padded,
    "pixel_shuffle": _shuffled,
    "pixel_unshuffle": _shuffled,
    "im2col": _patches,
    **{
        name.format(axes): rule
        for names, rule in (
            (_POOLS, _pool),
            (_ADAPTIVE, _adaptive),
            (_RESIZE, _resized),
            (_PADS, _padded),
        )
        for name in names
        for axes in (1, 2, 3)
    },
}
"""The rule of each function that moves a window, by its name in ATen."""
