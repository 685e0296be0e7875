"""Exercise: round to bfloat16 by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def as_bfloat16(x: Tensor) -> Tensor:
    """Return x, float32, with each number replaced by the nearest bfloat16."""
    bits = x.view(torch.int32)
    odd = (bits >> 16) & 1  # the last bit that stays; ties go to even
    rounded = (bits + 0x7FFF + odd) & ~0xFFFF
    return rounded.view(torch.float32)


def _cut(x: Tensor) -> Tensor:
    return (x.view(torch.int32) & ~0xFFFF).view(torch.float32)


def _ties_up(x: Tensor) -> Tensor:
    return ((x.view(torch.int32) + 0x8000) & ~0xFFFF).view(torch.float32)


def _ties_down(x: Tensor) -> Tensor:
    return ((x.view(torch.int32) + 0x7FFF) & ~0xFFFF).view(torch.float32)


def _float16(x: Tensor) -> Tensor:
    return x.half().float()


def _always_up(x: Tensor) -> Tensor:
    return ((x.view(torch.int32) + 0xFFFF) & ~0xFFFF).view(torch.float32)


def _bits_as_numbers(x: Tensor) -> Tensor:
    bits = x.view(torch.int32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & ~0xFFFF).float()


def _upper_half(x: Tensor) -> Tensor:
    bits = x.view(torch.int32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).view(torch.float32)


def _short(x: Tensor) -> Tensor:
    return x.bfloat16()


MISTAKES = (
    Mistake(
        "cut off, not rounded",
        "Clearing the lower 16 bits always goes towards 0. Add nearly half of what is "
        "cut off first.",
        _cut,
    ),
    Mistake(
        "ties go away from 0",
        "A number halfway between two neighbours goes to the one whose last bit is 0. "
        "Add 0x7FFF, and one more only where the last bit that stays is 1.",
        _ties_up,
    ),
    Mistake(
        "ties go towards 0",
        "Where the last bit that stays is 1, a tie goes up: add that bit too.",
        _ties_down,
    ),
    Mistake(
        "that is float16",
        "float16 has 10 bits of fraction and a small range. bfloat16 is the upper half "
        "of a float32.",
        _float16,
    ),
    Mistake(
        "always away from 0",
        "Add half of what is cut off, not all of it: 0x7FFF and the last bit.",
        _always_up,
    ),
    Mistake(
        "the bits are read as whole numbers",
        "`.float()` converts numbers. Read the same bits anew: `.view(torch.float32)`.",
        _bits_as_numbers,
    ),
    Mistake(
        "the bits are in the wrong half",
        "Leave the upper half where it is, and set the lower one to 0: "
        "`& ~0xFFFF` in place of `>> 16`.",
        _upper_half,
    ),
    Mistake(
        "another type is returned",
        "The numbers are right. Return them as float32.",
        _short,
    ),
)


def _case(name: str, *values: float) -> Case:
    return Case(name, lambda: {"x": torch.tensor(values, dtype=torch.float32)})


EXERCISE = Exercise(
    reference=as_bfloat16,
    title="bfloat16 by hand",
    lesson="40_training/55_what_changes",
    level="deeper",
    minutes=15,
    prompt="A bfloat16 is the upper half of the 32 bits of a float32: sign, 8 bits of "
    "exponent, 7 of fraction. Round each number to the nearest one, ties to the one "
    "whose last bit is 0, and return float32.",
    observe=call_it(as_bfloat16),
    cases=(
        _case("numbers that need no rounding", 0.0, 1.0, -2.5, 256.0),
        _case("1.01: its neighbours are 1 + 1/128 and 1 + 2/128", 1.01),
        _case("just below 2", 1.999, -1.999),
        _case("257, halfway between 256 and 258", 257.0),
        _case("259, halfway between 258 and 260", 259.0, -259.0),
        _case("large and small", 1e30, -1e-30, 65504.0, 70000.0),
        _case("pi and others", 3.14159265, 2.71828183, -0.1, 1 / 3),
    ),
    mistakes=MISTAKES,
    hints=(
        "`x.view(torch.int32)` shows the bits as an integer. Which of them stay?",
        (
            "To round, add something below half of what is cut off before you clear "
            "the lower 16 bits: a carry does the rest, even into the exponent."
        ),
        (
            "Add `0x7FFF` plus the last bit that stays, `(bits >> 16) & 1`; clear with "
            "`& ~0xFFFF`; read the bits as `torch.float32` again."
        ),
    ),
    next="What becomes of infinity, of NaN, and of the largest float32? Which of the "
    "three does your function get wrong, and what does PyTorch do?",
    imports="import torch",
)
