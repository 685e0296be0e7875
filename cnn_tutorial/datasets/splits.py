"""Images and labels in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cnn_tutorial._validation import integer
from cnn_tutorial.datasets.augmentation import Augmentation
from cnn_tutorial.datasets.batches import Batches
from cnn_tutorial.datasets.info import DatasetInfo, scale
from cnn_tutorial.datasets.loaders import Loader, Transform
from cnn_tutorial.datasets.sampling import stratified

__all__ = ["Split"]


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels.

    Parameters
    ----------
    images : uint8 tensor, shape (N, C, H, W)
        Pixels, 0-255.
    labels : int64 tensor, shape (N,)
        Indices into ``info.classes``.
    info : DatasetInfo
        The data set they are from.

    Raises
    ------
    ValueError
        If types or shapes do not fit together.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> test = datasets.load("digits").test
    >>> len(test), tuple(test.images.shape)
    (360, (360, 1, 32, 32))
    """

    images: Tensor
    labels: Tensor
    info: DatasetInfo

    def __post_init__(self) -> None:
        """Check that images, labels and facts fit together."""
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(
                f"`images` ({self.images.dtype}, shape {tuple(self.images.shape)}) "
                "must be torch.uint8 of shape (N, C, H, W)."
            )
        if tuple(self.images.shape[1:]) != self.info.input_size:
            raise ValueError(
                f"`images` of shape {tuple(self.images.shape)} must have shape "
                f"(N, C, H, W) with (C, H, W) = {self.info.input_size}, as `info` says."
            )
        if (
            self.labels.dtype != torch.int64
            or self.labels.shape != self.images.shape[:1]
        ):
            raise ValueError(
                f"`labels` ({self.labels.dtype}, shape {tuple(self.labels.shape)}) "
                f"must be torch.int64 of shape ({len(self.images)},)."
            )

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return image (C, H, W), bytes, and label: what a ``DataLoader`` asks for."""
        return self.images[index], int(self.labels[index])

    def __repr__(self) -> str:
        """Say how many images, how large, of which data set."""
        shape = "x".join(map(str, self.images.shape[1:]))
        return f"Split({len(self)} images of {shape} from {self.info.name!r})"

    def subset(self, indices: Sequence[int] | Tensor | slice) -> Split:
        """Return some of the images, in the order asked for.

        Parameters
        ----------
        indices : sequence of int, int tensor, bool tensor of shape (N,), or slice
            Which ones.

        Returns
        -------
        Split
            A copy of them; a view for a slice.

        Raises
        ------
        IndexError
            If there is no such image.

        Examples
        --------
        >>> from cnn_tutorial import datasets
        >>> test = datasets.load("digits").test
        >>> test.subset(test.labels == 3).labels.unique()
        tensor([3])
        """
        if not isinstance(indices, slice):
            indices = torch.as_tensor(indices)
            if indices.numel() == 0:
                indices = indices.long()
        return replace(self, images=self.images[indices], labels=self.labels[indices])

    def sample(self, count: int, *, seed: int = 0) -> Split:
        """Return a random part in which every class keeps its proportion.

        Parameters
        ----------
        count : int
            Number of images: at least one for each class.
        seed : int
            The same seed chooses the same images.

        Returns
        -------
        Split
            A copy of them, in the order of this split.

        Raises
        ------
        ValueError
            If `count` is larger than the split or smaller than its number of classes.
        """
        chosen = stratified(self.labels.cpu().numpy(), count, seed=seed)
        return self.subset(torch.from_numpy(chosen))

    def to(self, device: torch.device | str) -> Split:
        """Return the split on a device, still as bytes.

        Parameters
        ----------
        device : torch.device or str
            Where to.

        Returns
        -------
        Split
            The same images there.
        """
        return replace(
            self, images=self.images.to(device), labels=self.labels.to(device)
        )

    def scaled(self) -> Tensor:
        """Return all images as floats.

        Returns
        -------
        float32 tensor, shape (N, C, H, W)
            Pixels, 0-1.
        """
        return scale(self.images)

    def normalized(self) -> Tensor:
        """Return all images standardised.

        Returns
        -------
        float32 tensor, shape (N, C, H, W)
            Mean about 0 and deviation about 1 in each channel.
        """
        return self.info.normalize(self.images)

    def batches(
        self,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
        drop_last: bool = False,
        augment: Sequence[Augmentation] = (),
    ) -> Batches:
        """Return standardised batches, one epoch for each loop over them.

        Parameters
        ----------
        batch_size : int
            Images in a batch.
        shuffle : bool
            Draw a new order for each epoch.
        seed : int
            Start of the generator that draws the orders.
        device : torch.device or str, optional
            Where the batches go.
        drop_last : bool
            Leave out a last batch that would be shorter.
        augment : sequence of augmentations
            Random changes of each batch, in order.

        Returns
        -------
        Batches
            May be looped over as often as you like.
        """
        return Batches(
            self,
            integer("batch_size", batch_size, minimum=1),
            shuffle=shuffle,
            seed=seed,
            device=device,
            drop_last=drop_last,
            augment=augment,
        )

    def loader(
        self,
        batch_size: int,
        *,
        transform: Transform | None = None,
        shuffle: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
        drop_last: bool = False,
        workers: int = 0,
        pin_memory: bool | None = None,
    ) -> Loader:
        """Return batches like `batches`, prepared one image at a time by workers.

        Parameters
        ----------
        batch_size, shuffle, seed, device, drop_last
            As in `batches`.
        transform : callable, optional
            Changes an image, uint8 (C, H, W), for instance by
            ``torchvision.transforms.v2``.
        workers : int
            Processes that prepare batches ahead; 0: none.
        pin_memory : bool, optional
            By default, where `device` is a CUDA device.

        Returns
        -------
        Loader
            May be looped over as often as you like.
        """
        return Loader(
            self,
            batch_size,
            transform=transform,
            shuffle=shuffle,
            seed=seed,
            device=device,
            drop_last=drop_last,
            workers=workers,
            pin_memory=pin_memory,
        )
