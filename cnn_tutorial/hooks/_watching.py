"""What the context managers that read outputs have in common."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from torch import Tensor, nn

from cnn_tutorial.hooks.layers import eagerly, find_layers, tensors_in, uncompiled

__all__ = ["Watcher"]


class Watcher:
    """Forward hooks on chosen layers for as long as the context is open."""

    def __init__(
        self, model: nn.Module, layers: str | Iterable[str] | None = None
    ) -> None:
        self._model = model
        self._layers = find_layers(uncompiled(model), layers)
        self._open = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._open == 0:
            self.clear()
            with ExitStack() as stack:  # takes off what is on, should one line fail
                stack.enter_context(eagerly(self._model))
                stack.callback(self._release)
                for name, layer in self._layers.items():
                    hook = functools.partial(self._hook, name)
                    stack.callback(layer.register_forward_hook(hook).remove)
                self._stack = stack.pop_all()
        self._open += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open -= 1
        if self._open == 0:
            self._stack.close()

    def _hook(self, name: str, *module_args_output: object) -> None:
        # To return anything but None would replace the output.
        self._record(name, dict(tensors_in(module_args_output[-1], name)))

    def _record(self, name: str, tensors: dict[str, Tensor]) -> None:
        raise NotImplementedError

    def _release(self) -> None:
        """Let go of what was registered besides the forward hooks."""

    def clear(self) -> None:
        """Forget everything."""
        raise NotImplementedError
