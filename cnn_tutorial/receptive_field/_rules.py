"""How each basic function of PyTorch moves information between pixels."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch._ops import OpOverload

from cnn_tutorial.receptive_field import _shapes, _windows
from cnn_tutorial.receptive_field._call import Call
from cnn_tutorial.receptive_field._join import join
from cnn_tutorial.receptive_field._shapes import axes_of, one_axis
from cnn_tutorial.receptive_field._sight import Sight, Unknown, plain

__all__ = ["Outcome", "rule_for"]

Outcome = Sight | list[Sight] | None
"""One for all outputs of its shape, one for each, or nothing seen of the image."""


def rule_for(func: OpOverload) -> Callable[[Call], Outcome]:
    """Return how the outputs of a function follow from its arguments.

    Parameters
    ----------
    func
        A function, as PyTorch dispatches it.

    Raises
    ------
    Unknown
        If it is not known, or the way of the model depends on what it returns.
    """
    name = func.overloadpacket.__name__
    plain_name = name.removesuffix("_")
    if name in _DECISIONS:
        raise Unknown("makes numbers of pixels, so that the way depends on the image")
    for candidate in (name, plain_name):
        if candidate in _RULES:
            return _RULES[candidate]
    if torch.Tag.pointwise in func.tags or plain_name in _POINTWISE:
        return _pointwise
    if name.startswith(_EVERYTHING):
        return _everything
    raise Unknown("is not known")


def _pointwise(call: Call) -> Sight:
    return join(call.seeing(), call.output.shape)


def _reduced(call: Call) -> Sight:
    sight = call.sight("self")
    dims = axes_of(sight, call.get("dim", None))
    return sight.without(dims, keep=call.output.ndim == len(sight.dims))


def _mixed(call: Call) -> Sight:
    sight = call.sight("self")
    k = one_axis(sight, call["dim"])
    if call.output.shape[k] != sight.shape[k]:
        sight = sight.channels(k, call.output.shape[k], "selects from")
    return sight.mixed([k])


def _layer_norm(call: Call) -> Sight:
    sight = call.sight("input")
    count = len(sight.dims)
    return sight.mixed(range(count - len(call["normalized_shape"]), count))


def _group_norm(call: Call) -> Sight:
    sight = call.sight("input")
    return sight.mixed(range(1, len(sight.dims)))


def _batch_norm(call: Call) -> Sight:
    sight = call.sight("input")
    if not call.get("training", "no_stats" in str(call.func)):
        return sight
    return sight.mixed(k for k in range(len(sight.dims)) if k != 1)


def _product(call: Call) -> Sight:
    """Follow ``a @ b``, perhaps plus a bias: the axis in the middle is summed."""
    every = ("self", "mat1", "batch1", "mat2", "batch2", "vec")
    names = [n for n in every if n in call.bound]
    added = names.pop(0) if len(names) == 3 else None
    left, right = names
    return _with_bias(call, _multiplied(call, left, right), added)


def _multiplied(call: Call, left: str, right: str) -> Sight:
    if call.has_sight(left) and call.has_sight(right):
        return _everything(call)
    shape = call.output.shape
    if call.has_sight(left):
        sight = call.sight(left)
        last = len(sight.dims) - 1
        if call.tensor(right).ndim == 1:
            return sight.without([last])
        return sight.without([last], keep=True).with_dim(last, plain(shape[-1]))
    sight = call.sight(right)
    if len(sight.dims) == 1:
        return sight.without([0]).blind(shape)
    k = len(sight.dims) - 2
    return sight.without([k], keep=True).with_dim(k, plain(shape[k]))


def _with_bias(call: Call, product: Sight, name: str | None) -> Sight:
    if name is None or not call.has_sight(name):
        return product
    return join([product, call.sight(name)], call.output.shape)


def _linear(call: Call) -> Sight:
    if not call.has_sight("input"):
        raise Unknown("has weights that depend on the image")
    return _multiplied(call, "input", "weight")


def _everything(call: Call) -> Sight:
    """Let every output see all that any input sees: attention and the like."""
    shape = call.output.shape
    return join([sight.blind(shape) for sight in call.seeing()], shape)


def _copied(call: Call) -> Outcome:
    if not call.has_sight("src"):
        return None
    return join([call.sight("src")], call.output.shape)


def _nothing(_call: Call) -> None:
    """Return what tensors see that take nothing but a shape."""


_REDUCTIONS = (
    *("mean", "sum", "nansum", "amax", "amin", "max", "min", "prod", "var", "std"),
    *("var_mean", "std_mean", "norm", "linalg_vector_norm", "logsumexp", "argmax"),
    *("argmin", "any", "all", "median", "aminmax"),
)
_DECISIONS = ("_local_scalar_dense", "nonzero", "masked_select")
_MIXING = ("_softmax", "_log_softmax", "cumsum", "cumprod", "sort", "topk")
_BATCH_NORMS = (
    *("native_batch_norm", "cudnn_batch_norm", "_native_batch_norm_legit"),
    "_native_batch_norm_legit_no_training",
)
_SHAPES = ("empty", "zeros", "ones", "full", "rand", "randn")
_NEW = (*(f"{s}_like" for s in _SHAPES), *(f"new_{s}" for s in _SHAPES))
_POINTWISE = {
    *("clone", "detach", "alias", "_to_copy", "lift_fresh", "contiguous"),
    *("hardswish", "_prelu_kernel", "log_sigmoid_forward", "channel_shuffle"),
    *("native_channel_shuffle", "masked_fill", "rrelu_with_noise", "mish"),
}
_EVERYTHING = ("_scaled_dot_product", "_native_multi_head_attention")

_RULES: dict[str, Callable[[Call], Outcome]] = {
    **dict.fromkeys(_REDUCTIONS, _reduced),
    **dict.fromkeys(_MIXING, _mixed),
    **dict.fromkeys(_BATCH_NORMS, _batch_norm),
    **dict.fromkeys((*_NEW, "zero", "fill"), _nothing),
    **dict.fromkeys(("mm", "bmm", "addmm", "baddbmm", "mv"), _product),
    **_windows.RULES,
    **_shapes.RULES,
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
    "linear": _linear,
    "copy": _copied,
}
