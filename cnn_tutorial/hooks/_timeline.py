"""A context manager that writes down what a call of a module runs, in order."""

from __future__ import annotations

import functools
import threading
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn
from torch.nn.modules import module as torch_module

from cnn_tutorial.hooks._context import Reentrant, is_replica
from cnn_tutorial.hooks._event import Event
from cnn_tutorial.hooks._standing_in import stand_in
from cnn_tutorial.hooks.layers import eagerly, text_table, uncompiled

__all__ = ["CallTimeline"]

_Hook = Callable[..., Any]


# Kind of hook -> the end of the name it is registered with, and where PyTorch keeps it:
# in a dictionary, by number, in the order in which hooks run.
_KINDS = {
    "forward pre-hook": ("forward_pre_hook", "_forward_pre_hooks"),
    "forward hook": ("forward_hook", "_forward_hooks"),
    "backward pre-hook": ("full_backward_pre_hook", "_backward_pre_hooks"),
    "backward hook": ("full_backward_hook", "_backward_hooks"),
}
# How the warnings begin that PyTorch gives about backward hooks on modules whose inputs
# need no gradient or whose output is no tensor, and about global hooks and compiling.
_WARNINGS = (
    "Full backward hook is firing",
    "For backward hooks to be called",
    r"Using `torch\.compile\(module\)` when there are global hooks",
)


def _nothing(*_: object) -> None:
    """Do what a hook that only marks its place does."""


def _name(hook: _Hook) -> str:
    hook = hook.func if isinstance(hook, functools.partial) else hook
    return str(getattr(hook, "__name__", type(hook).__name__))


