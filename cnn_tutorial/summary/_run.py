"""Run a model once and write down what it does."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils.flop_counter import FlopCounterMode

from cnn_tutorial.hooks.layers import tensors_in
from cnn_tutorial.summary._explain import explain
from cnn_tutorial.summary._row import Row
from cnn_tutorial.summary._wiring import Wiring

__all__ = ["Run"]


@dataclass
class _Call:
    """A call that is under way."""

    module: nn.Module
    args: object
    flops_before: int
    flops_inside: int = 0


class Run:
    """One pass through a model, written down by hooks."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.rows: list[Row] = []
        self.output_shapes: tuple[tuple[int, ...], ...] = ()
        self.counted: set[str] = set()
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._names = {module: name for name, module in model.named_modules()}
        self._parameters = {id(p): name for name, p in model.named_parameters()}
        self._ran: set[nn.Module] = set()
        self._calls: list[_Call] = []
        self._flops = FlopCounterMode(display=False)
        self.wiring = Wiring()
        # Weak references: a storage that is gone cannot lend its address to another.
        self._storages: dict[int, StorageWeakRef] = {}

    def on(self, x: Tensor) -> Run:
        """Run the model on `x`."""
        with ExitStack() as stack:
            for module in self._names:
                begin = module.register_forward_pre_hook(self._begin, prepend=True)
                stack.callback(begin.remove)
                stack.callback(module.register_forward_hook(self._end).remove)
            for context in (torch.no_grad(), self._flops, self.wiring):
                stack.enter_context(context)
            self._new_bytes(x)
            self.wiring.made(x)
            output = self.model(x)
        self.wiring.returned(output)
        self.output_shapes = _shapes_of(output)
        return self

    def _new_bytes(self, value: object) -> int:
        """Return the bytes of tensors whose memory was not there before."""
        count = 0
        for _, tensor in tensors_in(value):
            reference = StorageWeakRef(tensor.untyped_storage())
            if reference.cdata not in self._storages:
                self._storages[reference.cdata] = reference
                count += tensor.numel() * tensor.element_size()
        return count

    def _begin(self, module: nn.Module, args: object) -> None:
        self._calls.append(_Call(module, args, self._flops.get_total_flops()))
        self.wiring.enter(self._names[module])

    def _end(self, module: nn.Module, _args: object, output: object) -> None:
        call = self._calls.pop()
        while call.module is not module:  # it raised, and its caller went on
            self._calls[-1].flops_inside += call.flops_inside
            call = self._calls.pop()
            self.wiring.calls.pop()
        if not self.wiring.known(output):  # what made it is not a function of PyTorch's
            self.wiring.note(type(module).__name__, call.args, output)
        self.wiring.calls.pop()
        flops = self._flops.get_total_flops() - call.flops_before
        if self._calls:
            self._calls[-1].flops_inside += flops
        self.shapes[self._names[module]] = next(iter(_shapes_of(output)), ())
        self._add(module, output, (flops - call.flops_inside) // 2)

    def _add(self, module: nn.Module, output: object, macs: int) -> None:
        own = dict(module.named_parameters(recurse=False))
        if own or macs or not any(module.children()):
            new = {self._parameters[id(p)]: p.numel() for p in own.values()}
            row = Row(
                name=self._names[module],
                type=type(module).__name__,
                output_shapes=_shapes_of(output),
                parameters=sum(n for k, n in new.items() if k not in self.counted),
                macs=macs,
                repeated=module in self._ran,
                memory=self._new_bytes(output),
            )
            self.rows.append(row)
            self.counted.update(new)
            self._ran.add(module)

    def why(self, shape: tuple[int, ...], error: Exception) -> str:
        """Return where and why the run ended."""
        problem = (
            f"{type(self.model).__name__} does not take an input of shape {shape}. "
        )
        if not self._calls:
            return problem + str(error)
        call = self._calls[-1]
        name = self._names[call.module]
        advice = explain(
            name or "the model", call.module, call.args, self.wiring.shapes
        )
        if advice:
            return problem + advice
        place = (
            f"At `{name}` ({type(call.module).__name__})" if name else "In `forward`"
        )
        last = self.rows[-1] if self.rows else None
        after = f", after `{last.name}` put out {last.output_shape}" if last else ""
        return f"{problem}{place}{after}: {error}"


def _shapes_of(output: object) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(tensor.shape) for _, tensor in tensors_in(output))
