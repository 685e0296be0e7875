"""Cover a part of the image, and look at the score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer, pair
from cnn_tutorial.attribution._checks import (
    as_classes,
    checked_images,
    checked_scores,
    judging,
)

__all__ = ["occlusion"]


@torch.no_grad()
def occlusion(
    model: nn.Module,
    x: Tensor,
    classes: Sequence[int] | Tensor | int | None = None,
    *,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    fill: float = 0.0,
    of: Literal["logit", "share"] = "logit",
    batch_size: int = 256,
) -> Tensor:
    """Return how much a class loses when pixels are covered.

    A patch covers a window of the image, the model judges what is left, and the loss of
    score is noted; then the window moves on. A pixel gets the mean over the windows
    that covered it.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes). It is in evaluation mode meanwhile and
        then in the mode it was in.
    x : float tensor, shape (N, C, H, W)
        Images as the model takes them, where it is.
    classes : class numbers, shape (N,), or one for all
        Whose score. None: of each image the class with the largest score, as the model
        sees it uncovered.
    size
        Side of the patch in pixels, or (height, width).
    stride
        Pixels from window to window, from 1 to `size`. A last window stands at the
        border where the stride leaves pixels over.
    fill
        What the patch is made of; 0 is the mean of standardised images.
    of
        ``"logit"``: the score itself; ``"share"``: its softmax, 0-1, which also falls
        when another class wins.
    batch_size
        Covered images that are judged at once.

    Returns
    -------
    float tensor, shape (N, H, W)
        Score before minus score after. Positive: the class needs these pixels;
        negative: they speak against it.

    Raises
    ------
    ValueError
        If shapes do not fit, the patch is larger than the image, the stride larger than
        the patch, or there is no such class.

    Notes
    -----
    The patch is a thing of its own: a grey square has edges that no image had. Another
    `fill` or `size` is another question, and the answers may differ.

    References
    ----------
    M. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV
    2014, section 4.2.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(3, 1, bias=False))
    >>> _ = model[1].weight.data.copy_(torch.tensor([[1.0, -2.0, 4.0]]))
    >>> image = torch.ones(1, 1, 1, 3)
    >>> occlusion(model, image, 0, size=1)  # score 3; without a pixel: 2, 5, -1
    tensor([[[ 1., -2.,  4.]]])
    >>> occlusion(model, image, 0, size=(1, 2))  # windows lose -1 and 2; the middle 0.5
    tensor([[[-1.0000,  0.5000,  2.0000]]])
    """
    x = checked_images(x)
    height, width = _sides("size", size, x)
    steps = _steps(stride, (height, width))
    choice("of", of, ("logit", "share"))
    integer("batch_size", batch_size, minimum=1)
    corners = [
        (top, left)
        for top in _starts(x.shape[2], height, steps[0])
        for left in _starts(x.shape[3], width, steps[1])
    ]
    with judging(model):
        whole = checked_scores(model, model(x), len(x))
        chosen = as_classes(classes, whole)
        before = _values(whole, chosen, of)  # (N,)
        lost = torch.zeros_like(x[:, 0], dtype=before.dtype)
        times = torch.zeros_like(lost[0])
        for part in _parts(corners, max(1, batch_size // len(x))):
            covered = _covered(x, part, (height, width), fill)
            after = _values(model(covered), chosen.repeat(len(part)), of)
            drops = before - after.reshape(len(part), len(x))
            for drop, (top, left) in zip(drops, part, strict=True):
                window = (slice(top, top + height), slice(left, left + width))
                lost[(slice(None), *window)] += drop[:, None, None]
                times[window] += 1
    return lost / times


def _sides(name: str, size: int | tuple[int, int], x: Tensor) -> tuple[int, int]:
    height, width = pair(name, size, minimum=1)
    if height > x.shape[2] or width > x.shape[3]:
        raise ValueError(
            f"`{name}` (={size!r}) must fit into images of {x.shape[2]} x "
            f"{x.shape[3]} pixels."
        )
    return height, width


def _steps(stride: int | tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    steps = pair("stride", stride, minimum=1)
    if steps[0] > size[0] or steps[1] > size[1]:
        raise ValueError(
            f"`stride` (={stride!r}) must be at most `size` (={size!r}), or pixels "
            "would never be covered."
        )
    return steps


def _starts(side: int, size: int, stride: int) -> list[int]:
    """Return where windows begin, the last one flush with the border."""
    last = side - size
    return [*range(0, last, stride), last]


def _parts(
    corners: list[tuple[int, int]], count: int
) -> Iterator[list[tuple[int, int]]]:
    for first in range(0, len(corners), count):
        yield corners[first : first + count]


def _covered(
    x: Tensor, corners: list[tuple[int, int]], size: tuple[int, int], fill: float
) -> Tensor:
    """Return all images for each window, (windows * N, C, H, W)."""
    copies = x.repeat(len(corners), 1, 1, 1, 1)  # (windows, N, C, H, W)
    for copy, (top, left) in zip(copies, corners, strict=True):
        copy[..., top : top + size[0], left : left + size[1]] = fill
    return copies.flatten(0, 1)


def _values(scores: Tensor, classes: Tensor, of: str) -> Tensor:
    """Return the score or the share of a class for each image, (N,)."""
    values = scores.softmax(dim=1) if of == "share" else scores
    return values.gather(1, classes[:, None])[:, 0].float()
