"""Epochs over a split: an order for each, and the place where one was left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from cnn_tutorial._validation import integer

if TYPE_CHECKING:
    from cnn_tutorial.datasets.splits import Split

__all__ = ["Epochs"]


@dataclass
class _Epoch:
    """An epoch under way."""

    before: Tensor
    """State of the generator before anything was drawn for it."""
    done: int
    """Batches that were handed out."""


class Epochs:
    """What all batches of a split share; each ``for`` loop is one epoch.

    Parameters
    ----------
    split : Split
        What to take batches of.
    batch_size : int
        Images in a batch; the last one may be shorter.
    shuffle : bool
        Draw a new order for each epoch.
    seed : int
        Start of the generator that draws the orders.
    drop_last : bool
        Leave out a last batch that would be shorter.
    changed : bool
        Whether images are changed at random: then each epoch draws a number for that,
        after its order.

    Raises
    ------
    ValueError
        If `batch_size` is not positive, or `drop_last` would leave no batch.
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        *,
        shuffle: bool,
        seed: int,
        drop_last: bool,
        changed: bool,
    ) -> None:
        self.split = split
        self.batch_size = integer("batch_size", batch_size, minimum=1)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self._changed = changed
        self._epoch: _Epoch | None = None
        self._first = 0
        self._generator = torch.Generator().manual_seed(integer("seed", seed))
        if drop_last and not len(self):
            raise ValueError(
                f"`batch_size` (={batch_size}) must be at most {len(split)}, the "
                "number of images, where `drop_last` leaves a shorter batch out."
            )

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        extra = 0 if self.drop_last else self.batch_size - 1
        return (len(self.split) + extra) // self.batch_size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Begin an epoch: images (B, C, H, W), standardised, and labels (B,)."""
        # Drawn here and not at the first batch, so that loops side by side differ.
        before, first = self._generator.get_state(), self._first
        cuts = self._order().split(self.batch_size)[: len(self)]
        self._first, self._epoch = 0, _Epoch(before, first)
        return self._counted(self._epoch, cuts, self._seed())

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on from here, also in the middle of an epoch.

        The place is that of the loop that was begun last, if it has not ended; a batch
        that was handed out counts as done.

        Returns
        -------
        dict
            For `load_state_dict`; may be saved with ``torch.save``.
        """
        if self._epoch is not None:
            return {"generator": self._epoch.before, "done": self._epoch.done}
        return {"generator": self._generator.get_state(), "done": self._first}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was called: the next loop yields what was left.

        Parameters
        ----------
        state : dict
            What `state_dict` returned, of batches with the same settings.

        Raises
        ------
        ValueError
            If there are not as many batches here as are done.
        """
        done = integer("state['done']", state["done"], minimum=0, maximum=len(self))
        self._generator.set_state(state["generator"])
        self._epoch, self._first = None, done

    def _order(self) -> Tensor:
        """Return the order of one epoch, int64, shape (N,)."""
        if self.shuffle:
            return torch.randperm(len(self.split), generator=self._generator)
        return torch.arange(len(self.split))

    def _seed(self) -> int:
        """Return where the random changes of one epoch start."""
        if not self._changed:  # orders are the same with and without
            return 0
        return int(torch.randint(2**48, (), generator=self._generator))

    def _counted(
        self, epoch: _Epoch, cuts: Sequence[Tensor], seed: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        try:
            for batch in self._made(cuts, epoch.done, seed):
                epoch.done += 1
                yield batch
        finally:
            if self._epoch is epoch:  # else a later loop has begun
                self._epoch = None

    def _made(
        self, cuts: Sequence[Tensor], first: int, seed: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of an epoch from the first one that is not done.

        Parameters
        ----------
        cuts
            Indices of each batch, int64, shape (B,).
        first
            How many of them are done.
        seed
            Start of the random changes.
        """
        raise NotImplementedError
