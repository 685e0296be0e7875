"""The three splits of a data set."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from cnn_tutorial.datasets.info import DatasetInfo
from cnn_tutorial.datasets.sampling import Arrays
from cnn_tutorial.datasets.splits import Split

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in memory.

    Parameters
    ----------
    info : DatasetInfo
        The facts about it.
    train : Split
        To learn from.
    validation : Split
        To decide by: when to stop, which setting to take.
    test : Split
        To look at once, at the end.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> datasets.load("digits")
    Dataset('digits': 10 classes, 1x32x32, train 1257, validation 180, test 360)
    """

    info: DatasetInfo
    train: Split
    validation: Split
    test: Split

    @classmethod
    def from_arrays(cls, info: DatasetInfo, arrays: Arrays) -> Dataset:
        """Make a data set of arrays.

        Parameters
        ----------
        info : DatasetInfo
            The facts; ``info.splits`` is brought up to date.
        arrays : dict of str to (uint8 array, int64 array)
            Images (N, C, H, W) and labels (N,) of the three splits; not copied.

        Returns
        -------
        Dataset
            The same images as tensors.
        """
        sizes = {name: len(labels) for name, (_, labels) in arrays.items()}
        info = replace(info, splits=sizes)
        return cls(
            info,
            **{
                name: Split(torch.from_numpy(images), torch.from_numpy(labels), info)
                for name, (images, labels) in arrays.items()
            },
        )

    def __repr__(self) -> str:
        """Name, classes, shape of an image, images in each split."""
        shape = "x".join(map(str, self.info.input_size))
        sizes = ", ".join(f"{name} {n}" for name, n in self.info.splits.items())
        classes = f"{self.info.num_classes} classes"
        return f"Dataset({self.info.name!r}: {classes}, {shape}, {sizes})"

    def limited(self, max_images: int) -> Dataset:
        """Return the data set with at most so many images in each split.

        Parameters
        ----------
        max_images : int
            Upper bound for each split; every class keeps its proportion.

        Returns
        -------
        Dataset
            With ``info.splits`` brought up to date.

        Raises
        ------
        ValueError
            If `max_images` is smaller than the number of classes.
        """
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        cut = {
            name: split.sample(max_images) if len(split) > max_images else split
            for name, split in parts.items()
        }
        sizes = {name: len(split) for name, split in cut.items()}
        info = replace(self.info, splits=sizes)
        return Dataset(info, **{k: replace(s, info=info) for k, s in cut.items()})
