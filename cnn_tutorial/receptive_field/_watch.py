"""Run a model without numbers and write down what each tensor sees."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from cnn_tutorial.hooks.layers import tensors_in
from cnn_tutorial.receptive_field._call import Call
from cnn_tutorial.receptive_field._field import Field
from cnn_tutorial.receptive_field._rules import Outcome, rule_for
from cnn_tutorial.receptive_field._sight import Sight, Unknown, first_sight

__all__ = ["FieldRow", "Watch"]

#: What people write for a function that PyTorch's core calls otherwise.
_NAMES = {"addmm": "linear", "mm": "matmul", "bmm": "matmul", "im2col": "unfold"}

#: They move nothing, even where they drop an axis of length 1.
_VIEWS = ("view", "_unsafe_view", "squeeze", "expand")


@dataclass(frozen=True)
class FieldRow:
    """What a layer's output sees.

    Parameters
    ----------
    name
        As in ``model.named_modules()``; for a function, where it was called.
    type
        Name of the layer's class, or of the function.
    output_shape
        Shape of its first output, with the batch axis.
    field
        What one number of that output sees.
    """

    name: str
    type: str
    output_shape: tuple[int, ...]
    field: Field


@dataclass
class _Known:
    """What is known of a tensor, since when; it is kept so that no other has its id."""

    tensor: Tensor
    sight: Sight | None
    since: int


class Watch(TorchDispatchMode):
    """Follow what tensors see, function by function and layer by layer."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = model
        self.rows: list[FieldRow] = []
        self.named: dict[str, FieldRow] = {}
        self.refusal: str | None = None
        self._names = {module: name for name, module in model.named_modules()}
        self._inside: list[nn.Module] = []
        self._known: dict[int, _Known] = {}
        self._written: dict[int, tuple[int, int]] = {}
        self._time = 0

    def on(self, shape: tuple[int, ...], dtype: torch.dtype) -> object:
        """Run the model on an input of a shape, and return its output."""
        with ExitStack() as stack:
            for module in self._names:
                module.register_forward_pre_hook(self._begin, prepend=True)
                module.register_forward_hook(self._end)
            stack.enter_context(torch.no_grad())
            stack.enter_context(torch.device("meta"))  # also for what `forward` creates
            x = torch.empty(shape, dtype=dtype)
            stack.enter_context(self)
            self._learn(x, first_sight(shape, shape[2:]))
            return self.model(x)

    def sight(self, tensor: Tensor) -> Sight | None:
        """Return what a tensor sees, or None where it does not depend on the image."""
        known = self._known.get(id(tensor))
        if self._written:
            self._check_fresh(tensor, known)
        return known.sight if known else None

    def _check_fresh(self, tensor: Tensor, known: _Known | None) -> None:
        """Refuse a tensor of which a part has changed under another name."""
        writer, time = self._written.get(_memory(tensor), (id(tensor), 0))
        if writer != id(tensor) and (known is None or known.since < time):
            raise Unknown(
                "reads a tensor that was written in parts (or padded in a ring)"
            )

    def _learn(self, tensor: Tensor, sight: Sight | None) -> None:
        self._known[id(tensor)] = _Known(tensor, sight, self._time)

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        self._time += 1
        try:
            sees = bool(Call(func, args, kwargs or {}, None, self.sight).seeing())
            rule = rule_for(func) if sees else None
            result = func(*args, **(kwargs or {}))
            if rule is None:
                self._created(result)
            else:
                self._follow(Call(func, args, kwargs or {}, result, self.sight), rule)
        except Unknown as reason:
            self.refusal = self._words(func, reason)
            raise
        return result

    def _created(self, result: object) -> None:
        """Note when tensors that see nothing were made, for later writes to them."""
        for _, tensor in tensors_in(result):
            if self._written or id(tensor) not in self._known:
                self._learn(tensor, None)

    def _follow(self, call: Call, rule: Callable[[Call], Outcome]) -> None:
        found = rule(call)
        seen = call.seeing()
        sights = found if isinstance(found, list) else [found] * len(call.results)
        for tensor, sight in zip(call.results, sights, strict=True):
            if sight is None or sight.shape == tuple(tensor.shape):
                self._set(tensor, sight)
            elif tensor is call.output:
                raise Unknown("is not followed for these arguments")
        self._note(call, seen)

    def _set(self, tensor: Tensor, sight: Sight | None) -> None:
        known = self._known.get(id(tensor))
        if known is not None and known.sight != sight:  # written in place
            self._written[_memory(tensor)] = id(tensor), self._time
        self._learn(tensor, sight)

    def _note(self, call: Call, seen: list[Sight]) -> None:
        """Write down a function in a module that is more than one layer."""
        module = self._inside[-1] if self._inside else self.model
        alone = module is not self.model and not any(module.children())
        now = self.sight(call.output) if call.results else None
        if alone or now is None or call.name in _VIEWS:
            return
        field = now.field()
        if all(sight.field() == field for sight in seen):
            return
        name = self._names[module]
        self.rows.append(
            FieldRow(name, _plain(call.name), tuple(call.output.shape), field)
        )

    def _begin(self, module: nn.Module, _args: object) -> None:
        self._inside.append(module)

    def _end(self, module: nn.Module, _args: object, output: object) -> None:
        while self._inside.pop() is not module:  # one inside raised, and was caught
            pass
        first = next((tensor for _, tensor in tensors_in(output)), None)
        sight = None if first is None else self.sight(first)
        if first is None or sight is None:
            return
        name = self._names[module]
        row = FieldRow(name, type(module).__name__, tuple(first.shape), sight.field())
        self.named[name] = row
        if module is not self.model and not any(module.children()):
            self.rows.append(row)

    def _words(self, func: OpOverload, reason: Unknown) -> str:
        module = self._inside[-1] if self._inside else self.model
        name = self._names[module]
        where = f"in `{name}` ({type(module).__name__})" if name else "in `forward`"
        return f"`{_plain(func.overloadpacket.__name__)}` {where} {reason}."


def _plain(name: str) -> str:
    """Return a function's name as people write it."""
    short = name.removeprefix("_").removeprefix("native_").removeprefix("unsafe_")
    short = short.removesuffix("_with_indices").removesuffix("_")
    return _NAMES.get(short, short)


def _memory(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