class CallTimeline(Reentrant):
    """Write down what runs, in order, when a module is called.

    While the context is open, each ``forward`` of the module and of the modules inside
    it is written down, and so is each hook on them, with the name of its function, and
    each *global* hook that runs for one of them. Where no hook of a kind is registered
    the timeline registers an empty one: every place at which a hook can run shows.

    Parameters
    ----------
    module
        Any module.
    probes
        Register empty hooks; with False only hooks that are there already are shown.
    backward
        Also for the kinds of the backward pass. None: unless a layer works in place,
        which PyTorch refuses beside such hooks.

    Attributes
    ----------
    events : list of Event
        What ran. Entering the context anew empties it.

    Notes
    -----
    Register hooks before the context is entered; those that come later run, but are not
    written down.

    A backward hook of a module none of whose inputs requires a gradient runs as soon as
    the gradient of its *output* is there, before those of the modules inside it. For
    the usual order give the model an input with ``requires_grad=True``.

    Written down is what the threads run that entered the context, the replicas of
    ``nn.DataParallel``, and backward passes, which may have threads of their own.
    Copies of the module that are made meanwhile are not watched.

    A module that was compiled runs uncompiled inside the context. The timeline stands
    in for ``forward`` while it watches, which a TorchScript module does not allow.

    Examples
    --------
    >>> import torch
    >>> net = nn.Linear(3, 2)
    >>> def announce(module, args):
    ...     pass
    >>> handle = net.register_forward_pre_hook(announce)
    >>> with CallTimeline(net, probes=False) as called:
    ...     _ = net(torch.ones(1, 3))
    >>> print(called)
    order  what runs         module    hook
    -----  ----------------  --------  --------
        1  forward pre-hook  (Linear)  announce
        2  forward           (Linear)
    >>> with CallTimeline(net) as direct:
    ...     _ = net.forward(torch.ones(1, 3))
    >>> [event.kind for event in direct.events]
    ['forward']
    """

    def __init__(
        self, module: nn.Module, *, probes: bool = True, backward: bool | None = None
    ) -> None:
        super().__init__()
        self._module = module
        names = {m: name for name, m in uncompiled(module).named_modules()}
        in_place = any(getattr(m, "inplace", False) for m in names)
        self._names: WeakKeyDictionary[nn.Module, str] = WeakKeyDictionary(names)
        self._backward = probes and (not in_place if backward is None else backward)
        self._probes = probes
        self.clear()

    def clear(self) -> None:
        """Forget everything that was written down."""
        self._depths: Counter[int] = Counter()  # by thread
        self.events: list[Event] = []

    def _hang(self, stack: ExitStack) -> None:
        modules = list(uncompiled(self._module).modules())
        stack.enter_context(eagerly(self._module))
        self._hide_warnings(stack)
        for kind, (suffix, table) in _KINDS.items():
            register = f"register_module_{suffix}"
            self._watch(stack, torch_module, register, table, "global " + kind)
            for module in modules:
                self._watch(stack, module, f"register_{suffix}", table, kind)
        for module in modules:
            stand_in(stack, module, self._noting_forward, self._adopt)

    def _watch(
        self,
        stack: ExitStack,
        owner: nn.Module | ModuleType,
        register: str,
        attribute: str,
        kind: str,
    ) -> None:
        """Note each hook of one kind on `owner`: a module, or PyTorch for all."""
        prefix = "_global" if owner is torch_module else ""
        table = getattr(owner, prefix + attribute)
        for key, hook in table.items():
            table[key] = self._noting(kind, hook, _name(hook))
            stack.callback(_put_back, table, key, table[key], hook)
        if table or not (self._backward if "backward" in kind else self._probes):
            return
        if "backward hook" in kind:
            flag = prefix + "_is_full_backward_hook"
            previous = getattr(owner, flag)
            if (
                previous is False
            ):  # PyTorch takes no full hook beside one of the old kind
                return
            stack.callback(_reset_flag, owner, flag, previous, table)
        stack.callback(getattr(owner, register)(self._noting(kind, _nothing)).remove)

    def _noting(self, kind: str, hook: _Hook, name: str = "") -> _Hook:
        def noting(module: nn.Module, *args: object, **kwargs: object) -> object:
            self._note(kind, module, name)
            return hook(module, *args, **kwargs)

        return noting

    def _note(self, kind: str, module: nn.Module, hook: str = "") -> None:
        # Global hooks also run for modules that are not ours, replicas run on threads
        # of their own, and so may a backward pass.
        if module not in self._names:
            return
        if not (self._here() or is_replica(module) or "backward" in kind):
            return
        with self._lock:
            order, depth = len(self.events) + 1, self._depths[threading.get_ident()]
            event = Event(order, kind, self._names[module], hook, depth)
            self.events.append(event)

    def _adopt(self, replica: nn.Module, module: nn.Module) -> None:
        self._names[replica] = self._names[module]

    def _noting_forward(self, module: nn.Module, forward: _Hook) -> _Hook:
        ours = functools.partial(self._run, module, forward)
        return functools.update_wrapper(ours, forward)

    def _run(
        self, module: nn.Module, forward: _Hook, *args: object, **kwargs: object
    ) -> object:
        self._note("forward", module)
        thread = threading.get_ident()
        self._depths[thread] += 1
        try:
            return forward(*args, **kwargs)
        finally:
            self._depths[thread] -= 1

    def _hide_warnings(self, stack: ExitStack) -> None:
        """Hide what PyTorch says about hooks that only the timeline wanted."""
        if self._probes:
            stack.enter_context(warnings.catch_warnings())
            for message in _WARNINGS:
                warnings.filterwarnings("ignore", message=message)

    def __str__(self) -> str:
        itself = f"({type(uncompiled(self._module)).__name__})"
        rows = [
            [str(e.order), "  " * e.depth + e.kind, e.module or itself, e.hook]
            for e in self.events
        ]
        return text_table(["order", "what runs", "module", "hook"], rows, right=[0])


def _put_back(table: dict[int, _Hook], key: int, ours: _Hook, hook: _Hook) -> None:
    if table.get(key) is ours:  # its handle may have been told to remove it meanwhile
        table[key] = hook


def _reset_flag(
    owner: object, flag: str, previous: bool | None, table: dict[int, _Hook]
) -> None:
    if not table:
        setattr(owner, flag, previous)
