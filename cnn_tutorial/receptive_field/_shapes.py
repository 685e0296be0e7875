"""How tensors change their shape: views, slices, pieces and what is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cnn_tutorial.receptive_field._call import Call
from cnn_tutorial.receptive_field._join import join
from cnn_tutorial.receptive_field._sight import Sight, Unknown, plain
from cnn_tutorial.receptive_field._steps import window

__all__ = ["RULES", "axes_of", "one_axis"]


def axes_of(sight: Sight, value: int | Iterable[int] | None) -> list[int]:
    """Return the axes that an argument `dim` names; all of them for None."""
    count = len(sight.dims)
    if value is None or (not isinstance(value, int) and not list(value)):
        return list(range(count))
    chosen = [value] if isinstance(value, int) else list(value)
    return [k % count for k in chosen]


def one_axis(sight: Sight, k: int) -> int:
    """Return an axis counted from the beginning."""
    return k % len(sight.dims)


def _viewed(call: Call) -> Sight:
    return call.sight("self").viewed(call.output.shape)


def _permuted(call: Call) -> Sight:
    sight = call.sight("self")
    dims = [sight.dims[one_axis(sight, k)] for k in call["dims"]]
    return Sight(tuple(dims), sight.rest, sight.image)


def _transposed(call: Call) -> Sight:
    sight = call.sight("self")
    order = list(range(len(sight.dims)))
    if len(order) > 1:
        first = one_axis(sight, call.get("dim0", 0))
        second = one_axis(sight, call.get("dim1", 1))
        order[first], order[second] = order[second], order[first]
    return Sight(tuple(sight.dims[k] for k in order), sight.rest, sight.image)


def _unsqueezed(call: Call) -> Sight:
    sight = call.sight("self")
    k = call["dim"] % (len(sight.dims) + 1)
    dims = (*sight.dims[:k], (), *sight.dims[k:])
    return Sight(dims, sight.rest, sight.image)


def _squeezed(call: Call) -> Sight:
    sight = call.sight("self")
    dims = axes_of(sight, call.get("dim", None))
    return sight.without([k for k in dims if sight.shape[k] == 1])


def _expanded(call: Call) -> Sight:
    return join([call.sight("self")], call.output.shape)


def _restrided(call: Call) -> Sight:
    """Allow another layout of the same numbers, as channels-last has."""
    before, after = call.tensor("self"), call.output
    steps = [
        [s for n, s in zip(t.shape, t.stride(), strict=True) if n > 1]
        for t in (before, after)
    ]
    if before.shape != after.shape or steps[0] != steps[1]:
        raise Unknown("takes numbers by their place in memory")
    return call.sight("self")


def _repeated(call: Call) -> Sight:
    sight = call.sight("self")
    shape = call.output.shape
    new = len(shape) - len(sight.dims)
    dims = (*map(plain, shape[:new]), *sight.dims)
    sight = Sight(dims, sight.rest, sight.image)
    for k in range(len(shape)):
        if sight.shape[k] == 1:
            sight = sight.without([k], keep=True)
        if sight.shape[k] != shape[k]:
            sight = sight.channels(k, shape[k], "repeats")
    return sight


def _sliced(call: Call) -> Sight:
    sight = call.sight("self")
    k = one_axis(sight, call["dim"])
    before, after = sight.shape[k], call.output.shape[k]
    if before == after:
        return sight
    start = call["start"] or 0
    start = max(0, min(before, start + before * (start < 0)))
    return sight.slid(k, window(1, call["step"], 1, -start), after)


def _selected(call: Call) -> Sight:
    sight = call.sight("self")
    k = one_axis(sight, call["dim"])
    place = call["index"] % sight.shape[k]
    return sight.slid(k, window(1, 1, 1, -place), 1).without([k])


def _pieces(call: Call) -> list[Sight]:
    sight = call.sight("self")
    k = one_axis(sight, call["dim"])
    start, found = 0, []
    for part in call.results:
        if call.name == "unbind":
            steps = window(1, 1, 1, -start)
            found.append(sight.slid(k, steps, 1).without([k]))
            start += 1
            continue
        size = part.shape[k]
        found.append(
            sight
            if size == sight.shape[k]
            else sight.slid(k, window(1, 1, 1, -start), size)
        )
        start += size
    return found


def _joined(call: Call) -> Sight:
    shape = call.output.shape
    k = call["dim"] % len(shape)
    if call.name == "stack":
        return join([_opened(s, k) for s in call.seeing()], shape)
    tensors = [t for t in call["tensors"] if t.numel()]
    size = shape[k]
    parts = [
        sight.channels(k, size, "puts pieces side by side along")
        for t in tensors
        if (sight := call.find(t)) is not None
    ]
    return join(parts, shape)


def _opened(sight: Sight, k: int) -> Sight:
    return Sight((*sight.dims[:k], (), *sight.dims[k:]), sight.rest, sight.image)


def _halved(call: Call) -> Sight:
    sight = call.sight("self")
    k = one_axis(sight, call["dim"])
    return sight.channels(k, call.output.shape[k], "gates with the half of")


def _reordered(call: Call) -> Sight:
    """Allow ``flip`` and ``roll`` among channels only."""
    sight = call.sight("self")
    for k in axes_of(sight, call["dims"]):
        sight = sight.channels(k, sight.shape[k], "moves the pixels of")
    return sight


def _chosen(call: Call) -> Sight:
    sight = call.sight("self")
    k = one_axis(sight, call["dim"])
    return sight.channels(k, call.output.shape[k], "selects from")


RULES: dict[str, Callable[[Call], Sight | list[Sight]]] = {
    **dict.fromkeys(("view", "_unsafe_view", "_reshape_alias"), _viewed),
    **dict.fromkeys(("transpose", "t"), _transposed),
    **dict.fromkeys(("split", "split_with_sizes", "unbind"), _pieces),
    **dict.fromkeys(("cat", "stack"), _joined),
    **dict.fromkeys(("flip", "roll"), _reordered),
    "permute": _permuted,
    "unsqueeze": _unsqueezed,
    "squeeze": _squeezed,
    "expand": _expanded,
    "repeat": _repeated,
    "slice": _sliced,
    "select": _selected,
    "index_select": _chosen,
    "glu": _halved,
    "as_strided": _restrided,
}
"""The rule of each function that changes a shape, by its name in ATen."""
