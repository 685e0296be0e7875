"""What is known about a data set, and what is said when one cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["DataError", "DatasetInfo"]


class DataError(RuntimeError):
    """A data set cannot be used: the message says which, where, and what to do."""


@dataclass(frozen=True)
class DatasetInfo:
    """The facts about a data set.

    Parameters
    ----------
    name : str
        What `load` calls it.
    title : str
        What people call it.
    classes : tuple of str
        Names of the classes; a label is an index into it.
    channels : int
        1 (grey) or 3 (red, green, blue).
    size : (int, int)
        Height and width of an image, pixels.
    mean, std : tuple of float, length `channels`
        Mean and standard deviation of each channel over the training images, 0-1.
        Of MNIST, Fashion-MNIST and CIFAR-10 these are the known figures, which are
        those of the published training set: our validation split is a part of it.
        Zeros that pad an image do not count.
    source : str
        Where the images come from.
    licence : str
        On which terms.
    splits : mapping of str to int
        Images in ``"train"``, ``"validation"`` and ``"test"``.
    note : str
        What one should know before drawing conclusions.
    credits : tuple of str
        One line for each work that wants to be named.

    Examples
    --------
    >>> info = DatasetInfo(
    ...     name="demo",
    ...     title="Demo",
    ...     classes=("a", "b"),
    ...     channels=1,
    ...     size=(5, 7),
    ...     mean=(0.5,),
    ...     std=(0.25,),
    ...     source="here",
    ...     licence="CC0",
    ...     splits={"train": 3},
    ... )
    >>> info.num_classes, info.input_size
    (2, (1, 5, 7))
    """

    name: str
    title: str
    classes: tuple[str, ...]
    channels: int
    size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    source: str
    licence: str
    splits: Mapping[str, int] = field(hash=False)
    note: str = ""
    credits: tuple[str, ...] = ()

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @property
    def input_size(self) -> tuple[int, int, int]:
        """Channels, height, width: the shape of one image."""
        return (self.channels, *self.size)

    def normalize(self, images: Tensor) -> Tensor:
        """Standardise images with the mean and deviation of the training images.

        Parameters
        ----------
        images : tensor, shape (..., C, H, W)
            Bytes (0-255), or floats (0-1).

        Returns
        -------
        float tensor, shape (..., C, H, W)
            ``(images - mean) / std`` for each channel; float32 from bytes.

        Raises
        ------
        ValueError
            If the images have another number of channels.

        Examples
        --------
        >>> import torch
        >>> info = DatasetInfo(
        ...     "demo", "", ("a",), 1, (1, 2), (0.5,), (0.25,), "", "", {}
        ... )
        >>> info.normalize(
        ...     torch.tensor([[[0, 255]]], dtype=torch.uint8)
        ... )  # (1 - .5)/.25
        tensor([[[-2.,  2.]]])
        """
        values = images if images.is_floating_point() else scale(images)
        mean, std = self._statistics(values)
        return (values - mean) / std

    def denormalize(self, x: Tensor) -> Tensor:
        """Undo `normalize`: from standardised values back to 0-1.

        Parameters
        ----------
        x : float tensor, shape (..., C, H, W)
            Standardised images.

        Returns
        -------
        float tensor, shape (..., C, H, W)
            ``x * std + mean``; not clipped, so an image that was changed may leave 0-1.

        Raises
        ------
        ValueError
            If the images have another number of channels.
        """
        mean, std = self._statistics(x)
        return x * std + mean

    def _statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and deviation, shape (C, 1, 1), as `x` wants them."""
        if x.ndim < 3 or x.shape[-3] != self.channels:
            raise ValueError(
                f"`images` of shape {tuple(x.shape)} must have shape (..., C, H, W) "
                f"with C = {self.channels}, the channels of {self.name!r}."
            )
        return (
            x.new_tensor(self.mean)[:, None, None],
            x.new_tensor(self.std)[:, None, None],
        )


def scale(images: Tensor) -> Tensor:
    """Return bytes (0-255) as float32 (0-1), same shape."""
    return images.float() / 255
