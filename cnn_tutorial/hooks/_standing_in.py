"""Functions that take the place of a module's ``forward``, and of its replicas'."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from torch import nn

__all__ = ["stand_in"]

_Forward = Callable[..., Any]
_Wrap = Callable[[nn.Module, _Forward], _Forward]

_FORWARD, _REPLICATE = "forward", "_replicate_for_data_parallel"


def stand_in(
    stack: ExitStack,
    module: nn.Module,
    wrap: _Wrap,
    adopt: Callable[[nn.Module, nn.Module], None],
) -> None:
    """Let a module run ``wrap(module, module.forward)`` as its forward.

    Parameters
    ----------
    stack
        Puts back what was there when it is closed.
    module
        The module.
    wrap
        Makes the stand-in from the module and the forward that it stands in for.
    adopt
        Is told of each replica: ``adopt(replica, module)``.
    """
    own = _FORWARD in vars(module)
    # Partials, not closures: when a model is copied they go on to mean the copy.
    replicate = functools.partial(_replicate, module, wrap, adopt, own=own)
    ours = {_FORWARD: wrap(module, module.forward), _REPLICATE: replicate}
    for name, function in ours.items():
        attributes = module.__dict__
        if name in attributes:
            stack.callback(attributes.__setitem__, name, attributes[name])
        else:
            stack.callback(attributes.pop, name, None)
        attributes[name] = function


def _replicate(
    module: nn.Module,
    wrap: _Wrap,
    adopt: Callable[[nn.Module, nn.Module], None],
    *,
    own: bool,
) -> nn.Module:
    """Make a replica as PyTorch does, and give it a stand-in of its own.

    PyTorch copies the dictionary of attributes: with the stand-in of the original in
    it, the replica would compute with weights that are on another device.
    """
    replica: nn.Module = type(module)._replicate_for_data_parallel(module)
    del replica.__dict__[_REPLICATE]
    if not own:
        del replica.__dict__[_FORWARD]
        replica.__dict__[_FORWARD] = wrap(replica, replica.forward)
    adopt(replica, module)
    return replica
