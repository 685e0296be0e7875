"""A context manager that keeps what layers put out, and their gradients."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor, nn

from cnn_tutorial.hooks._watching import Watcher

__all__ = ["ActivationRecorder"]


class _Removable(Protocol):
    """What ``Tensor.register_hook`` returns."""

    def remove(self) -> None: ...


class ActivationRecorder(Watcher):
    """Record what layers put out, and the gradients that come back to them.

    Use it as a context manager: the hooks are on the layers inside the ``with`` block
    only, and come off whatever happens in it. Entering anew forgets what was recorded.
    The same recorder may be entered while it is open; several may watch one model.
    Threads may share a model: a recorder keeps the runs of the threads that entered it.

    Parameters
    ----------
    model
        Any module. Run it by calling it: ``model.forward(x)`` skips hooks of `model`.
    layers
        Names as in ``model.named_modules()`` or patterns such as ``"conv*"``
        (``*`` crosses dots); ``""`` is the model itself. None: every module that has no
        children.
    gradients
        Also record the gradient with respect to each recorded output. The backward pass
        must happen inside the ``with`` block.
    detach
        Keep the numbers only. False keeps the tensor of the graph itself, for
        ``torch.autograd.grad``, and with it the whole graph in memory.
    clone
        Keep a copy, which in-place operations of later layers cannot change. Counts
        only where `detach` is true.
    device
        Where to keep the record; ``"cpu"`` spares the memory of a GPU. None: where the
        output is.

    Raises
    ------
    ValueError
        If a name or pattern in `layers` matches nothing.

    Notes
    -----
    A layer that runs several times keeps the outputs of its last run. Outputs that are
    not a tensor are taken apart: ``"lstm[1][0]"`` is the first tensor of the second
    part of what ``lstm`` returned, ``"head['mask']"`` an entry of a mapping.

    Hooks that the layer already had run first: the record holds what they replaced the
    output with. Under ``nn.DataParallel`` and its like the names begin with
    ``"module."``; the replicas share the hooks, so that the record holds the output of
    whichever replica came last. Copies of the model that are made meanwhile are not
    recorded.

    Where activations are computed again on the way back (``torch.utils.checkpoint``),
    the second run is the last one, and gradients of the first are not kept.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU())
    >>> _ = nn.init.ones_(net[0].weight)
    >>> with ActivationRecorder(net, "0", gradients=True) as recorder:
    ...     net(torch.tensor([[1.0, 2.0, 3.0]])).sum().backward()
    >>> recorder.activations["0"]  # 1 + 2 + 3
    tensor([[6., 6.]])
    >>> recorder.gradients["0"]  # of the sum of what ReLU lets through
    tensor([[1., 1.]])
    """

    def __init__(
        self,
        model: nn.Module,
        layers: str | Iterable[str] | None = None,
        *,
        gradients: bool = False,
        detach: bool = True,
        clone: bool = True,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__(model, layers)
        self._wants_gradients = gradients
        self._detach = detach
        self._clone = clone
        self._device = device
        self._tensor_hooks: dict[str, list[_Removable]] = {}
        self.clear()

    @property
    def activations(self) -> dict[str, Tensor]:
        """Output of each layer, in the order in which the layers finished."""
        return {k: v for kept in self._outputs.values() for k, v in kept.items()}

    @property
    def gradients(self) -> dict[str, Tensor]:
        """Gradient with respect to each output, in the order of `activations`.

        Outputs that no gradient reached have no entry.
        """
        return {k: self._grads[k] for k in self.activations if k in self._grads}

    def clear(self) -> None:
        """Forget everything that was recorded."""
        self._outputs: dict[str, dict[str, Tensor]] = {}
        self._grads: dict[str, Tensor] = {}

    def _record(self, name: str, tensors: dict[str, Tensor]) -> None:
        self._outputs[name] = {k: self._keep(tensor) for k, tensor in tensors.items()}
        # Gradients come in reverse: the first run's would overwrite the last run's.
        for handle in self._tensor_hooks.pop(name, ()):
            handle.remove()
        if self._wants_gradients:
            self._tensor_hooks[name] = [
                tensor.register_hook(functools.partial(self._record_gradient, key))
                for key, tensor in tensors.items()
                if tensor.requires_grad
            ]

    def _record_gradient(self, key: str, gradient: Tensor) -> None:
        self._grads[key] = self._keep(gradient)

    def _keep(self, tensor: Tensor) -> Tensor:
        device = tensor.device if self._device is None else self._device
        if not self._detach:
            return tensor.to(device)
        return tensor.detach().to(device, copy=self._clone)

    def _release(self) -> None:
        for handles in self._tensor_hooks.values():
            for handle in handles:
                handle.remove()
        self._tensor_hooks.clear()
