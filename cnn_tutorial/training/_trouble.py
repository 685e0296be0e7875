"""Where numbers stopped being numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from cnn_tutorial.training._means import NotFiniteError
from cnn_tutorial.training._seeds import undisturbed

__all__ = ["not_finite"]


def not_finite(
    error: NotFiniteError, model: nn.Module, optimizer: Optimizer, images: Tensor
) -> FloatingPointError:
    """Return an error that says at which step, where in the model, and what may help.

    Parameters
    ----------
    error
        What was noticed.
    model, optimizer
        Of the training.
    images
        The batch at which it was noticed.

    Returns
    -------
    FloatingPointError
        To be raised.
    """
    rates = ", ".join(f"{group['lr']:.3g}" for group in optimizer.param_groups)
    return FloatingPointError(
        f"The loss is {error.value} at step {error.step} (learning rate {rates}): "
        f"{_where(model, images)} A smaller learning rate or `clip_norm` may help."
    )


def _where(model: nn.Module, images: Tensor) -> str:
    """Say what is the first thing that is not finite."""
    if not images.isfinite().all():
        return "the images of this batch are not finite."
    for name, parameter in model.named_parameters():
        if not parameter.isfinite().all():
            return f"the parameter {name!r} is not finite any more."
    layer = _first_layer(model, images)
    if layer is not None:
        return f"the first layer whose output is not finite is {layer}."
    return "all layers put out finite numbers, so it is the loss function itself."


def _first_layer(model: nn.Module, images: Tensor) -> str | None:
    """Run the batch once more, and return the first layer with such an output."""
    found: list[str] = []

    def look(name: str, module: nn.Module) -> torch.utils.hooks.RemovableHandle:
        def hook(_module: nn.Module, _args: object, output: object) -> None:
            if isinstance(output, Tensor) and not output.isfinite().all():
                found.append(f"{name!r} ({type(module).__name__})")

        return module.register_forward_hook(hook)

    handles = [look(name, m) for name, m in model.named_modules() if name]
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    try:
        with torch.no_grad(), undisturbed(images.device):
            model(images)
    finally:
        for handle in handles:
            handle.remove()
        model.load_state_dict(state)  # batch norms have counted the batch once more
    return found[0] if found else None
