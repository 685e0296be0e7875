"""Exercise: from any tensor to NumPy."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def as_array(x: Tensor) -> object:
    """Return a tensor as an array in the same memory; bfloat16 as float32."""
    x = x.detach().cpu()  # neither copies where there is nothing to do
    if x.dtype == torch.bfloat16:
        x = x.float()  # NumPy has no bfloat16; every bfloat16 is a float32
    return x.numpy()


def _watched(x: Tensor) -> object:
    return (x.float() if x.dtype == torch.bfloat16 else x).numpy()


def _no_bfloat16(x: Tensor) -> object:
    return x.detach().numpy()


def _always_float(x: Tensor) -> object:
    return x.detach().float().numpy()


def _always_copied(x: Tensor) -> object:
    return np.array(as_array(x))


def _as_list(x: Tensor) -> object:
    return np.array(x.tolist())


def _list(x: Tensor) -> object:
    return x.tolist()


def _contiguous(x: Tensor) -> object:
    return as_array(x.contiguous())


def _flat(x: Tensor) -> object:
    return np.asarray(as_array(x)).reshape(-1)


def _half(x: Tensor) -> object:
    return as_array(x.half() if x.dtype == torch.bfloat16 else x)


def _double(x: Tensor) -> object:
    return as_array(x.double() if x.dtype == torch.bfloat16 else x)


MISTAKES = (
    Mistake(
        "autograd is not told",
        "NumPy cannot record gradients. Take `detach()` first: same memory, no graph.",
        _watched,
    ),
    Mistake(
        "bfloat16 is not converted",
        "NumPy has no bfloat16. Turn such a tensor into float32 first.",
        _no_bfloat16,
    ),
    Mistake(
        "every dtype becomes float32",
        "Whole numbers and doubles have a dtype in NumPy: only bfloat16 needs another.",
        _always_float,
    ),
    Mistake(
        "the numbers are always copied",
        "`detach().numpy()` shares the memory. A copy is needed for bfloat16 alone.",
        _always_copied,
    ),
    Mistake(
        "the way leads through a list",
        "A list forgets the dtype and copies each number. `numpy()` keeps both.",
        _as_list,
    ),
    Mistake(
        "a list is returned",
        "Return a NumPy array: the tensor's `numpy()` makes one.",
        _list,
    ),
    Mistake(
        "a transposed tensor is laid out anew",
        "NumPy knows strides as well: no `contiguous()` needed, which copies.",
        _contiguous,
    ),
    Mistake(
        "the shape is lost",
        "The array has the tensor's shape: no flattening.",
        _flat,
    ),
    Mistake(
        "bfloat16 becomes float16",
        "float16 does not reach as far: 70,000 would be infinite. Take float32.",
        _half,
    ),
    Mistake(
        "bfloat16 becomes float64",
        "float32 holds every bfloat16 exactly, in half the bytes.",
        _double,
    ),
)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    x = inputs["x"]
    assert isinstance(x, Tensor)
    result = ask(attempt, x)
    seen: dict[str, object] = {"type": type(result).__name__}
    if isinstance(result, np.ndarray):
        seen["shape"] = result.shape
        seen["dtype"] = str(result.dtype)
        seen["numbers"] = result.tolist()
        seen["same memory"] = result.ctypes.data == x.data_ptr()
    return seen


def _watched_numbers() -> dict[str, object]:
    return {"x": torch.tensor([1.5, -2.0], requires_grad=True)}


EXERCISE = Exercise(
    reference=as_array,
    title="From any tensor to NumPy",
    lesson="10_tensors/17_ecosystem",
    level="first steps",
    minutes=8,
    prompt="Return a tensor as a NumPy array of the same shape and dtype, in the same "
    "memory. `bfloat16`, which NumPy does not have, becomes `float32`. Gradients must "
    "not stop you, nor another device.",
    observe=_observe,
    cases=(
        Case("two numbers", lambda: {"x": torch.tensor([1.0, 2.0])}),
        Case("whole numbers", lambda: {"x": torch.tensor([[1, 2], [3, 4]])}),
        Case("watched by autograd", _watched_numbers),
        Case(
            "bfloat16",
            lambda: {"x": torch.tensor([0.5, 70144.0], dtype=torch.bfloat16)},
        ),
        Case("transposed", lambda: {"x": torch.arange(6.0).view(2, 3).T}),
        Case("float64", lambda: {"x": torch.tensor(0.1, dtype=torch.float64)}),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Call `.numpy()` on one tensor of each kind and read the messages. Which "
            "two need help?"
        ),
        (
            "`detach()` leaves autograd behind and `cpu()` moves what is elsewhere; "
            "neither copies without need. `bfloat16` must become `float32` before."
        ),
        (
            "`x = x.detach().cpu()`; if `x.dtype == torch.bfloat16`, `x = x.float()`; "
            "return `x.numpy()`."
        ),
    ),
    next="Write the way in: an array of any dtype to a tensor, shared where possible. "
    "What about read-only arrays and negative strides, as in `a[::-1]`?",
    imports="import torch",
)
