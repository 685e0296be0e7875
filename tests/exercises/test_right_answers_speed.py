"""Other right answers to the exercises on speed and on what it changes."""

from __future__ import annotations

import math

import torch

from cnn_tutorial.exercises import Status, check


def test_speedup_by_times():
    def by_times(parts, factors):
        now = 1.0
        for part, factor in zip(parts, factors, strict=True):
            now -= part - part / factor
        return 1.0 / now

    assert check("speedup", by_times).status == Status.RIGHT


def test_calls_to_even_by_counting():
    def by_counting(price, old, new):
        if new >= old:
            return math.inf
        calls = 0
        while calls * (old - new) < price:
            calls += 1
        return calls

    assert check("calls_to_even", by_counting).status == Status.RIGHT


def test_bfloat16_by_pytorch():
    def by_pytorch(x):
        return x.to(torch.bfloat16).to(torch.float32)

    assert check("as_bfloat16", by_pytorch).status == Status.RIGHT


def test_bfloat16_by_powers_of_two():
    def by_powers(x):
        _, exponent = torch.frexp(x.double())
        gap = 2.0 ** (exponent.double() - 8)  # 8 binary digits, the first one included
        return ((x.double() / gap).round() * gap).float()

    assert check("as_bfloat16", by_powers).status == Status.RIGHT
