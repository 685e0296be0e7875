"""What an answer that makes a module must hand over."""

from __future__ import annotations

from torch import nn

from cnn_tutorial.exercises.faults import Explained, Fault

__all__ = ["as_module"]


def as_module(made: object) -> nn.Module:
    """Return what an attempt made; stop it where that is no module, or hides layers.

    Parameters
    ----------
    made
        What the attempt returned.

    Raises
    ------
    Explained
        If it is no module, a class that nobody called, or a module with layers in a
        plain list.

    Examples
    --------
    >>> as_module(nn.ReLU())
    ReLU()
    """
    if isinstance(made, type):
        what = f"A class was returned, `{made.__name__}`, and no module."
        hint = "Call the class: `Layer()` makes a module of it."
        raise Explained(Fault(what, "", hint, "a module was expected"))
    if not isinstance(made, nn.Module):
        what = f"A {type(made).__name__} was returned, and no `nn.Module`."
        hint = "`nn.Sequential(...)` is a module; a class derives from `nn.Module`."
        raise Explained(Fault(what, "", hint, "a module was expected"))
    seen = set(made.modules())
    for module in seen:
        for name, value in vars(module).items():
            if not name.startswith("_") and _layers_in(value) - seen:
                raise Explained(_hidden(name, type(value).__name__))
    return made


def _layers_in(value: object) -> set[nn.Module]:
    if isinstance(value, dict):
        value = list(value.values())
    items = value if isinstance(value, (list, tuple)) else []
    return {item for item in items if isinstance(item, nn.Module)}


def _hidden(name: str, kind: str) -> Fault:
    return Fault(
        f"`self.{name}` is a {kind}: its layers are not part of the module.",
        "",
        "Nothing finds the layers of a plain list: no optimiser, no `eval()`, no "
        "`state_dict()`. Keep them in `nn.Sequential(...)` or `nn.ModuleList([...])`.",
        "layers are kept where the module does not see them",
    )
