"""A context manager that keeps the shape of what layers put out."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn

from cnn_tutorial.hooks._watching import Watcher
from cnn_tutorial.hooks.layers import text_table

__all__ = ["FeatureShapes"]


class FeatureShapes(Watcher):
    """Record the shape of what layers put out, and nothing else.

    Parameters
    ----------
    model
        Any module.
    layers
        Names or patterns as for `ActivationRecorder`; None: every module that has no
        children.

    Attributes
    ----------
    shapes : dict
        Shape of each layer's output, in the order in which the layers finished.

    Raises
    ------
    ValueError
        If a name or pattern in `layers` matches nothing.

    Examples
    --------
    >>> import torch
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.MaxPool2d(2))
    >>> with FeatureShapes(net) as shapes, torch.no_grad():
    ...     _ = net(torch.zeros(5, 1, 32, 32))
    >>> shapes.shapes["1"]  # (32 - 3 + 1) / 2 = 15
    (5, 6, 15, 15)
    >>> print(shapes)
    layer  type       shape of the output
    -----  ---------  -------------------
    0      Conv2d     5 × 6 × 30 × 30
    1      MaxPool2d  5 × 6 × 15 × 15
    """

    def __init__(
        self, model: nn.Module, layers: str | Iterable[str] | None = None
    ) -> None:
        super().__init__(model, layers)
        self.clear()

    def clear(self) -> None:
        """Forget everything that was recorded."""
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._types: dict[str, str] = {}

    def _record(self, name: str, tensors: dict[str, Tensor]) -> None:
        kind = type(self._layers[name]).__name__
        for key, tensor in tensors.items():
            self.shapes[key] = tuple(tensor.shape)
            self._types[key] = kind

    def __str__(self) -> str:
        rows = [
            [key or "(the model)", self._types[key], " × ".join(map(str, shape))]
            for key, shape in self.shapes.items()
        ]
        return text_table(["layer", "type", "shape of the output"], rows)
