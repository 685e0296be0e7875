"""Which model is run to be traced: a copy without numbers, or the model itself."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnn_tutorial._validation import integer
from cnn_tutorial.hooks.layers import eagerly, uncompiled
from cnn_tutorial.hooks.shapes_only import without_numbers
from cnn_tutorial.summary._run import Run
from cnn_tutorial.summary._trace import Trace

__all__ = ["trace"]


def trace(
    model: nn.Module,
    input_size: Sequence[int],
    *,
    batch_size: int = 1,
    dtype: torch.dtype | None = None,
) -> Trace:
    """Follow an input through a model: shape, parameters and MACs of each layer.

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

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Flatten(), nn.Linear(96, 10))
    >>> print(trace(net, (1, 6, 6)))  # 6 * 9 * 4 * 4 = 864 MACs, then 96 * 10
    layer  type     output         parameters   MACs
    -----  -------  -------------  ----------  -----
    input           1 × 1 × 6 × 6
    0      Conv2d   1 × 6 × 4 × 4          60    864
    1      Flatten  1 × 96                  0      0
    2      Linear   1 × 10                970    960
    total                               1,030  1,824
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
    return Trace(
        model=type(inner).__name__,
        input_shape=shape,
        rows=tuple(run.rows),
        parameters=sum(p.numel() for p in inner.parameters()),
        trainable=sum(p.numel() for p in inner.parameters() if p.requires_grad),
        macs=sum(row.macs for row in run.rows),
        output_shapes=run.output_shapes,
        not_called=tuple(
            n for n, _ in inner.named_parameters() if n not in run.counted
        ),
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


def _with_numbers(model: nn.Module, shape: tuple[int, ...], dtype: torch.dtype) -> Run:
    """Run the model itself on zeros; its mode and the random numbers stay."""
    modes = {module: module.training for module in model.modules()}
    tensors = [*model.parameters(), *model.buffers()]
    device = tensors[0].device if tensors else torch.device("cpu")
    run = Run(model.eval())
    try:
        with torch.random.fork_rng(devices=[]):
            return run.on(torch.zeros(shape, dtype=dtype, device=device))
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(run.why(shape, error)) from error
    finally:
        for module, training in modes.items():
            module.training = training
