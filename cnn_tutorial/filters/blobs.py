"""Blobs: extrema of the scale-normalised Laplacian over space and scale."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial._validation import integer
from cnn_tutorial.filters._checks import check_finite, check_grey, positive
from cnn_tutorial.filters.laplacians import log

__all__ = ["blob_log"]


def blob_log(
    image: Tensor,
    *,
    min_sigma: float = 1.0,
    max_sigma: float = 50.0,
    num_sigma: int = 10,
    threshold: float = 0.2,
    overlap: float = 0.5,
    log_scale: bool = False,
    border: str = "reflect",
    zero_sum: bool = True,
) -> Tensor:
    r"""Find bright blobs, and how large they are.

    The image is filtered by :func:`log` at each scale and multiplied by
    :math:`-\sigma^2`. A blob is where the result is no smaller than at the 26
    neighbours in rows, columns and scales, and above the threshold.

    Parameters
    ----------
    image : float tensor, shape (H, W)
        One grey image. For dark blobs on a bright ground pass ``1 - image``.
    min_sigma, max_sigma
        Smallest and largest scale, pixels, positive. A disc of radius r answers most
        at :math:`\sigma = r / \sqrt 2`.
    num_sigma
        How many scales to try, at least 1.
    threshold
        What a response must exceed, in units of brightness, at least 0. A disc that is
        brighter than its ground by b answers 0.74 b.
    overlap
        Share of the smaller disc's area, 0-1: discs of radius :math:`\sqrt 2\,\sigma`
        that overlap by more are taken for one blob. The larger one stays; of two as
        large the stronger.
    log_scale
        Whether the scales grow by a constant factor instead of a constant step.
    border
        One of `BORDERS` but "valid".
    zero_sum
        As in :func:`log_kernel`: whether the brightness of the ground is left out of
        account. False: what scikit-image does.

    Returns
    -------
    tensor, shape (blobs, 3)
        Row, column and sigma of each, pixels; the strongest first. Not differentiable.
        The arguments mean what they mean to ``skimage.feature.blob_log``. With
        ``zero_sum=False`` both find the same extrema; which of several overlapping
        blobs stays depends there on their order.

    Raises
    ------
    ValueError
        If `image` is no single grey image, holds NaN, infinity or integers, or an
        argument is out of its range.

    References
    ----------
    T. Lindeberg, "Feature detection with automatic scale selection", International
    Journal of Computer Vision 30, 1998.

    Examples
    --------
    >>> import torch
    >>> rows, columns = torch.arange(41.0)[:, None], torch.arange(61.0)
    >>> disc = ((rows - 20) ** 2 + (columns - 35) ** 2 <= 8**2).float()
    >>> blob_log(disc, min_sigma=2, max_sigma=10, num_sigma=17)  # 8 / sqrt 2 = 5.66
    tensor([[20.0000, 35.0000,  5.5000]])
    """
    image = check_grey(image)
    check_finite(image)
    sigmas = _scales(min_sigma, max_sigma, num_sigma, log_scale=log_scale).to(image)
    _check_shares(threshold, overlap, border)
    with torch.no_grad():
        cube = torch.stack(
            [
                -log(image, s, border=border, zero_sum=zero_sum, normalized=True)
                for s in sigmas.tolist()
            ]
        )
        level, row, column = _peaks(cube, threshold)
        blobs = torch.stack([row.to(image), column.to(image), sigmas[level]], dim=1)
        return blobs[_kept(blobs, overlap)]


def _scales(low: float, high: float, count: int, *, log_scale: bool) -> Tensor:
    """Return the scales to try, smallest first; float64."""
    low, high = positive("min_sigma", low), positive("max_sigma", high)
    if low > high:
        raise ValueError(
            f"`min_sigma` (={low:g}) must not be above `max_sigma` (={high:g})."
        )
    count = integer("num_sigma", count, minimum=1)
    if log_scale:
        ends = math.log10(low), math.log10(high)
        return torch.logspace(*ends, count, dtype=torch.float64)
    return torch.linspace(low, high, count, dtype=torch.float64)


def _check_shares(threshold: float, overlap: float, border: str) -> None:
    if threshold != 0:
        positive("threshold", threshold)
    if not 0 <= overlap <= 1:
        raise ValueError(f"`overlap` (={overlap!r}) must be between 0 and 1.")
    if border == "valid":
        raise ValueError(
            "`border` (='valid') must be another one: it would leave each scale a "
            "picture of another size."
        )


def _peaks(cube: Tensor, threshold: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return scale, row and column of local maxima, the largest first."""
    highest = F.max_pool3d(cube[None], 3, stride=1, padding=1)[0]
    level, row, column = ((cube == highest) & (cube > threshold)).nonzero().unbind(1)
    order = cube[level, row, column].argsort(descending=True, stable=True)
    return level[order], row[order], column[order]


def _kept(blobs: Tensor, overlap: float) -> Tensor:
    """Return the indices of blobs that no larger one covers, in their order."""
    from scipy.spatial import cKDTree

    if len(blobs) < 2:
        return torch.arange(len(blobs))
    # Larger ones first; the sort is stable, so the stronger come before the weaker.
    order = blobs[:, 2].argsort(descending=True, stable=True)
    ranked = blobs[order].double()
    reach = 2 * math.sqrt(2) * ranked[0, 2].item()
    tree = cKDTree(ranked[:, :2].numpy())
    pairs = torch.from_numpy(tree.query_pairs(reach, output_type="ndarray"))
    pairs = pairs.sort(dim=1).values
    pairs = pairs[_overlaps(ranked[pairs[:, 0]], ranked[pairs[:, 1]]) > overlap]
    alive = [True] * len(ranked)
    for first, second in sorted(pairs.tolist()):
        alive[second] = alive[second] and not alive[first]
    return order[torch.tensor(alive)].sort().values


def _overlaps(larger: Tensor, smaller: Tensor) -> Tensor:
    """Return which share of each smaller disc lies in the larger one.

    The lens of two circles; see E. W. Weisstein, "Circle-Circle Intersection",
    MathWorld, equation 14.
    """
    big, small = (math.sqrt(2) * blobs[:, 2] for blobs in (larger, smaller))
    gap = (larger[:, :2] - smaller[:, :2]).norm(dim=1)
    inside, apart = gap <= big - small, gap >= big + small
    d = torch.where(inside | apart, big, gap)  # any distance at which circles cut
    near = ((d**2 + small**2 - big**2) / (2 * d * small)).clamp(-1, 1).acos()
    far = ((d**2 + big**2 - small**2) / (2 * d * big)).clamp(-1, 1).acos()
    kite = (big + small - d) * (d + small - big) * (d - small + big) * (d + small + big)
    lens = small**2 * near + big**2 * far - kite.clamp(min=0).sqrt() / 2
    share = lens / (math.pi * small**2)
    return share.masked_fill(inside, 1.0).masked_fill(apart, 0.0)
