"""Splits that keep the proportion of every class, the same on every machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnn_tutorial._validation import integer

__all__ = ["Arrays", "carve", "stratified"]

Arrays = dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]
"""Split -> images, uint8 (N, C, H, W), and labels, int64 (N,)."""


def stratified(
    labels: NDArray[np.int64], count: int, *, seed: int
) -> NDArray[np.int64]:
    """Choose images at random, each class in proportion.

    Parameters
    ----------
    labels : int array, shape (N,)
        Class of each image.
    count : int
        How many to choose: at least one for each class, at most N.
    seed : int
        The same seed gives the same choice, with every version of NumPy.

    Returns
    -------
    int array, shape (count,)
        Indices of the chosen images, ascending.

    Raises
    ------
    ValueError
        If `count` is out of bounds.

    Notes
    -----
    The exact share of a class is rarely whole. Each class gets the whole part; the
    images left over go to the largest fractions (Hare's method of largest remainders).

    Examples
    --------
    >>> labels = np.array([0] * 6 + [1] * 3)  # shares of 4 images: 2.67 and 1.33
    >>> labels[stratified(labels, 4, seed=0)]
    array([0, 0, 0, 1])
    """
    classes, sizes = np.unique(labels, return_counts=True)
    integer("count", count, minimum=len(classes), maximum=len(labels))
    # The legacy generator's stream is frozen for good (NumPy Enhancement Proposal 19).
    random = np.random.RandomState(seed)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:quota]
        for label, quota in zip(classes, _quotas(sizes, count), strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def carve(arrays: Arrays, count: int) -> Arrays:
    """Take a validation split out of the training split.

    Parameters
    ----------
    arrays : Arrays
        With ``"train"`` and ``"test"``.
    count : int
        Images of the validation split; every class keeps its proportion.

    Returns
    -------
    Arrays
        With ``"train"``, ``"validation"`` and ``"test"``; the same images each time.
    """
    images, labels = arrays["train"]
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[stratified(labels, count, seed=0)] = True
    return {
        "train": (images[~chosen], labels[~chosen]),
        "validation": (images[chosen], labels[chosen]),
        "test": arrays["test"],
    }


def _quotas(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Share `count` among classes of these sizes; none goes empty-handed."""
    # In whole numbers: fractions that tie must tie on every machine.
    quotas, remainders = np.divmod(sizes * count, sizes.sum())
    # A stable sort gives ties to the class that comes first.
    largest_first = np.argsort(-remainders, kind="stable")
    quotas[largest_first[: count - quotas.sum()]] += 1
    for empty in np.flatnonzero(quotas == 0):
        quotas[np.argmax(quotas)] -= 1
        quotas[empty] += 1
    return quotas
