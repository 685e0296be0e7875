"""Parts of a split that share no image."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import torch
from numpy.typing import NDArray

from cnn_tutorial._validation import integer
from cnn_tutorial.datasets.sampling import stratified
from cnn_tutorial.datasets.splits import Split

__all__ = ["random_split"]


def random_split(
    split: Split,
    lengths: Sequence[float],
    *,
    seed: int = 0,
    stratify: bool = True,
) -> tuple[Split, ...]:
    """Divide images at random into parts that share none.

    Parameters
    ----------
    split : Split
        The images.
    lengths : sequence of int, or of float
        How many images each part gets, N in all; or shares, 0-1, that add up to 1.
        Shares are rounded down, and the images left over go to the first parts, one
        each, as with ``torch.utils.data.random_split``.
    seed : int
        The same seed gives the same parts, with every version of NumPy.
    stratify : bool
        Each class keeps its proportion in every part, but for an image or two of
        rounding, and no part goes without. False: chance alone decides.

    Returns
    -------
    tuple of Split
        A copy of the images of each part, in the order of `split`.

    Raises
    ------
    ValueError
        If the lengths do not fit the images, or a stratified part cannot have an image
        of each class.

    Notes
    -----
    Only images are kept apart. Where several show the same thing, the same person or
    parts of one photograph, a split at random leaks: see scikit-learn's
    ``StratifiedGroupKFold``.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> digits = datasets.load("digits").train
    >>> parts = random_split(digits, [0.8, 0.2])
    >>> [len(part) for part in parts]  # 1,257 * 0.8 = 1,005.6 and 251.4: the first + 1
    [1006, 251]
    """
    counts = _counts(lengths, len(split))
    labels = split.labels.cpu().numpy()
    if stratify:
        parts = _stratified_parts(split, labels, counts, seed)
    else:
        order = np.random.RandomState(seed).permutation(len(labels))
        cuts = np.split(order, np.cumsum(counts)[:-1])
        parts = [np.sort(part) for part in cuts]
    return tuple(split.subset(torch.from_numpy(part)) for part in parts)


def _counts(lengths: Sequence[float], total: int) -> list[int]:
    """Return the number of images of each part."""
    if not lengths:
        raise ValueError("`lengths` is empty: there must be at least one part.")
    if all(isinstance(n, Integral) for n in lengths):
        counts = [integer("lengths", n, minimum=1) for n in lengths]
        if sum(counts) != total:
            raise ValueError(
                f"`lengths` (={list(lengths)!r}) must add up to {total}, the number "
                f"of images, not to {sum(counts)}."
            )
        return counts
    if not all(0 < n < 1 for n in lengths) or abs(sum(lengths) - 1) > 1e-6:
        raise ValueError(
            f"`lengths` (={list(lengths)!r}) must be numbers of images, or shares "
            "between 0 and 1 that add up to 1."
        )
    # 0.1 * 3 is a little more than 0.3: a share must not lose an image to that.
    counts = [int(total * n + 1e-6) for n in lengths]
    for k in range(total - sum(counts)):
        counts[k % len(counts)] += 1
    if 0 in counts:
        raise ValueError(
            f"`lengths` (={list(lengths)!r}) leaves a part without any of the {total} "
            "images."
        )
    return counts


def _stratified_parts(
    split: Split, labels: NDArray[np.int64], counts: list[int], seed: int
) -> list[NDArray[np.int64]]:
    """Return the indices of each part, ascending."""
    rest = np.arange(len(labels))
    classes = np.unique(labels)
    parts: dict[int, NDArray[np.int64]] = {}
    # Small parts first: each class has an image left for them.
    for part in sorted(range(len(counts)), key=lambda k: counts[k]):
        missing = np.setdiff1d(classes, labels[rest])
        if len(missing) or counts[part] < len(classes):
            name = split.info.classes[int(missing[0])] if len(missing) else ""
            reason = f"none of {name!r} is left" if name else "it is too small"
            raise ValueError(
                f"`lengths` (={counts!r}) leaves part {part} without an image of each "
                f"of the {len(classes)} classes: {reason}. Use larger parts, or "
                "`stratify=False`."
            )
        chosen = stratified(labels[rest], counts[part], seed=seed)
        parts[part] = rest[chosen]
        rest = np.delete(rest, chosen)
    return [parts[k] for k in range(len(counts))]
