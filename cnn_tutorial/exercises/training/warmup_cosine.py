"""Exercise: a learning rate that rises in a line and falls along a cosine."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import math

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def warmup_cosine(step: int, steps: int, warmup: int, peak: float) -> float:
    """Return the rate at a step from 0 to steps: 0 up to peak, then down to 0."""
    if step < warmup:
        return peak * step / warmup
    progress = (step - warmup) / (steps - warmup)  # 0 to 1
    return peak * (1 + math.cos(math.pi * progress)) / 2


def _cosine_only(step: int, steps: int, warmup: int, peak: float) -> float:
    return peak * (1 + math.cos(math.pi * step / steps)) / 2


def _constant_start(step: int, steps: int, warmup: int, peak: float) -> float:
    return warmup_cosine(max(step, warmup), steps, warmup, peak)


def _stays(step: int, steps: int, warmup: int, peak: float) -> float:
    return peak * min(step / warmup, 1) if warmup else peak


def _from_zero(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return _cosine_only(step, steps, warmup, peak)


def _all_steps(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return _cosine_only(step - warmup, steps, warmup, peak)


def _line(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return peak * (steps - step) / (steps - warmup)


def _half_wave(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return peak * math.cos(math.pi / 2 * (step - warmup) / (steps - warmup))


def _whole_wave(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return peak * math.cos(math.pi * (step - warmup) / (steps - warmup))


def _degrees(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / warmup
    return peak * (1 + math.cos(180 * (step - warmup) / (steps - warmup))) / 2


def _late(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * (step + 1) / warmup
    return warmup_cosine(step, steps, warmup, peak)


def _no_peak(step: int, steps: int, warmup: int, peak: float) -> float:
    return warmup_cosine(step, steps, warmup, 1.0)


def _slow(step: int, steps: int, warmup: int, peak: float) -> float:
    if step < warmup:
        return peak * step / steps
    return warmup_cosine(step, steps, warmup, peak)


MISTAKES = (
    Mistake(
        "there is no warm-up",
        "For the first `warmup` steps the rate is peak * step / warmup.",
        _cosine_only,
    ),
    Mistake(
        "the warm-up stays at the peak",
        "It begins at 0 and rises in a line.",
        _constant_start,
    ),
    Mistake(
        "the rate never falls",
        "After the warm-up it follows half a cosine wave down to 0.",
        _stays,
    ),
    Mistake(
        "the cosine begins at step 0",
        "It begins where the warm-up ends: count from there, or the rate jumps.",
        _from_zero,
    ),
    Mistake(
        "the cosine is as long as the whole run",
        "It has steps - warmup steps left to come down.",
        _all_steps,
    ),
    Mistake(
        "the rate falls in a line",
        "(1 + cos(pi * progress)) / 2 is flat at both ends.",
        _line,
    ),
    Mistake(
        "a quarter of a wave",
        "Half a wave, from the top to the bottom, lifted above zero: "
        "(1 + cos(pi * progress)) / 2.",
        _half_wave,
    ),
    Mistake(
        "the rate becomes negative",
        "A cosine ends at -1. Add 1 and halve it.",
        _whole_wave,
    ),
    Mistake(
        "the angle is in degrees",
        "`math.cos` takes radians: half a wave is pi.",
        _degrees,
    ),
    Mistake(
        "the warm-up is a step early",
        "Step 0 has the rate 0: peak * step / warmup.",
        _late,
    ),
    Mistake(
        "the peak is forgotten",
        "The curve runs from 0 to 1: multiply it by `peak`.",
        _no_peak,
    ),
    Mistake(
        "the warm-up is as slow as the whole run",
        "It reaches the peak after `warmup` steps, not after `steps`.",
        _slow,
    ),
)


def _case(name: str, step: int, *, steps: int, warmup: int, peak: float) -> Case:
    numbers = {"step": step, "steps": steps, "warmup": warmup}
    return Case(name, lambda: {**numbers, "peak": peak})


EXERCISE = Exercise(
    reference=warmup_cosine,
    title="Warm up, then a cosine",
    lesson="40_training/35_schedules",
    level="core",
    minutes=8,
    prompt="Return the learning rate at a step: in a line from 0 to `peak` during the "
    "first `warmup` steps, then along half a cosine wave to 0 at the last step.",
    observe=call_it(warmup_cosine),
    cases=(
        # Half of the way up; the top; cos(pi / 2) is 0, so half of the peak; the end.
        _case("in the warm-up", 2, steps=12, warmup=4, peak=8.0),
        _case("at the peak", 4, steps=12, warmup=4, peak=8.0),
        _case("half of the way down", 8, steps=12, warmup=4, peak=8.0),
        _case("at the end", 12, steps=12, warmup=4, peak=8.0),
        _case("at the start", 0, steps=12, warmup=4, peak=8.0),
        # cos(pi / 3) is 1/2: three quarters of the peak.
        _case("without warm-up", 3, steps=9, warmup=0, peak=0.1),
        # cos(2 pi / 3) is -1/2: a quarter.
        _case("far down", 7, steps=9, warmup=3, peak=0.1),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two pieces. Where does the second one begin, and how long is it?",
        "progress = (step - warmup) / (steps - warmup) runs from 0 to 1.",
        "peak * step / warmup, and then peak * (1 + cos(pi * progress)) / 2.",
    ),
    imports="import math",
    next="Hand your function to `torch.optim.lr_scheduler.LambdaLR`.",
)
