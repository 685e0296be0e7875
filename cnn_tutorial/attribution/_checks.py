"""Checks of images and classes, and the mode of the model meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

__all__ = ["as_classes", "checked_images", "checked_scores", "judging"]


@contextmanager
def judging(model: nn.Module) -> Iterator[None]:
    """Set evaluation mode; afterwards each module has its own again."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def checked_images(x: Tensor) -> Tensor:
    """Return a copy of images, cut off from any graph.

    Raises
    ------
    ValueError
        If they are not floats of shape (N, C, H, W), or there is none.
    """
    if x.ndim != 4 or not x.is_floating_point() or x.numel() == 0:
        raise ValueError(
            f"`x` of shape {tuple(x.shape)} and type {x.dtype} must be images as the "
            "model takes them: floats, (N, C, H, W), at least one."
        )
    return x.detach().clone()


def checked_scores(model: nn.Module, scores: object, count: int) -> Tensor:
    """Return what the model gave, if it is scores of shape (N, classes).

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if isinstance(scores, Tensor) and scores.ndim == 2 and len(scores) == count:
        return scores
    shape = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
    raise ValueError(
        f"`model` ({type(model).__name__}) returned {shape} for {count} images; it "
        "must return scores of shape (N, classes)."
    )


def as_classes(classes: Sequence[int] | Tensor | int | None, scores: Tensor) -> Tensor:
    """Return a class for each image, int64, shape (N,).

    Parameters
    ----------
    classes
        One for all, one for each image, or None for that of the largest score.
    scores : float tensor, shape (N, classes)
        What the model gave.

    Raises
    ------
    ValueError
        If there are not as many as images, or there is no such class.
    """
    if classes is None:
        return scores.argmax(dim=1)
    found = torch.as_tensor(classes, device=scores.device)
    whole = not (found.is_floating_point() or found.dtype == torch.bool)
    if found.ndim == 0:
        found = found.expand(len(scores))
    if not whole or found.shape != (len(scores),):
        raise ValueError(
            f"`classes` of shape {tuple(found.shape)} and type {found.dtype} must be "
            f"one whole number, or one for each of {len(scores)} images."
        )
    if int(found.min()) < 0 or int(found.max()) >= scores.shape[1]:
        raise ValueError(
            f"`classes` must be from 0 to {scores.shape[1] - 1}; they reach from "
            f"{int(found.min())} to {int(found.max())}."
        )
    return found.long()
