"""Run a model and pick one output: of which layer, and at which position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.hooks.layers import tensors_in

__all__ = ["checked_size", "gradient", "output_at"]


def checked_size(input_size: Sequence[int]) -> tuple[int, ...]:
    """Return the shape of one sample, channels first, or say what is wrong with it."""
    sizes = input_size if isinstance(input_size, (tuple, list)) else (input_size,)
    if len(sizes) < 2:
        raise ValueError(
            f"`input_size` (={input_size!r}) must be the shape of one sample: "
            "channels, then the axes of the image."
        )
    return tuple(integer("input_size", size, minimum=1) for size in sizes)


def output_at(
    model: nn.Module, x: Tensor, layer: str | None, position: Sequence[int] | None
) -> tuple[Tensor, tuple[int, ...]]:
    """Return all channels of a layer's output at a position, and the position.

    Parameters
    ----------
    model
        What to run.
    x : float tensor, shape (N, C, H, W)
        Its input.
    layer
        Name of the layer; None for the model's own output.
    position
        Where on the output; None for its middle.

    Returns
    -------
    tuple of tensor, shape (N, C_out), and tuple of int
        The last call's, where a layer is called more than once.
    """
    name = choice("layer", layer or "", dict(model.named_modules()))
    with _kept(model.get_submodule(name)) as kept:
        try:
            model(x)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ValueError(
                f"`model` ({type(model).__name__}) does not take an input of shape "
                f"{tuple(x.shape)}: {error}"
            ) from error
    output = next((tensor for _, tensor in tensors_in(kept)), None)
    if output is None:
        raise ValueError(f"`layer` (={layer!r}) was not called or returns no tensor.")
    place = _place(position, tuple(output.shape))
    picked = output
    for k in place:
        picked = picked.select(2, k)
    return picked, place


@contextmanager
def _kept(module: nn.Module) -> Iterator[list[object]]:
    kept: list[object] = []

    def keep(_module: nn.Module, _args: object, output: object) -> None:
        kept[:] = [output]

    handle = module.register_forward_hook(keep)
    try:
        yield kept
    finally:
        handle.remove()


def _place(position: Sequence[int] | None, shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) < 2:
        raise ValueError(f"`layer` puts out {shape}, which has no channels.")
    sizes = shape[2:]
    if position is None:
        return tuple(size // 2 for size in sizes)
    places = tuple(integer("position", place) for place in position)
    fits = [0 <= place < n for place, n in zip(places, sizes, strict=False)]
    if len(places) != len(sizes) or not all(fits):
        last = tuple(n - 1 for n in sizes)
        raise ValueError(
            f"`position` (={position!r}) does not exist: the output has the shape "
            f"{shape}, so positions go from {(0,) * len(sizes)} to {last}."
        )
    return places


def gradient(output: Tensor, x: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the gradient of one output, summed over its channels, at each pixel.

    Parameters
    ----------
    output : float tensor, shape (N, C_out)
        What to differentiate.
    x : float tensor, shape (N, C, H, W)
        With respect to what.
    weights : float tensor, shape (N, C_out), optional
        What each channel counts.

    Returns
    -------
    float tensor, shape (N, C, H, W)
        Zeros where the output does not depend on the input.
    """
    if not output.requires_grad:
        return torch.zeros_like(x)
    seed = torch.ones_like(output) if weights is None else weights
    (found,) = torch.autograd.grad(output, x, seed, materialize_grads=True)
    return found
