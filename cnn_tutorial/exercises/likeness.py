"""What two tensors that differ have in common."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Remark", "of_tensors"]


@dataclass(frozen=True)
class Remark:
    """What strikes somebody who looks at both values."""

    summary: str
    """In a few words."""
    hint: str
    """What to look at."""


def of_tensors(expected: Tensor, got: Tensor) -> Remark | None:
    """Return what can be said of two tensors that differ.

    Parameters
    ----------
    expected, got
        Two tensors.

    Returns
    -------
    Remark or None
        None when nothing strikes.

    Examples
    --------
    >>> right = torch.tensor([1.0, 2.0, 4.0])
    >>> of_tensors(right, 3 * right).summary
    'every number is 3 times what it should be'
    """
    if "meta" in (expected.device.type, got.device.type) or not expected.numel():
        return None
    if expected.is_complex() or got.is_complex():
        return None
    ours, theirs = (t.detach().double().cpu() for t in (expected, got))
    if ours.shape != theirs.shape:
        return _other_shape(ours, theirs)
    if expected.dtype != got.dtype:
        return _other_dtype(expected.dtype) if _equal(ours, theirs) else None
    return _not_finite(ours, theirs) or _other_numbers(ours, theirs)


def _other_dtype(dtype: torch.dtype) -> Remark:
    summary = "the numbers are right, the dtype is not"
    if dtype == torch.bool:
        return Remark(summary, "Yes or no is asked for: compare, such as `x != 0`.")
    name = str(dtype).removeprefix("torch.")
    return Remark(
        summary,
        f"`.to(torch.{name})` turns it round. Where did the other dtype come in? "
        "`torch.arange` of whole numbers, NumPy and `.double()` bring their own.",
    )


def _other_shape(expected: Tensor, got: Tensor) -> Remark | None:
    if _equal(expected.flatten(), got.flatten()):
        text = f"Reshape them to {tuple(expected.shape)}."
        if expected.squeeze().shape == got.squeeze().shape:
            text = (
                "`[0]` or `squeeze` takes off an axis of length 1, `[None]` adds one."
            )
        return Remark("the numbers are right, their shape is not", text)
    if _turned(expected, got):
        return _AXES
    return (
        _repeated(expected, got)
        or _longer_or_shorter(expected, got)
        or _one_for_all(expected, got)
    )


def _repeated(expected: Tensor, got: Tensor) -> Remark | None:
    pairs = zip(expected.shape[::-1], got.shape[::-1], strict=False)
    fits = got.ndim >= expected.ndim and all(a in (b, 1) for a, b in pairs)
    if not fits or not _equal(expected.expand(got.shape), got):
        return None
    return Remark(
        "the numbers are right, and repeated",
        "There is an axis too many, along which nothing changes: which sum, mean or "
        "choice takes it away?",
    )


def _longer_or_shorter(expected: Tensor, got: Tensor) -> Remark | None:
    if got.ndim != expected.ndim:
        return None
    pairs = zip(expected.shape, got.shape, strict=True)
    common = tuple(slice(min(pair)) for pair in pairs)
    if not got[common].numel() or not _equal(expected[common], got[common]):
        return None
    if got[common].shape == expected.shape and len(expected.unique()) > 1:
        return Remark(
            "the numbers are right at the beginning, and then there are too many",
            "Something goes on too far: in how many places can it stand?",
        )
    if got[common].shape == got.shape:
        return Remark(
            "the numbers are right as far as they go, and some are missing",
            "Something ends too early: count the places again, the first one too.",
        )
    return None


def _one_for_all(expected: Tensor, got: Tensor) -> Remark | None:
    if got.numel() != 1:
        return None
    return Remark(
        "one number is returned for all",
        f"{expected.numel()} are asked for. A sum, mean or maximum without axes "
        "goes over all of them: name the axes in `dim`.",
    )


_AXES = Remark(
    "the axes are in another order",
    "The numbers are right: `permute` moves axes, `.mT` swaps the last two.",
)


def _not_finite(expected: Tensor, got: Tensor) -> Remark | None:
    if got.isnan().any() and not expected.isnan().any():
        return Remark(
            "there is a nan",
            "nan, not a number, comes from 0 / 0, inf - inf, 0 * inf, or the logarithm "
            "or root of something negative. Print step after step: where is the first?",
        )
    return None


def _other_numbers(expected: Tensor, got: Tensor) -> Remark | None:
    flat, theirs = expected.flatten(), got.flatten()
    if not flat.isfinite().all() or not theirs.isfinite().all() or len(flat) < 2:
        return None
    if _equal(flat.sort().values, theirs.sort().values):
        return _AXES if _turned(expected, got) else _PLACES
    return _factor(flat, theirs) or _offset(flat, theirs) or _unfinished(flat, theirs)


_PLACES = Remark(
    "the right numbers stand in the wrong places",
    "A reshape reads numbers in order and moves no axis. Write the axes down before "
    "and after it: if they are in another order, `permute` or `.mT` first.",
)


def _factor(expected: Tensor, got: Tensor) -> Remark | None:
    different = len(expected[expected != 0].unique())
    if different < 2:
        return None  # too few numbers to call it a factor
    largest = int(expected.abs().argmax())
    factor = float(got[largest] / expected[largest])
    if not factor or not _equal(got, factor * expected):
        return None
    if different < 3 and not (_is_whole(factor) or _is_whole(1 / factor)):
        return None
    if abs(factor + 1) < 1e-6:
        return Remark(
            "every sign is turned round",
            "The sizes are right. What is subtracted from what?",
        )
    return Remark(
        f"every number is {factor:.4g} times what it should be",
        "Is something counted too often, or divided by a number of things: a mean for "
        "a sum, a sum for a mean, a factor left out?",
    )


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-4


def _offset(expected: Tensor, got: Tensor) -> Remark | None:
    apart = got - expected
    if len(expected.unique()) < 3 or not _equal(apart, apart.mean().expand_as(apart)):
        return None
    return Remark(
        f"every number is {abs(float(apart[0])):.4g} too "
        f"{'large' if apart[0] > 0 else 'small'}",
        "The same is missing or too much everywhere: what is added once to all?",
    )


def _unfinished(expected: Tensor, got: Tensor) -> Remark | None:
    first = int((~torch.isclose(expected, got, rtol=1e-4, atol=1e-5)).int().argmax())
    rest = expected[first:]
    if not first or got[first:].any() or int((rest != 0).sum()) < 2:
        return None
    if not expected[:first].any():
        return None
    return Remark(
        "the numbers are right up to a place, and 0 from there on",
        "Does the loop reach every place? A `return` that is indented too far ends it "
        "in the first turn.",
    )


def _turned(expected: Tensor, got: Tensor) -> bool:
    """Return whether the axes only stand in another order."""
    if not 2 <= got.ndim == expected.ndim <= 5:
        return False
    orders = itertools.permutations(range(got.ndim))
    return any(_equal(expected, got.permute(order)) for order in orders)


def _equal(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(
        one, other, rtol=1e-4, atol=1e-5, equal_nan=True
    )
