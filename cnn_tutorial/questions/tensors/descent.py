"""Ways down: steps, rates, momentum and flat ground."""

from __future__ import annotations

import torch

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


def _descend(
    start: float, goal: float, rate: float, *, steps: int, clear: bool, bend: float = 1
) -> list[float]:
    """Walk down `bend * (p - goal) ** 2` and return each place."""
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    way = [start]
    for _ in range(steps):
        (bend * (p - goal) ** 2).backward()
        assert p.grad is not None
        with torch.no_grad():
            p -= rate * p.grad
        if clear:
            p.grad = None
        way.append(p.item())
    return way


@question(
    "10_tensors/30_curve_fit",
    start=(0, 1, 2),
    distance=(8, 16, 24),
    clear=(True, False),
)
def two_steps(start: int, distance: int, clear: bool) -> Posed:
    """Where two steps of gradient descent lead."""
    goal, rate = start + distance, 0.25
    _, one, end = _descend(start, goal, rate, steps=2, clear=clear)
    *_, other = _descend(start, goal, rate, steps=2, clear=not clear)
    slopes = -2 * distance, -distance
    second = f"; {slopes[0]} is still there: {sum(slopes)}"
    cleared = "zeroed" if clear else "not zeroed"
    return Posed(
        f"The loss is `(p - {goal}) ** 2`, `p` is {start}, the rate is {rate}. We take "
        f"two steps of gradient descent, and `p.grad` is {cleared} in between. "
        "Where is `p`?",
        f"{end:g}",
        f"The slope is {slopes[0]}, and {start} becomes {one:g}. There the slope is "
        f"{slopes[1]}{'' if clear else second}, and {one:g} becomes {end:g}.",
        {
            f"{other:g}": "The second step starts from an empty `p.grad`."
            if clear
            else "The second slope is added to the first, which is still there.",
            f"{one:g}": "That is after one step.",
            f"{start + 2 * (one - start):g}": "The first step twice. But what is the "
            f"slope at {one:g}?",
            f"{2 * start - one:g}": "A step goes against the slope.",
        },
    )


_FATES = {
    "closer at each step, from one side": "shorter",
    "at the minimum after one step": "exactly as long",
    "closer at each step, from side to side": "longer, but not twice as long",
    "from side to side, never closer": "exactly twice as long",
    "farther at each step, from side to side": "more than twice as long",
}


@question(
    "10_tensors/30_curve_fit",
    bend=(1, 2, 3),
    rate=(0.125, 0.25, 0.375, 0.5, 0.75),
)
def fate_by_rate(bend: int, rate: float) -> Posed:
    """How a search goes on with a learning rate."""
    p, after = _descend(8.0, 0.0, rate, steps=1, clear=True, bend=bend)
    ways = (p - after) / p
    fate = sum((ways >= 1, ways > 1, ways >= 2, ways > 2))
    fates = list(_FATES)
    near = sorted(range(len(fates)), key=lambda k: abs(k - fate))[1:]
    loss = "p ** 2" if bend == 1 else f"{bend} * p ** 2"
    return Posed(
        f"The loss is `{loss}`, and gradient descent starts at 8 with a rate "
        f"of {rate:g}. How does `p` move, step by step?",
        fates[fate],
        f"The slope is {2 * bend} * p and the step {rate:g} of it: "
        f"{2 * bend * rate:g} * p. The way to the minimum is p.",
        {
            fates[k]: "How long is a step, beside the way to the minimum? "
            f"Here it would have to be {_FATES[fates[k]]}."
            for k in near
        },
    )


@question(
    "10_tensors/35_ways_down",
    start=(20, 40, 60),
    slope=(2, 4, 8),
    rate=(0.5, 1.0),
    steps=(2, 3),
)
def momentum_place(start: int, slope: int, rate: float, steps: int) -> Posed:
    """Where momentum leads on a steady slope."""
    p, velocity, speeds = float(start), 0.0, []
    halved, slow = float(start), 0.0  # as if the slope were halved, too
    for _ in range(steps):
        velocity, slow = 0.5 * velocity + slope, 0.5 * slow + 0.5 * slope
        p, halved = p - rate * velocity, halved - rate * slow
        speeds.append(velocity)
    shown = ", ".join(f"{speed:g}" for speed in speeds)
    return Posed(
        f"The slope is {slope} everywhere, the rate {rate:g}, the momentum 0.5. `p` is "
        f"{start}, and the velocity begins at 0. Where is `p` after {steps} steps?",
        f"{p:g}",
        f"The velocities are {shown}: half of the last one, plus {slope}. "
        f"Times the rate, they are taken from {start}.",
        {
            f"{start - rate * slope * steps:g}": "Each step keeps half of the velocity "
            "of the one before.",
            f"{start - rate * sum(speeds[:-1]):g}": "First comes the new velocity, "
            "then a step with it.",
            f"{halved:g}": "The slope is added whole; the momentum multiplies the "
            "velocity alone.",
            f"{start + rate * sum(speeds):g}": "A step goes against the velocity.",
        },
    )


@question(
    "10_tensors/35_ways_down",
    height=(10, 8, 0),
    steepness=(1, 2, 0),
    middle=(4, 2, -900, 900),
)
def who_moves(height: int, steepness: int, middle: int) -> Posed:
    """Which parameters of a curve have a slope."""
    x = torch.linspace(0, 10, 11, dtype=torch.float64)
    numbers = (float(height), float(steepness), float(middle))
    p = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    s = torch.sigmoid(p[1] * (x - p[2]))
    (slope,) = torch.autograd.grad(((p[0] * s - 20) ** 2).mean(), p)
    moves = tuple((slope != 0).tolist())
    reason = "The slopes have the factors A, k, s and 1 - s, and none of them is 0."
    if (s == 0).all():
        reason = "Every sigmoid is 0, and each slope has it as a factor."
    elif (s == 1).all():
        reason = "Every sigmoid is 1: s (1 - s) is 0, and the slope in A is left."
    elif height == 0:
        reason = "The slopes in k and x0 have A = 0 as a factor; that in A has s."
    elif steepness == 0:
        reason = "The slope in x0 has k = 0 as a factor. All s are 1/2, none is flat."
    return Posed(
        f"The curve is `A * s`, `s = sigmoid(k * (x - x0))`, with A = {height}, "
        f"k = {steepness}, x0 = {middle}. The points at x = 0, 1, ..., 10 have y = 20. "
        "In floating point, which parameters does a step of gradient descent change?",
        _MOVES[moves],
        reason,
        {
            "A, k and x0": "The slopes in k and x0 have the factors A and s (1 - s); "
            "that in x0 has k, too. Is one of them 0?",
            "only A": "For that, A s (1 - s) must be 0 at every point, and s must not.",
            "A and k": "For that, k must be 0, and A s (1 - s) must not: k is a factor "
            "of the slope in x0 alone.",
            "none of them": "The slope in A has the factor s. Is every s 0 here?",
        },
    )


_MOVES = {
    (True, True, True): "A, k and x0",
    (True, True, False): "A and k",
    (True, False, False): "only A",
    (False, False, False): "none of them",
}


QUESTIONS = (two_steps, fate_by_rate, momentum_place, who_moves)
