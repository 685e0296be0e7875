"""Which classes are told apart, and which are taken for each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PerClass", "per_class"]


@dataclass(frozen=True, eq=False)
class PerClass:
    """How a model does on each class; from ``sklearn.metrics``.

    Parameters
    ----------
    confusion : int array, shape (classes, classes)
        Samples of the row's class that were taken for the column's.
    precision : float array, shape (classes,)
        Of what was taken for a class, the share that is of it, 0-1; not a number where
        nothing was.
    recall : float array, shape (classes,)
        Of the samples of a class, the share that was taken for it, 0-1; not a number
        where there is none.
    f1 : float array, shape (classes,)
        Harmonic mean of the two.
    support : int array, shape (classes,)
        Samples of each class.
    """

    confusion: NDArray[np.int64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]


def per_class(labels: Tensor, predictions: Tensor, classes: int) -> PerClass:
    """Count who was taken for whom.

    Parameters
    ----------
    labels, predictions : int64 tensor, shape (samples,)
        From 0 to ``classes - 1``, on any device.
    classes
        How many there are, also those that no sample has.

    Returns
    -------
    PerClass
        On the processor.

    Examples
    --------
    >>> from torch import tensor
    >>> result = per_class(tensor([0, 0, 1, 1]), tensor([0, 1, 1, 1]), 3)
    >>> result.confusion.tolist()
    [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    >>> result.recall.tolist()  # 1 of 2, 2 of 2, none of none
    [0.5, 1.0, nan]
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    true, said = labels.cpu().numpy(), predictions.cpu().numpy()
    every = np.arange(classes)
    scores = precision_recall_fscore_support(
        true, said, labels=every, zero_division=np.nan
    )
    return PerClass(confusion_matrix(true, said, labels=every), *scores)
