"""What a wrong value says about its mistake, whatever the exercise."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from cnn_tutorial.exercises.likeness import Remark, of_tensors
from cnn_tutorial.exercises.values import difference

__all__ = ["remark"]


def remark(expected: object, got: object) -> Remark | None:
    """Return what can be said of a wrong value without knowing the question.

    Parameters
    ----------
    expected
        A tensor, a number, or a mapping or sequence of these.
    got
        Anything that differs.

    Returns
    -------
    Remark or None
        None when nothing strikes.

    Examples
    --------
    >>> import torch
    >>> right = torch.tensor([1.0, 2.0, 4.0])
    >>> remark(right, right[None]).summary
    'the numbers are right, their shape is not'
    >>> remark(right, -right).summary
    'every sign is turned round'
    """
    if isinstance(expected, Tensor):
        if isinstance(got, Tensor):
            return of_tensors(expected, got)
        return _instead_of_a_tensor(expected, got)
    if isinstance(expected, (list, tuple)):
        return _of_several(expected, got)
    if isinstance(expected, Mapping):
        return _of_mapping(expected, got)
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        return _instead_of_a_number(expected, got)
    return None


def _instead_of_a_tensor(expected: Tensor, got: object) -> Remark | None:
    if isinstance(got, np.ndarray):
        return Remark(
            "an array was returned, not a tensor",
            "Stay with PyTorch: `torch.zeros`, `torch.exp` and the like are called as "
            "in NumPy. `torch.from_numpy(array)` turns an array into a tensor.",
        )
    if isinstance(got, tuple) and hasattr(got, "values") and hasattr(got, "indices"):
        return Remark(
            "values and their places were returned",
            "Along one axis `max`, `min`, `sort` and the like give back two things: "
            "take `.values`. `amax` and `amin` give the values alone.",
        )
    if isinstance(got, (list, tuple)):
        if any(not difference(expected, item) for item in got):
            return _MORE
        return Remark(
            f"a {type(got).__name__} was returned, not a tensor",
            "`torch.tensor(...)` makes a tensor of numbers, `torch.stack(...)` one of "
            "tensors.",
        )
    if isinstance(got, (int, float)):
        return Remark(
            "a plain number was returned, not a tensor",
            "Keep the tensor: no `.item()`, no `float(...)`, no `len` in its place.",
        )
    return None


_MORE = Remark(
    "more was returned than was asked for",
    "One of the things that you return is the answer: return it alone.",
)


def _of_several(expected: Sequence[object], got: object) -> Remark | None:
    if not isinstance(got, (list, tuple)):
        one = any(not difference(item, got) for item in expected)
        if isinstance(expected, list):
            text = "Collect the results in a list, `found.append(...)`, and return it."
        else:
            text = "Return all of them, with commas between: `return one, other`."
        return Remark(
            "one result of several was returned" if one else "several were asked for",
            f"{len(expected)} results are asked for here. {text}",
        )
    if len(got) != len(expected) or not difference(expected, got):
        return None
    if len(got) <= 5 and any(
        not difference(list(expected), list(order))
        for order in itertools.permutations(got)
    ):
        return Remark(
            "the results are in another order",
            "All of them are right. Compare the order with what was expected.",
        )
    pairs = zip(expected, got, strict=True)
    first, theirs = next(pair for pair in pairs if difference(*pair))
    return remark(first, theirs) if isinstance(first, Tensor) else None


def _of_mapping(expected: Mapping[object, object], got: object) -> Remark | None:
    if not isinstance(got, Mapping):
        return Remark(
            "a dictionary was asked for",
            "Start with `found = {}`, store with `found[key] = ...`, and return it.",
        )
    if expected.keys() != got.keys():
        return None
    pairs = ((value, got[key]) for key, value in expected.items())
    return next((remark(e, g) for e, g in pairs if difference(e, g)), None)


def _instead_of_a_number(expected: float, got: object) -> Remark | None:
    if isinstance(got, (list, tuple)):
        if any(not difference(expected, item) for item in got):
            return _MORE
        return Remark("several were returned", "One number is asked for.")
    if isinstance(got, Tensor) and got.numel() > 1:
        return Remark(
            "a tensor was returned, not a number",
            "One number is asked for: which sum, mean or count makes it?",
        )
    if isinstance(got, Tensor) and isinstance(expected, int):
        return Remark(
            "a tensor was returned, not a whole number",
            "`int(...)` takes the number out of a tensor that holds one.",
        )
    if isinstance(got, float) and isinstance(expected, int) and got == expected:
        return Remark(
            "the number is right, but it is a float",
            "`/` makes a float, `//` a whole number; `int(...)` turns one into it.",
        )
    return None
