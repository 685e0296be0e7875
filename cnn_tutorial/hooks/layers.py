"""Which modules are meant, which tensors are in an output, and how a table looks."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from cnn_tutorial._validation import choice

__all__ = ["eagerly", "find_layers", "tensors_in", "text_table", "uncompiled"]

_NOTHING = contextlib.nullcontext()


def find_layers(
    model: nn.Module, layers: str | Iterable[str] | None
) -> dict[str, nn.Module]:
    """Return the modules that the patterns name, in the model's order.

    Parameters
    ----------
    model
        Where to look.
    layers
        Names as in ``model.named_modules()`` or patterns with ``*``, ``?``, ``[...]``
        (``*`` crosses dots); ``""`` is the model itself, which no other pattern
        matches. None stands for every module without children.

    Raises
    ------
    ValueError
        If a pattern matches nothing.

    Examples
    --------
    >>> find_layers(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), "1")
    {'1': ReLU()}
    """
    if layers is None:
        return {n: m for n, m in model.named_modules() if not any(m.children())}
    named = dict(model.named_modules(remove_duplicate=False))
    patterns = [layers] if isinstance(layers, str) else list(layers)
    wanted: set[str] = set()
    for pattern in patterns:
        found = [n for n in named if n and fnmatch.fnmatchcase(n, pattern)]
        wanted.update(found or [_refuse(pattern, named)])
    return {name: module for name, module in named.items() if name in wanted}


def _refuse(pattern: str, names: Iterable[str]) -> str:
    """Say which name may have been meant, also where it is that of a layer inside."""
    inner = [name for name in names if name.endswith(f".{pattern}")]
    if inner:
        raise ValueError(
            f"`layers` (={pattern!r}) must match names as in model.named_modules(), "
            f"with those of the modules around. Did you mean {inner[0]!r}?"
        )
    return choice("layers", pattern, names)


def tensors_in(value: object, label: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors in nested tuples, lists, mappings and dataclasses.

    Parameters
    ----------
    value
        A module's output.
    label
        The beginning of each label; the rest says where in `value` the tensor was.

    Yields
    ------
    tuple of str and Tensor
        Label and tensor.

    Examples
    --------
    >>> output = (torch.zeros(2), {"mask": torch.zeros(3), "note": "no tensor"})
    >>> [label for label, _ in tensors_in(output, "head")]
    ['head[0]', "head[1]['mask']"]
    """
    parts: Iterable[tuple[str, object]] = ()
    if isinstance(value, Tensor):
        yield label, value
    elif isinstance(value, Mapping):
        parts = ((f"[{key!r}]", item) for key, item in value.items())
    elif isinstance(value, (tuple, list)):
        parts = ((f"[{index}]", item) for index, item in enumerate(value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        parts = ((f".{name}", getattr(value, name)) for name in names)
    for where, item in parts:
        yield from tensors_in(item, label + where)


def uncompiled(model: nn.Module) -> nn.Module:
    """Return the module that ``torch.compile(model)`` wrapped, or the model itself.

    Parameters
    ----------
    model
        Compiled or not.
    """
    inner = getattr(model, "_orig_mod", model)
    return inner if isinstance(inner, nn.Module) else model


@contextlib.contextmanager
def eagerly(model: nn.Module) -> Iterator[None]:
    """Let a compiled model run uncompiled inside the context.

    Parameters
    ----------
    model
        Compiled or not; where nothing is compiled, nothing is changed.
    """
    compiled = uncompiled(model) is not model or any(
        getattr(module, "_compiled_call_impl", None) is not None
        for module in model.modules()
    )
    # Also the import of the compiler, a second or two, is only for those who use it.
    with torch.compiler.set_stance("force_eager") if compiled else _NOTHING:
        yield


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> str:
    """Return a table in plain text.

    Parameters
    ----------
    header
        The columns' titles.
    rows
        As many cells a row as `header` has.
    right
        Which columns are set flush right.

    Examples
    --------
    >>> print(text_table(["layer", "size"], [["conv1", "60"]], right=[1]))
    layer  size
    -----  ----
    conv1    60
    """
    lines = [header, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
