"""Random changes of a whole batch at once, still as bytes, each from a generator.

A ``DataLoader`` with ``torchvision.transforms.v2`` changes one image after the other in
worker processes. Here a batch is one tensor and a change is a few operations on it,
wherever it is; images get the same changes with the same probabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial._validation import integer

__all__ = ["Augmentation", "Cutout", "RandomCrop", "RandomFlip", "augmented"]


class Augmentation(Protocol):
    """What changes a batch of images at random."""

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return changed images, shape (N, C, H, W), and leave the given ones alone.

        Random numbers come from `generator`, which is on the CPU, so that they do not
        depend on the device of the images.
        """
        ...


@dataclass(frozen=True)
class RandomCrop:
    """Pad each image on all sides, and cut the old size out at a random place.

    Parameters
    ----------
    padding
        Pixels on each side, at least 1: an image moves by at most as many, each way.
    fill
        Value of the new pixels, 0-255.

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    K. He and others, "Deep residual learning for image recognition", CVPR 2016, section
    4.2: padding 4 for images of 32 x 32.

    Examples
    --------
    >>> image = torch.full((1, 1, 2, 3), 9, dtype=torch.uint8)
    >>> moved = RandomCrop(1)(image, torch.Generator().manual_seed(1))
    >>> moved.shape, sorted(set(moved.flatten().tolist()))
    (torch.Size([1, 1, 2, 3]), [0, 9])
    """

    padding: int = 4
    fill: int = 0

    def __post_init__(self) -> None:
        """Check the settings."""
        integer("padding", self.padding, minimum=1)
        integer("fill", self.fill, minimum=0, maximum=255)

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return the images, each moved; shape (N, C, H, W)."""
        n, _, height, width = images.shape
        sides = (self.padding,) * 4
        padded = F.pad(images, sides, value=self.fill)
        places = padded.unfold(2, height, 1).unfold(3, width, 1)  # a view
        top, left = torch.randint(2 * self.padding + 1, (2, n), generator=generator)
        image = torch.arange(n, device=images.device)
        return places[image, :, top.to(images.device), left.to(images.device)]


@dataclass(frozen=True)
class RandomFlip:
    """Mirror some of the images, left to right.

    Parameters
    ----------
    probability
        Of each image to be mirrored, 0-1.

    Raises
    ------
    ValueError
        If the probability is none.

    Examples
    --------
    >>> image = torch.tensor([[[[1, 2, 3]]]], dtype=torch.uint8)
    >>> RandomFlip(1.0)(image, torch.Generator()).tolist()
    [[[[3, 2, 1]]]]
    """

    probability: float = 0.5

    def __post_init__(self) -> None:
        """Check the probability."""
        if not 0 <= self.probability <= 1:
            raise ValueError(
                f"`probability` (={self.probability!r}) must be between 0 and 1."
            )

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return the images, some of them mirrored; shape (N, C, H, W)."""
        drawn = torch.rand(len(images), generator=generator) < self.probability
        chosen = drawn.to(images.device)[:, None, None, None]
        return torch.where(chosen, images.flip(3), images)


@dataclass(frozen=True)
class Cutout:
    """Cover a square of each image; at the border, the part of it that is inside.

    Parameters
    ----------
    size
        Side of the square, in pixels, at least 1. Its middle may be any pixel; an even
        square reaches one pixel further up and left of it than down and right.
    fill : int, or one for each channel
        Value of the covered pixels, 0-255; the channel means hide best, since they are
        0 once standardised.

    Raises
    ------
    ValueError
        If a number is out of its range, or there are not as many fills as channels.

    References
    ----------
    T. DeVries, G. W. Taylor, "Improved regularization of convolutional neural networks
    with cutout", 2017, arXiv:1708.04552, section 3.2.

    Examples
    --------
    A square that is larger than the image and sits in its middle covers all of it:

    >>> image = torch.full((1, 1, 3, 3), 9, dtype=torch.uint8)
    >>> Cutout(7, fill=5)(image, torch.Generator()).unique().tolist()
    [5]
    """

    size: int = 8
    fill: int | Sequence[int] = 0

    def __post_init__(self) -> None:
        """Check the settings."""
        integer("size", self.size, minimum=1)
        for value in _each(self.fill):
            integer("fill", value, minimum=0, maximum=255)

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Return the images, each with a square covered; shape (N, C, H, W)."""
        n, channels, height, width = images.shape
        fills = _each(self.fill)
        if len(fills) not in (1, channels):
            raise ValueError(
                f"`fill` (={self.fill!r}) must be one number or {channels}, one for "
                f"each channel of the images (shape {tuple(images.shape)})."
            )
        rows = self._covered(n, height, generator)[:, None, :, None]
        columns = self._covered(n, width, generator)[:, None, None, :]
        value = images.new_tensor(fills)[:, None, None]
        return torch.where((rows & columns).to(images.device), value, images)

    def _covered(self, n: int, side: int, generator: torch.Generator) -> Tensor:
        """Return which pixels along an axis are covered, bool, shape (n, side)."""
        start = torch.randint(side, (n, 1), generator=generator) - self.size // 2
        pixel = torch.arange(side)
        return (pixel >= start) & (pixel < start + self.size)


def _each(value: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, Iterable) else (value,)


def augmented(
    images: Tensor, augmentations: Sequence[Augmentation], *, seed: int
) -> Tensor:
    """Apply augmentations one after the other.

    Parameters
    ----------
    images : uint8 tensor, shape (N, C, H, W)
        A batch; it stays as it is.
    augmentations
        What to do, in order.
    seed
        Start of the generator: the same seed changes the same batch in the same way.

    Returns
    -------
    uint8 tensor, shape (N, C, H, W)
        The changed images.
    """
    generator = torch.Generator().manual_seed(seed)
    for augmentation in augmentations:
        images = augmentation(images, generator)
    return images
