"""Labels that no class has, found as early as possible."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset, TensorDataset, default_collate

__all__ = ["check_labels", "known_labels"]


def check_labels(name: str, labels: Tensor, classes: int) -> None:
    """Refuse labels that are not among the classes.

    Parameters
    ----------
    name
        The argument that they come from, for the message.
    labels
        int64, any shape.
    classes
        How many scores the model gives.

    Raises
    ------
    ValueError
        If one is below 0 or too large.
    """
    wrong = labels[(labels < 0) | (labels >= classes)]
    if len(wrong):
        raise ValueError(
            f"`{name}` has the label {int(wrong[0])}, but the model has {classes} "
            f"classes: labels must be from 0 to {classes - 1}."
        )


def known_labels(batches: object) -> Tensor:
    """Return the labels of a whole epoch, where nothing must be run to know them.

    Parameters
    ----------
    batches
        Of this course, a ``DataLoader``, a list of pairs, or anything else.

    Returns
    -------
    int64 tensor, shape (samples,)
        Empty where the batches do not say.
    """
    plain = type(batches) in (list, tuple)  # a class of its own might change them
    if plain and isinstance(batches, (list, tuple)):
        found = [pair[1] for pair in batches if _is_pair(pair)]
        return torch.cat([t.flatten().cpu() for t in found]) if found else _none()
    if isinstance(batches, DataLoader) and batches.collate_fn is default_collate:
        return _of_dataset(batches.dataset)
    return _tensor(getattr(getattr(batches, "split", None), "labels", None))


def _of_dataset(data: object) -> Tensor:
    """Return the labels of a data set of PyTorch's or torchvision's kind."""
    if isinstance(data, Subset):
        labels = _of_dataset(data.dataset)
        return labels[torch.as_tensor(data.indices)] if len(labels) else labels
    if isinstance(data, TensorDataset) and len(data.tensors) == 2:
        return _tensor(data.tensors[1])
    # torchvision's way; with a `target_transform` these are not the labels yet
    if getattr(data, "target_transform", None) is None:
        return _tensor(getattr(data, "targets", None))
    return _none()


def _is_pair(batch: object) -> bool:
    return (
        isinstance(batch, (list, tuple))
        and len(batch) == 2
        and len(_tensor(batch[1])) > 0
    )


def _tensor(labels: object) -> Tensor:
    if isinstance(labels, (Tensor, np.ndarray, list, tuple)):
        try:
            labels = torch.as_tensor(labels)
        except (TypeError, ValueError, RuntimeError):  # no numbers, or of all lengths
            return _none()
        if labels.dtype == torch.int64 and labels.ndim == 1:
            return labels
    return _none()


def _none() -> Tensor:
    return torch.zeros(0, dtype=torch.int64)
