"""Which model is run to be traced: a copy without numbers, or the model itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnn_tutorial._validation import integer
from cnn_tutorial.hooks.layers import eagerly, uncompiled
from cnn_tutorial.hooks.shapes_only import without_numbers
from cnn_tutorial.receptive_field import Field, trace_fields
from cnn_tutorial.summary._clock import seconds
from cnn_tutorial.summary._row import Row
from cnn_tutorial.summary._run import Run
from cnn_tutorial.summary._trace import Trace

__all__ = ["trace"]


def trace(
    model: nn.Module,
    input_size: Sequence[int],
    *,
    batch_size: int = 1,
    dtype: torch.dtype | None = None,
    timed: bool = False,
) -> Trace:
    """Follow an input through a model: shape, parameters, MACs, memory, field.

    A copy of the model without numbers (PyTorch's *meta* device) is run in evaluation
    mode; it costs milliseconds and no memory, whatever the model's size. A model that
    needs numbers on its way runs itself instead, on zeros, and is left as it was.

    Parameters
    ----------
    model
        Any module whose ``forward`` takes one tensor.
    input_size
        Shape of one sample, (C, H, W) for an image.
    batch_size
        How many samples go through; MACs count them all.
    dtype
        Of the input. None: that of the model's parameters.
    timed
        Also run the model itself a few times, in evaluation mode and on its device, and
        take the seconds of each call.

    Returns
    -------
    Trace
        Its rows are the calls of layers without children, and of others that hold
        parameters or multiply themselves.

    Raises
    ------
    ValueError
        If the model does not take such an input. The message says at which layer, which
        sizes met, and where possible what the layer should have been told.

    Notes
    -----
    Functions without a module, such as ``F.relu``, have no row. Matrix products among
    them count for the module in whose ``forward`` they stand. MACs are half of what
    ``torch.utils.flop_counter`` counts: additions of a bias, pooling, norms and
    activations are not among them.

    The memory is that of outputs which are new; where functions without a module make
    tensors of their own, those are not in it. A field is the side of the square of
    input pixels that one output number depends on, or "whole image".

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Flatten(), nn.Linear(96, 10))
    >>> print(trace(net, (1, 6, 6)))  # 6 * 9 * 4 * 4 = 864 MACs, then 96 * 10
    layer  type     output         parameters   MACs  memory        field
    -----  -------  -------------  ----------  -----  ------  -----------
    input           1 × 1 × 6 × 6
    0      Conv2d   1 × 6 × 4 × 4          60    864  0.4 kB            3
    1      Flatten  1 × 96                  0      0  0.0 kB            3
    2      Linear   1 × 10                970    960  0.0 kB  whole image
    total                               1,030  1,824  0.4 kB
    <BLANKLINE>
    Functions without a module (F.relu, flatten, +) have no row.
    >>> trace(net, (1, 5, 5))
    Traceback (most recent call last):
    ValueError: Sequential does not take an input of shape (1, 1, 5, 5). `2` was built
    with in_features=96, but its input has the shape (1, 54): in_features should have
    been 54 = 6 × 3 × 3, the maps before flattening.
    """
    shape = (integer("batch_size", batch_size, minimum=1), *_sizes(input_size))
    inner = uncompiled(model)
    if any(is_lazy(parameter) for parameter in inner.parameters()):
        raise ValueError(
            f"`model` ({type(inner).__name__}) has lazy layers that do not know their "
            "sizes yet; call it once before."
        )
    dtype = dtype or _dtype(inner)
    with eagerly(model):
        run = _first_that_works(inner, shape, dtype)
        rows, fields = _with_fields(inner, shape[1:], run.rows)
        if timed:
            rows = _with_seconds(inner, shape, dtype, rows)
    return Trace(
        model=type(inner).__name__,
        input_shape=shape,
        rows=tuple(rows),
        parameters=sum(p.numel() for p in inner.parameters()),
        trainable=sum(p.numel() for p in inner.parameters() if p.requires_grad),
        macs=sum(row.macs for row in run.rows),
        output_shapes=run.output_shapes,
        not_called=tuple(
            n for n, _ in inner.named_parameters() if n not in run.counted
        ),
        shapes=run.shapes,
        types={name: type(module).__name__ for name, module in inner.named_modules()},
        fields=fields,
        steps=tuple(run.wiring.steps),
    )


def _sizes(input_size: Sequence[int]) -> tuple[int, ...]:
    sizes = input_size if isinstance(input_size, (tuple, list)) else (input_size,)
    return tuple(integer("input_size", size, minimum=1) for size in sizes)


def _dtype(model: nn.Module) -> torch.dtype:
    kinds = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(kinds, torch.get_default_dtype())


def _first_that_works(
    model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype
) -> Run:
    try:
        empty = without_numbers(model)
        with torch.device("meta"):  # also for what `forward` creates
            return Run(empty).on(torch.empty(shape, dtype=dtype))
    except Exception:
        # Whatever it was, the model with its numbers has the last word.
        return _with_numbers(model, shape, dtype)


def _with_fields(
    model: nn.Module, size: tuple[int, ...], rows: list[Row]
) -> tuple[list[Row], dict[str, Field | None]]:
    """Add the receptive fields, if the input is an image and they can be known."""
    try:
        fields = trace_fields(model, size)
    except Exception:
        # One column stays empty, whatever it was.
        return rows, {}
    calls: dict[str, list[Field | None]] = {}
    for found in fields.rows:
        calls.setdefault(found.name, []).append(found.field)
    named: dict[str, Field | None] = {
        name: found.field for name, found in fields.named.items()
    }
    return [
        replace(row, field=(calls.get(row.name) or [named.get(row.name)]).pop(0))
        for row in rows
    ], named


def _with_seconds(
    model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype, rows: list[Row]
) -> list[Row]:
    with _judging(model) as device, torch.random.fork_rng(devices=[]):
        x = torch.randn(shape).to(device, dtype)
        taken = seconds(model, [row.name for row in rows], x)
    return [replace(row, seconds=s) for row, s in zip(rows, taken, strict=True)]


def _with_numbers(model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype) -> Run:
    """Run the model itself on zeros; its mode and the random numbers stay."""
    run = Run(model)
    with _judging(model) as device, torch.random.fork_rng(devices=[]):
        try:
            return run.on(torch.zeros(shape, dtype=dtype, device=device))
        except (RuntimeError, ValueError, IndexError) as error:
            raise ValueError(run.why(shape, error)) from error


@contextmanager
def _judging(model: nn.Module) -> Iterator[torch.device]:
    """Switch to evaluation mode for a while; yield the device of the model."""
    modes = {module: module.training for module in model.modules()}
    tensors = [*model.parameters(), *model.buffers()]
    model.eval()
    try:
        yield tensors[0].device if tensors else torch.device("cpu")
    finally:
        for module, training in modes.items():
            module.training = training
