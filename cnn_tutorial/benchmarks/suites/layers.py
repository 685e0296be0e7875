"""The convolution by unfold on layers of well-known networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F

from cnn_tutorial import convolution
from cnn_tutorial.benchmarks.clock import Method
from cnn_tutorial.benchmarks.comparing import compare
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.suite import Suite
from cnn_tutorial.benchmarks.targets import Target

__all__ = ["LAYERS", "SUITE", "Layer"]

BARE = "F.unfold and a product"


@dataclass(frozen=True)
class Layer:
    """A convolution layer and what goes in.

    Parameters
    ----------
    name
        Network and layer.
    size
        (N, C_in, H, W) of the input.
    out_channels, kernel_size, stride, padding
        As in ``torch.nn.Conv2d``.
    """

    name: str
    size: tuple[int, int, int, int]
    out_channels: int
    kernel_size: int
    stride: int = 1
    padding: int = 0

    def candidates(self) -> dict[str, Method]:
        """Return the layer in three ways, ready to be called."""
        k, stride, padding = self.kernel_size, self.stride, self.padding
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(self.size, generator=generator)
        weight = torch.randn(self.out_channels, self.size[1], k, k, generator=generator)
        height, width = (
            (side + 2 * padding - k) // stride + 1 for side in self.size[2:]
        )

        def bare() -> torch.Tensor:
            out = weight.view(self.out_channels, -1) @ F.unfold(
                x, k, 1, padding, stride
            )
            return out.view(self.size[0], self.out_channels, height, width)

        return {
            "F.conv2d": partial(F.conv2d, x, weight, None, stride, padding),
            "conv2d_unfold": partial(
                convolution.conv2d_unfold, x, weight, stride=stride, padding=padding
            ),
            BARE: bare,
        }


# LeNet-5 as in the paper of 1998; ResNet-18 as in table 1 of the paper of 2015.
LAYERS = (
    Layer("LeNet C1, 1 image", (1, 1, 32, 32), 6, 5),
    Layer("LeNet C3, 1 image", (1, 6, 14, 14), 16, 5),
    Layer("LeNet C1, 64 images", (64, 1, 32, 32), 6, 5),
    Layer("LeNet C3, 64 images", (64, 6, 14, 14), 16, 5),
    Layer("ResNet conv1", (1, 3, 224, 224), 64, 7, stride=2, padding=3),
    Layer("ResNet conv2", (1, 64, 56, 56), 64, 3, padding=1),
    Layer("ResNet conv3", (1, 128, 28, 28), 128, 3, padding=1),
    Layer("ResNet conv3, stride 2", (1, 64, 56, 56), 128, 3, stride=2, padding=1),
    Layer("ResNet conv4", (1, 256, 14, 14), 256, 3, padding=1),
    Layer("ResNet conv5", (1, 512, 7, 7), 512, 3, padding=1),
    Layer("ResNet shortcut", (1, 64, 56, 56), 128, 1, stride=2),
)


def _measure(quick: bool) -> Iterator[Comparison]:
    for layer in LAYERS:
        yield compare(
            layer.candidates(),
            baseline="F.conv2d",
            title=layer.name,
            rounds=9 if quick else 51,
            seconds=0.5 if quick else 3.0,
        )


SUITE = Suite(
    title="Layers of LeNet and ResNet: the table of patches against PyTorch",
    measure=_measure,
    targets=(
        Target(
            "conv2d_unfold at most 1.15 times F.unfold and a product",
            name="conv2d_unfold",
            to=BARE,
            at_most=1.15,
        ),
    ),
)
