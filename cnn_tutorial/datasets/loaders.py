"""Images one at a time, by worker processes, and the same ones however many there are.

This is the way for images that do not fit into memory or take long to prepare, and for
the transforms of torchvision, which change one image. For what is in memory already
there is `cnn_tutorial.datasets.Batches`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from cnn_tutorial._validation import integer
from cnn_tutorial.datasets.epochs import Epochs

if TYPE_CHECKING:
    from cnn_tutorial.datasets.splits import Split

__all__ = ["Loader", "Transform"]

Transform = Callable[[Tensor], Tensor]
"""Changes an image, uint8 (C, H, W); returns bytes, or floats 0-1."""

_Key = tuple[int, int]
"""Which image, and the seed of its changes."""


class Loader(Epochs):
    """A ``DataLoader`` over a split whose images do not depend on its workers.

    The changes of an image are drawn from a seed of its own, which the main process
    draws with the order of the epoch. So the images are the same whether they are made
    here or by many workers, and whatever each of these did before. Without `transform`
    they are those of `Batches` with the same settings.

    Parameters
    ----------
    split : Split
        What to take batches of.
    batch_size : int
        Images in a batch; the last one may be shorter.
    transform : callable, optional
        Changes an image, uint8 (C, H, W), for instance by
        ``torchvision.transforms.v2``; returns bytes, or floats 0-1. What is random in
        it must come from PyTorch's global generator. Where workers are not forked, it
        is pickled.
    shuffle : bool
        Draw a new order for each epoch.
    seed : int
        Start of the generator that draws orders and changes.
    device : torch.device or str, optional
        Where the batches go.
    drop_last : bool
        Leave out a last batch that would be shorter.
    workers : int
        Processes that prepare batches ahead; 0: each is made when it is asked for. They
        start with the first epoch and stay.
    pin_memory : bool, optional
        Put batches where a GPU can fetch them by itself, so that the copy and the
        computation overlap. By default, where `device` is a CUDA device.

    Raises
    ------
    ValueError
        If a number is out of its range, or `drop_last` would leave no batch.

    Examples
    --------
    >>> from torchvision.transforms import v2
    >>> from cnn_tutorial import datasets
    >>> test = datasets.load("digits").test
    >>> loader = Loader(test, 64, transform=v2.RandomCrop(28))
    >>> images, labels = next(iter(loader))
    >>> len(loader), images.shape  # 360 = 5 * 64 + 40
    (6, torch.Size([64, 1, 28, 28]))
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        *,
        transform: Transform | None = None,
        shuffle: bool = False,
        seed: int = 0,
        device: torch.device | str | None = None,
        drop_last: bool = False,
        workers: int = 0,
        pin_memory: bool | None = None,
    ) -> None:
        super().__init__(
            split,
            batch_size,
            shuffle=shuffle,
            seed=seed,
            drop_last=drop_last,
            changed=transform is not None,
        )
        self.device = None if device is None else torch.device(device)
        self.workers = integer("workers", workers, minimum=0)
        on_gpu = self.device is not None and self.device.type == "cuda"
        self.pin_memory = on_gpu if pin_memory is None else pin_memory
        self.transform = transform
        self._idle: DataLoader[tuple[Tensor, int]] | None = None

    def _made(
        self, cuts: Sequence[Tensor], first: int, seed: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        keys: list[list[_Key]] = [
            [(i, seed + number * self.batch_size + k) for k, i in enumerate(cut)]
            for number, cut in enumerate(part.tolist() for part in cuts)
        ]
        # A loop within a loop must not take the workers of the outer one.
        loader, self._idle = self._idle or self._new_loader(), None
        loader.batch_sampler.keys = keys[first:]  # type: ignore[union-attr]
        try:
            for images, labels in loader:
                yield (
                    self.split.info.normalize(self._moved(images)),
                    self._moved(labels),
                )
        finally:
            self._idle = loader

    def _moved(self, x: Tensor) -> Tensor:
        return (
            x if self.device is None else x.to(self.device, non_blocking=x.is_pinned())
        )

    def _new_loader(self) -> DataLoader[tuple[Tensor, int]]:
        return DataLoader(
            _Images(self.split, self.transform),
            batch_sampler=_Keys(),
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
            pin_memory=self.pin_memory,
            # Without one, each epoch draws from the global generator.
            generator=torch.Generator(),
        )


class _Keys:
    """The batches of an epoch; a `DataLoader` asks for them anew in each one."""

    def __init__(self) -> None:
        self.keys: list[list[_Key]] = []

    def __iter__(self) -> Iterator[list[_Key]]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)


class _Images(Dataset[tuple[Tensor, int]]):
    """The images of a split, changed from a seed each."""

    def __init__(self, split: Split, transform: Transform | None) -> None:
        self.split, self.transform = split, transform

    def __getitem__(self, key: _Key) -> tuple[Tensor, int]:
        index, seed = key
        image, label = self.split[index]
        if self.transform is None:
            return image, label
        # The processor's generator alone: forked workers must not touch a GPU.
        generator = torch.default_generator
        before = generator.get_state()
        try:
            generator.manual_seed(seed)
            return self.transform(image), label
        finally:
            generator.set_state(before)
