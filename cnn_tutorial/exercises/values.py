"""How values of an exercise are shown, and how two of them differ."""

from __future__ import annotations

import math
import operator
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["difference", "show"]

Array = NDArray[np.generic]

SMALL = 36  # numbers that a tensor may have to be printed whole


def show(value: object) -> str:
    """Return a value as a reader wants to see it: small tensors whole, others in words.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    str
        One or more lines.

    Examples
    --------
    >>> print(show({"x": torch.zeros(2, 3, 5, 7), "stride": 2}))
    x: float32 tensor of shape (2, 3, 5, 7)
    stride: 2
    """
    if isinstance(value, Tensor):
        if value.numel() <= SMALL and value.device.type != "meta":
            return repr(value.detach())
        return f"{_dtype(value)} tensor of shape {tuple(value.shape)}"
    if isinstance(value, Mapping):
        return "\n".join(_entry(key, item) for key, item in value.items()) or "nothing"
    if isinstance(value, float):
        return f"{value:.6g}"
    return textwrap.shorten(repr(value), 300) if _is_long(value) else repr(value)


def difference(expected: object, got: object) -> str:
    """Return in one sentence how `got` differs from what was expected.

    Parameters
    ----------
    expected
        A tensor, an array, a number, a text, or a mapping or sequence of these.
    got
        Anything.

    Returns
    -------
    str
        Empty when they agree, up to the rounding of float32, and when `expected` is
        something else than the above.

    Examples
    --------
    >>> difference(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
    '1 of 2 numbers differ, first at [1]: 2 was expected, not 3.'
    >>> difference(6, 6.0)
    'A whole number was expected, not a float.'
    """
    if isinstance(expected, Tensor):
        return _tensor_difference(expected, got)
    if isinstance(expected, np.ndarray):
        return _array_difference(expected, got)
    if isinstance(expected, Mapping):
        return _mapping_difference(expected, got)
    if isinstance(expected, (list, tuple)):
        return _sequence_difference(expected, got)
    if isinstance(expected, (bool, str)) or expected is None:
        same = type(got) is type(expected) and got == expected
        return "" if same else _instead(show(expected), show(got))
    if isinstance(expected, int):
        return _integer_difference(expected, got)
    if isinstance(expected, float):
        return _float_difference(expected, got)
    return ""


def _array_difference(expected: Array, got: object) -> str:
    if not isinstance(got, np.ndarray):
        return _instead("An array", _kind(got))
    if got.dtype != expected.dtype:
        return _instead(f"The dtype {expected.dtype}", str(got.dtype))
    return _tensor_difference(torch.tensor(expected), torch.tensor(got))


def _tensor_difference(expected: Tensor, got: object) -> str:
    if not isinstance(got, Tensor):
        return _instead("A tensor", _kind(got))
    if got.shape != expected.shape:
        return _instead(f"The shape {tuple(expected.shape)}", str(tuple(got.shape)))
    if got.dtype != expected.dtype:
        return _instead(f"The dtype {_dtype(expected)}", _dtype(got))
    if got.device != expected.device:
        return _instead(f"The device {expected.device}", str(got.device))
    if expected.device.type == "meta":
        return ""
    got, expected = got.detach(), expected.detach()
    wrong = ~torch.isclose(got, expected, rtol=1e-4, atol=1e-5, equal_nan=True)
    if not wrong.any():
        return ""
    first = tuple(wrong.nonzero()[0].tolist())
    return (
        f"{int(wrong.sum())} of {wrong.numel()} numbers differ, first at "
        f"{list(first)}: {expected[first].item():.6g} was expected, not "
        f"{got[first].item():.6g}."
    )


def _mapping_difference(expected: Mapping[object, object], got: object) -> str:
    if not isinstance(got, Mapping):
        return _instead("A dictionary", _kind(got))
    missing = [key for key in expected if key not in got]
    if missing:
        return f"Missing: {', '.join(map(repr, missing))}."
    extra = [key for key in got if key not in expected]
    if extra:
        return f"Not asked for: {', '.join(map(repr, extra))}."
    for key, value in expected.items():
        problem = difference(value, got[key])
        if problem:
            return f"{key!r}: {problem}"
    return ""


def _sequence_difference(expected: Sequence[object], got: object) -> str:
    if not isinstance(got, (list, tuple)):
        return _instead(f"A {type(expected).__name__}", _kind(got))
    if len(got) != len(expected):
        return f"The number of entries should be {len(expected)}, not {len(got)}."
    for number, (ours, theirs) in enumerate(zip(expected, got, strict=True)):
        problem = difference(ours, theirs)
        if problem:
            return f"[{number}]: {problem}"
    return ""


def _integer_difference(expected: int, got: object) -> str:
    if isinstance(got, (bool, Tensor)) or not hasattr(got, "__index__"):
        return _instead("A whole number", _kind(got))
    number = operator.index(got)
    return "" if number == expected else _instead(str(expected), str(number))


def _float_difference(expected: float, got: object) -> str:
    if isinstance(got, Tensor) and got.numel() == 1:
        got = got.item()
    if isinstance(got, bool) or not hasattr(got, "__float__"):
        return _instead("A number", _kind(got))
    if isinstance(got, Tensor):
        return _instead("One number", f"a tensor of shape {tuple(got.shape)}")
    number = float(got)
    if math.isclose(number, expected, rel_tol=1e-5, abs_tol=1e-8):
        return ""
    return _instead(f"{expected:.6g}", f"{number:.6g}")


def _instead(expected: str, got: str) -> str:
    return f"{expected} was expected, not {got}."


def _kind(value: object) -> str:
    name = type(value).__name__
    article = "an" if name[0] in "aeiouAEIOU" or name == "ndarray" else "a"
    return "None" if value is None else f"{article} {name}"


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _is_long(value: object) -> bool:
    return not isinstance(value, nn.Module) and len(repr(value)) > 300


def _entry(key: object, value: object) -> str:
    text = show(value)
    if "\n" in text:
        return f"{key}:\n{textwrap.indent(text, '    ')}"
    return f"{key}: {text}"
