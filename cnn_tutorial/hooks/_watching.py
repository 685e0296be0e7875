"""What the context managers that read outputs have in common."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from contextlib import ExitStack

from torch import Tensor, nn

from cnn_tutorial.hooks._context import Reentrant, is_replica
from cnn_tutorial.hooks.layers import eagerly, find_layers, tensors_in, uncompiled

__all__ = ["Watcher"]


class Watcher(Reentrant):
    """Forward hooks on chosen layers for as long as the context is open."""

    def __init__(
        self, model: nn.Module, layers: str | Iterable[str] | None = None
    ) -> None:
        super().__init__()
        self._model = model
        self._layers = find_layers(uncompiled(model), layers)

    def _hang(self, stack: ExitStack) -> None:
        stack.enter_context(eagerly(self._model))
        stack.callback(self._release)
        for name, layer in self._layers.items():
            hook = functools.partial(self._hook, name)
            stack.callback(layer.register_forward_hook(hook).remove)

    def _hook(self, name: str, module: nn.Module, *args_output: object) -> None:
        ours = module is self._layers[name] and self._here()
        if ours or is_replica(module):  # replicas run on threads of their own
            tensors = dict(tensors_in(args_output[-1], name))
            with self._lock:
                self._record(name, tensors)
        # To return anything but None would replace the output.

    def _record(self, name: str, tensors: dict[str, Tensor]) -> None:
        raise NotImplementedError

    def _release(self) -> None:
        """Let go of what was registered besides the forward hooks."""
